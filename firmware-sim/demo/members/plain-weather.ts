/** The daily weather of the plain, as a farm's station would measure it. */
import { addDays, HOUR_MS, startOfDay, type Day } from '../../../broker/contract/time.ts'
import { potentialMm } from '../../field/evaporation.ts'
import { normals, weatherFromNormals } from '../../weather/weather-normals.ts'
import { weatherAt } from '../../weather/weather.ts'
import type { MembersOptions, PlainWeather, PlainWeatherDay } from './types.ts'

const PLAIN = 'rice-plain'

/**
 * Each year from 1 May to 31 October, up to `throughDay`; calculated with the first call and kept. The same seed
 * gives the same weather.
 */
export function plainWeather({ coop, seed = coop, throughDay = '9999-12-31' }: MembersOptions): PlainWeather {
  const years = new Map<number, PlainWeatherDay[]>()
  return (year) => {
    let days = years.get(year)
    if (!days) years.set(year, (days = daysOf(year, seed, throughDay)))
    return days
  }
}

function daysOf(year: number, seed: string, throughDay: Day): PlainWeatherDay[] {
  const { site } = normals[PLAIN]!
  // one seed per year, so that the weather of a year does not depend on the number of years
  const source = weatherFromNormals(PLAIN, `${year}-01-01`, seed)
  const weather = weatherAt(source, site, seed)
  const days: PlainWeatherDay[] = []
  for (let day = `${year}-05-01`; day <= `${year}-10-31` && day <= throughDay; day = addDays(day, 1)) {
    const { tempMinC, tempMaxC, rainMm } = weather.day(day)
    const startMs = startOfDay(day, site.timeZone)
    let et0Mm = 0
    for (let hour = 0; hour < 24; hour++)
      et0Mm += potentialMm(weather, startMs + hour * HOUR_MS, startMs + (hour + 1) * HOUR_MS)
    days.push({ day, tempMinC, tempMaxC, rainMm, et0Mm: Number(et0Mm.toFixed(2)) })
  }
  return days
}
