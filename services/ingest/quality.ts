/** Quality flags of a reading: the QARTOD range and rate-of-change tests, with the limits of the table. Pure. */
import { flags, type Flag, type Quantity } from '../../broker/contract/quantities.ts'
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'

/** The newest reading of the series that passed. */
export interface LastGood {
  atMs: AtMs
  value: number
}

/**
 * Out of range: fail (4). Faster than the quantity can change since the last good reading: suspect (3). No value: 9.
 */
export function computeFlag(
  kind: Quantity,
  value: number | null,
  atMs: AtMs,
  lastGood: LastGood | null,
): Flag {
  if (value === null) return flags.missing
  if (isOutOfRange(kind, value)) return flags.fail
  if (kind.maxStepPerMin === null || lastGood === null || atMs <= lastGood.atMs) return flags.pass
  // the limit is per minute; within a minute a sensor may use all of it
  const minutes = Math.max(1, (atMs - lastGood.atMs) / MINUTE_MS)
  return Math.abs(value - lastGood.value) > kind.maxStepPerMin * minutes ? flags.suspect : flags.pass
}

/** Both limits belong to the range; in the unit of the quantity. */
export const isOutOfRange = (kind: Quantity, value: number): boolean => value < kind.min || value > kind.max

/** An estimated time makes a good reading "not evaluated", and a clock that is ahead makes it suspect. */
export function flagWithTime(flag: Flag, time: { isEstimated: boolean; isAhead: boolean }): Flag {
  if (flag !== flags.pass) return flag
  return time.isAhead ? flags.suspect : time.isEstimated ? flags.notEvaluated : flag
}
