/**
 * A person's own figures in place of the table's threshold: the economic injury level, acting at a share of it.
 * A person's count is valid for a week, else the traps count. With a missing figure the result is unknown, and
 * the figure is named. Pure.
 */
import { daysBetween, type Day } from '../../../broker/contract/time.ts'
import { economicInjuryLevel } from '../../agronomy/pests/economic-injury.ts'
import type { PestEconomicsRow } from '../../tables.ts'
import { tenth } from '../../runtime/math.ts'

/** Insects multiply: an older count is not representative. */
const COUNT_VALID_DAYS = 7

export interface EconomicThreshold {
  /** null: one of the figures is unknown */
  level: number | null
  actAt: number | null
  missing: string[]
  /** in the unit of the figures; null: no count */
  count: number | null
  isReached: boolean | null
}

/** The threshold from a person's figures; `missing` names the unknown ones. */
export function economicThreshold(
  row: PestEconomicsRow,
  trapCount: number | null,
  today: Day,
): EconomicThreshold {
  const isSeen =
    row.seenDay !== null && row.seenDay <= today && daysBetween(row.seenDay, today) <= COUNT_VALID_DAYS
  const count = isSeen ? row.seenCount : trapCount
  const injury = economicInjuryLevel(row)
  if ('missing' in injury)
    return { level: null, actAt: null, missing: injury.missing, count, isReached: null }
  const actAt = injury.level * row.actionShare
  return {
    level: toThreeFigures(injury.level),
    actAt: toThreeFigures(actAt),
    missing: [],
    count,
    isReached: count === null ? null : count >= actAt,
  }
}

/** None of the figures is known to more than three digits. */
const toThreeFigures = (count: number): number =>
  count >= 10 ? tenth(Math.min(count, MAX_COUNT)) : Number(count.toPrecision(3))
// no field has more insects: figures of extreme size give a level that is never reached
const MAX_COUNT = 1e9
