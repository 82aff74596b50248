/**
 * The date of the midpoint of a flight, from degree-days learned in the other years: navel orangeworm in California,
 * by ranch. The sums are those of the source for each catch. Where the mean date was better within the other years,
 * it is used. The product uses a flight from three years on: targets apply where three are left to learn from, and the
 * figures of two are for comparison. Any folder with the same columns is scored, against the mean date for another
 * insect.
 */
import { dayOfYear } from '../../../broker/contract/time.ts'
import { halfFlight, type CatchSpan } from '../../../services/agronomy/pests/catches.ts'
import {
  dayOfSum,
  leaveOneYearOut,
  logisticScale,
  sumAtShare,
  type FlightYear,
  type HeatPoint,
  type HeldOutFlight,
} from '../../../services/learn/pest-flight/flights.ts'
import type { DataFolder, DataTable } from '../data-folder.ts'
import { numberIn } from '../data-folder.ts'
import { groupBy } from '../../../services/runtime/group-by.ts'
import type { Line } from '../line.ts'
import { COVERAGE_OF_80, atMost, between, errorsOf, forComparison, type Score } from '../score.ts'

const columns = ['ranch', 'year', 'date', 'flight', 'dd_F_from_jan1', 'observed_cum_proportion', 'moths']
const NAVEL_ORANGEWORM = 'pest-now-flight-weekly'
/** Largest error of half flight, days, by the number of the flight; that of the overwintered one has no target. */
const TARGET_D: Record<string, number> = { 1: 9, 2: 5, 3: 5 }
/** One to evaluate, and three to learn from, as in the product (services/learn/pest-flight/fit.ts). */
const MIN_YEARS = 4

export const flight: Line = {
  name: 'flight',
  about: 'the date of half of a flight, leave one year out: navel orangeworm in California',
  parts: [
    {
      needs: [{ columns, like: `data/${NAVEL_ORANGEWORM}` }],
      score(data) {
        // one folder per insect
        return [...groupBy(checksOf(data), ({ folder }) => folder)].flatMap(([folder, checks]) =>
          [...new Set(checks.map((check) => check.flight))]
            .toSorted()
            .flatMap((number) => scoresOf(folder, number, flightsOf(checks, number))),
        )
      },
    },
  ],
}

interface Check extends HeatPoint {
  folder: string
  place: string
  year: number
  flight: string
  share: number
  moths: number
  caughtSoFar: number | null // of the flight, by this trap
}

function checksOf(data: DataFolder): Check[] {
  return data.tables(columns).flatMap((table) =>
    table.rows.flatMap((row, i) => {
      const check = checkOf(table, row, i)
      return check ? [check] : []
    }),
  )
}

/** Null for an incomplete row. */
function checkOf(table: DataTable, row: Record<string, string>, i: number): Check | null {
  const sumCd = numberIn(table, i, 'dd_F_from_jan1')
  const share = numberIn(table, i, 'observed_cum_proportion')
  const { ranch, date, flight: number } = row
  if (sumCd === null || share === null || !ranch || !date || number === undefined) return null
  return {
    folder: table.folder,
    place: ranch,
    year: Number(date.slice(0, 4)),
    flight: number,
    dayOfYear: dayOfYear(date),
    sumCd,
    share,
    moths: numberIn(table, i, 'moths') ?? 0,
    caughtSoFar: table.columns.includes('cumoths') ? numberIn(table, i, 'cumoths') : null,
  }
}

interface Flight extends FlightYear {
  checks: Check[] // of this flight
}

/** The flights of one number, trap by trap, with a known midpoint and spread. */
function flightsOf(checks: readonly Check[], number: string): Flight[] {
  const seasons = groupBy(checks, ({ place, year }) => `${place} ${year}`)
  return trapsOf(checks.filter((check) => check.flight === number)).flatMap((mine) => {
    const { place, year } = mine[0]!
    const halfCd = sumAtShare(mine, 0.5)
    const scaleCd = halfCd === null ? null : logisticScale(mine, halfCd)
    if (halfCd === null || scaleCd === null) return []
    const points = onePerDay(seasons.get(`${place} ${year}`)!)
    return points.length < 2 ? [] : [{ place, year, points, halfCd, scaleCd, checks: mine }]
  })
}

/**
 * A ranch may have several traps, in succession or alternating. A check belongs to the trap whose cumulative catch is
 * its own less its moths; where that is unknown, to the last one, while the dates increase.
 */
function trapsOf(checks: readonly Check[]): Check[][] {
  return [...groupBy(checks, ({ place, year }) => `${place} ${year}`).values()].flatMap((ofSeason) => {
    const traps: Check[][] = []
    for (const check of ofSeason) {
      const open = traps.filter((trap) => trap.at(-1)!.dayOfYear < check.dayOfYear)
      const matching = open.findLast((trap) => goesOn(trap.at(-1)!, check))
      if (matching) matching.push(check)
      else traps.push([check])
    }
    return traps
  })
}

