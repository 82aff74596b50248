/**
 * Valves behind Zigbee2MQTT. It repeats old values in every message (`cache_state`), and with `optimistic` it publishes what
 * it was ordered before the valve does: the device options `optimistic: false` and, for a meter, `filtered_cache` belong to
 * the setup. Sources: zigbee-herdsman-converters (giex.ts, sonoff.ts, tuya.ts, frankever.ts, rtx.ts, woox.ts) and
 * zigbee2mqtt.io.
 */
import type {
  AddressOf,
  BoundProof,
  Bound,
  Driver,
  DriverStep,
  Refusal,
  Requirement,
} from './driver-types.ts'
import type { NeedKey } from './message-keys.ts'
import {
  CLOSE_EVERY_MS,
  closedBy,
  jsonMessage,
  means,
  minutesOf,
  opening,
  plan,
  publishJson,
  says,
  secondsOf,
  waitFor,
} from './plan-parts.ts'

type Address = AddressOf<'zigbee2mqtt'>

const REPORT_MS = 15_000
const READ_BACK_MS = 30_000
const CAP_MS = 1_800_000
const MINUTE_MS = 60_000

const topicOf = ({ root, name }: Address): string => `${root}/${name}`
const set = (address: Address, payload: object) => publishJson(`${topicOf(address)}/set`, payload)
const get = (address: Address, payload: object) => publishJson(`${topicOf(address)}/get`, payload)

interface Model {
  name: string
  models: readonly string[]
  bound: Bound | null
  refused?: Refusal
  needs?: NeedKey
  requirements?: (address: Address) => Requirement[]
  /** the key of its state; `state` for most */
  stateKey?: (address: Address) => string
  open?: (address: Address, durMs: number) => DriverStep[]
  boundProofs?: (address: Address, durMs: number) => BoundProof[]
  /** after the duration: until it should have reported that it is closed */
  closedAfterMs?: number
  /** asked besides the state */
  alsoAsk?: string
}

function zigbeeDriver(model: Model): Driver {
  const keyOf = model.stateKey ?? (() => 'state')
  const report = (address: Address, value: 'ON' | 'OFF') =>
    jsonMessage(topicOf(address), { [keyOf(address)]: value })
  return {
    name: model.name,
    via: ['zigbee2mqtt'],
    models: model.models,
    bound: model.bound,
    refused: model.refused ?? null,
    needs: model.needs ?? null,
    othersBoundMs: null,
    pollEveryMs: null,
    closesOnlyOpen: false,
    uplinkTopic: () => null,
    requirementsOf: (to) => [
      ...(model.requirements?.(to as Address) ?? []),
      ...(model.models.length > 0 ? [modelIs(to as Address, model.models)] : []),
    ],
    reportsOf: (to) => [
      says(report(to as Address, 'ON'), 'open'),
      says(report(to as Address, 'OFF'), 'closed'),
    ],
    planOf(to, intent) {
      const address = to as Address
      switch (intent.op) {
        case 'open':
          if (!model.open) return null
          return plan(model.open(address, intent.durMs), {
            runMs: intent.durMs,
            acknowledgements: [means(report(address, 'ON'), 'running', REPORT_MS)],
            boundProofs: model.boundProofs?.(address, intent.durMs) ?? [],
            closedProofs: [
              closedBy(report(address, 'OFF'), intent.durMs + (model.closedAfterMs ?? READ_BACK_MS)),
            ],
          })
        case 'close':
          return plan([set(address, { [keyOf(address)]: 'OFF' })], {
            closedProofs: [closedBy(report(address, 'OFF'), REPORT_MS)],
            repeatEveryMs: CLOSE_EVERY_MS,
          })
        case 'query':
          return plan([
            get(address, { [keyOf(address)]: '' }),
            ...(model.alsoAsk === undefined ? [] : [get(address, { [model.alsoAsk]: '' })]),
          ])
        case 'withdraw':
          return plan([])
        case 'setup':
        case 'stop-all':
          return null
      }
    },
  }
}

/** Seconds or minutes depend on the model: another one is never opened. */
const modelIs = ({ root, name }: Address, models: readonly string[]): Requirement => ({
  topic: `${root}/bridge/devices`,
  entry: { path: 'friendly_name', equals: name },
  path: 'definition.model',
  must: { equalOneOf: models },
  why: 'same-model',
  isOfDevice: false,
})

const inMinutes = (rest: Partial<Bound> = {}): Bound => ({
  isInDevice: true,
  stepMs: MINUTE_MS,
  minMs: MINUTE_MS,
  maxMs: CAP_MS,
  isTrusted: true,
  ...rest,
})
const noTimer: Refusal = { code: 'VALVE_UNBOUNDED', why: 'no-timer', mayClose: true, mayBeRead: true }
const METER = 'meter-or-second-valve'

