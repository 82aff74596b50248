/**
 * How much a stranger, a device and an organisation may ask of the broker. The standard limits are far above what a
 * farm needs; the setting MQTT_LIMITS changes them one by one.
 */
import { err, ok, type Result } from '../contract/result.ts'

/** Every limit with its standard value and what it is for; docs and the setting are made from this table. */
export const limitsTable = {
  connects: [
    500,
    'new connections a second, from all addresses where no device has signed in; from each other the same; twice as many at once',
  ],
  waiting: [1_000, 'connections that have not been accepted yet; the oldest gives way'],
  'waiting-per-address': [200, 'the same, of one address'],
  'per-address': [1_000, 'devices connected from one address (IPv6: from one /64)'],
  'per-org': [10_000, 'devices of one organisation connected'],
  burst: [50, 'packets that a device may send at once'],
  packets: [5, 'packets a second after that; what is more waits unread'],
  bytes: [16_384, 'bytes a second that a device may send; sixteen times as many at once'],
  subscriptions: [8, 'topic filters that a device may hold'],
  lag: [500, 'ms that the server may be behind with its work; beyond it no new connection is taken'],
  'first-delay': [
    200,
    'ms until the first failed sign-in from an address is answered; doubled for each further one',
  ],
  'longest-delay': [10_000, 'ms that the answer to a failed sign-in is held back at most'],
} as const satisfies Record<string, readonly [number, string]>

export type LimitName = keyof typeof limitsTable
export type BrokerLimits = Readonly<Record<LimitName, number>>

const names = Object.keys(limitsTable) as LimitName[]
const mapLimits = (value: (name: LimitName) => number) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<LimitName, number>

export const standardLimits: BrokerLimits = mapLimits((name) => limitsTable[name][0])

/** For simulations and measurements: everything is let through, and a failed sign-in is answered at once. */
export const noLimits: BrokerLimits = {
  ...mapLimits(() => Infinity),
  'first-delay': 0,
  'longest-delay': 0,
}

/** Reads `none`, or `NAME=NUMBER` with commas between: limits that differ from the standard ones. */
export function parseLimits(text: string): Result<BrokerLimits> {
  if (text === 'none') return ok(noLimits)
  const limits: Record<LimitName, number> = { ...standardLimits }
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const [name, value] = part.split('=').map((each) => each.trim())
    if (!names.includes(name as LimitName))
      return err(`must name ${names.join(', ')} or be none, got ${name}`)
    if (!/^[1-9]\d{0,8}$/.test(value ?? ''))
      return err(`${name} must be a whole number from 1, got ${value ?? 'nothing'}`)
    limits[name as LimitName] = Number(value)
  }
  return ok(limits)
}
