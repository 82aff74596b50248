/**
 * One flight of an insect at one place in one year, by heat and by date; what is learned of it over the years; and how
 * good that is on years that were left out. Pure.
 */
import type { ModelSkill } from '../tables.ts'
import { tQuantile90 } from './quantiles.ts'
import { skillOf } from './rolling-origin.ts'

/** Day of the year (1 is 1 January) and sum of heat on it, in order; weekly or daily. */
export interface HeatPoint {
  dayOfYear: number
  sumCd: number
}

export interface FlightYear {
  place: string
  year: number
  points: HeatPoint[] // of the season, so that a sum can be read as a date
  halfCd: number
  scaleCd: number // spread of the flight, as of a logistic curve
}

/** What the years say of a flight. */
export interface FlightNeed {
  midCd: number
  sdCd: number // of one more year
  scaleCd: number
  rows: number
}

/** The date of a sum: read between two points, and beyond the ends at the pace there; NaN without two points. */
export function dayOfSum(points: readonly HeatPoint[], sumCd: number): number {
  let at = points.findIndex((point) => point.sumCd >= sumCd)
  if (at === -1) at = points.length - 1
  at = Math.max(1, at)
  const [a, b] = [points[at - 1], points[at]]
  if (!a || !b) return NaN
  if (b.sumCd === a.sumCd) return a.dayOfYear // no heat, no pace: the edge of what is known
  return a.dayOfYear + ((sumCd - a.sumCd) / (b.sumCd - a.sumCd)) * (b.dayOfYear - a.dayOfYear)
}

/** The sum at which a share of the flight was caught; null where the catches do not pass it. */
export function sumAtShare(
  caught: readonly { sumCd: number; share: number }[],
  share: number,
): number | null {
  const at = caught.findIndex((one) => one.share >= share)
  const [a, b] = [caught[at - 1], caught[at]]
  if (!a || !b) return null
  return a.sumCd + ((share - a.share) / (b.share - a.share)) * (b.sumCd - a.sumCd)
}

/** Spread of the flight by its quarters, as of a logistic curve; by one of them where the other was not seen. */
export function scaleOf(caught: readonly { sumCd: number; share: number }[], halfCd: number): number | null {
  const sides = [0.25, 0.75]
    .map((share) => sumAtShare(caught, share))
    .filter((sum) => sum !== null)
    .map((sum) => Math.abs(sum - halfCd) / Math.log(3))
  return sides.length === 0 ? null : sides.reduce((sum, side) => sum + side, 0) / sides.length
}

/** Null with fewer than two flights: a single one says nothing of the next. */
export function flightNeed(flights: readonly FlightYear[]): FlightNeed | null {
  const n = flights.length
  if (n < 2) return null
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / n
  const midCd = mean(flights.map(({ halfCd }) => halfCd))
  const variance = flights.reduce((sum, { halfCd }) => sum + (halfCd - midCd) ** 2, 0) / (n - 1)
  return {
    midCd,
    sdCd: Math.sqrt(variance * (1 + 1 / n)),
    scaleCd: mean(flights.map(({ scaleCd }) => scaleCd)),
    rows: n,
  }
}

/** One flight foretold without its year. Days of the year. */
export interface LeftOut {
  flight: FlightYear
  need: FlightNeed
  actual: number
  model: number
  lo: number // 80 % interval
  hi: number
  calendar: number // mean date of the other years
}

/** Every flight of which there are two other years' flights, foretold from the other years alone. */
export function leaveOneYearOut(flights: readonly FlightYear[]): LeftOut[] {
  return [...new Set(flights.map(({ year }) => year))].flatMap((year) => {
    const others = flights.filter((flight) => flight.year !== year)
    const need = flightNeed(others)
    if (!need) return []
    const half = tQuantile90(need.rows - 1) * need.sdCd
    const dates = others.map(({ points, halfCd }) => dayOfSum(points, halfCd))
    const calendar = dates.reduce((sum, date) => sum + date, 0) / dates.length
    return flights
      .filter((flight) => flight.year === year)
      .map((flight) => ({
        flight,
        need,
        actual: dayOfSum(flight.points, flight.halfCd),
        model: dayOfSum(flight.points, need.midCd),
        lo: dayOfSum(flight.points, need.midCd - half),
        hi: dayOfSum(flight.points, need.midCd + half),
        calendar,
      }))
  })
}

/** The model beside the mean date and the published sum, on years that were left out. Null with a single year. */
export function flightSkill(flights: readonly FlightYear[], publishedCd: number | null): ModelSkill | null {
  const cases = leaveOneYearOut(flights).map(({ flight, actual, model, calendar }) => ({
    actual,
    model,
    persistence: calendar,
    physics: publishedCd === null ? null : dayOfSum(flight.points, publishedCd),
  }))
  return skillOf('leave-one-year-out', 'd', cases)
}
