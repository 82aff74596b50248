/**
 * ET0 1 to 7 days ahead, learned from a station's own past, which also chooses among model, last week and last day; on
 * held-out time, against the last day and the last week. Every weather station of the data, its ET0 calculated or from its table.
 */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { et0Mm } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { DAYS_AHEAD, fitEt0, predictEt0, type Et0Days } from '../../../services/learn/et0/forecast.ts'
import type { Fit } from '../../../services/learn/fitting/learner.ts'
import { rollingOrigin } from '../../../services/learn/fitting/rolling-origin.ts'
import { mean } from '../../../services/learn/fitting/statistics.ts'
import { numberIn, type DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atLeast, errorsOf, missingData, forComparison, type Score } from '../score.ts'
import { nameOf, siteOf, stationsOf } from '../stations.ts'

export const et0Forecast: Line = {
  name: 'et0-forecast',
  about: 'ET0 1 to 7 days ahead, fitted at the place itself, against persistence and the weekly mean',
  parts: [
    {
      needs: [{ columns: ['date', 'tmin_C', 'tmax_C'], like: 'data/weather-maricopa-daily' }],
      score(data) {
        const series = [...computed(data), ...tabulated(data)].filter(
          ({ days }) => days.et0Mm.length > 2 * YEAR,
        )
        if (series.length === 0)
          return [
            missingData([
              'two years of days with ET0 or all it is computed from (data/weather-maricopa-daily)',
            ]),
          ]
        const results = series.map(scored)
        return [
          ...SHOWN.map((ahead) =>
            atLeast(
              `mean of the stations, ${ahead} d ahead: lower RMSE than the better of both`,
              mean(results.map(({ rmse }) => gainPct(rmse[ahead - 1]!))),
              MIN_MEAN_GAIN_PCT,
              '%',
              1,
            ),
          ),
          ...results.flatMap((result) => SHOWN.flatMap((ahead) => scoresOf(result, ahead))),
        ]
      },
    },
  ],
}

const YEAR = 365
const SHOWN = [1, 3, 7]
const ORIGINS = 6

/** On average a model must be better by what makes the product use it (services/learn/fitting/learner.ts). */
const MIN_MEAN_GAIN_PCT = 5

interface Series {
  name: string
  days: Et0Days
}

const methods = ['persistence', 'physics', 'model', 'used'] as const
type Method = (typeof methods)[number]
type Errors = Record<Method, number[]>

/**
 * Origin after origin, for each day ahead: fitted on the days before it, which also choose the method; judged on those
 * after it.
 */
export function heldOutErrors(days: Et0Days): Errors[] {
  const n = days.et0Mm.length
  const errors = Array.from({ length: DAYS_AHEAD }, (): Errors => ({
    persistence: [],
    physics: [],
    model: [],
    used: [],
  }))
  const step = Math.ceil((n - YEAR) / ORIGINS)
  for (const { trainTo, from, to } of rollingOrigin(n, { minTrain: YEAR, step })) {
    const fit = fitEt0({ ...days, et0Mm: days.et0Mm.slice(0, trainTo) })
    const fits = methods.map((method) => [method, forced(fit, method)] as const)
    for (let index = from - 1; index < to - 1; index++) {
      const lastDays = windowTo(days, index)
      for (const [method, fitOfMethod] of fits)
        predictEt0(fitOfMethod, lastDays).forEach(({ value }, i) => {
          const actual = days.et0Mm[index + i + 1] ?? null
          if (actual !== null) errors[i]![method].push(value - actual)
        })
    }
  }
  return errors
}

/** The fit with one method forced, by an error of 0; as it is for 'used'. */
const forced = (fit: Fit, method: Method): Fit =>
  method === 'used'
    ? fit
    : {
        ...fit,
        state: 'used',
        skill: fit.skill.map((skill) => ({
          ...skill,
          rmse: 1,
          persistence: 1,
          physics: 1,
          ...(method === 'model' ? { rmse: 0 } : { [method]: 0 }),
        })),
      }

const WINDOW_DAYS = 14 // a prediction depends on the last week and the season

const windowTo = (days: Et0Days, index: number): Et0Days => {
  const from = Math.max(0, index + 1 - WINDOW_DAYS)
  return { ...days, fromDay: addDays(days.fromDay, from), et0Mm: days.et0Mm.slice(from, index + 1) }
}

function scoresOf({ name, rmse }: ScoredSeries, ahead: number): Score[] {
  const { persistence, physics, model } = rmse[ahead - 1]!
  const label = `${name}, ${ahead} d ahead`
  return [
    forComparison(`${label}: RMSE of the last day`, persistence, 'mm/d', 2),
    forComparison(`${label}: RMSE of the last week`, physics, 'mm/d', 2),
    forComparison(`${label}: RMSE of the model`, model, 'mm/d', 2),
    atLeast(
      `${label}: lower RMSE than the better of both, method chosen before`,
      gainPct(rmse[ahead - 1]!),
      0,
      '%',
      1,
    ),
  ]
}

interface ScoredSeries {
  name: string
  rmse: Record<Method, number>[] // by days ahead
}

const scored = ({ name, days }: Series): ScoredSeries => ({
  name,
  rmse: heldOutErrors(days).map(
    (errors) =>
      Object.fromEntries(methods.map((method) => [method, errorsOf(errors[method]).rmse])) as Record<
        Method,
        number
      >,
  ),
})

const gainPct = ({ persistence, physics, used }: Record<Method, number>): number =>
  100 * (1 - used / Math.min(persistence, physics))

const computed = (data: DataFolder): Series[] =>
  stationsOf(data).map(({ name, site, days }) => ({
    name,
    days: {
      ...spread(days.map(({ day, weather }) => ({ day, mm: et0Mm(weather, site) }))),
      latDeg: site.latDeg,
      timeZone: 'UTC',
    },
  }))

const tabulated = (data: DataFolder): Series[] =>
  data.tables(['date', 'et0_mm']).map((table) => ({
    name: `${nameOf(table)} ${table.rows[0]?.date?.slice(0, 4) ?? ''}`,
    days: {
      ...spread(
        table.rows.flatMap((row, i) => {
          const mm = numberIn(table, i, 'et0_mm')
          return mm === null ? [] : [{ day: row.date!, mm }]
        }),
      ),
      latDeg: siteOf(data.source(table.folder))?.latDeg ?? null,
      timeZone: 'UTC',
    },
  }))

/** Consecutive days, null for missing ones. */
function spread(measured: readonly { day: Day; mm: number }[]): Pick<Et0Days, 'fromDay' | 'et0Mm'> {
  const fromDay = measured.reduce(
    (first, { day }) => (day < first ? day : first),
    measured[0]?.day ?? addDays('1970-01-01', 0),
  )
  const et0Mm: (number | null)[] = []
  for (const { day, mm } of measured) et0Mm[daysBetween(fromDay, day)] = mm
  return { fromDay, et0Mm: Array.from(et0Mm, (mm) => mm ?? null) }
}
