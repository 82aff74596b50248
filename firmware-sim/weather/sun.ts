/** Position of the sun and extraterrestrial radiation: geometry only. */
import { DAY_MS, type AtMs } from '../../broker/contract/time.ts'

const J2000_MS = 946_728_000_000
const RAD = Math.PI / 180
/** W/m2 (Kopp and Lean 2011) */
export const SOLAR_CONSTANT_WM2 = 1361

/**
 * Sine of the sun's elevation; negative below the horizon. Good to about 0.01 degrees of the Astronomical
 * Almanac's low-precision formulas, 1950-2050.
 */
export function sinElevation(atMs: AtMs, latDeg: number, lonDeg: number): number {
  const n = (atMs - J2000_MS) / DAY_MS
  const L = 280.46 + 0.9856474 * n // mean longitude, deg
  const g = (357.528 + 0.9856003 * n) * RAD // mean anomaly
  const lambda = (L + 1.915 * Math.sin(g) + 0.02 * Math.sin(2 * g)) * RAD // ecliptic longitude
  const epsilon = (23.439 - 4e-7 * n) * RAD // obliquity
  const alpha = Math.atan2(Math.cos(epsilon) * Math.sin(lambda), Math.cos(lambda)) // right ascension
  const delta = Math.asin(Math.sin(epsilon) * Math.sin(lambda)) // declination
  const siderealDeg = 280.46062 + 360.98564737 * n + lonDeg
  const hourAngle = siderealDeg * RAD - alpha
  const lat = latDeg * RAD
  return Math.sin(lat) * Math.sin(delta) + Math.cos(lat) * Math.cos(delta) * Math.cos(hourAngle)
}
