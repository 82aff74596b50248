/** Valves of other makes for the tests of their drivers, and a short form of what they are sent. */
import type {
  Driver,
  DriverIntent,
  DriverPlan,
  DriverStep,
  ValveAddress,
} from '../../../services/drivers/driver-types.ts'
import { stepsOf } from '../../../services/drivers/plan-steps.ts'
import { driverOf } from '../../../services/drivers/drivers.ts'

export const ids = {
  requestId: 7,
  messageId: '3f0c1a52-6f0e-4d59-9f44-1c2f7a9b0e01',
  notAfterMs: Date.UTC(2026, 6, 6, 5, 35),
}
export const MINUTE_MS = 60_000

/** A driver that exists. */
export const driver = (name: string): Driver => driverOf(name)!

export const open = (minutes: number, litres: number | null = null): DriverIntent => ({
  ...ids,
  op: 'open',
  seq: 300,
  durMs: minutes * MINUTE_MS,
  litres,
})
export const request = (op: 'close' | 'withdraw' | 'query' | 'stop-all'): DriverIntent => ({ ...ids, op })
export const setup = (minutes: number): DriverIntent => ({ ...ids, op: 'setup', capMs: minutes * MINUTE_MS })

/** The plan of an intent; it must have one. */
export function planOf(name: string, address: ValveAddress, intent: DriverIntent): DriverPlan {
  const plan = stepsOf(driver(name), address, intent)
  if (!plan.ok) throw new Error(`${plan.error.code}: ${plan.error.why}`)
  return plan.value
}

/** `topic payload` of each message, `GET url`, `wait topic match`, in order; or the code of the refusal. */
export function sent(name: string, address: ValveAddress, intent: DriverIntent): string[] | string {
  const plan = stepsOf(driver(name), address, intent)
  return plan.ok ? plan.value.steps.map(lineOf) : plan.error.code
}

function lineOf(step: DriverStep): string {
  if (step.type === 'publish') return `${step.topic} ${step.payload}`
  if (step.type === 'http') return `${step.method} ${step.url}`
  const { from, match } = step.message
  return `wait ${'topic' in from ? from.topic : from.answerOf} ${JSON.stringify(match)}`
}

export const valves = {
  zigbee: { via: 'zigbee2mqtt', root: 'zigbee2mqtt', name: 'orchard', outlet: 1 },
  tasmota: { via: 'tasmota', topic: 'pump_house', relay: 2 },
  esphome: { via: 'esphome', prefix: 'garden', id: 'south' },
  shelly: { via: 'shelly', id: 'shellyplus1-a8032abe54dc', channel: 0 },
  openSprinkler: {
    via: 'opensprinkler',
    httpBase: 'http://192.168.1.20',
    passwordDigest: 'a6d82bced638de3def1e9bbb4983225c',
    station: 10,
    topicRoot: 'os',
    isParallel: false,
  },
  openSprinklerMqtt: {
    via: 'opensprinkler-mqtt',
    subscribedTopic: 'os/cmd',
    passwordDigest: 'a6d82bced638de3def1e9bbb4983225c',
    station: 10,
    topicRoot: 'os',
  },
  chirpstack: {
    via: 'chirpstack',
    applicationId: 'a1',
    devEui: '24e124460c300009',
    outlet: 2,
    litresPerPulse: 10,
  },
  tts: {
    via: 'the-things-stack',
    application: 'farm@ttn',
    deviceId: 'valve-9',
    outlet: 1,
    litresPerPulse: null,
  },
} as const satisfies Record<string, ValveAddress>
