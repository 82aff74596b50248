/** Payloads for each kind of topic that a device may publish: valid ones of the contract, mutated. */
import type { DeviceKind } from '../../../broker/contract/topics.ts'
import { draw, spoilBytes, spoilValue } from './draw.ts'

const journal = [{ valve: 'V1', seq: 4, ranMs: 60_000, litres: 12, why: 'timer' }]
const sess = 'b1.c1.00000001'

const validPayloads: Record<DeviceKind, (n: number) => object> = {
  telemetry: (n) => ({
    v: 1,
    n,
    boot: 1,
    monoMs: n * 10,
    time: '2026-07-06T05:20:00Z',
    battery: 3.61,
    measurements: [
      { soil: { depth: 30, moisture: 21.4, temperature: 19.2, ec: 0.41 } },
      {
        air: { location: 'outdoor', temperature: 24.1, relativeHumidity: 71, pressure: 1009 },
        wind: { speed: 1.8, direction: 210 },
        rain: { cumulative: 412.6 },
        tilth: { solarRadiation: 512, leafWetness: 0.3 },
      },
      { metering: { water: { total: 183_220 } }, tilth: { flow: 31.2, valve: 'V1' } },
      { tilth: { waterLevel: -42, soilTension: 18.5, trap: { species: 'codling-moth', count: 7 } } },
    ],
  }),
  online: (n) => ({ on: n % 2, sess }),
  state: (n) => ({
    v: 1,
    sess,
    sv: n,
    monoMs: n * 10,
    last: { V1: 4 },
    capMs: 7_200_000,
    fw: 'x',
    utcOk: true,
    valves: [{ id: 'V1', pos: 'closed', fb: 'closed', seq: 4, ranMs: 60_000, litres: 12, why: 'done' }],
    jr: journal,
    fault: null,
    faultNo: 0,
  }),
  heartbeat: (n) => ({ sess, n, monoMs: n * 10 }),
  ack: (n) => ({
    sess,
    valve: 'V1',
    seq: 4,
    st: 'done',
    why: 'timer',
    ranMs: 60_000,
    litres: 12,
    last: 4,
    jr: journal,
    sv: n,
  }),
}

/** The nth payload of a kind. */
export function payload(seed: string, kind: DeviceKind, number: number): Buffer {
  const chance = draw(`${seed}/payloads/${kind}/${number}`)
  const message = validPayloads[kind](number)
  if (chance.chance(0.1)) return Buffer.from(JSON.stringify(message))
  if (chance.chance(0.02)) return chance.bytes(chance.int(0, 200))
  if (chance.chance(0.01))
    return Buffer.alloc(chance.int(60_000, 65_536), chance.of(['[', '9', '"', ' ', '{"a":']))
  const text = Buffer.from(JSON.stringify(spoilValue(message, chance)) ?? '')
  const bytes = chance.chance(0.2) ? spoilBytes(text, chance) : text
  return bytes.subarray(0, 65_536)
}
