import { describe, expect, it } from 'vitest'
import { parseAck, parseCommand, parseState, parseTelemetry } from '../../../broker/contract/messages.ts'

/** The example of the device guide. */
const telemetry = {
  v: 1,
  n: 48211,
  boot: 17,
  monoMs: 120034,
  time: '2026-07-06T05:20:00Z',
  measurements: [
    { soil: { depth: 30, moisture: 21.4, temperature: 19.2, ec: 0.41 } },
    {
      air: { location: 'outdoor', temperature: 24.1, relativeHumidity: 71, pressure: 1009 },
      wind: { speed: 1.8, direction: 210 },
      rain: { cumulative: 412.6 },
      tilth: { solarRadiation: 512, leafWetness: 0.3 },
    },
    { metering: { water: { total: 183220 } }, tilth: { flow: 31.2, valve: 'V1' } },
    {
      tilth: {
        waterLevel: -42,
        soilTension: 18.5,
        soilPermittivity: 12.3,
        soilRaw: 704,
        trap: { species: 'codling-moth', count: 7 },
      },
    },
  ],
  battery: 3.61,
}
const why = (message: object) => {
  const read = parseTelemetry(JSON.stringify(message))
  return read.ok ? 'accepted' : read.error
}

describe('telemetry', () => {
  it('the example of the contract is parsed completely, in under 1 KiB', () => {
    const text = JSON.stringify(telemetry)
    expect(parseTelemetry(text)).toEqual({ ok: true, value: telemetry })
    expect(Buffer.byteLength(text)).toBeLessThan(1024)
  })

  it('keys that a later version adds are ignored', () => {
    expect(why({ ...telemetry, rssi: -70 })).toBe('accepted')
  })

  it('null means that the sensor returned no value, and is stored as null', () => {
    const read = parseTelemetry(
      JSON.stringify({ ...telemetry, measurements: [{ soil: { depth: 30, moisture: null } }] }),
    )
    expect(read.ok && read.value.measurements[0]!.soil!.moisture).toBeNull()
  })

  it.each([
    ['a missing counter', { ...telemetry, n: undefined }, 'message: must have required properties n'],
    ['a negative counter', { ...telemetry, n: -1 }, 'n: must be >= 0, got -1'],
    ['a fractional counter', { ...telemetry, n: 1.5 }, 'n: must be integer, got 1.5'],
    ['another version', { ...telemetry, v: 2 }, 'v: must be equal to constant, got 2'],
    [
      'text for a number',
      { ...telemetry, measurements: [{ soil: { moisture: '21' } }] },
      'measurements.0.soil.moisture',
    ],
    [
      'no measurement',
      { ...telemetry, measurements: [] },
      'measurements: must not have fewer than 1 items, got []',
    ],
    ['a list', [], 'message: must be object, got []'],
  ])('%s is refused with the field, the value and the expected one', (_, message, reason) => {
    expect(why(message)).toContain(reason)
  })

  it('NaN is not JSON, and broken UTF-8 is not text', () => {
    expect(parseTelemetry('{"v":NaN}')).toMatchObject({
      ok: false,
      error: expect.stringContaining('not JSON'),
    })
    expect(parseTelemetry(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ ok: false })
  })
})

describe('control messages', () => {
  it('an open without an end is refused', () => {
    const open = {
      op: 'open',
      id: 'a6f1c1de',
      valve: 'V1',
      seq: 42,
      sess: 'b17',
      n: 55,
      expMonoMs: 1,
      mac: '0'.repeat(32),
    }
    expect(parseCommand(JSON.stringify(open)).ok).toBe(false)
    expect(parseCommand(JSON.stringify({ ...open, durMs: 600_000 })).ok).toBe(true)
  })

  it('the examples of the contract are read', () => {
    const valve = { id: 'V1', pos: 'closed', fb: 'closed', seq: 41, ranMs: 600000, why: 'done' }
    const state = {
      v: 1,
      sess: 'b17.c3',
      sv: 812,
      monoMs: 120034,
      last: { V1: 41 },
      valves: [valve],
      jr: [],
      capMs: 7200000,
      fw: '1',
      utcOk: true,
    }
    expect(parseState(JSON.stringify(state)).ok).toBe(true)
    const ack = {
      sess: 'b17',
      valve: 'V1',
      seq: 42,
      st: 'done',
      why: 'timer',
      ranMs: 600000,
      litres: 310,
      last: 42,
      jr: [],
      sv: 813,
    }
    expect(parseAck(JSON.stringify(ack)).ok).toBe(true)
  })
})
