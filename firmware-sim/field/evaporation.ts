/**
 * Potential evapotranspiration of a short, wet sward by Penman's (1963) combination formula, hourly. It is
 * deliberately not the equation that Tilth uses: the true field must not follow Tilth's own model.
 */
import { HOUR_MS, type AtMs } from '../../broker/contract/time.ts'
import { kelvin, saturationKPa, windAt2m, type Weather } from '../weather/weather.ts'

const ALBEDO = 0.23
const LATENT_MJ_KG = 2.45
const STEFAN_MJ_M2_K4_H = 2.042e-10
/**
 * ratio of a sward with stomata to Penman's wet surface; calibrated so that a year at Maricopa is within 2 % of AZMET
 */
const SWARD = 0.9

/** mm over an interval (about an hour at most), never below 0: dew is left out. */
export const potentialMm = (weather: Weather, fromMs: AtMs, toMs: AtMs): number =>
  Math.max(0, SWARD * openWaterMm(weather, fromMs, toMs))

/** Penman's rate for a wet surface, mm over an interval (about an hour at most); below 0 dew falls. */
export function openWaterMm(weather: Weather, fromMs: AtMs, toMs: AtMs): number {
  const middleMs = (fromMs + toMs) / 2
  const { tempC, dewPointC, pressureHPa } = weather.at(middleMs)
  const { radiationWm2, windMps } = weather.mean(fromMs, toMs)
  const es = saturationKPa(tempC)
  const ea = Math.min(es, saturationKPa(dewPointC))
  const slope = (4098 * es) / (tempC + 237.3) ** 2 // kPa/°C
  const gamma = 0.000665 * (pressureHPa / 10) // kPa/°C
  const sky = 0.1 + 0.9 * weather.clearness(middleMs) // Brunt's cloud term, by the day's clearness
  const longwave = STEFAN_MJ_M2_K4_H * kelvin(tempC) ** 4 * (0.34 - 0.14 * Math.sqrt(ea)) * sky
  const net = (1 - ALBEDO) * radiationWm2 * 0.0036 - longwave // MJ/m2/h
  const drying = (6.43 / 24) * (1 + 0.536 * windAt2m(windMps, weather.windHeightM)) * (es - ea)
  const perHour = (slope * net + gamma * drying) / (slope + gamma) / LATENT_MJ_KG
  return perHour * ((toMs - fromMs) / HOUR_MS)
}
