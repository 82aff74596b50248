/** Messages that a faulty or hostile device could send, drawn for property tests. */
import fc from 'fast-check'
import type { ForeignMessage } from '../../../services/integrations/foreign-message.ts'
import type { FieldPath } from '../../../services/integrations/profiles/field-path.ts'
import type { Profile } from '../../../services/integrations/profiles/read-profile.ts'
import type { IntegrationKind } from '../../../services/tables/integration.ts'
import { chirpstackUplink, foreignMessage, RECEIVED_MS, thingsStackUplink } from './messages.ts'

/** One message of each shape that an integration reads. */
export const samples: [IntegrationKind, ForeignMessage][] = [
  ['chirpstack', chirpstackUplink('24e124126a148401')],
  ['chirpstack', chirpstackUplink('24e124126a148401', { object: { moisture: 20, temperature: 12 } })],
  ['chirpstack', foreignMessage('application/a/device/24e124126a148401/event/join', uplinkEvent())],
  ['chirpstack', foreignMessage('application/a/device/24e124126a148401/event/status', uplinkEvent())],
  ['chirpstack', foreignMessage('application/a/device/24e124126a148401/event/location', uplinkEvent())],
  [
    'the-things-stack',
    thingsStackUplink('probe-1', { frm_payload: 'AXVk', decoded_payload: { moisture: 2 } }),
  ],
  [
    'the-things-stack',
    thingsStackUplink('probe-1', { normalized_payload: [{ soil: { depth: 30, moisture: 20 } }] }),
  ],
  ['zigbee2mqtt', foreignMessage('zigbee2mqtt/bed', { soil_moisture: 40, last_seen: RECEIVED_MS })],
  ['zigbee2mqtt', foreignMessage('zigbee2mqtt/bed/availability', { state: 'online' })],
  ['home-assistant', foreignMessage('homeassistant/sensor/air/state', '21.5')],
  [
    'tasmota',
    foreignMessage('tele/hut/SENSOR', {
      Time: '2026-07-06T05:20:00',
      BME280: { Temperature: 20 },
      'DS18B20-1': { Id: '000001', Temperature: 21 },
      TempUnit: 'C',
    }),
  ],
  ['tasmota', foreignMessage('stat/hut/RESULT', { POWER1: 'ON' })],
  [
    'shelly',
    foreignMessage('shelly-1/events/rpc', {
      src: 'shelly-1',
      params: { ts: 1, 'switch:0': { output: true } },
    }),
  ],
  ['shelly', foreignMessage('shelly-1/status/switch:0', { output: false, source: 'timer' })],
  ['esphome', foreignMessage('garden/sensor/soil/state', '23.4')],
  ['esphome', foreignMessage('garden/valve/bed/state', 'OPEN')],
  [
    'opensprinkler',
    foreignMessage('GET /jc', {
      devt: 1_783_315_200,
      sbits: [1, 0],
      ps: [
        [1, 5],
        [0, 0],
      ],
      nq: 1,
    }),
  ],
  ['opensprinkler', foreignMessage('opensprinkler/station/0', { state: 1, duration: 60 })],
  [
    'ecowitt',
    foreignMessage('POST /ecowitt', 'PASSKEY=A&dateutc=2026-07-06+05:20:00&tempf=70&soilmoisture1=40'),
  ],
  ['wunderground', foreignMessage('GET /weatherstation/x', 'ID=FARM1&dateutc=now&tempf=70&dailyrainin=0.1')],
  [
    'weatherlink-live',
    foreignMessage('GET http://station/v1/current_conditions', {
      data: {
        did: '001D0A700002',
        ts: 1_783_315_200,
        conditions: [
          { data_structure_type: 1, temp: 70, rain_size: 2, rainfall_year: 63 },
          { data_structure_type: 2, txid: 3, moist_soil_1: 10 },
        ],
      },
    }),
  ],
  ['generic', foreignMessage('own/probe', { moisture: 20, at: 1_783_315_200 })],
  ['generic', foreignMessage('own/probe', '12.5')],
]

function uplinkEvent() {
  return {
    deduplicationId: 'd-1',
    time: '2026-07-06T05:20:00.5+00:00',
    deviceInfo: { devEui: '24e124126a148401', deviceName: 'North' },
    devAddr: '01AB0001',
    batteryLevel: 80,
  }
}

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { value }
  return value
}

