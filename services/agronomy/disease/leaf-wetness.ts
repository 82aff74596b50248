/**
 * Leaf wetness of an hour: by a sensor, otherwise by the best estimate that the reporting instruments allow. Each
 * hour has the method of its estimate; an hour without inputs is unknown.
 */
import { dewPointC } from '../evapotranspiration/psychrometrics.ts'

export type WetnessMethod =
  | 'sensor'
  | 'rain' // it rained in that hour
  | 'cart' // Kim et al. 2002, from temperature, humidity and wind
  | 'humidity' // relative humidity of 90 % or more

export interface WetnessHour {
  tempC: number | null
  humidityPct: number | null
  rainMm: number | null
  windMps: number | null // at 2 m
  wetShare: number | null // of the hour, by a sensor, 0-1
}

export interface Wetness {
  isWet: boolean | null
  method: WetnessMethod | null
}

// an hour counts as wet when the sensor was wet for half of it; unconfirmed
const WET_SHARE = 0.5

/**
 * Leaf wetness of an hour: by a sensor, otherwise by rain, otherwise by CART or humidity alone. Null without inputs.
 */
export function leafWetness(hour: WetnessHour): Wetness {
  const { tempC, humidityPct, rainMm, windMps, wetShare } = hour
  if (wetShare !== null) return { isWet: wetShare >= WET_SHARE, method: 'sensor' }
  if (rainMm !== null && rainMm > 0) return { isWet: true, method: 'rain' }
  if (humidityPct === null) return { isWet: null, method: null }
  // below freezing the square root of the second rule is undefined
  if (tempC !== null && tempC > 0 && windMps !== null)
    return { isWet: isWetByCart(tempC, humidityPct, windMps), method: 'cart' }
  return { isWet: isWetByHumidity(humidityPct), method: 'humidity' }
}

/** RH >= 90 %: Sutton, Gillespie & Hildebrand (1984), Plant Disease 68:78. */
export const isWetByHumidity = (humidityPct: number): boolean => humidityPct >= 90

// FAO-56 Eq. 47 solved for the wind at 0.3 m, which the model uses
const WIND_AT_30_CM = Math.log(67.8 * 0.3 - 5.42) / 4.87

/**
 * CART/SLD/Wind: Kim, Taylor, Gleason & Koehler (2002), Plant Disease 86:179, after Gleason et al. (1994), 78:1011.
 * The second rule has RH squared: with RH alone, as in some reprints, it could never be true.
 */
export function isWetByCart(tempC: number, humidityPct: number, wind2mMps: number): boolean {
  const T = tempC
  const RH = Math.min(100, humidityPct)
  const W = wind2mMps * WIND_AT_30_CM
  const DPD = T - dewPointC(T, RH)
  if (DPD >= 3.7) return false
  if (W < 2.5)
    return (
      1.6064 * Math.sqrt(T) + 0.0036 * T ** 2 + 0.1531 * RH - 0.4599 * W * DPD - 0.0035 * T * RH > 14.4674
    )
  if (RH < 87.8) return false
  return 0.7921 * Math.sqrt(T) + 0.0046 * RH ** 2 - 2.3889 * W - 0.039 * T * W + 1.0613 * W * DPD > 37
}
