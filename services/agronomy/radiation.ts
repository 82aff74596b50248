/**
 * Sunlight and what of it stays at the surface. FAO-56 chapter 3. Latitude in degrees (north positive), radiation in
 * MJ/m² a day. J is the number of the day in the year, 1 on 1 January.
 */

/** What the sun and the wind chart need to know of a place. */
export interface Site {
  latDeg: number
  elevationM: number
}

const GSC = 0.082 // solar constant, MJ/m²/min
const SIGMA = 4.903e-9 // Stefan-Boltzmann, MJ/K⁴/m²/d
const ALBEDO = 0.23 // of the reference grass

/** 1 W/m² over one day is 0.0864 MJ/m². FAO-56 Table 3. */
export const radiationMJm2 = (meanWm2: number): number => 0.0864 * meanWm2

/** Inverse relative distance Earth to Sun, dr. FAO-56 Eq. 23. */
export const inverseDistance = (J: number): number => 1 + 0.033 * Math.cos(((2 * Math.PI) / 365) * J)

/** Solar declination delta, rad. FAO-56 Eq. 24. */
export const declination = (J: number): number => 0.409 * Math.sin(((2 * Math.PI) / 365) * J - 1.39)

/** Sunset hour angle omega_s, rad: 0 in polar night, pi in polar day. FAO-56 Eq. 25. */
export function sunsetAngle(latDeg: number, J: number): number {
  const cosine = -Math.tan(rad(latDeg)) * Math.tan(declination(J))
  return Math.acos(Math.min(1, Math.max(-1, cosine))) // beyond the polar circles the sun does not set, or rise
}

/** Hours of daylight N. FAO-56 Eq. 34. */
export const daylightHours = (latDeg: number, J: number): number => (24 / Math.PI) * sunsetAngle(latDeg, J)

/** Extraterrestrial radiation Ra, MJ/m²/d. FAO-56 Eq. 21. */
export function extraterrestrialMJm2(latDeg: number, J: number): number {
  const ws = sunsetAngle(latDeg, J)
  return ((24 * 60) / Math.PI) * GSC * inverseDistance(J) * sunArea(latDeg, J, 0, ws)
}

/** Solar radiation from hours of bright sunshine, MJ/m²/d. FAO-56 Eq. 35 with a = 0.25, b = 0.50. */
export const solarFromSunshineMJm2 = (sunshineH: number, daylightH: number, Ra: number): number =>
  (0.25 + (0.5 * sunshineH) / daylightH) * Ra

/** Clear-sky radiation Rso, MJ/m²/d. FAO-56 Eq. 37. */
export const clearSkyMJm2 = (Ra: number, elevationM: number): number => (0.75 + 2e-5 * elevationM) * Ra

/** Solar radiation from the range of temperature, MJ/m²/d. FAO-56 Eq. 50; kRs 0.16 inland, 0.19 on a coast. */
export function solarFromTemperatureMJm2(
  day: { tempMaxC: number; tempMinC: number },
  Ra: number,
  elevationM: number,
  kRs = 0.16,
): number {
  const Rs = kRs * Math.sqrt(Math.max(0, day.tempMaxC - day.tempMinC)) * Ra
  return Math.min(Rs, clearSkyMJm2(Ra, elevationM))
}

/** Net shortwave radiation Rns, MJ/m²/d. FAO-56 Eq. 38. */
export const netShortwaveMJm2 = (Rs: number): number => (1 - ALBEDO) * Rs

/** Net longwave radiation Rnl, MJ/m²/d. FAO-56 Eq. 39. */
export function netLongwaveMJm2(day: {
  tempMaxC: number
  tempMinC: number
  vapourKPa: number
  Rs: number
  Rso: number
}): number {
  const emitted = (SIGMA * ((day.tempMaxC + 273.16) ** 4 + (day.tempMinC + 273.16) ** 4)) / 2
  const vapour = 0.34 - 0.14 * Math.sqrt(day.vapourKPa)
  return emitted * vapour * (1.35 * relativeShortwave(day.Rs, day.Rso) - 0.35)
}

// 0.3 is a dense cloud cover (ASCE 2005 Eq. 18); above 1 the sensor is wrong, not the sky. Without a sun: half a cover
const relativeShortwave = (Rs: number, Rso: number): number =>
  Rso > 0 ? Math.min(1, Math.max(0.3, Rs / Rso)) : 0.65

/**
 * Share (0-1) of a day's extraterrestrial radiation that has come in by a moment. FAO-56 Eq. 28 summed from sunrise,
 * with solar time by Eq. 31-33. `utcHour` may be below 0 or above 24: the hour is counted from 00:00 UTC of day J.
 */
export function radiationShare(
  place: { latDeg: number; lonDeg: number },
  J: number,
  utcHour: number,
): number {
  const b = (2 * Math.PI * (J - 81)) / 364 // Eq. 33
  const Sc = 0.1645 * Math.sin(2 * b) - 0.1255 * Math.cos(b) - 0.025 * Math.sin(b) // Eq. 32, h
  const w = (Math.PI / 12) * (utcHour + place.lonDeg / 15 + Sc - 12) // Eq. 31, counted from UTC
  const ws = sunsetAngle(place.latDeg, J)
  if (ws === 0) return Math.min(1, Math.max(0, (w + Math.PI) / (2 * Math.PI))) // polar night: evenly
  const whole = sunArea(place.latDeg, J, -ws, ws)
  const past = sunArea(place.latDeg, J, -ws, Math.min(ws, Math.max(-ws, w)))
  return Math.min(1, Math.max(0, past / whole))
}

/** Integral of the sine of the sun's height between two hour angles; the bracket of Eq. 21 and 28. */
function sunArea(latDeg: number, J: number, from: number, to: number): number {
  const phi = rad(latDeg)
  const delta = declination(J)
  return (
    (to - from) * Math.sin(phi) * Math.sin(delta) +
    Math.cos(phi) * Math.cos(delta) * (Math.sin(to) - Math.sin(from))
  )
}

const rad = (degrees: number): number => (Math.PI / 180) * degrees // Eq. 22
