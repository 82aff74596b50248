/** Valves behind a LoRaWAN network server: Milesight UC511 and UC512, Strega. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { taskSequence, valveTask } from '../../../services/drivers/milesight-uc511.ts'
import '../../support/seed.ts'
import { runs } from '../../support/runs.ts'
import { ids, open, planOf, request, sent, valves } from './valves.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const base64 = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex').toString('base64')

describe('a Milesight UC511', () => {
  const { chirpstack, tts } = valves
  const DOWN = 'application/a1/device/24e124460c300009/command/down'
  const ofChirpstack = (confirmed: boolean, bytes: string, end = '') =>
    `${DOWN} {"id":"${ids.messageId}","devEui":"24e124460c300009","confirmed":${confirmed},"fPort":85,"data":"${base64(bytes)}"${end}}`
  const expires = ',"expiresAt":"2026-07-06T05:35:00Z"'

  it('opens valve 2 for 300 s: control a1, sequence 45 of number 300, seconds 2c 01 00', () =>
    expect(sent('milesight-uc511', chirpstack, open(5))).toEqual([
      ofChirpstack(false, 'ff1d a1 2d 2c0100 00000000', expires),
    ]))
  it('ends at the earlier of time and litres: 255 L of 10 L a pulse are 25 pulses', () => {
    expect(sent('milesight-uc511', chirpstack, open(5, 255))).toEqual([
      ofChirpstack(false, 'ff1d e1 2d 2c0100 19000000', expires),
    ])
    expect(sent('milesight-uc511', chirpstack, open(5, 1))).toEqual([
      ofChirpstack(false, 'ff1d e1 2d 2c0100 01000000', expires),
    ])
  })
  it('without the size of a pulse is bounded by its time', () =>
    expect(sent('milesight-uc511', { ...chirpstack, litresPerPulse: null }, open(5, 255))).toEqual([
      ofChirpstack(false, 'ff1d a1 2d 2c0100 00000000', expires),
    ]))
  it('is closed by sequence 0, confirmed and without expiry: a close may come late and twice', () =>
    expect(sent('milesight-uc511', chirpstack, request('close'))).toEqual([
      ofChirpstack(true, 'ff1d 01 00 000000 00000000'),
    ]))
  it('behind The Things Stack replaces what waits, at QoS 0, and is taken back by an empty list', () => {
    const down = 'v3/farm@ttn/devices/valve-9/down/replace'
    expect(sent('milesight-uc511', tts, open(5))).toEqual([
      `${down} {"downlinks":[{"f_port":85,"frm_payload":"${base64('ff1d a0 2d 2c0100 00000000')}","priority":"HIGH","confirmed":false,"correlation_ids":["tilth:${ids.messageId}"]}]}`,
    ])
    expect(sent('milesight-uc511', tts, request('withdraw'))).toEqual([`${down} {"downlinks":[]}`])
    expect(planOf('milesight-uc511', tts, open(5)).steps[0]).toMatchObject({ qos: 0 })
    expect(sent('milesight-uc511', chirpstack, request('withdraw'))).toEqual([])
  })
  it('runs when it repeats the task after fe', () => {
    const { acknowledgements } = planOf('milesight-uc511', chirpstack, open(5))
    expect(acknowledgements.filter(({ means }) => means === 'running')[0]!.message.match).toEqual({
      frame: 'fe1da12d2c010000000000',
      at: 'data',
    })
  })
  it('expires in whole seconds, never later than asked', () =>
    expect(
      sent('milesight-uc511', chirpstack, { ...open(5), notAfterMs: ids.notAfterMs + 999 })[0],
    ).toContain(expires))
  it('numbers its tasks 1 to 255 and again: 0 would force a task', () => {
    expect([1, 255, 256, 510, 511].map(taskSequence)).toEqual([1, 255, 1, 255, 1])
  })
  it('a task of any size is eleven bytes that read back as they were written', () => {
    const task = fc.record({
      outlet: fc.integer({ min: 1, max: 2 }),
      isOpen: fc.boolean(),
      sequence: fc.integer({ min: 0, max: 255 }),
      seconds: fc.integer({ min: 0, max: 1_800 }),
      pulses: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    })
    fc.assert(
      fc.property(task, (wanted) => {
        const bytes = Buffer.from(valveTask(wanted))
        expect(hex(bytes.subarray(0, 2))).toBe('ff1d')
        expect(bytes).toHaveLength(11)
        expect(bytes[2]! & 7).toBe(wanted.outlet - 1)
        expect((bytes[2]! & 0x20) !== 0).toBe(wanted.isOpen)
        expect((bytes[2]! & 0x80) !== 0).toBe(wanted.seconds > 0)
        expect((bytes[2]! & 0x40) !== 0).toBe(wanted.pulses > 0)
        expect([bytes[3], bytes.readUIntLE(4, 3), bytes.readUInt32LE(7)]).toEqual([
          wanted.sequence,
          wanted.seconds,
          wanted.pulses,
        ])
      }),
      { numRuns: runs(1_000) },
    )
  })
})

describe('a Strega valve', () => {
  it('is closed by ASCII 0 on fPort 1, and never opened: the unit of its time is not stated', () => {
    expect(sent('strega-smart-valve', valves.chirpstack, request('close'))[0]).toContain(
      '"confirmed":true,"fPort":1,"data":"MA=="}',
    )
    expect(sent('strega-smart-valve', valves.chirpstack, open(5))).toBe('VALVE_UNBOUNDED')
  })
})
