/**
 * The spray forecast of a field: its farm's forecast, cached for half an hour, starting with the measurement of
 * its station.
 */
import { dayOf, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Clock, Logger, SeriesStore, State } from '../../ports.ts'
import type { Forecast, ForecastResponse } from '../../ports/forecast.ts'
import type { PestField } from './read-field.ts'
import { readNowCast } from './read-station.ts'
import { sprayForecast, type SprayForecast } from './spray-forecast.ts'

const CACHE_MS = 30 * MINUTE_MS
const FORECAST_DAYS = 4

/** Returns the forecast hours of a field; without a forecast or a station the other alone. */
export function fieldSprayForecast(deps: {
  state: State
  series: SeriesStore
  forecast?: Forecast | undefined
  clock: Clock
  log: Logger
}): (of: PestField) => Promise<SprayForecast> {
  const { state, series, clock, log } = deps
  const cache = new Map<string, { untilMs: AtMs; answer: ForecastResponse | null }>()

  async function forecastFor({ farm }: PestField, nowMs: AtMs): Promise<ForecastResponse | null> {
    const cached = cache.get(farm.id)
    if (cached && nowMs < cached.untilMs) return cached.answer
    const today = dayOf(nowMs, farm.timeZone)
    const forecast =
      (await deps.forecast
        ?.daily({ org: farm.org, farm: farm.id }, today, FORECAST_DAYS)
        .catch((error: unknown) => {
          log.warn({ error, farm: farm.id }, 'no forecast; hours for spraying are unknown')
          return null
        })) ?? null
    cache.set(farm.id, { untilMs: nowMs + CACHE_MS, answer: forecast })
    return forecast
  }

  return async (pestField) => {
    const nowMs = clock.now()
    const [forecast, now] = await Promise.all([
      forecastFor(pestField, nowMs),
      readNowCast({ state, series }, pestField.field, nowMs).catch((error: unknown) => {
        log.warn({ error, field: pestField.field.id }, 'no station; spraying is judged by the forecast alone')
        return null
      }),
    ])
    return sprayForecast(forecast, now, { place: pestField.farm, timeZone: pestField.farm.timeZone, nowMs })
  }
}
