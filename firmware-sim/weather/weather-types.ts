/** A place, one day of its weather, and a source of such days. */
import type { Day } from '../../broker/contract/time.ts'

/** The location of a weather. Latitude and longitude in decimal degrees, an IANA time zone. */
export interface Site {
  latDeg: number
  lonDeg: number
  elevationM: number
  timeZone: string
}

/** One civil day. `et0Mm`: ET0 reported by the source, for comparison; null when absent. */
export interface DayWeather {
  day: Day
  tempMinC: number
  tempMaxC: number
  dewPointC: number
  windMps: number // mean, at the source's height
  radiationMJm2: number
  rainMm: number
  et0Mm: number | null
}

/** A source of days: a file or monthly normals. Undefined outside its range. */
export interface WeatherSource {
  name: string
  windHeightM: number
  firstDay: Day
  lastDay: Day | null // null: without end
  day(day: Day): DayWeather | undefined
}
