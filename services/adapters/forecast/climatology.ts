/**
 * A forecast from the farm's own record, without any service: the same days of earlier years where known, otherwise the
 * last two weeks (at Maricopa the mean of a week misses ET0 by 1.0-1.1 mm/d, one to seven days ahead). ET0 of the next
 * days comes from the farm's own model where that has proved better (services/learn/et0/et0-ahead.ts).
 */
import {
  HOUR_MS,
  addDays,
  dayOf,
  dayOfYear,
  type AtMs,
  type Clock,
  type Day,
} from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { Forecast, ForecastResponse, ForecastDay } from '../../ports/forecast.ts'
import { quantile } from '../../runtime/math.ts'

const YEARS_BACK = 10
const AROUND_DAYS = 10 // of the year, on either side
const RECENT_DAYS = 14
const MIN_DAYS = 5
const CACHE_MS = HOUR_MS
const MAX_CACHED = 5_000 // farms

/** One day of the record, the mean of the farm's fields. */
interface PastDay {
  day: Day
  tempMinC: number | null
  tempMaxC: number | null
  rainMm: number | null
  et0Mm: number | null
}

/**
 * `daily` gives up to ten days, cached for an hour per farm and query; null when fewer than five days of temperature
 * or of rain are known.
 */
export function climatologyForecast(deps: { state: State; clock: Clock }): Forecast {
  const { state, clock } = deps
  const cache = new Map<string, { answer: ForecastResponse | null; untilMs: number }>()
  return {
    async daily({ org, farm }, fromDay, days) {
      const count = Math.min(10, Math.max(0, Math.floor(days)))
      const key = `${org}/${farm}`
      const now = clock.now()
      const query = `${key}/${fromDay}/${count}`
      const cached = cache.get(query)
      if (cached && now < cached.untilMs) return cached.answer
      const pastDays = await readPast(state, org, farm, fromDay, count)
      const recordForecast = forecastFromRecord(pastDays, fromDay, count, now)
      const forecast = recordForecast && withEt0(recordForecast, await readModelEt0(state, org, farm, now))
      if (cache.size >= MAX_CACHED) cache.clear()
      cache.set(query, { answer: forecast, untilMs: now + CACHE_MS })
      return forecast
    },
  }
}

async function readPast(
  state: State,
  org: string,
  farm: string,
  fromDay: Day,
  count: number,
): Promise<PastDay[]> {
  const spans = [{ from: addDays(fromDay, -RECENT_DAYS), to: addDays(fromDay, -1) }]
  for (let year = 1; year <= YEARS_BACK; year++) {
    const then = addDays(fromDay, -Math.round(365.25 * year))
    spans.push({ from: addDays(then, -AROUND_DAYS), to: addDays(then, count + AROUND_DAYS) })
  }
  return state
    .selectFrom('fieldDay')
    .innerJoin('field', 'field.id', 'fieldDay.fieldId')
    .select((row) => [
      'fieldDay.day as day',
      row.fn.avg<number | null>('fieldDay.tempMinC').as('tempMinC'),
      row.fn.avg<number | null>('fieldDay.tempMaxC').as('tempMaxC'),
      row.fn.avg<number | null>('fieldDay.rainMm').as('rainMm'),
      // a climatological mean is not an observation
      row.fn
        .avg<number | null>(
          row
            .case()
            .when('fieldDay.et0Method', '=', 'climatology')
            .then(null)
            .else(row.ref('fieldDay.et0Mm'))
            .end(),
        )
        .as('et0Mm'),
    ])
    .where('fieldDay.org', '=', org)
    .where('field.farmId', '=', farm)
    .where((row) => row.or(spans.map(({ from, to }) => row.between('fieldDay.day', from, to))))
    .groupBy('fieldDay.day')
    .orderBy('fieldDay.day')
    .execute()
}

/** ET0 by day, mm, from the latest nightly model forecast; a model in fallback gives none. */
async function readModelEt0(state: State, org: string, farm: string, nowMs: AtMs): Promise<Map<Day, number>> {
  const rows = await state
    .selectFrom('prediction')
    .innerJoin('farm', 'farm.id', 'prediction.subject')
    .select(['prediction.atMs', 'prediction.value', 'farm.timeZone'])
    .where('prediction.org', '=', org)
    .where('prediction.kind', '=', 'et0')
    .where('prediction.subject', '=', farm)
    .where('prediction.method', '=', 'model')
    .where('prediction.issuedMs', '<=', nowMs)
    .where('prediction.atMs', '>', nowMs)
    .orderBy('prediction.issuedMs')
    .execute()
  return new Map(rows.map((row) => [dayOf(row.atMs - 1, row.timeZone), row.value])) // predicted for the end of the day
}

const withEt0 = (forecast: ForecastResponse, et0ByDay: ReadonlyMap<Day, number>): ForecastResponse => ({
  ...forecast,
  days: forecast.days.map((day) => ({ ...day, et0Mm: et0ByDay.get(day.day) ?? day.et0Mm })),
})

/** Null when fewer than five days of temperature or of rain are known. Pure. */
export function forecastFromRecord(
  past: readonly PastDay[],
  fromDay: Day,
  count: number,
  issuedMs: number,
): ForecastResponse | null {
  const recent = past.filter((entry) => entry.day >= addDays(fromDay, -RECENT_DAYS) && entry.day < fromDay)
  const earlier = past.filter((entry) => entry.day < addDays(fromDay, -180))
  const days: ForecastDay[] = []
  for (let ahead = 0; ahead < count; ahead++) {
    const day = addDays(fromDay, ahead)
    const seasonal = earlier.filter((entry) => isSameSeason(entry.day, day))
    const forecast = typicalDay(day, seasonal) ?? typicalDay(day, recent)
    if (!forecast) return null
    days.push(forecast)
  }
  return days.length === 0 ? null : { source: 'climatology', issuedMs, days }
}

function typicalDay(day: Day, sample: readonly PastDay[]): ForecastDay | null {
  const valuesOf = (key: Exclude<keyof PastDay, 'day'>) =>
    sample.map((entry) => entry[key]).filter((value) => value !== null)
  const tempMinC = valuesOf('tempMinC')
  const tempMaxC = valuesOf('tempMaxC')
  const rainMm = valuesOf('rainMm').toSorted((a, b) => a - b)
  const et0Mm = valuesOf('et0Mm')
  if (Math.min(tempMinC.length, tempMaxC.length, rainMm.length) < MIN_DAYS) return null
  return {
    day,
    tempMinC: mean(tempMinC),
    tempMaxC: mean(tempMaxC),
    rainMm: { lo: quantile(rainMm, 0.1), mid: quantile(rainMm, 0.5), hi: quantile(rainMm, 0.9) },
    et0Mm: et0Mm.length < MIN_DAYS ? null : mean(et0Mm),
    windMps: null,
  }
}

/** Within ten days of the same day of the year; 28 December and 3 January are six days apart. */
function isSameSeason(a: Day, b: Day): boolean {
  const apart = Math.abs(dayOfYear(a) - dayOfYear(b))
  return Math.min(apart, 365 - apart) <= AROUND_DAYS
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
