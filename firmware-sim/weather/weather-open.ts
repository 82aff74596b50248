/** Opens the weather named on the command line: a CSV file, or monthly normals by name. */
import { readFileSync } from 'node:fs'
import { addDays, daysBetween, type Day } from '../../broker/contract/time.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { parseWeatherCsv } from './weather-csv.ts'
import { normals, weatherFromNormals } from './weather-normals.ts'
import type { Site, WeatherSource } from './weather-types.ts'

const NORMALS = 'normals:'

/**
 * `name` is a path or `normals:<name>`. Normals start on `firstDay` and use their own site unless `site` is set; a file
 * has no site, so it needs `site`.
 */
export function openWeather(
  name: string,
  { site, firstDay, seed }: { site: Site | null; firstDay: Day; seed: string },
): Result<{ source: WeatherSource; site: Site }> {
  if (name.startsWith(NORMALS)) {
    const place = normals[name.slice(NORMALS.length)]
    if (!place)
      return err(`--weather: expected normals:${Object.keys(normals).join(' or normals:')}, got ${name}`)
    const source = weatherFromNormals(name.slice(NORMALS.length), firstDay, seed)
    return ok({ source, site: site ?? place.site })
  }
  if (!site) return err(`--weather: ${name} is a file, which needs --site LAT,LON,ELEVATION_M,TIME_ZONE`)
  let text: string
  try {
    text = readFileSync(name, 'utf8')
  } catch (error) {
    return err(`--weather: cannot read ${name}: ${(error as Error).message}`)
  }
  const source = parseWeatherCsv(text, name, site)
  return source.ok ? ok({ source: source.value, site }) : source
}

/** The same days with other dates: `from` becomes `as`, and so on. For devices of today with old weather. */
export function replayAs(source: WeatherSource, from: Day, as: Day): WeatherSource {
  const shift = daysBetween(from, as)
  return {
    ...source,
    firstDay: addDays(source.firstDay, shift),
    lastDay: source.lastDay === null ? null : addDays(source.lastDay, shift),
    day(day) {
      const played = source.day(addDays(day, -shift))
      return played && { ...played, day }
    },
  }
}
