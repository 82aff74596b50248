/** What a weather service responds with when a line has reported its forecast, in the JSON format of Open-Meteo. */
import { zoneOffsetMs, type AtMs, type Day } from '../../broker/contract/time.ts'
import { et0ByHargreaves } from '../../services/irrigation-model/weather-history.ts'
import type { DayLine } from '../../services/plan/decide/json-lines.ts'
import type { Site } from '../weather/weather-types.ts'

export type LineForecast = NonNullable<DayLine['forecast']>

/**
 * `et0Ratio`: of the reported ET0 to that by the temperatures, for days whose ET0 is not forecast; a weather service
 * publishes ET0 for every day. Null without a forecast.
 */
export function forecastText(
  forecast: LineForecast | null,
  { site, nowMs, et0Ratio }: { site: Site; nowMs: AtMs; et0Ratio: number },
): string | null {
  if (forecast === null || forecast.length === 0) return null
  const column = (valueOf: (day: LineForecast[number]) => number | null | undefined) =>
    forecast.map((day) => valueOf(day) ?? null)
  const et0Mm = (ahead: LineForecast[number]): number | null => {
    const byTemperature = et0ByHargreaves(site.latDeg, ahead.day, ahead)
    return ahead.et0Mm ?? (byTemperature && et0Ratio * byTemperature)
  }
  return JSON.stringify({
    latitude: site.latDeg,
    longitude: site.lonDeg,
    utc_offset_seconds: zoneOffsetMs(nowMs, site.timeZone) / 1000,
    daily: {
      time: forecast.map(({ day }) => day),
      temperature_2m_min: column(({ tMinC }) => tMinC),
      temperature_2m_max: column(({ tMaxC }) => tMaxC),
      precipitation_sum: column(({ rainMm }) => rainMm),
      et0_fao_evapotranspiration: column(et0Mm),
    },
  })
}

const MEMORY_DAYS = 30

/** The ratio of the ET0 of a place to that by its temperatures, over the last days that report both; 1 without any. */
export function et0Ratio(site: Site) {
  const days: { reportedMm: number; byTemperatureMm: number }[] = []
  return {
    observe(day: Day, weather: NonNullable<DayLine['weather']>): void {
      const byTemperatureMm = et0ByHargreaves(site.latDeg, day, weather)
      if (weather.et0Mm == null || byTemperatureMm === null) return
      days.push({ reportedMm: weather.et0Mm, byTemperatureMm })
      if (days.length > MEMORY_DAYS) days.shift()
    },
    value(): number {
      const sum = (key: keyof (typeof days)[number]) => days.reduce((total, day) => total + day[key], 0)
      return sum('byTemperatureMm') > 0 ? sum('reportedMm') / sum('byTemperatureMm') : 1
    },
  }
}
