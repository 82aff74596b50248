/** The port of the weather forecast. */
import type { AtMs, Day } from '../../broker/contract/time.ts'

/** One day ahead. Ranges are the 10 % and 90 % quantiles; null where the provider has no value. */
export interface ForecastDay {
  day: Day
  tempMinC: number
  tempMaxC: number
  rainMm: { lo: number; mid: number; hi: number }
  rainChance?: number | null // 0-1, of any rain on that day
  et0Mm: number | null
  windMps: number | null // at 2 m, daily mean
}

/** One hour ahead; null where the provider has no value. */
export interface ForecastHour {
  atMs: AtMs // its start
  tempC: number | null
  humidityPct: number | null
  rainMm: number | null // within the hour
  rainChance: number | null // 0-1
  windMps: number | null // at 2 m
  gustMps: number | null // at 10 m, maximum within the hour
  radiationWm2: number | null // mean
  cloud: number | null // fraction of the sky, 0-1
}

export interface ForecastResponse {
  source: string // 'climatology' or the name of the provider
  issuedMs: AtMs
  days: ForecastDay[]
  /** in time order, from the hour of the first day; absent without an hourly forecast */
  hours?: ForecastHour[]
}

/** Weather forecasts. Never credited to a measured balance. */
export interface Forecast {
  /** Up to 10 days from `fromDay`; null without a forecast. Never throws for an unavailable provider. */
  daily(farm: { org: string; farm: string }, fromDay: Day, days: number): Promise<ForecastResponse | null>
  /** The last request to the provider had no usable response; absent: there is no provider. */
  isAway?(): boolean
}
