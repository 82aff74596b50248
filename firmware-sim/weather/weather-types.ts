/** A place, one day of its weather, and a source of such days. */
import type { Day } from '../../broker/contract/time.ts'

/** Where the weather is. Latitude and longitude in decimal degrees, an IANA time zone. */
export interface Site {
  latDeg: number
  lonDeg: number
  elevationM: number
  timeZone: string
}

/** One civil day. `et0Mm` is what the source itself reports, kept as truth to compare with; null when it reports none. */
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

/** Where days come from: a file or monthly normals. Undefined outside what the source covers. */
export interface WeatherSource {
  name: string
  windHeightM: number
  firstDay: Day
  lastDay: Day | null // null: without end
  day(day: Day): DayWeather | undefined
}