/** Values that stand where a number, a text or an object is expected. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    'ON',
    'NULL',
    '-',
    '0x1f',
    '1e999',
    '12,5',
    '１２',
    'constructor',
    '__proto__',
    'toString',
    -0,
    1e308,
    -1e308,
    5e-324,
    Number.MAX_SAFE_INTEGER,
    2 ** 32,
    -1,
    0.1,
    [],
    {},
    [[]],
    [null],
    { toString: 1, valueOf: 1 },
    { value: { value: 1 } },
    { constructor: 1, hasOwnProperty: 2 },
    JSON.parse('{"__proto__":{"value":1,"moisture":2}}') as unknown,
    'x'.repeat(20_000),
    Array.from({ length: 5_000 }, (_, i) => i),
    Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`field${i}`, i])),
    nested(5),
    nested(11),
    nested(200),
  ),
  fc.double(),
  fc.integer(),
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.jsonValue({ maxDepth: 4 }),
)

/** A message with one of its parts replaced, removed or doubled, or with other bytes. */
export function hostileCopy(message: ForeignMessage): fc.Arbitrary<ForeignMessage> {
  const text = Buffer.from(message.payload).toString()
  const bytes = fc
    .tuple(fc.nat(text.length), fc.uint8Array({ maxLength: 6 }), fc.boolean())
    .map(([at, some, isCut]) =>
      Buffer.concat([
        Buffer.from(message.payload.subarray(0, at)),
        Buffer.from(some),
        Buffer.from(message.payload.subarray(isCut ? text.length : at)),
      ]),
    )
  const deep = fc.constantFrom('[', '{"a":').map((open) => {
    const close = open === '[' ? ']' : '}'
    return Buffer.from(`${open.repeat(8_000)}1${close.repeat(8_000)}`)
  })
  const others = [bytes, deep, hostileValue.map((value) => Buffer.from(JSON.stringify(value) ?? ''))]
  const payload = text.startsWith('{')
    ? fc.oneof({ weight: 6, arbitrary: hostilePart(JSON.parse(text)) }, ...others)
    : text.includes('=')
      ? fc.oneof({ weight: 6, arbitrary: hostileForm(text) }, ...others)
      : fc.oneof(...others)
  return fc
    .tuple(payload, fc.boolean())
    .map(([changed, isRetained]) => ({ ...message, payload: changed, isRetained }))
}

/** JSON with a hostile value at one of its places. */
function hostilePart(root: unknown): fc.Arbitrary<Buffer> {
  const places = placesIn(root)
  return fc
    .tuple(fc.constantFrom(...places), hostileValue, fc.constantFrom('replace', 'remove', 'add'))
    .map(([place, value, how]) => {
      const copy = { root: structuredClone(root) }
      let part = copy as Record<string, unknown>
      for (const name of place.slice(0, -1)) part = part[name] as Record<string, unknown>
      const last = place.at(-1)!
      if (how === 'remove') delete part[last]
      else if (how === 'replace') part[last] = value
      else if (Array.isArray(part)) part.push(value)
      else part[`${last}2`] = value
      // a whole number beyond a double, and a name that JSON alone can have
      const text = JSON.stringify(copy.root ?? null)
      return Buffer.from(text.replace('1e+308', '1e999').replace(`"${last}2":`, '"__proto__":'))
    })
}

const placesIn = (part: unknown, path: string[] = ['root']): string[][] =>
  typeof part === 'object' && part !== null
    ? [path, ...Object.entries(part).flatMap(([name, value]) => placesIn(value, [...path, name]))]
    : [path]

function hostileForm(text: string): fc.Arbitrary<Buffer> {
  const names = [...new URLSearchParams(text)].map(([name]) => name)
  return fc.tuple(fc.constantFrom(...names), hostileValue).map(([name, value]) => {
    const form = new URLSearchParams(text)
    form.set(name, typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
    return Buffer.from(form.toString())
  })
}

/** The smallest object that has a value at the path. */
export function fieldsWith(path: FieldPath, value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  const inner = fieldsWith(rest, value)
  if (step.kind === 'name') return { [step.name]: inner }
  if (step.kind === 'where')
    return [{ [step.name]: step.value, ...(typeof inner === 'object' && inner !== null ? inner : {}) }]
  return step.kind === 'index' ? [...Array.from({ length: step.index }, () => 0), inner] : [inner]
}

/** Every path that a profile reads. */
export const pathsOf = (profile: Profile): FieldPath[] => [
  ...profile.readings.flatMap(({ paths }) => paths.map(({ path }) => path)),
  ...profile.batteries.flatMap(({ paths }) => paths.map(({ path }) => path)),
  ...profile.valves.flatMap(({ paths }) => paths.map(({ path }) => path)),
  ...profile.alarms.flatMap(({ paths }) => paths.map(({ path }) => path)),
  ...profile.runs.flatMap(({ duration, litres }) =>
    [...duration.paths, ...(litres?.paths ?? [])].map(({ path }) => path),
  ),
  ...(profile.history === null ? [] : [profile.history.each, profile.history.time.path]),
  ...(profile.entries === null ? [] : [profile.entries.path]),
  ...(profile.interval?.paths.map(({ path }) => path) ?? []),
]
