/** The start day of a degree-day sum, from the catches of one season. */
import { finite } from '../finite.ts'
import type { Biofix } from './pest.ts'

/** One check of a trap: its catch since the check before. */
export interface TrapCheck {
  day: string // '2026-05-02'
  count: number
}

/**
 * The biofix of a season from its checks, in order. Null while there is none yet.
 * - first-january, date-03-01: of the year of the first check.
 * - first-catch: the first sustained catch: at this check and the next. A single moth that strayed or overwintered in
 * the trap does not count (UC IPM counts from the date on which moths are found consistently).
 * - peak-catch: the largest one, known once a smaller one has followed.
 */
export function biofixDay(rule: Biofix, checks: readonly TrapCheck[]): string | null {
  const fixed = calendarBiofix(rule)
  if (fixed !== null) return checks[0] === undefined ? null : `${checks[0].day.slice(0, 4)}-${fixed}`
  if (rule === 'first-catch')
    return checks.find(({ count }, i) => count > 0 && (checks[i + 1]?.count ?? 0) > 0)?.day ?? null
  const maxCount = checks.reduce((max, { count }) => Math.max(max, count), 0)
  const at = checks.findIndex(({ count }) => count === maxCount)
  return maxCount > 0 && at < checks.length - 1 ? checks[at]!.day : null
}

/** Month and day ('03-01') of a calendar biofix; null where catches determine it. */
export function calendarBiofix(rule: Biofix): string | null {
  if (rule === 'first-january') return '01-01'
  return rule.startsWith('date-') ? rule.slice('date-'.length) : null
}

/** Total catch from a day on; null when the trap was not checked since: unknown is not zero. */
export function caughtSince(checks: readonly TrapCheck[], sinceDay: string): number | null {
  const lately = checks.filter(({ day }) => day >= sinceDay)
  return lately.length === 0 ? null : lately.reduce((sum, { count }) => sum + finite(count, { count }), 0)
}
