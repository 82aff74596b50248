/**
 * The limits of the broker for unknown clients, devices and organisations. The standard limits are far above the needs
 * of a farm; the setting MQTT_LIMITS changes single ones.
 */
import { err, ok, type Result } from '../contract/result.ts'

/** Every limit with its standard value and meaning; the documents and the setting use this table. */
export const limitsTable = {
  connects: [
    500,
    'new connections a second, from all addresses without a signed-in device together, and from each other address; a burst of twice as many',
  ],
  waiting: [1_000, 'connections that have not been accepted yet; the oldest is evicted'],
  'waiting-per-address': [200, 'the same, from one address'],
  'per-address': [1_000, 'devices connected from one address (IPv6: from one /64)'],
  'per-org': [10_000, 'devices of one organisation connected'],
  burst: [50, 'packets that a device may send at once'],
  packets: [5, 'packets a second after that; further ones wait unread'],
  bytes: [16_384, 'bytes a second that a device may send; a burst of sixteen times as many'],
  subscriptions: [8, 'topic filters that a device may hold'],
  'gateway-burst': [500, 'packets that a gateway may send at once, over all its connections'],
  'gateway-packets': [50, 'packets a second after that'],
  'gateway-bytes': [262_144, 'bytes a second that a gateway may send; a burst of sixteen times as many'],
  'gateway-subscriptions': [64, 'topic filters that one connection of a gateway may hold'],
  'gateway-retained': [2_097_152, 'bytes of retained messages of a gateway'],
  lag: [500, 'event loop lag of the server in ms above which new connections are refused'],
  'first-delay': [
    200,
    'ms until the reply to the first failed sign-in from an address; doubled for each further one',
  ],
  'longest-delay': [10_000, 'the longest delay of the reply to a failed sign-in, ms'],
} as const satisfies Record<string, readonly [number, string]>

export type LimitName = keyof typeof limitsTable
export type BrokerLimits = Readonly<Record<LimitName, number>>

const names = Object.keys(limitsTable) as LimitName[]
const mapLimits = (value: (name: LimitName) => number) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<LimitName, number>

export const standardLimits: BrokerLimits = mapLimits((name) => limitsTable[name][0])

/** For simulations and measurements: no limits, and no delay after a failed sign-in. */
export const noLimits: BrokerLimits = {
  ...mapLimits(() => Infinity),
  'first-delay': 0,
  'longest-delay': 0,
}

/** Parses `none`, or `NAME=NUMBER` separated by commas: the limits that differ from the standard ones. */
export function parseLimits(text: string): Result<BrokerLimits> {
  if (text === 'none') return ok(noLimits)
  const limits: Record<LimitName, number> = { ...standardLimits }
  for (const part of text.split(',').filter((entry) => entry.trim() !== '')) {
    const [name, value] = part.split('=').map((side) => side.trim())
    if (!names.includes(name as LimitName))
      return err(`must name ${names.join(', ')} or be none, got ${name}`)
    if (!/^[1-9]\d{0,8}$/.test(value ?? ''))
      return err(`${name} must be a whole number from 1, got ${value ?? 'nothing'}`)
    limits[name as LimitName] = Number(value)
  }
  return ok(limits)
}
