/** Wet-bulb temperature and its depression: how fast droplets dry. FAO-56 Eq. 15 and 16, solved for the wet bulb. */
import { finite } from '../finite.ts'
import { pressureKPa, saturationKPa, vapourKPa } from './psychrometrics.ts'

const A_PSY = 0.000662 // ventilated, FAO-56 Eq. 16
const LOWEST_C = -80 // a lower bound for the wet bulb on any farm
const STEPS = 40 // reduces 140 °C to far below 0.001 °C

/** Temperature of a ventilated wet bulb, °C: where ea = e°(Twet) - a P (T - Twet). */
export function wetBulbC(tempC: number, humidityPct: number, elevationM: number): number {
  finite(elevationM, { elevationM })
  const ea = vapourKPa(tempC, humidityPct)
  const P = pressureKPa(elevationM)
  let lo = LOWEST_C
  let hi = tempC
  for (let i = 0; i < STEPS; i++) {
    const mid = (lo + hi) / 2
    if (saturationKPa(mid) - A_PSY * P * (tempC - mid) < ea) lo = mid
    else hi = mid
  }
  return (lo + hi) / 2
}

/** Delta T, °C: dry bulb minus wet bulb. */
export const deltaTC = (tempC: number, humidityPct: number, elevationM: number): number =>
  tempC - wetBulbC(tempC, humidityPct, elevationM)
