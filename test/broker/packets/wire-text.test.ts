/** Texts on the wire: no control character and no noncharacter, in any field that is a text (reliability.md, H1). */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { textFault } from '../../../broker/packets/wire-text.ts'
import { connack, connect, publish, suback, subscribe, unsubscribe } from '../conformance/packets.ts'
import { openRaw } from '../conformance/raw-client.ts'
import { startBrokerRig, type BrokerRig } from '../rig.ts'
import { runs } from '../../support/runs.ts'

// Unicode: C0, DEL and C1; U+FDD0 to U+FDEF; the last two of each plane
const isForbidden = (point: number): boolean =>
  point <= 0x1f ||
  (point >= 0x7f && point <= 0x9f) ||
  (point >= 0xfdd0 && point <= 0xfdef) ||
  [0xfffe, 0xffff].includes(point % 0x10000)
const isSurrogate = (point: number) => point >= 0xd800 && point <= 0xdfff

describe('a text on the wire', () => {
  it('may contain every Unicode character except the forbidden ones, each tried alone between two others', () => {
    const wrong: string[] = []
    for (let point = 0; point <= 0x10ffff; point++) {
      if (isSurrogate(point)) continue
      const isRefused = textFault(Buffer.from(`a${String.fromCodePoint(point)}b`)) !== null
      if (isRefused !== isForbidden(point)) wrong.push(point.toString(16))
    }
    expect(wrong).toEqual([])
  })

  it('is well-formed UTF-8: other bytes are refused, for any input (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        // a decoder that does not forgive, and gives back the same bytes
        const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
        let text: string | null = null
        try {
          text = decoder.decode(bytes)
        } catch {
          text = null
        }
        const isFine = text !== null && ![...text].some((letter) => isForbidden(letter.codePointAt(0)!))
        expect(textFault(bytes) === null).toBe(isFine)
      }),
      { numRuns: runs(5_000) },
    )
  })
})

describe('a text on the wire, to the broker', () => {
  let rig: BrokerRig
  beforeAll(async () => {
    rig = await startBrokerRig()
    rig.register('coop', 'probe1')
  })
  afterAll(() => rig.stop())

  const forbidden = ['\u0001', '\u001f', '\u007f', '\u009f', '\ufdd0', '\ufffe', '\u{1ffff}']
  const text = (letter: string) => `tilth/v1/coop/probe1/a${letter}b`
  const packets: [field: string, said: (letter: string) => Buffer][] = [
    ['the topic of a message', (letter) => publish(text(letter), '{}', { qos: 1 })],
    ['a filter of SUBSCRIBE', (letter) => subscribe(1, [text(letter), 0])],
    ['a filter of UNSUBSCRIBE', (letter) => unsubscribe(1, text(letter))],
  ]
  const connects: [field: string, said: (letter: string) => Buffer][] = [
    ['a client id', (letter) => connect({ id: `probe1${letter}` })],
    ['a user name', (letter) => connect({ user: `probe1${letter}` })],
    ['the topic of a will', (letter) => connect({ will: { topic: text(letter), message: '{}' } })],
  ]
  const named = (letter: string) => `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

  it.each(
    forbidden.flatMap((letter) =>
      connects.map(([field, said]) => [named(letter), field, said(letter)] as const),
    ),
  )('%s in %s of CONNECT closes the connection without a response', async (_letter, _field, said) => {
    const client = await openRaw(rig.broker.port)
    await client.send(said)
    expect(await client.next()).toBe('closed')
  })

  it.each(
    forbidden.flatMap((letter) =>
      packets.map(([field, said]) => [named(letter), field, said(letter)] as const),
    ),
  )('%s in %s closes the connection', async (_letter, _field, said) => {
    const client = await openRaw(rig.broker.port)
    await client.send(connect())
    expect(await client.next()).toEqual(connack(0))
    await client.send(said)
    expect(await client.next()).toBe('closed')
  })

  it.each([' ', '\u00a0', '\ufffd', '\u{1f33e}', '\u200d'])(
    'a character that is no control character is only refused: %o',
    async (letter) => {
      const client = await openRaw(rig.broker.port)
      await client.send(connect(), subscribe(1, [text(letter), 0]))
      expect(await client.next()).toEqual(connack(0))
      expect(await client.next()).toEqual(suback(1, 0x80))
      client.drop()
    },
  )
})
