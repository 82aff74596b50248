/**
 * Rate limits of the API for strangers and people. The standard limits are far above the needs of a
 * co-operative's phones; the setting HTTP_LIMITS changes them one by one.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

/** Every limit with its standard value and purpose: requests per minute, which may come in one burst. */
export const httpLimitsTable = {
  address: [3_000, 'requests per minute without a sign-in from one address (IPv6: from one /64)'],
  user: [600, 'requests per minute of one person; a STOP does not count'],
  stop: [120, 'STOPs per minute of one person'],
  'sign-in': [
    30,
    'password attempts per minute for one account from one address, or by one person who changes theirs',
  ],
  'sign-in-address': [300, 'password attempts per minute from one address, for all accounts'],
  setup: [
    10,
    'attempts per minute at the setup, an invitation or a password link from one address; password links created by one person',
  ],
  notification: [10, 'test notifications per minute of one person'],
  claim: [10, 'claim attempts per minute from one address'],
  label: [30, 'label pictures per minute of one person'],
} as const satisfies Record<string, readonly [number, string]>

export type HttpLimitName = keyof typeof httpLimitsTable
export type HttpLimits = Readonly<Record<HttpLimitName, number>>

const names = Object.keys(httpLimitsTable) as HttpLimitName[]
const mapLimits = (value: (name: HttpLimitName) => number) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<HttpLimitName, number>

export const standardHttpLimits: HttpLimits = mapLimits((name) => httpLimitsTable[name][0])

/** For simulations and measurements. */
export const noHttpLimits: HttpLimits = mapLimits(() => Infinity)

/** Parses `none`, or comma-separated `NAME=NUMBER`: limits that differ from the standard ones. */
export function parseHttpLimits(text: string): Result<HttpLimits> {
  if (text === 'none') return ok(noHttpLimits)
  const limits: Record<HttpLimitName, number> = { ...standardHttpLimits }
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [name, value] = part.split('=').map((piece) => piece.trim())
    if (!names.includes(name as HttpLimitName))
      return err(`must name ${names.join(', ')} or be none, got ${name}`)
    if (!/^[1-9]\d{0,8}$/.test(value ?? ''))
      return err(`${name} must be a whole number from 1, got ${value ?? 'nothing'}`)
    limits[name as HttpLimitName] = Number(value)
  }
  return ok(limits)
}
