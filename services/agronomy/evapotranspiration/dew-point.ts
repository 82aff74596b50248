/** Dew point from temperature and humidity, °C. FAO-56 Eq. 11 turned round (Annex 3, Eq. 3.11). RH above 0. */
import { finite } from '../finite.ts'
import { saturationKPa } from './psychrometrics.ts'

export function dewPointC(tempC: number, humidityPct: number): number {
  const ea = (saturationKPa(tempC) * Math.min(100, Math.max(1, humidityPct))) / 100
  const ln = Math.log(ea / 0.6108)
  return finite((237.3 * ln) / (17.27 - ln), { humidityPct })
}
