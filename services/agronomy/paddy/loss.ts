/**
 * The daily water loss of a paddy (gensuishin) from its gauge: the fall of ponded water over hours without inflow,
 * outflow and sun. The remainder is percolation and leakage. The same readings around a run of the inlet or the
 * outlet give its rate. mm, ms.
 */
import { assertNumbers, finite } from '../finite.ts'
import { medianOf, robustSd } from '../math.ts'

export interface LevelAt {
  atMs: number
  mm: number
}
export interface Interval {
  fromMs: number
  toMs: number
}

const HOUR_MS = 3_600_000
/** a longer gap may hide any change */
const MAX_STEP_MS = 6 * HOUR_MS
/** shorter stretches reflect the gauge's noise: 2 mm over 5 hours are 10 mm a day */
const MIN_MS = 5 * HOUR_MS

/**
 * Loss in quiet night hours, mm/d, by a straight line through the levels of each quiet stretch. Null with less than
 * five hours, or without ponded water. `quiet`: night hours without rain; `busy`: inflow or outflow, or unknown.
 */
export function quietLossMmD(
  levels: readonly LevelAt[],
  quiet: readonly Interval[],
  busy: readonly Interval[],
): number | null {
  assertNumbers({ levels, quiet, busy })
  let squares = 0
  let products = 0
  let lengthMs = 0
  for (const night of quiet) {
    for (const stretch of stretches(levels, night, busy)) {
      const t0 = stretch.reduce((sum, { atMs }) => sum + atMs, 0) / stretch.length
      const y0 = stretch.reduce((sum, { mm }) => sum + mm, 0) / stretch.length
      for (const { atMs, mm } of stretch) {
        squares += (atMs - t0) ** 2
        products += (atMs - t0) * (mm - y0)
      }
      lengthMs += stretch.at(-1)!.atMs - stretch[0]!.atMs
    }
  }
  if (lengthMs < MIN_MS || squares <= 0) return null
  const mmD = (-products / squares) * 24 * HOUR_MS
  // a level that rises by itself has an unrecorded inflow
  return finite(mmD, { mmD }) < 0 ? null : mmD
}

/** Consecutive readings in a quiet interval, above the soil, without a gap or a busy interval between them. */
function stretches(levels: readonly LevelAt[], quiet: Interval, busy: readonly Interval[]): LevelAt[][] {
  const result: LevelAt[][] = []
  let open: LevelAt[] = []
  const close = (): void => {
    if (open.length >= 2) result.push(open)
    open = []
  }
  for (const level of levels) {
    const last = open.at(-1)
    const isUsable = level.atMs >= quiet.fromMs && level.atMs <= quiet.toMs && level.mm > 0
    const isBroken =
      last !== undefined &&
      (level.atMs - last.atMs > MAX_STEP_MS ||
        level.atMs <= last.atMs ||
        busy.some(({ fromMs, toMs }) => fromMs < level.atMs && toMs > last.atMs))
    if (!isUsable || isBroken) close()
    if (isUsable) open.push(level)
  }
  close()
  return result
}

/** Readings must be this close to the ends of a run. */
const NEAR_MS = 3 * HOUR_MS
const MIN_RUN_MS = 0.5 * HOUR_MS

/**
 * Change of level an hour by a run of an inlet (above 0) or of an outlet (below 0), mm/h, from the last level before
 * it and the first after it, corrected for the loss between them. Null: too short, no readings close enough, or not
 * ponded.
 */
export function rateMmH(levels: readonly LevelAt[], run: Interval, lossMmD: number): number | null {
  assertNumbers({ levels, ...run, lossMmD })
  const ranMs = run.toMs - run.fromMs
  const before = levels.findLast(({ atMs }) => atMs <= run.fromMs)
  const after = levels.find(({ atMs }) => atMs >= run.toMs)
  if (!before || !after || ranMs < MIN_RUN_MS || before.mm <= 0 || after.mm <= 0) return null
  if (run.fromMs - before.atMs > NEAR_MS || after.atMs - run.toMs > NEAR_MS) return null
  const lostMm = (lossMmD * (after.atMs - before.atMs)) / (24 * HOUR_MS)
  const mmH = (after.mm - before.mm + lostMm) / (ranMs / HOUR_MS)
  return finite(mmH, { mmH })
}

/** The usual loss of a field and its recent loss. mm/d */
export interface LossTrend {
  usualMmD: number
  nowMmD: number
  isHigh: boolean
}

const NOW_NIGHTS = 2
const USUAL_NIGHTS = 4
/** a leaking bund increases the loss by half, by 8 mm a day, and by more than the nights' variation; unconfirmed */
const HIGH_SHARE = 1.5
const HIGH_MMD = 8
const HIGH_SPREADS = 3

/** `nights`: mm/d, oldest first. Null with fewer than six: the usual loss is unknown. */
export function lossTrend(nights: readonly number[]): LossTrend | null {
  assertNumbers(nights)
  if (nights.length < NOW_NIGHTS + USUAL_NIGHTS) return null
  const nowMmD = Math.min(...nights.slice(-NOW_NIGHTS)) // two in a row: a single night is not sufficient
  const earlierNights = nights.slice(0, -NOW_NIGHTS)
  const usualMmD = medianOf(earlierNights)
  const moreMmD = Math.max(HIGH_MMD, HIGH_SPREADS * robustSd(earlierNights))
  return { usualMmD, nowMmD, isHigh: nowMmD > HIGH_SHARE * usualMmD && nowMmD > usualMmD + moreMmD }
}

/** Median of the rates of the last runs; null with fewer than two. mm/h */
export function medianRateMmH(rates: readonly number[]): number | null {
  assertNumbers(rates)
  return rates.length < 2 ? null : medianOf(rates)
}
