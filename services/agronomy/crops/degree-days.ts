/**
 * Degree-days of one day, °C·d. Definitions of UC IPM (Zalom, Goodell, Wilson, Barnett & Bentley 1983, UC Leaflet
 * 21373): the mean over the day of the excess of a temperature curve over a threshold. A sum is valid only for the
 * method it was derived with, so the method is stored with the thresholds.
 */
import { finite } from '../finite.ts'

export const heatMethods = [
  'average', // clamp the mean: method 1 of McMaster & Wilhelm 1997
  'modified-average', // clamp the extremes first: method 2
  'single-sine',
  'double-sine',
  'single-triangle',
  'double-triangle',
] as const
export type HeatMethod = (typeof heatMethods)[number]

/** Above the upper threshold development continues; stays level; decreases by the excess; stops. */
export type Cutoff = 'none' | 'horizontal' | 'intermediate' | 'vertical'

export interface HeatModel {
  method: HeatMethod
  cutoff: Cutoff
  lowerC: number
  upperC: number | null
}

export interface HeatDay {
  tempMinC: number
  tempMaxC: number
  nextMinC?: number | null // minimum of the following night, for the double methods
}

/**
 * Degree-days of one day, never below 0: with an intermediate cutoff the loss on a hot day can exceed its gain, and
 * its total then counts as 0. A double method without the next minimum uses the day's own. The average methods
 * support only 'none' and 'horizontal'; any other cutoff is treated as horizontal. RangeError for NaN, max < min, or an upper
 * threshold that is not above the lower one.
 */
export function degreeDaysCd(model: HeatModel, day: HeatDay): number {
  const { tempMinC, tempMaxC } = day
  const { lowerC, upperC } = model
  finite(lowerC + (upperC ?? 0) + (day.nextMinC ?? 0), { lowerC, upperC, nextMinC: day.nextMinC })
  if (upperC !== null && upperC <= lowerC)
    throw new RangeError(`upperC must be above lowerC, got ${upperC} and ${lowerC}`)
  finite(tempMaxC - tempMinC, { tempMinC, tempMaxC })
  if (!(tempMaxC >= tempMinC))
    throw new RangeError(`tempMaxC must not be below tempMinC, got ${tempMaxC} and ${tempMinC}`)
  switch (model.method) {
    case 'average':
      return averageCd(model, (tempMinC + tempMaxC) / 2)
    case 'modified-average':
      return modifiedAverageCd(model, tempMinC, tempMaxC)
    case 'single-sine':
      return Math.max(0, halfDayCd(model, sine, tempMinC, tempMaxC))
    case 'single-triangle':
      return Math.max(0, halfDayCd(model, triangle, tempMinC, tempMaxC))
    case 'double-sine':
      return doubleCd(model, sine, day)
    case 'double-triangle':
      return doubleCd(model, triangle, day)
  }
}

/** One day of a record: null where the extremes are unknown. */
export interface HeatRecord {
  tempMinC: number | null
  tempMaxC: number | null
}

/** As `degreeDaysCd`; null for a day without temperatures, and for one whose minimum is above its maximum. */
export function knownDegreeDaysCd(
  model: HeatModel,
  { tempMinC, tempMaxC }: HeatRecord,
  nextMinC: number | null = null,
): number | null {
  if (tempMinC === null || tempMaxC === null || tempMaxC < tempMinC) return null
  return degreeDaysCd(model, { tempMinC, tempMaxC, nextMinC })
}

function doubleCd(model: HeatModel, curve: Curve, { tempMinC, tempMaxC, nextMinC }: HeatDay): number {
  const morning = halfDayCd(model, curve, tempMinC, tempMaxC)
  // a night warmer than the day before it is a front: the second half is then constant at the maximum
  const evening = halfDayCd(model, curve, Math.min(nextMinC ?? tempMinC, tempMaxC), tempMaxC)
  return Math.max(0, (morning + evening) / 2)
}

const upperOf = (model: HeatModel): number =>
  model.cutoff === 'none' ? Infinity : (model.upperC ?? Infinity)

/** McMaster & Wilhelm (1997), Agric. For. Meteorol. 87:291, method 1. */
function averageCd(model: HeatModel, meanC: number): number {
  return Math.max(0, Math.min(meanC, upperOf(model)) - model.lowerC)
}

/** Method 2: extremes beyond a threshold are set to it before the mean is taken. */
function modifiedAverageCd(model: HeatModel, tempMinC: number, tempMaxC: number): number {
  const within = (tempC: number) => Math.max(model.lowerC, Math.min(tempC, upperOf(model)))
  return (within(tempMinC) + within(tempMaxC)) / 2 - model.lowerC
}

/**
 * A temperature curve from `lo` to `hi` relative to a threshold: mean excess in °C, and share of the time above it.
 */
type Curve = (lo: number, hi: number, threshold: number) => { excessC: number; share: number }

function halfDayCd(model: HeatModel, curve: Curve, lo: number, hi: number): number {
  const aboveLower = curve(lo, hi, model.lowerC).excessC
  const upperC = upperOf(model)
  if (hi <= upperC) return aboveLower
  const aboveUpper = curve(lo, hi, upperC)
  switch (model.cutoff) {
    case 'none':
      return aboveLower
    case 'horizontal':
      return aboveLower - aboveUpper.excessC
    case 'intermediate':
      return aboveLower - 2 * aboveUpper.excessC
    case 'vertical':
      return aboveLower - aboveUpper.excessC - (upperC - model.lowerC) * aboveUpper.share
  }
}

/** Baskerville & Emin (1969), Ecology 50:514: ((Tm-LT)(pi/2-theta) + A cos theta)/pi, theta = asin((LT-Tm)/A). */
const sine: Curve = (lo, hi, threshold) => {
  if (lo >= threshold) return { excessC: (lo + hi) / 2 - threshold, share: 1 }
  if (hi <= threshold) return { excessC: 0, share: 0 }
  const Tm = (lo + hi) / 2
  const A = (hi - lo) / 2
  const theta = Math.asin((threshold - Tm) / A)
  const share = (Math.PI / 2 - theta) / Math.PI
  return { excessC: (Tm - threshold) * share + (A * Math.cos(theta)) / Math.PI, share }
}

const triangle: Curve = (lo, hi, threshold) => {
  if (lo >= threshold) return { excessC: (lo + hi) / 2 - threshold, share: 1 }
  if (hi <= threshold) return { excessC: 0, share: 0 }
  const share = (hi - threshold) / (hi - lo)
  return { excessC: ((hi - threshold) * share) / 2, share }
}
