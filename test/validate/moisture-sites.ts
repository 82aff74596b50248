/**
 * Daily soil moisture of a folder of data, from three layouts: hourly relative moisture and rain (`time, sm_rel,
 * rain_mm`), an hourly station with depths (`local_time, rain_mm, sm_5cm_pct ...`), and daily plots (`date, plot,
 * vwc_pct_...`) with the rain of another table of the folder (`date, precip_mm`). A day's content is that of its end.
 */
import { addDays } from '../../broker/contract/time.ts'
import type { MoistureDays } from '../../services/learn/soil-moisture/paths.ts'
import { sum } from '../../services/runtime/math.ts'
import { numberIn, type DataFolder, type DataTable } from './data-folder.ts'

export interface MoistureSite {
  name: string
  isHourlySite: boolean // of the layout with a target
  days: MoistureDays
}

export const HOURLY = ['time', 'sm_rel', 'rain_mm'] as const

export function moistureSites(data: DataFolder): MoistureSite[] {
  const hourly = data
    .tables(HOURLY)
    .map((table) => hourlySite(table, 'time', 'sm_rel', '', nameOf(table), true))
  const stations = data
    .tables(['local_time', 'rain_mm'])
    .flatMap((table) =>
      table.columns
        .filter((column) => /^sm_\d+cm_pct$/.test(column))
        .map((column) => hourlySite(table, 'local_time', column, '%', `${nameOf(table)} ${column}`, false)),
    )
  const plots = data.tables(['date', 'plot']).flatMap((table) => plotSites(data, table))
  return [...hourly, ...stations, ...plots].filter(({ days }) =>
    days.content.some((content) => content !== null),
  )
}

const END_HOURS = 3 // the end of a day is the mean of its last hours, as in the product
const MAX_HOURS_LOST = 4 // of a day's rain

function hourlySite(
  table: DataTable,
  time: string,
  column: string,
  unit: string,
  name: string,
  isHourlySite: boolean,
): MoistureSite {
  const contents = new Map<string, number[]>()
  const rains = new Map<string, number[]>()
  table.rows.forEach((row, i) => {
    const [day, hour] = [row[time]!.slice(0, 10), Number(row[time]!.slice(11, 13))]
    const content = numberIn(table, i, column)
    const rainMm = numberIn(table, i, 'rain_mm')
    if (content !== null && hour >= 24 - END_HOURS) append(contents, day, content)
    if (rainMm !== null) append(rains, day, rainMm)
  })
  const days = daysFrom(table.rows.map((row) => row[time]!.slice(0, 10)))
  const rainOf = (day: string) => {
    const hours = rains.get(day) ?? []
    return hours.length >= 24 - MAX_HOURS_LOST ? sum(hours) : null
  }
  return { name, isHourlySite, days: moistureDays(days, unit, meansOf(contents), rainOf) }
}

const FROZEN_C = 1 // a dielectric sensor does not detect ice: agronomy.md section 7

function plotSites(data: DataFolder, table: DataTable): MoistureSite[] {
  const rains = data.tables(['date', 'precip_mm'], table.folder)
  const rain = new Map(
    rains.flatMap((weather) =>
      weather.rows.map((row, i) => [row.date!, numberIn(weather, i, 'precip_mm')] as const),
    ),
  )
  const sensors = table.columns.filter((column) => column.startsWith('vwc_pct'))
  const plots = [...new Set(table.rows.map(({ plot }) => plot!))]
  return plots.flatMap((plot) =>
    sensors.map((column) => {
      const contents = new Map<string, number[]>()
      table.rows.forEach((row, i) => {
        const content = row.plot === plot ? numberIn(table, i, column) : null
        const temperature = column.replace('vwc_pct', 'st_C')
        const tempC = temperature in row ? numberIn(table, i, temperature) : null
        if (content !== null && (tempC === null || tempC >= FROZEN_C)) append(contents, row.date!, content)
      })
      return {
        name: `${nameOf(table)} ${plot} ${column}`,
        isHourlySite: false,
        days: moistureDays(
          daysFrom(table.rows.map(({ date }) => date!)),
          '%',
          meansOf(contents),
          (day) => rain.get(day) ?? null,
        ),
      }
    }),
  )
}

const moistureDays = (
  days: readonly string[],
  unit: string,
  contents: ReadonlyMap<string, number>,
  rainOf: (day: string) => number | null,
): MoistureDays => ({
  fromDay: days[0]!,
  timeZone: 'UTC',
  unit,
  content: days.map((day) => contents.get(day) ?? null),
  waterMm: days.map(rainOf),
  demandMm: days.map(() => null),
  waterAhead: [],
})

/** Every day from the first of these to the last. */
function daysFrom(seen: readonly string[]): string[] {
  const [first, last] = [seen.reduce((a, b) => (a < b ? a : b)), seen.reduce((a, b) => (a > b ? a : b))]
  const days = []
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day)
  return days
}

const nameOf = ({ path }: DataTable): string => path.replace(/^.*\//, '').replace(/\.csv$/, '')
const meansOf = (lists: ReadonlyMap<string, number[]>): Map<string, number> =>
  new Map([...lists].map(([key, values]) => [key, sum(values) / values.length]))
const append = (lists: Map<string, number[]>, key: string, value: number): void =>
  void (lists.get(key)?.push(value) ?? lists.set(key, [value]))
