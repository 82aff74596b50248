/**
 * Weather stations of the data, by the columns of their days and the place in their SOURCE.md: any folder with
 * temperatures, radiation, humidity and wind counts, whatever its name.
 */
import { dayOfYear, type Day } from '../../broker/contract/time.ts'
import {
  saturationKPa,
  vapourFromMeanKPa,
  vapourFromRangeKPa,
} from '../../services/agronomy/evapotranspiration/psychrometrics.ts'
import type { Site } from '../../services/agronomy/evapotranspiration/radiation.ts'
import type { DailyWeather } from '../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { wind2mMps } from '../../services/agronomy/evapotranspiration/wind.ts'
import { numberIn, type DataFolder, type DataTable } from './data-folder.ts'

export interface Station {
  name: string // the folder without the common parts of its name: 'maricopa'
  site: Site & { lonDeg: number | null }
  days: StationDay[] // in order; complete days only
}
export interface StationDay {
  day: Day
  weather: DailyWeather
  sunshineH: number | null
  reportedEt0Mm: number | null // of a column like eto_azmet_mm
}

/** Every table with all inputs of Penman-Monteith, of a folder with a known location. */
export const stationsOf = (data: DataFolder): Station[] =>
  data.tables(['date', 'tmin_C', 'tmax_C', 'srad_MJ_m2']).flatMap((table) => {
    const source = data.source(table.folder)
    const site = siteOf(source)
    const wind = windColumn(table, source)
    if (!site || !wind) return []
    const days = table.rows.flatMap((_, row) => dayIn(table, row, wind) ?? [])
    if (days.length === 0) return []
    return [{ name: nameOf(table), site, days: days.toSorted((a, b) => (a.day < b.day ? -1 : 1)) }]
  })

/** 'data/weather-de-bilt-daily/x.csv' is 'de-bilt'. */
export const nameOf = ({ folder }: Pick<DataTable, 'folder'>): string =>
  folder.replace(/^weather-/, '').replace(/-daily$/, '')

/** "lat 33.069 N, lon -111.972, elev 361 m", "39.4575 N, 118.77388 W, 1208.5 m"; null where no latitude is named. */
export function siteOf(source: string): Station['site'] | null {
  const latitude =
    /\blat\w*\.?\s*(-?\d+(?:\.\d+)?)\s*°?\s*([NS]\b)?/i.exec(source) ??
    /(\d+(?:\.\d+)?)\s*°?\s*([NS])\b/.exec(source)
  if (!latitude) return null
  const longitude =
    /\blon\w*\.?\s*(-?\d+(?:\.\d+)?)\s*°?\s*([EW]\b)?/i.exec(source) ??
    /(\d+(?:\.\d+)?)\s*°?\s*([EW])\b/.exec(source)
  const elevation =
    /\b(?:elev|alt)\w*\.?\s*(-?\d+(?:\.\d+)?)\s*m\b/i.exec(source) ??
    /[NSEW],\s*(-?\d+(?:\.\d+)?)\s*m\b/.exec(source)
  return {
    latDeg: signed(latitude, 'S'),
    lonDeg: longitude ? signed(longitude, 'W') : null,
    elevationM: elevation ? Number(elevation[1]) : 0,
  }
}

const signed = ([, number, side]: RegExpExecArray, negative: string): number =>
  Number(number) * (side?.toUpperCase() === negative ? -1 : 1)

interface WindColumn {
  name: string
  heightM: number
}

/** `wind3m_m_s` was measured at 3 m; without a height in its name at that of SOURCE.md, otherwise at 2 m. */
function windColumn(table: DataTable, source: string): WindColumn | null {
  for (const name of table.columns) {
    const column = /^wind(?:(\d+(?:\.\d+)?)m)?_m_s$/.exec(name)
    const stated = column?.[1] ?? /\bwind\b[^.;]*?(\d+(?:\.\d+)?) ?m\b/i.exec(source)?.[1]
    if (column) return { name, heightM: stated === undefined ? 2 : Number(stated) }
  }
  return null
}

function dayIn(table: DataTable, row: number, wind: WindColumn): StationDay | null {
  const of = (column: string) => (table.columns.includes(column) ? numberIn(table, row, column) : null)
  const day = table.rows[row]!.date!
  const [tempMinC, tempMaxC, radiationMJm2, windMps] = ['tmin_C', 'tmax_C', 'srad_MJ_m2', wind.name].map(of)
  if (tempMinC == null || tempMaxC == null || radiationMJm2 == null || windMps == null) return null
  const vapourKPa = vapourOf({ tempMinC, tempMaxC }, of)
  if (vapourKPa === null || tempMaxC < tempMinC) return null
  const reported = table.columns.find((column) => /^eto_\w*mm$/.test(column))
  return {
    day,
    weather: {
      dayOfYear: dayOfYear(day),
      tempMinC,
      tempMaxC,
      vapourKPa,
      windMps: wind2mMps(windMps, wind.heightM),
      radiationMJm2: Math.max(0, radiationMJm2),
    },
    sunshineH: of('sun_h'),
    reportedEt0Mm: reported === undefined ? null : of(reported),
  }
}

/** The dew point, otherwise the extremes of humidity, otherwise its mean. FAO-56 Eq. 14, 17, 19. */
function vapourOf(
  range: { tempMinC: number; tempMaxC: number },
  of: (column: string) => number | null,
): number | null {
  const dewC = of('tdew_C')
  if (dewC !== null) return saturationKPa(dewC)
  const [humidityMaxPct, humidityMinPct, meanPct] = [of('rhmax_pct'), of('rhmin_pct'), of('rhmean_pct')]
  if (humidityMaxPct !== null && humidityMinPct !== null)
    return vapourFromRangeKPa({ ...range, humidityMaxPct, humidityMinPct })
  return meanPct === null ? null : vapourFromMeanKPa(range.tempMaxC, range.tempMinC, meanPct)
}
