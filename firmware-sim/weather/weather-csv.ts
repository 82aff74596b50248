/**
 * Days of weather from a CSV with a header: `date, tmin_C, tmax_C, rain_mm` are required; missing radiation, dew point
 * (or humidity) and wind are assumed by a named rule, listed in `assumed`.
 */
import Papa from 'papaparse'
import { addDays, type Day } from '../../broker/contract/time.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { topRadiationMJm2 } from './day-profile.ts'
import { saturationKPa } from './weather.ts'
import type { DayWeather, Site, WeatherSource } from './weather-types.ts'

export interface CsvWeather extends WeatherSource {
  /** Values missing in the file, by the rule that filled them: column or cell -> count. */
  assumed: Map<string, number>
}

type Cells = Map<string, number | null>

const REQUIRED = ['date', 'tmin_C', 'tmax_C', 'rain_mm']
const WIND = /^wind(?:(\d+)m)?_m_s$/
const ET0 = /^(et0|eto|etr)(_[a-z0-9]+)?_mm$/i
/** Physically possible ranges, so that a wrong unit or column is found at its line. */
const POSSIBLE: Record<string, [number, number]> = {
  tmin_C: [-70, 60],
  tmax_C: [-70, 65],
  rain_mm: [0, 1900],
  srad_MJ_m2: [0, 45],
  tdew_C: [-70, 40],
  // some stations report slightly above saturation
  rhmax_pct: [0, 110],
  rhmin_pct: [0, 110],
  rhmean_pct: [0, 110],
}

/** Parses the text of a file. The error names line and column. The days must be consecutive. */
export function parseWeatherCsv(text: string, name: string, site: Site): Result<CsvWeather> {
  const rows = Papa.parse<string[]>(text.replace(/^\uFEFF/, '').trim(), { skipEmptyLines: true }).data
  const header = rows[0]?.map((cell) => cell.trim()) ?? []
  const missing = REQUIRED.filter((column) => !header.includes(column))
  if (missing.length > 0)
    return err(`${name}: line 1: no column ${missing.join(', ')}; it has ${header.join(', ') || 'nothing'}`)
  if (rows.length < 2) return err(`${name}: has a header and no days`)

  const windColumn = header.find((column) => WIND.test(column))
  const et0Column = header.find((column) => ET0.test(column))
  const assumed = new Map<string, number>()
  const days: DayWeather[] = []
  for (const [i, row] of rows.slice(1).entries()) {
    const line = `${name}: line ${i + 2}`
    const day = row[header.indexOf('date')]?.trim() ?? ''
    const expectedDay = days.length > 0 ? addDays(days[0]!.day, days.length) : null
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || normalisedDay(day) !== day)
      return err(`${line}: date: expected a day like 2026-07-06, got "${day}"`)
    if (expectedDay !== null && day !== expectedDay)
      return err(`${line}: date: expected ${expectedDay}, the day after the line before, got ${day}`)
    const cells = readCells(header, row, [windColumn, et0Column])
    if (!cells.ok) return err(`${line}: ${cells.error}`)
    const weather = toDay(day, cells.value, windColumn, et0Column, site, assumed)
    if (!weather.ok) return err(`${line}: ${weather.error}`)
    days.push(weather.value)
  }
  const byDay = new Map(days.map((weather) => [weather.day, weather]))
  return ok({
    name,
    windHeightM: Number(WIND.exec(windColumn ?? '')?.[1] ?? 2),
    firstDay: days[0]!.day,
    lastDay: days.at(-1)!.day,
    day: (day) => byDay.get(day),
    assumed,
  })
}

function readCells(header: string[], row: string[], also: (string | undefined)[]): Result<Cells> {
  const cells: Cells = new Map()
  for (const [i, column] of header.entries()) {
    if (!(column in POSSIBLE) && !also.includes(column)) continue
    const text = row[i]?.trim() ?? ''
    if (text === '' || /^(na|nan|null)$/i.test(text)) {
      cells.set(column, null)
      continue
    }
    const value = Number(text)
    if (!Number.isFinite(value)) return err(`${column}: expected a number, got "${text.slice(0, 40)}"`)
    const [low, high] = POSSIBLE[column] ?? [0, 100]
    if (value < low || value > high) return err(`${column}: expected ${low} to ${high}, got ${value}`)
    cells.set(column, value)
  }
  for (const column of ['tmin_C', 'tmax_C', 'rain_mm'])
    if (cells.get(column) == null) return err(`${column}: expected a number, got nothing`)
  return ok(cells)
}

function toDay(
  day: Day,
  cells: Cells,
  windColumn: string | undefined,
  et0Column: string | undefined,
  site: Site,
  assumed: Map<string, number>,
): Result<DayWeather> {
  const cell = (column: string | undefined) => (column ? (cells.get(column) ?? null) : null)
  const assume = (rule: string, value: number): number => {
    assumed.set(rule, (assumed.get(rule) ?? 0) + 1)
    return value
  }
  const tempMinC = cell('tmin_C')!
  const tempMaxC = cell('tmax_C')!
  if (tempMinC > tempMaxC) return err(`tmin_C: expected at most tmax_C ${tempMaxC}, got ${tempMinC}`)
  return ok({
    day,
    tempMinC,
    tempMaxC,
    rainMm: cell('rain_mm')!,
    dewPointC:
      cell('tdew_C') ??
      dewPointFromHumidity(tempMinC, tempMaxC, cell('rhmax_pct'), cell('rhmin_pct'), cell('rhmean_pct')) ??
      // air of a growing crop is near saturation at dawn (FAO-56 Eq. 48)
      assume('dew point = tmin', tempMinC),
    windMps: cell(windColumn) ?? assume('wind = 2 m/s', 2), // world mean, FAO-56 chapter 3
    radiationMJm2:
      cell('srad_MJ_m2') ??
      assume(
        'radiation from tmax - tmin',
        0.16 * Math.sqrt(tempMaxC - tempMinC) * topRadiationMJm2(day, site), // Hargreaves and Samani 1982, inland
      ),
    et0Mm: cell(et0Column),
  })
}

function dewPointFromHumidity(
  tempMinC: number,
  tempMaxC: number,
  maxPct: number | null,
  minPct: number | null,
  meanPct: number | null,
): number | null {
  const [cool, warm] = [saturationKPa(tempMinC), saturationKPa(tempMaxC)]
  if (maxPct !== null && minPct !== null) return dewPointC((cool * maxPct + warm * minPct) / 200)
  if (meanPct !== null) return dewPointC((saturationKPa((tempMinC + tempMaxC) / 2) * meanPct) / 100)
  return null
}

/** Dew point of a vapour pressure, the inverse Tetens formula. */
function dewPointC(vapourKPa: number): number {
  const x = Math.log(Math.max(vapourKPa, 0.01) / 0.6108)
  return (237.3 * x) / (17.27 - x)
}

/** The same text for a day of the calendar; otherwise a different text or null. */
function normalisedDay(day: string): string | null {
  return Number.isNaN(Date.parse(`${day}T00:00:00Z`)) ? null : addDays(day, 0)
}
