/**
 * The weather of the rest of a season as a small ensemble: the days of the forecast with its own error, then
 * the same days of other years. Each member also carries an error of the depletion, so that one mean over the
 * members weighs all uncertainties. Deterministic: the same input has the same members.
 */
import type { FieldAhead, WeatherAhead } from './rollout.ts'

export interface Member {
  weather: WeatherAhead
  /** standard deviations by which the true depletion differs */
  z: number
  /** the past year of its weather beyond the forecast */
  year?: PastSeason | undefined
  /** its own field; null: the mean field */
  field: FieldAhead | null
}

/** A past year's weather by day since planting. */
export interface PastSeason {
  et0Mm: Float64Array
  rainMm: Float64Array
}

export interface ForecastRain {
  et0Mm: number | null
  /** rain that a share `u` of such days does not exceed, mm */
  rainAt: (u: number) => number
}

export const MEMBERS = 16

/** Normal quantiles of equal shares, in an order that is independent of years and rain. */
const Z = [0.2, -1.3, 0.9, -0.4, 1.9, -0.8, 0.5, -0.1, -1.9, 1.3, -0.55, 0.33, -1.0, 0.7, -0.27, 0.04]
/** the golden ratio spreads shares evenly for any number (Weyl) */
const PHI = 0.6180339887

/**
 * `fromD`: days since planting of the first day. `forecast`: from that day on, null where a day has none.
 * `usualEt0Mm`: used where no other year is known; then no rain is expected beyond the forecast.
 */
export function membersAhead(
  count: number,
  fromD: number,
  past: readonly PastSeason[],
  forecast: readonly (ForecastRain | null)[],
  usualEt0Mm: (k: number) => number,
): Member[] {
  return Z.map((z, m) => {
    const et0Mm = new Float64Array(count)
    const rainMm = new Float64Array(count)
    const year =
      past.length > 0 ? past[(m * Math.max(1, Math.floor(past.length / MEMBERS))) % past.length] : undefined
    for (let k = 0; k < count; k++) {
      const ahead = forecast[k]
      const i = fromD + k
      const isKnown = year !== undefined && i >= 0 && i < year.et0Mm.length
      et0Mm[k] = ahead?.et0Mm ?? (isKnown ? year.et0Mm[i]! : usualEt0Mm(k))
      rainMm[k] = ahead
        ? ahead.rainAt(((m + 0.5) / MEMBERS + (k + 1) * PHI) % 1)
        : isKnown
          ? year.rainMm[i]!
          : 0
    }
    return { weather: { et0Mm, rainMm }, z, year, field: null }
  })
}
