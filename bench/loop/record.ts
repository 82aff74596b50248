/**
 * Real days instead of generated ones, from a folder of validation data outside the project: the two daily records of
 * AquaCrop (`weather-aquacrop-daily`).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Papa from 'papaparse'
import { climates, type Climate } from './climates.ts'
import type { WeatherDay } from './weather.ts'

const FILES = {
  'champion-maize': 'champion_nebraska_1990_2010.csv',
  'tunis-wheat': 'tunis_1979_2002.csv',
} as const
const COLUMNS = ['date', 'tmin_C', 'tmax_C', 'rain_mm', 'et0_mm'] as const

const recordName = (climate: string): string => `${climate}-record`
export const recordNames = Object.keys(FILES).map(recordName)

/** The climates with a record, named as in `recordNames`. Throws when a file is not as expected. */
export const recordedClimates = (dataDir: string): Climate[] =>
  Object.entries(FILES).map(([name, file]) => ({
    ...climates.find((climate) => climate.name === name)!,
    name: recordName(name),
    record: readRecord(join(dataDir, 'weather-aquacrop-daily', file)),
  }))

function readRecord(path: string): WeatherDay[] {
  const { data: rows } = Papa.parse<Record<string, string>>(readFileSync(path, 'utf8'), {
    header: true,
    skipEmptyLines: true,
  })
  return rows.map((row, i) => {
    const [day, ...values] = COLUMNS.map((column) => row[column] ?? '')
    const numbers = values.map(Number)
    if (
      !/^\d{4}-\d\d-\d\d$/.test(day!) ||
      values.includes('') ||
      numbers.some((number) => !Number.isFinite(number))
    )
      throw new RangeError(
        `${path}, row ${i + 1}: ${COLUMNS.join(', ')} were expected, got ${day}, ${values.join(', ')}`,
      )
    const [tMinC, tMaxC, rainMm, et0Mm] = numbers
    return { day: day!, tMinC: tMinC!, tMaxC: tMaxC!, rainMm: rainMm!, et0Mm: et0Mm! }
  })
}
