/**
 * How much a stranger and a person may ask of the API. The standard limits are far above what a co-operative's phones
 * need; the setting HTTP_LIMITS changes them one by one.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

/** Every limit with its standard value and what it is for, requests a minute, all at once if need be. */
export const httpLimitsTable = {
  address: [3_000, 'requests a minute of strangers from one address (IPv6: from one /64)'],
  user: [600, 'requests a minute of one person; a STOP is not counted'],
  stop: [120, 'STOPs a minute of one person'],
  'sign-in': [
    30,
    'passwords tried a minute for one account from one address, or by one person who changes theirs',
  ],
  'sign-in-address': [300, 'passwords tried a minute from one address, for all accounts'],
  setup: [
    10,
    'tries a minute of the first run, of an invitation or a link to a new password, from one address; links to one made by one person',
  ],
  notice: [10, 'notices a minute that one person has sent to see whether they arrive'],
  claim: [10, 'tries a minute to claim a device, from one address'],
  label: [30, 'pictures of labels a minute that one person has read'],
} as const satisfies Record<string, readonly [number, string]>

export type HttpLimitName = keyof typeof httpLimitsTable
export type HttpLimits = Readonly<Record<HttpLimitName, number>>

const names = Object.keys(httpLimitsTable) as HttpLimitName[]
const mapLimits = (value: (name: HttpLimitName) => number) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<HttpLimitName, number>

export const standardHttpLimits: HttpLimits = mapLimits((name) => httpLimitsTable[name][0])

/** For simulations and measurements. */
export const noHttpLimits: HttpLimits = mapLimits(() => Infinity)

/** Reads `none`, or `NAME=NUMBER` with commas between: limits that differ from the standard ones. */
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
