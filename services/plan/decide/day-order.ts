/** The order of the days of a season. */
import { daysBetween, type Day } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'

const MOST_DAYS = 400

/** Days without a line before `day`; an error when it does not follow `lastDay` (null: it is the first). */
export function dayGap(lastDay: Day | null, day: Day): Result<number> {
  if (Number.isNaN(Date.parse(day))) return err(`day: a day of the calendar was expected, got ${day}`)
  if (lastDay === null) return ok(0)
  if (day <= lastDay) return err(`day: a day after ${lastDay} was expected, got ${day}`)
  const missingDays = daysBetween(lastDay, day) - 1
  if (missingDays > MOST_DAYS)
    return err(`day: at most ${MOST_DAYS} days after ${lastDay} were expected, got ${day}`)
  return ok(missingDays)
}
