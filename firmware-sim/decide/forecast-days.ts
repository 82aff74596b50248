/** What a weather service responds with when a line has reported its forecast, in the JSON format of Open-Meteo. */
import { zoneOffsetMs, type AtMs } from '../../broker/contract/time.ts'
import { et0ByHargreaves } from '../../services/irrigation-model/weather-history.ts'
import type { DayLine } from '../../services/plan/decide/json-lines.ts'
import type { Site } from '../weather/weather-types.ts'

export type LineForecast = NonNullable<DayLine['forecast']>

/**
 * A weather service publishes ET0 for every day: where it is not forecast, that by the temperatures, as the decision core
 * calculates it. Null without a forecast.
 */
export function forecastText(
  forecast: LineForecast | null,
  { site, nowMs }: { site: Site; nowMs: AtMs },
): string | null {
  if (forecast === null || forecast.length === 0) return null
  const column = (valueOf: (day: LineForecast[number]) => number | null | undefined) =>
    forecast.map((day) => valueOf(day) ?? null)
  const et0Mm = (ahead: LineForecast[number]): number | null =>
    ahead.et0Mm ?? et0ByHargreaves(site.latDeg, ahead.day, ahead)
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
