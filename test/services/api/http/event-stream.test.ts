/** Server-sent events over real HTTP: what changed, for one organisation alone. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { internalTopic } from '../../../../broker/contract/topics.ts'
import { startEventHub } from '../../../../services/api/http/event-stream.ts'
import type { ChangeEvent } from '../../../../services/ports.ts'
import { silent } from '../../../broker/rig.ts'
import { NOW_MS } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
const cookies: Record<string, string> = {}

beforeAll(async () => {
  tilth = await startTestApi()
  for (const org of ['midori', 'akane']) cookies[org] = await tilth.signUp(org, 'viewer')
})
afterAll(() => tilth.stop())

const say = (org: string, change: Omit<ChangeEvent, 'atMs'>) =>
  tilth.bus.publish(internalTopic(org, 'event'), JSON.stringify({ ...change, atMs: NOW_MS }), {
    qos: 1,
    retain: false,
  })

/** Opens the stream; `until` reads on until the text holds what is awaited. */
async function listen(org: string, lastEventId?: string) {
  const abort = new AbortController()
  const response = await fetch(`http://127.0.0.1:${tilth.api.port}/api/events`, {
    headers: {
      cookie: cookies[org]!,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: abort.signal,
  })
  const reader = response.body!.getReader()
  let text = ''
  return {
    response,
    async until(part: string): Promise<string> {
      while (!text.includes(part)) {
        const { done, value } = await reader.read()
        if (done) throw new Error(`the stream ended before ${part}; came: ${text}`)
        text += new TextDecoder().decode(value)
      }
      return text
    },
    text: () => text,
    close: () => abort.abort(),
  }
}
const idsIn = (text: string): string[] => [...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id!)

describe('the stream of changes', () => {
  it('notifies only the organisation of the change', async () => {
    const midori = await listen('midori')
    const akane = await listen('akane')
    expect(midori.response.headers.get('content-type')).toContain('text/event-stream')
    expect(midori.response.headers.get('content-security-policy')).toContain("default-src 'self'")
    await Promise.all([midori.until('retry:'), akane.until('retry:')])
    await say('midori', { event: 'command', fields: ['midori-field'], id: 'command-1' })
    await say('akane', { event: 'plan', fields: ['akane-field'] })
    const text = await midori.until(`"atMs":${NOW_MS}}\n\n`)
    expect(text).toMatch(
      /id: \w+-1\nevent: command\ndata: \{"event":"command","fields":\["midori-field"\],"id":"command-1","atMs":\d+\}\n\n/,
    )
    expect(await akane.until('event: plan')).not.toContain('midori')
    midori.close()
    akane.close()
  })

  it('sends the events that a phone missed, or a reset after too long a gap', async () => {
    const first = await listen('midori')
    await first.until('retry:')
    await say('midori', { event: 'reading', fields: ['a'] })
    const [id] = idsIn(await first.until('"fields":["a"]')).slice(-1)
    first.close()
    await say('midori', { event: 'reading', fields: ['b'] })
    await say('midori', { event: 'alert', id: 'c' })
    await tilth.bus.settled()
    const second = await listen('midori', id)
    const text = await second.until('event: alert')
    expect(text).toContain('"fields":["b"]')
    expect(text).not.toContain('"fields":["a"]')
    second.close()
    // a response carries the id of the last event that it includes
    const answer = await tilth.call(cookies.midori!, 'GET', '/api/today')
    await say('midori', { event: 'plan', fields: ['d'] })
    await tilth.bus.settled()
    const third = await listen('midori', String(answer.headers['tilth-last-event']))
    expect(await third.until('"fields":["d"]')).not.toContain('event: alert')
    third.close()
    const late = await listen('midori', 'of-an-earlier-start-77')
    await late.until('event: resync')
    late.close()
  })

  it('skips a message that is no event, and continues', async () => {
    const stream = await listen('midori')
    await stream.until('retry:')
    await tilth.bus.publish(internalTopic('midori', 'event'), 'not JSON', { qos: 1, retain: false })
    await tilth.bus.publish(internalTopic('midori', 'event'), '{"event":"x\\ndata: evil"}', {
      qos: 1,
      retain: false,
    })
    await say('midori', { event: 'field', fields: ['after'] })
    expect(await stream.until('"fields":["after"]')).not.toContain('evil')
    stream.close()
  })

  it('disconnects a phone that does not read, and keeps an idle stream open', async () => {
    const hub = await startEventHub({ bus: tilth.bus, log: silent, commentMs: 10 })
    const asleep = new PassThrough({ highWaterMark: 1024 })
    const awake = new PassThrough()
    let read = ''
    awake.on('data', (piece: Buffer) => (read += piece.toString()))
    let isWelcome = true
    hub.stream({ org: 'midori', userId: 'mori' }, asleep, undefined, async () => true)
    hub.stream({ org: 'midori', userId: 'sato' }, awake, undefined, async () => isWelcome)
    const fields = ['x'.repeat(1000)]
    for (let i = 0; i < 100; i++) await say('midori', { event: 'reading', fields })
    await vi.waitFor(() => expect(asleep.destroyed).toBe(true))
    await vi.waitFor(() => expect(read).toContain(': still here'))
    expect([awake.destroyed, hub.streams()]).toEqual([false, 1])
    // signed out elsewhere: the stream ends too
    isWelcome = false
    await vi.waitFor(() => expect(hub.streams()).toBe(0))
    hub.stop()
  })

  it('ends when three consecutive checks have failed; a single failure ends nothing', async () => {
    const hub = await startEventHub({ bus: tilth.bus, log: silent, commentMs: 5 })
    let asked = 0
    const answers = ['fails', 'fails', 'yes', 'fails', 'fails', 'yes', 'fails', 'fails', 'fails']
    const to = new PassThrough().resume()
    const closed = new Promise((resolve) => to.once('close', resolve))
    hub.stream({ org: 'midori', userId: 'mori' }, to, undefined, async () => {
      if (answers[asked++] === 'yes') return true
      throw new Error('the store is away')
    })
    await closed
    expect([asked, hub.streams()]).toEqual([answers.length, 0])
    hub.stop()
  })

  it('is closed to a person who is not signed in', async () => {
    const response = await fetch(`http://127.0.0.1:${tilth.api.port}/api/events`)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: 'UNAUTHENTICATED' })
  })

  it('ends when the server stops, so that the server can', async () => {
    const own = await startTestApi()
    const cookie = await own.signUp('midori', 'viewer')
    const response = await fetch(`http://127.0.0.1:${own.api.port}/api/events`, { headers: { cookie } })
    await own.stop()
    const text = await response.text()
    expect(text).toContain('retry:')
  })
})

describe('one person with very many streams', () => {
  it('closes the oldest of their own, never those of another (B11)', async () => {
    const hub = await startEventHub({ bus: tilth.bus, log: silent })
    const open = (userId: string) => {
      const to = new PassThrough()
      hub.stream({ org: 'midori', userId }, to, undefined, async () => true)
      return to
    }
    const other = open('sato')
    const own = Array.from({ length: 300 }, () => open('mori'))
    expect(other.destroyed).toBe(false)
    expect(own.filter((to) => !to.destroyed)).toEqual(own.slice(-20))
    hub.stop()
  })
})
