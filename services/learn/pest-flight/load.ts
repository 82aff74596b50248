/**
 * Reads the flights that the traps of a farm's fields have seen, year by year, with the degree-days since each
 * biofix.
 */
import { DAY_MS, addDays, dayOf, daysBetween, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { heatSum } from '../../agronomy/crops/heat-sum.ts'
import { biofixDay, type TrapCheck } from '../../agronomy/pests/biofix.ts'
import { flightWindow, flightWindows } from '../../agronomy/pests/outlook.ts'
import type { Pest } from '../../agronomy/pests/pest.ts'
import { pestOf } from '../../agronomy/pests/catalogue.ts'
import type { SeriesStore, State } from '../../ports.ts'
import { sumBy } from '../../runtime/math.ts'
import type { FarmRow, FieldDayRow, DegreeDayTrackerRow } from '../../tables.ts'
import type { Subject } from '../fitting/learner.ts'
import { logisticScale, sumAtShare, type FlightYear } from './flights.ts'
import type { FlightData } from './fit.ts'

const YEARS = 10
const MIN_CAUGHT = 20 // of a flight; its midpoint is not known from fewer
const MAX_MISSING = 0.1 // of a season's days

/**
 * One subject per field, insect and number of its flight, from ten years; only for tracked insects with a trap.
 * Insects in the soil are left out: the degree days are of the air.
 */
export async function loadFlights(
  { state, series }: { state: State; series: SeriesStore },
  farm: FarmRow,
  throughDay: Day,
): Promise<Subject<FlightData>[]> {
  const watches = await state
    .selectFrom('degreeDayTracker')
    .innerJoin('field', 'field.id', 'degreeDayTracker.fieldId')
    .selectAll('degreeDayTracker')
    .where('degreeDayTracker.org', '=', farm.org)
    .where('field.farmId', '=', farm.id)
    .orderBy('degreeDayTracker.fieldId')
    .orderBy('degreeDayTracker.subject')
    .execute()
  const subjects: Subject<FlightData>[] = []
  for (const watch of watches) {
    const pest = pestOf(watch.subject)
    if (!pest || pest.soil || flightWindow(pest, 0) === null) continue
    const fromDay = addDays(throughDay, -365 * YEARS)
    const traps = await series.rolled({
      org: farm.org,
      field: watch.fieldId,
      quantity: `trap.count/${pest.id}`,
      fromMs: startOfDay(fromDay, farm.timeZone),
      toMs: startOfDay(addDays(throughDay, 1), farm.timeZone),
      step: 'day',
    })
    if (traps.length === 0) continue
    const days = await state
      .selectFrom('fieldDay')
      .select(['day', 'tempMinC', 'tempMaxC'])
      .where('fieldId', '=', watch.fieldId)
      .where('day', '>=', fromDay)
      .where('day', '<=', throughDay)
      .orderBy('day')
      .execute()
    const checks = new Map<Day, number>()
    for (const { atMs, mean, count } of traps)
      for (const [i, at] of atMs.entries()) {
        const day = dayOf(at + DAY_MS / 2, farm.timeZone) // buckets are days in UTC
        checks.set(day, (checks.get(day) ?? 0) + mean[i]! * count[i]!)
      }
    const flights = flightsOf(pest, watch, farm, byDay(checks), days)
    for (const [number, ofNumber] of flights)
      subjects.push({
        subject: `${watch.fieldId}/${pest.id}/${number}`,
        fieldId: watch.fieldId,
        deviceId: null,
        data: {
          flights: ofNumber,
          publishedCd:
            number === 1 ? (pest.events.find(({ key }) => key === 'flight-peak')?.sumCd ?? null) : null,
          fromDay: byDay(checks)[0]!.day,
          throughDay,
        },
      })
  }
  return subjects
}

const byDay = (checks: ReadonlyMap<Day, number>): TrapCheck[] =>
  [...checks].map(([day, count]) => ({ day, count })).sort((a, b) => (a.day < b.day ? -1 : 1))

type DayTemps = Pick<FieldDayRow, 'day' | 'tempMinC' | 'tempMaxC'>

/** The completed flights, by their number in the year. Pure. */
export function flightsOf(
  pest: Pest,
  watch: Pick<DegreeDayTrackerRow, 'fieldId' | 'biofixDay'>,
  { latDeg }: Pick<FarmRow, 'latDeg'>,
  checks: readonly TrapCheck[],
  days: readonly DayTemps[],
): Map<number, FlightYear[]> {
  const flights = new Map<number, FlightYear[]>()
  const ofYear = <Row extends { day: Day }>(rows: readonly Row[], year: number) =>
    rows.filter(({ day }) => seasonYear(day, latDeg) === year)
  for (const year of new Set(checks.map(({ day }) => seasonYear(day, latDeg)))) {
    const season = ofYear(checks, year)
    const isThis = seasonYear(watch.biofixDay, latDeg) === year
    const biofix = isThis ? watch.biofixDay : biofixDay(pest.biofix, season)
    const sumsCd = biofix === null ? [] : sumsSince(pest, biofix, ofYear(days, year))
    if (biofix === null || sumsCd.length === 0) continue
    const start = latDeg >= 0 ? `${year}-01-01` : `${year - 1}-07-01`
    const first = daysBetween(start, biofix) + 1
    const points = sumsCd.map((sumCd, i) => ({ dayOfYear: first + i, sumCd }))
    const caught = season.flatMap(({ day, count }) => {
      const sumCd = sumsCd[daysBetween(biofix, day)]
      return sumCd === undefined ? [] : [{ sumCd, count }]
    })
    for (const { number, ...half } of flightHalves(pest, caught, sumsCd.at(-1)!)) {
      const flightYear = { place: watch.fieldId, year, points, ...half }
      flights.set(number, [...(flights.get(number) ?? []), flightYear])
    }
  }
  return flights
}

/** Degree-days by the end of each day from the biofix to the last known day; empty where too many are missing. */
function sumsSince(pest: Pest, biofix: Day, days: readonly DayTemps[]): number[] {
  const daysByDate = new Map(days.filter(({ tempMinC }) => tempMinC !== null).map((row) => [row.day, row]))
  const last = [...daysByDate.keys()].at(-1)
  if (last === undefined || last < biofix) return []
  const record = Array.from({ length: daysBetween(biofix, last) + 1 }, (_, i) =>
    daysByDate.get(addDays(biofix, i)),
  )
  const { dailyCd, missingDays } = heatSum(
    pest.heat,
    record.map((row) => ({ tempMinC: row?.tempMinC ?? null, tempMaxC: row?.tempMaxC ?? null })),
  )
  if (missingDays > MAX_MISSING * record.length) return []
  let soFarCd = 0
  return dailyCd.map((cd) => (soFarCd += cd ?? 0))
}

/** South of the equator a season runs from July to June and has the year in which it ends. */
const seasonYear = (day: Day, latDeg: number): number =>
  Number(day.slice(0, 4)) + (latDeg < 0 && day.slice(5, 7) >= '07' ? 1 : 0)

/** Midpoint and spread of each flight whose window has passed. */
function flightHalves(pest: Pest, caught: readonly { sumCd: number; count: number }[], endCd: number) {
  return flightWindows(pest, endCd).flatMap(({ number, fromCd, toCd }) => {
    const ofFlight = caught.filter(({ sumCd }) => sumCd >= fromCd && sumCd < toCd)
    const total = sumBy(ofFlight, ({ count }) => count)
    if (total < MIN_CAUGHT) return []
    let soFar = 0
    const shares = ofFlight.map(({ sumCd, count }) => ({ sumCd, share: (soFar += count) / total }))
    const curve = [{ sumCd: Math.max(0, fromCd), share: 0 }, ...shares]
    const halfCd = sumAtShare(curve, 0.5)
    const scaleCd = halfCd === null ? null : logisticScale(curve, halfCd)
    return halfCd === null || scaleCd === null || scaleCd <= 0 ? [] : [{ number, halfCd, scaleCd }]
  })
}