const goesOn = (before: Check, check: Check): boolean =>
  before.caughtSoFar === null ||
  check.caughtSoFar === null ||
  Math.abs(before.caughtSoFar + check.moths - check.caughtSoFar) < 0.01

const onePerDay = (checks: readonly Check[]): Check[] =>
  checks
    .toSorted((a, b) => a.dayOfYear - b.dayOfYear)
    .filter((check, i, all) => check.dayOfYear !== all[i - 1]?.dayOfYear)

function scoresOf(folder: string, number: string, flights: readonly Flight[]): Score[] {
  const heldOut = leaveOneYearOut(flights)
  const years = new Set(flights.map(({ year }) => year)).size
  const isNavelOrangeworm = folder === NAVEL_ORANGEWORM
  const name = `${isNavelOrangeworm ? '' : `${folder}, `}flight ${number}`
  if (heldOut.length === 0) return [forComparison(`${name}: not scored, years`, years, '', 0)]
  const rmse = errorsOf(heldOut.map(({ model, actual }) => model - actual)).rmse
  const byDate = errorsOf(heldOut.map(({ calendar, actual }) => calendar - actual)).rmse
  const isUsed = years >= MIN_YEARS
  const target = !isUsed ? undefined : isNavelOrangeworm ? TARGET_D[number] : byDate
  const figure = `${name}, ${years} years: RMSE of half flight`
  const caught = heldOut.map(withCatches).filter((result) => result !== null)
  const coverage = (label: string, cases: readonly Interval[]) =>
    isUsed
      ? between(label, percentInside(cases), COVERAGE_OF_80, '%', 0)
      : forComparison(label, percentInside(cases), '%', 0)
  return [
    target === undefined ? forComparison(figure, rmse, 'd', 1) : atMost(figure, rmse, target, 'd', 1),
    forComparison(
      `${name}: by heat alone`,
      errorsOf(heldOut.map(({ heat, actual }) => heat - actual)).rmse,
      'd',
      1,
    ),
    forComparison(`${name}: by the mean date alone`, byDate, 'd', 1),
    ...(isUsed ? [fromTwoYears(name, flights)] : []),
    forComparison(`${name}: flights`, heldOut.length, '', 0),
    coverage(`${name}: inside the 80 % interval`, heldOut),
    forComparison(
      `${name}, on the forecast day, by heat and catches`,
      errorsOf(caught.map(({ model, actual }) => model - actual)).rmse,
      'd',
      1,
    ),
    forComparison(
      `${name}, on that day by heat alone`,
      errorsOf(caught.map(({ heatAlone, actual }) => heatAlone - actual)).rmse,
      'd',
      1,
    ),
    coverage(`${name}, by both: inside the 80 % interval`, caught),
  ]
}

/** Every year, from each two of the others: fewer than the product requires. */
function fromTwoYears(name: string, flights: readonly Flight[]): Score {
  const years = [...new Set(flights.map(({ year }) => year))]
  const triples = years.flatMap((a, i) =>
    years.slice(i + 1).flatMap((b, j) => years.slice(i + j + 2).map((c) => [a, b, c])),
  )
  const errors = triples.flatMap((triple) =>
    leaveOneYearOut(flights.filter(({ year }) => triple.includes(year))).map(
      ({ model, actual }) => model - actual,
    ),
  )
  return forComparison(`${name}: learned from two years`, errorsOf(errors).rmse, 'd', 1)
}

interface Interval {
  actual: number
  lo: number
  hi: number
}

const percentInside = (cases: readonly Interval[]): number =>
  (100 * cases.filter(({ actual, lo, hi }) => actual >= lo && actual <= hi).length) / cases.length

/**
 * The same flight on the day predicted by degree-days alone, with the catches until then; null before three checks.
 */
function withCatches({ flight: heldOut, need, actual, heat: heatAlone }: HeldOutFlight) {
  const { checks, points } = heldOut as Flight
  const checksSoFar = checks.filter(({ sumCd }) => sumCd <= need.midCd)
  if (checksSoFar.length < 3) return null
  const spans: CatchSpan[] = checksSoFar
    .slice(1)
    .map((check, i) => ({ fromCd: checksSoFar[i]!.sumCd, toCd: check.sumCd, count: check.moths }))
  const curve = { kind: 'logistic', midCd: need.midCd, scaleCd: need.scaleCd } as const
  const half = halfFlight(curve, need, spans)
  if (!half) return null
  const [lo, model, hi] = [half.loCd, half.midCd, half.hiCd].map((sum) => dayOfSum(points, sum)) as [
    number,
    number,
    number,
  ]
  return { actual, heatAlone, lo, model, hi }
}
