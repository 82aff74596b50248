/** Validates a civil day of a request. */
import { isDay } from '../../../../broker/contract/time.ts'
import { fail } from '../../../errors.ts'

/** BAD_REQUEST names the field when the day does not exist or is out of range; null: no limit. */
export function checkDay(
  name: string,
  day: string,
  { notBefore = null, notAfter = null }: { notBefore?: string | null; notAfter?: string | null } = {},
): void {
  if (!isDay(day)) fail('BAD_REQUEST', `${name}: must be a day that exists, like 2026-07-06, got ${day}`)
  if (notBefore !== null && day < notBefore)
    fail('BAD_REQUEST', `${name}: must not be before ${notBefore}, got ${day}`)
  if (notAfter !== null && day > notAfter)
    fail('BAD_REQUEST', `${name}: must not be after ${notAfter}, got ${day}`)
}
