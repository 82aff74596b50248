/**
 * ET0 1 to 7 days ahead, learned from a station's own past, on held-out time; against the last day and the last week.
 * Every weather station of the data, its ET0 calculated or from its table.
 */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { et0Mm } from '../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { errorOfBest } from '../../../services/learn/fitting/learner.ts'
import { fitEt0, type Et0Days } from '../../../services/learn/et0/forecast.ts'
import { numberIn, type DataFolder } from '../data-folder.ts'
import type { Line } from '../line.ts'
import { atLeast, missingData, forComparison, type Score } from '../score.ts'
import { nameOf, siteOf, stationsOf } from '../stations.ts'

export const et0Forecast: Line = {
  name: 'et0-forecast',
  about: 'ET0 1 to 7 days ahead, fitted at the place itself, against persistence and the weekly mean',
  needs: [{ columns: ['date', 'tmin_C', 'tmax_C'], like: 'data/weather-maricopa-daily' }],
  score(data) {
    const series = [...computed(data), ...tabulated(data)].filter(({ days }) => days.et0Mm.length > 2 * YEAR)
    return series.length > 0
      ? series.flatMap(scoresOf)
      : [missingData(['two years of days with ET0 or all it is computed from (data/weather-maricopa-daily)'])]
  },
}

const YEAR = 365
const SHOWN = [1, 3, 7]

interface Series {
  name: string
  days: Et0Days
}

function scoresOf({ name, days }: Series): Score[] {
  const fit = fitEt0(days)
  return fit.skill.flatMap((skill, i): Score[] => {
    if (!SHOWN.includes(i + 1)) return []
    const { persistence, physics, rmse } = skill
    const rival = Math.min(persistence!, physics!)
    const label = `${name}, ${i + 1} d ahead`
    return [
      forComparison(`${label}: RMSE of the last day`, persistence!, 'mm/d', 2),
      forComparison(`${label}: RMSE of the last week`, physics!, 'mm/d', 2),
      forComparison(`${label}: RMSE of the model`, rmse, 'mm/d', 2),
      atLeast(
        `${label}: lower RMSE than the better of both`,
        100 * (1 - errorOfBest(skill) / rival),
        0,
        '%',
        1,
      ),
    ]
  })
}

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
