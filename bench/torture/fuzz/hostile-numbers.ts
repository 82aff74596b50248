/** Valid messages of a controller, and each of them with an extreme in one numeric field. */
import { deviceKinds, type DeviceKind } from '../../../broker/contract/topics.ts'

/** A text stands for NaN, which JSON has no number for; 1e999 reads as Infinity. */
export const extremeNumbers = [
  ...['0', '-0', '-1', '1e308', '-1e308', '5e-324', '2147483648', '9007199254740991', '9007199254740992'],
  ...['1e999', '"NaN"', 'null'],
] as const

/** One valid message of each kind. */
export function validMessages(valve: string, sess: string) {
  const run = { seq: 3, ranMs: 60_000, litres: 60 }
  return {
    telemetry: {
      v: 1,
      n: 1,
      boot: 1,
      monoMs: 60_000,
      measurements: [
        { soil: { depth: 30, moisture: 21.4, temperature: 19.2, ec: 0.41 } },
        {
          air: { temperature: 24.1, relativeHumidity: 71, pressure: 1009 },
          wind: { speed: 1.8, direction: 210 },
          rain: { cumulative: 412.6 },
          tilth: { solarRadiation: 512, leafWetness: 0.3, waterLevel: -42, soilTension: 18.5 },
        },
        { tilth: { soilPermittivity: 20, soilRaw: 900, trap: { species: 'codling-moth', count: 7 } } },
        { metering: { water: { total: 183_220 } }, tilth: { flow: 31.2, valve } },
      ],
      battery: 3.61,
    },
    online: { on: 1, sess },
    state: {
      v: 1,
      sess,
      sv: 1,
      monoMs: 60_000,
      last: { [valve]: 0 },
      valves: [{ id: valve, pos: 'closed', fb: null, ...run, why: 'boot' }],
      jr: [{ valve, ...run, why: 'timer' }],
      capMs: 7_200_000,
      fw: 'hostile',
      utcOk: true,
      fault: null,
      faultNo: 0,
    },
    heartbeat: { sess, n: 1, monoMs: 60_000 },
    ack: {
      sess,
      valve,
      st: 'done',
      why: 'timer',
      ...run,
      last: 3,
      jr: [{ valve, ...run, why: 'timer' }],
      sv: 2,
    },
  } satisfies Record<DeviceKind, object>
}

/** Every numeric field of every kind of message with every extreme, one at a time, each in a session of its own. */
export function hostileMessages(valve = 'V1'): { kind: DeviceKind; payload: string }[] {
  const messages: { kind: DeviceKind; payload: string }[] = []
  let number = 0
  for (const kind of deviceKinds)
    for (const path of numbersIn(validMessages(valve, 's')[kind]))
      for (const extreme of extremeNumbers) {
        number++
        const message = structuredClone(validMessages(valve, `b8.c${number}.x`)[kind]) as object
        // a number is used once: another message with it would be a repetition
        if (kind === 'telemetry' && path.join('.') !== 'n') Object.assign(message, { n: 1_000 + number })
        messages.push({ kind, payload: withText(message, path, extreme) })
      }
  return messages
}

type Path = readonly string[]

function numbersIn(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'number') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => numbersIn(part, [...path, key]))
}

/** The message as JSON, with this text at the path: not every extreme survives JSON.stringify. */
function withText(message: object, path: Path, text: string): string {
  const mark = '<number>'
  const inner = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>(
      (part, key) => part[key] as Record<string, unknown>,
      message as Record<string, unknown>,
    )
  inner[path.at(-1)!] = mark
  return JSON.stringify(message).replace(`"${mark}"`, text)
}
