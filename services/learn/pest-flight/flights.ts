/**
 * One flight of an insect at one place in one year, by degree-days and by date; its requirement learned over the
 * years; and the skill on held-out years. Pure.
 */
import { sum } from '../../runtime/math.ts'
import type { ModelSkill } from '../../tables.ts'
import { bestMethod } from '../fitting/learner.ts'
import { tQuantile90 } from '../fitting/quantiles.ts'
import { computeSkill } from '../fitting/rolling-origin.ts'
import { meanOverYears } from '../fitting/year-mean.ts'

/** Day of the year (1 is 1 January) and degree-day sum on it, in order; weekly or daily. */
export interface HeatPoint {
  dayOfYear: number
  sumCd: number
}

export interface FlightYear {
  place: string
  year: number
  points: HeatPoint[] // of the season, to convert a sum into a date
  halfCd: number
  scaleCd: number // spread of the flight, as the scale of a logistic curve
}

/** Degree-days of a flight, learned from several years. */
export interface FlightRequirement {
  midCd: number
  sdCd: number // of one more year
  freedom: number // degrees of freedom of sdCd
  scaleCd: number
  rows: number
}

/**
 * The date of a sum: interpolated between two points, extrapolated beyond the ends at the local rate; NaN without two
 * points.
 */
export function dayOfSum(points: readonly HeatPoint[], sumCd: number): number {
  let index = points.findIndex((point) => point.sumCd >= sumCd)
  if (index === -1) index = points.length - 1
  index = Math.max(1, index)
  const [a, b] = [points[index - 1], points[index]]
  if (!a || !b) return NaN
  if (b.sumCd === a.sumCd) return a.dayOfYear // no degree-days, no rate: the edge of the known range
  return a.dayOfYear + ((sumCd - a.sumCd) / (b.sumCd - a.sumCd)) * (b.dayOfYear - a.dayOfYear)
}

/** The sum at which a share of the flight was caught; null where the catches do not pass it. */
export function sumAtShare(
  caught: readonly { sumCd: number; share: number }[],
  share: number,
): number | null {
  const index = caught.findIndex((point) => point.share >= share)
  const [a, b] = [caught[index - 1], caught[index]]
  if (!a || !b) return null
  return a.sumCd + ((share - a.share) / (b.share - a.share)) * (b.sumCd - a.sumCd)
}

/**
 * Spread of the flight by its quartiles, as the scale of a logistic curve; by one of them where the other is missing.
 */
export function logisticScale(
  caught: readonly { sumCd: number; share: number }[],
  halfCd: number,
): number | null {
  const sides = [0.25, 0.75]
    .map((share) => sumAtShare(caught, share))
    .filter((sum) => sum !== null)
    .map((sum) => Math.abs(sum - halfCd) / Math.log(3))
  return sides.length === 0 ? null : sum(sides) / sides.length
}

/** Null with fewer than two flights: a single one does not show the variation. */
export function flightRequirement(flights: readonly FlightYear[]): FlightRequirement | null {
  const half = meanOverYears(flights.map(({ year, halfCd }) => ({ year, value: halfCd })))
  const scale = meanOverYears(flights.map(({ year, scaleCd }) => ({ year, value: scaleCd })))
  return (
    half &&
    scale && {
      midCd: half.mean,
      sdCd: half.sd,
      freedom: half.freedom,
      scaleCd: scale.mean,
      rows: flights.length,
    }
  )
}

/** One flight predicted without its year. Days of the year. */
export interface HeldOutFlight {
  flight: FlightYear
  need: FlightRequirement
  actual: number
  heat: number
  calendar: number // mean date of the other years
  model: number // by degree-days, or by the mean date where that was better within the other years
  lo: number // 80 % interval of the model
  hi: number
}

/** Every flight with at least two flights in other years, predicted from the other years only. */
export function leaveOneYearOut(flights: readonly FlightYear[]): HeldOutFlight[] {
  return splitByYear(flights).flatMap(({ left, others }) => {
    const requirements = requirementsOf(others)
    if (!requirements) return []
    const { need, date } = requirements
    const isByHeat = isHeatBetter(others)
    const half = tQuantile90(isByHeat ? need.freedom : date.freedom) * (isByHeat ? need.sdCd : date.sd)
    return left.map((flight) => {
      const sumAt = (aside: number) =>
        isByHeat ? dayOfSum(flight.points, need.midCd + aside) : date.mean + aside
      return {
        flight,
        need,
        actual: dateOf(flight),
        heat: dayOfSum(flight.points, need.midCd),
        calendar: date.mean,
        model: sumAt(0),
        lo: sumAt(-half),
        hi: sumAt(half),
      }
    })
  })
}

/** The model against the mean date and the published sum, on held-out years. Null with a single year. */
export function flightSkill(flights: readonly FlightYear[], publishedCd: number | null): ModelSkill | null {
  const cases = splitByYear(flights).flatMap(({ left, others }) => {
    const requirements = requirementsOf(others)
    if (!requirements) return []
    return left.map((flight) => ({
      actual: dateOf(flight),
      model: dayOfSum(flight.points, requirements.need.midCd),
      persistence: requirements.date.mean,
      physics: publishedCd === null ? null : dayOfSum(flight.points, publishedCd),
    }))
  })
  return computeSkill('leave-one-year-out', 'd', cases)
}

/**
 * With a single year no cross-validation is possible: degree-days are then assumed to be better, as they drive
 * development.
 */
function isHeatBetter(flights: readonly FlightYear[]): boolean {
  const skill = flightSkill(flights, null)
  return skill === null || bestMethod(skill) === 'model'
}

const splitByYear = (flights: readonly FlightYear[]) =>
  [...new Set(flights.map(({ year }) => year))].map((year) => ({
    left: flights.filter((flight) => flight.year === year),
    others: flights.filter((flight) => flight.year !== year),
  }))

/** Requirements of a flight, by degree-days and by date. */
function requirementsOf(flights: readonly FlightYear[]) {
  const need = flightRequirement(flights)
  const date = meanOverYears(flights.map((flight) => ({ year: flight.year, value: dateOf(flight) })))
  return need && date && { need, date }
}

const dateOf = ({ points, halfCd }: FlightYear): number => dayOfSum(points, halfCd)