/** Sonoff SWV. Before Zigbee2MQTT 2.6.0 `on_time` was multiplied by ten (issues 27465 and 27980). */
const swv = zigbeeDriver({
  name: 'z2m-sonoff-swv',
  models: ['SWV'],
  bound: { isInDevice: true, stepMs: 1000, minMs: 1000, maxMs: CAP_MS, isTrusted: true },
  requirements: ({ root }) => [
    {
      topic: `${root}/bridge/info`,
      entry: null,
      path: 'version',
      must: { atLeast: '2.6.0' },
      why: 'gateway-2-6',
      isOfDevice: false,
    },
  ],
  open: (to, durMs) => [opening(set(to, { state: 'ON', on_time: secondsOf(durMs) }))],
  boundProofs: (to, durMs) => [
    {
      message: jsonMessage(topicOf(to), { 'cyclic_timed_irrigation.irrigation_duration': secondsOf(durMs) }),
      withinMs: READ_BACK_MS,
    },
  ],
  alsoAsk: 'cyclic_timed_irrigation',
})

/** Sonoff SWV-ZFE and its sisters: plain ON runs the default, so the default is set and read back first (issue 32479). */
const swvZfe = zigbeeDriver({
  name: 'z2m-sonoff-swv-zfe',
  models: ['SWV-ZFE', 'SWV-ZNE', 'SWV-ZF2'],
  bound: inMinutes(),
  open: (to, durMs) => {
    const minutes = minutesOf(durMs)
    const settings = { irrigation_mode: 'duration', irrigation_duration: minutes, fail_safe: minutes + 1 }
    return [
      set(to, { manual_default_settings: settings }),
      waitFor(
        jsonMessage(topicOf(to), { 'manual_default_settings.irrigation_duration': minutes }),
        READ_BACK_MS,
      ),
      opening(set(to, { state: 'ON' })),
    ]
  },
  closedAfterMs: 60_000,
})

/** GiEX QT06: `irrigation_target` 0 is without end, so it is read back before ON (issues 17784 and 13992). */
function openByTarget(to: Address, target: number): DriverStep[] {
  return [
    set(to, { mode: 'duration' }),
    set(to, { cycle_irrigation_num_times: 0 }),
    set(to, { irrigation_target: target }),
    waitFor(jsonMessage(topicOf(to), { mode: 'duration', irrigation_target: target }), READ_BACK_MS),
    opening(set(to, { state: 'ON' })),
  ]
}
const qt06Minutes = zigbeeDriver({
  name: 'z2m-giex-qt06-1',
  models: ['QT06_1'],
  bound: inMinutes({ isTrusted: false }),
  needs: METER,
  open: (to, durMs) => openByTarget(to, minutesOf(durMs)),
})
const qt06Seconds = zigbeeDriver({
  name: 'z2m-giex-qt06-2',
  models: ['QT06_2', 'GX02'],
  bound: { isInDevice: true, stepMs: 1000, minMs: 10_000, maxMs: CAP_MS, isTrusted: false },
  needs: METER,
  open: (to, durMs) => openByTarget(to, secondsOf(durMs)),
})

/** GiEX GX03, two valves. The order of timer and valve is not documented. */
const gx03 = zigbeeDriver({
  name: 'z2m-giex-gx03',
  models: ['GX03'],
  bound: inMinutes({ isTrusted: false }),
  needs: METER,
  stateKey: ({ outlet }) => `valve_${outlet}`,
  open: (to, durMs) => {
    const minutes = minutesOf(durMs)
    const readBack = jsonMessage(topicOf(to), { [`countdown_${to.outlet}`]: minutes })
    return [
      set(to, { [`timer_${to.outlet}`]: minutes }),
      { ...waitFor(readBack, READ_BACK_MS), isOptional: true },
      opening(set(to, { [`valve_${to.outlet}`]: 'ON' })),
    ]
  },
})

/** FrankEver FK_V02: `threshold` is how far it opens, %. */
const fkV02 = zigbeeDriver({
  name: 'z2m-frankever-fk-v02',
  models: ['FK_V02'],
  bound: inMinutes({ isTrusted: false }),
  needs: METER,
  open: (to, durMs) => [
    set(to, { threshold: 100 }),
    set(to, { timer: minutesOf(durMs) }),
    opening(set(to, { state: 'ON' })),
  ],
})

/** RTX ZVG1: it shut after 10 min whatever was set (issue 17011), and was open for 13 h once (issue 13870). */
const zvg1 = zigbeeDriver({
  name: 'z2m-rtx-zvg1',
  models: ['ZVG1'],
  bound: inMinutes({ maxMs: 600_000, isTrusted: false }),
  needs: METER,
  open: (to, durMs) => {
    const minutes = minutesOf(durMs)
    return [
      set(to, { timer_state: 'enabled' }),
      set(to, { timer: minutes }),
      waitFor(jsonMessage(topicOf(to), { timer: minutes, timer_state: 'enabled' }), READ_BACK_MS),
      opening(set(to, { state: 'ON' })),
    ]
  },
})

/** A model that nothing in the device closes: read and closed, never opened. */
const unbounded = (name: string, models: readonly string[]): Driver =>
  zigbeeDriver({ name, models, bound: null, refused: noTimer })

export const zigbee2mqttDrivers: readonly Driver[] = [
  swv,
  swvZfe,
  qt06Minutes,
  qt06Seconds,
  gx03,
  fkV02,
  zvg1,
  // exposes state alone
  unbounded('z2m-woox-r7060', ['R7060']),
  // a meter with a valve: no timer among its data points
  unbounded('z2m-tuya-ts0601-water-valve', ['TS0601_water_valve']),
  unbounded('z2m-tuya-ts0601-water-valve-1', ['TS0601_water_valve_1']),
  unbounded('z2m-on-off', []),
]
