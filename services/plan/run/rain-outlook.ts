/**
 * The expected rain between two instants, mm. Forecast days are spread evenly over their hours; of today only
 * the rain that has not fallen yet is counted. Daily 10 % and 90 % quantiles are summed, which makes the range
 * of several days wider than it is: the low end stays conservative. Nothing here is ever credited to a balance.
 */
import { addDays, DAY_MS, dayOf, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'

export interface RainOutlook {
  loMm: number // nine times in ten at least this
  midMm: number
  hiMm: number // nine times in ten at most this
}

// an older forecast is not valid for tomorrow
export const FORECAST_VALID_MS = DAY_MS

/** The forecast while it is valid, else null. */
export const freshForecast = (forecast: ForecastResponse | null, nowMs: AtMs): ForecastResponse | null =>
  forecast !== null && nowMs - forecast.issuedMs <= FORECAST_VALID_MS ? forecast : null

/** Null when none of these hours is forecast, which is not the same as no rain. */
export function rainBetween(
  forecast: ForecastResponse | null,
  x: { fromMs: AtMs; toMs: AtMs; timeZone: string; rainTodayMm: number | null },
): RainOutlook | null {
  if (!forecast) return null
  const today = dayOf(x.fromMs, x.timeZone)
  const sum = { loMm: 0, midMm: 0, hiMm: 0 }
  let isKnown = false
  for (const { day, rainMm } of forecast.days) {
    const startMs = startOfDay(day, x.timeZone)
    const endMs = startOfDay(addDays(day, 1), x.timeZone)
    const fromMs = Math.max(startMs, x.fromMs)
    const toMs = Math.min(endMs, x.toMs)
    if (toMs <= fromMs) continue
    isKnown = true
    const isToday = day === today
    const measuredMm = isToday ? (x.rainTodayMm ?? 0) : 0
    const share = (toMs - fromMs) / (endMs - (isToday ? fromMs : startMs))
    sum.loMm += share * Math.max(0, rainMm.lo - measuredMm)
    sum.midMm += share * Math.max(0, rainMm.mid - measuredMm)
    sum.hiMm += share * Math.max(0, rainMm.hi - measuredMm)
  }
  return isKnown ? sum : null
}
