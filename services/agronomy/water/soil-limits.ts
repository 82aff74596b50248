/**
 * Field capacity and wilting point of a root zone, with their uncertainty: the values of a field's row (texture or
 * entered), and those calibrated by its probes. Water contents in m³/m³.
 */
import { assertNumbers, finite } from '../finite.ts'
import { dryDowns } from './dry-downs.ts'
import { medianOf, robustSd } from '../math.ts'
import { wettingPeaks } from './wetting-peaks.ts'

/** A limit and its source. */
export interface SoilLimitEstimate {
  v: number
  sd: number
  from: 'field' | 'learned'
  events: number // number of events it was learned from
}

export interface SoilLimitsEstimate {
  fieldCapacity: SoilLimitEstimate
  wiltingPoint: SoilLimitEstimate
}

/**
 * Standard deviation of a limit by texture: the ranges of FAO-56 Table 19 are 0.08-0.14 wide (FC) and 0.04-0.12 (WP),
 * a uniform distribution over 0.1 has a standard deviation of 0.03.
 */
const TEXTURE_SD = 0.03

/** The limits of a field's own row. */
export function enteredLimits({ fieldCapacity, wiltingPoint }: EnteredLimits): SoilLimitsEstimate {
  const ownOf = (v: number) => ({ v, sd: TEXTURE_SD, from: 'field' as const, events: 0 })
  assertNumbers({ fieldCapacity, wiltingPoint })
  return { fieldCapacity: ownOf(fieldCapacity), wiltingPoint: ownOf(wiltingPoint) }
}
interface EnteredLimits {
  fieldCapacity: number
  wiltingPoint: number
}

/** Limits of the surrounding soil by one sensor. */
export interface LearnedLimits {
  fieldCapacity: number | null
  fieldCapacitySd: number | null
  peaks: number // wettings with observed drainage
  wiltingPoint: number | null
  wiltingPointSd: number | null
  dryDowns: number // of sufficient length
}

/** Minimum number of events. */
const MIN_EVENTS = 3
const MIN_SD = 0.005 // of any limit: sensors print whole tenths of a percent and have a daily cycle
const MIN_AVAILABLE = 0.03 // between the two limits
const EXTRACTED = 0.05 // below field capacity: a dry-down that ends higher was ended by rain or by winter, not by root uptake
const AS_DRY = 0.02 // a lower limit is at most this far above the driest hours

/**
 * The limits from the hours of one sensor. Of the drained values the upper quartile is taken, since a shower that did
 * not fill the layer drains to less; of the dry-downs the lower one, since many end early.
 */
export function learnLimits(hours: readonly (number | null)[], ownFieldCapacity: number): LearnedLimits {
  const peaks = wettingPeaks(hours)
  const drained = peaks.map((peak) => peak.drained)
  const knowsFull = peaks.length >= MIN_EVENTS
  const fieldCapacity = knowsFull ? quantile(drained, 0.75) : null
  const slowing = knowsFull ? medianOf(peaks.map((peak) => peak.slowing)) / 2 : 0
  const driest = quantile(
    hours.filter((value) => value !== null),
    0.05,
  )
  const ends = dryDowns(dailyMeans(hours)).filter(
    ({ lowerLimit }) =>
      lowerLimit <= (fieldCapacity ?? ownFieldCapacity) - EXTRACTED && lowerLimit <= driest + AS_DRY,
  )
  const knowsDry = ends.length >= MIN_EVENTS
  const lower = ends.map(({ lowerLimit }) => lowerLimit)
  return {
    fieldCapacity,
    fieldCapacitySd: knowsFull ? Math.hypot(quartileSd(drained), slowing, MIN_SD) : null,
    peaks: peaks.length,
    wiltingPoint: knowsDry ? quantile(lower, 0.25) : null,
    wiltingPointSd: knowsDry
      ? Math.hypot(quartileSd(lower), medianOf(ends.map(({ sd }) => sd)), MIN_SD)
      : null,
    dryDowns: ends.length,
  }
}

/**
 * The field's own limits and the learned ones, weighted by inverse variance. A learned limit represents one spot:
 * however many agree, another spot of the field may differ by `SPOT_SD`. At least 0.03 between the two.
 */
export function combineLimits(
  prior: SoilLimitsEstimate,
  calibrated: readonly LearnedLimits[],
): SoilLimitsEstimate {
  const fieldCapacity = combineEstimates(
    prior.fieldCapacity,
    calibrated.map((limits) => ({
      v: limits.fieldCapacity,
      sd: limits.fieldCapacitySd,
      events: limits.peaks,
    })),
  )
  const wiltingPoint = combineEstimates(
    prior.wiltingPoint,
    calibrated.map((limits) => ({
      v: limits.wiltingPoint,
      sd: limits.wiltingPointSd,
      events: limits.dryDowns,
    })),
  )
  const highest = fieldCapacity.v - MIN_AVAILABLE
  return {
    fieldCapacity,
    wiltingPoint: wiltingPoint.v <= highest ? wiltingPoint : { ...wiltingPoint, v: Math.max(0, highest) },
  }
}

/** A spot against the field around it. Famiglietti et al. 2008, Water Resour. Res. 44, W01423: 0.036 over 2.5 m. */
const SPOT_SD = 0.03

function combineEstimates(
  prior: SoilLimitEstimate,
  calibrated: readonly { v: number | null; sd: number | null; events: number }[],
): SoilLimitEstimate {
  assertNumbers({ own: prior, learned: calibrated })
  const valid = calibrated.flatMap(({ v, sd, events }) =>
    v === null || sd === null ? [] : [{ v, sd, events }],
  )
  if (valid.length === 0) return prior
  const weights = valid.map(({ sd }) => 1 / (sd ** 2 + SPOT_SD ** 2))
  const ownWeight = finite(1 / prior.sd ** 2, { sd: prior.sd })
  const weight = ownWeight + weights.reduce((sum, weight) => sum + weight, 0)
  const v = valid.reduce((sum, limit, i) => sum + weights[i]! * limit.v, ownWeight * prior.v) / weight
  return {
    v,
    sd: Math.max(MIN_SD, Math.sqrt(1 / weight)),
    from: 'learned',
    events: valid.reduce((sum, { events }) => sum + events, 0),
  }
}

/** Days of at least 18 hours; the series starts with a day. */
function dailyMeans(hours: readonly (number | null)[]): (number | null)[] {
  return Array.from({ length: Math.floor(hours.length / 24) }, (_, day) => {
    const values = hours.slice(day * 24, day * 24 + 24).filter((value) => value !== null)
    return values.length < 18 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  })
}

/** A quantile, interpolated linearly; NaN for an empty list. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = share * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!]
  return below + (above - below) * (position - Math.floor(position))
}

/** Standard deviation of a quartile of a normal sample: 1.36 sd / sqrt(n). Kendall & Stuart 1977, section 14.10. */
const quartileSd = (values: readonly number[]): number => (1.36 * robustSd(values)) / Math.sqrt(values.length)
