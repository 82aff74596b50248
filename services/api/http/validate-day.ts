/** A day that a person sent. */
import { isDay } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'

/** BAD_REQUEST by name where there is no such day, or where it lies outside; null: any day will do. */
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
