/**
 * Solar radiation and the net radiation of the surface. FAO-56 chapter 3. Latitude in degrees (north positive),
 * longitude in degrees (east positive), radiation in MJ/m² a day unless stated otherwise. J is the number of the day
 * in the year, 1 on 1 January. Hours are counted from 00:00 UTC of day J and may be below 0 or above 24: no time
 * zone, no summer time.
 */
import { finite } from '../finite.ts'

/** Location of daily radiation and pressure. */
export interface Site {
  latDeg: number
  elevationM: number
}

/** Location of hourly radiation. */
export interface Place extends Site {
  lonDeg: number
}

const GSC = 0.082 // solar constant, MJ/m²/min
const SIGMA = 4.903e-9 // Stefan-Boltzmann, MJ/K⁴/m²/d; ASCE 2005 prints 4.901e-9, 0.001 mm/d of ET less
const ALBEDO = 0.23 // of the reference grass

/** 1 W/m² over one day is 0.0864 MJ/m². FAO-56 Table 3. */
export const radiationMJm2 = (meanWm2: number): number => finite(0.0864 * meanWm2, { meanWm2 })

/** Inverse relative distance Earth to Sun, dr. FAO-56 Eq. 23. */
export const inverseDistance = (J: number): number =>
  finite(1 + 0.033 * Math.cos(((2 * Math.PI) / 365) * J), { J })

/** Solar declination delta, rad. FAO-56 Eq. 24. */
export const declination = (J: number): number =>
  finite(0.409 * Math.sin(((2 * Math.PI) / 365) * J - 1.39), { J })

/** Sunset hour angle omega_s, rad: 0 in polar night, pi in polar day. FAO-56 Eq. 25. */
export function sunsetAngle(latDeg: number, J: number): number {
  const cosine = -Math.tan(rad(latDeg)) * Math.tan(declination(J))
  return finite(Math.acos(Math.min(1, Math.max(-1, cosine))), { latDeg }) // beyond the polar circles the sun does not set, or does not rise
}

/** Hours of daylight N. FAO-56 Eq. 34. */
export const daylightHours = (latDeg: number, J: number): number => (24 / Math.PI) * sunsetAngle(latDeg, J)

/** Extraterrestrial radiation Ra, MJ/m²/d. FAO-56 Eq. 21. */
export function extraterrestrialMJm2(latDeg: number, J: number): number {
  const ws = sunsetAngle(latDeg, J)
  return ((24 * 60) / Math.PI) * GSC * inverseDistance(J) * sunArea(latDeg, J, 0, ws)
}

/** Extraterrestrial radiation Ra of one hour, MJ/m²/h, by the hour's middle. FAO-56 Eq. 28. */
export function extraterrestrialHourMJm2(place: Place, J: number, midUtcHour: number): number {
  const w = hourAngle(place.lonDeg, J, midUtcHour)
  const ws = sunsetAngle(place.latDeg, J)
  const w1 = w - Math.PI / 24 // Eq. 29
  const w2 = w + Math.PI / 24 // Eq. 30
  // around midnight of a polar day the hour crosses the wrap of the angle
  const area = [-2 * Math.PI, 0, 2 * Math.PI].reduce((sum, turn) => {
    const from = Math.max(-ws, w1 + turn)
    const to = Math.min(ws, w2 + turn)
    return to > from ? sum + sunArea(place.latDeg, J, from, to) : sum
  }, 0)
  return Math.max(0, ((12 * 60) / Math.PI) * GSC * inverseDistance(J) * finite(area, { w }))
}

/** Sine of the sun's height phi above the horizon; below 0 at night. ASCE 2005 Eq. D.6. */
export function sunHeightSine(place: Place, J: number, utcHour: number): number {
  const phi = rad(place.latDeg)
  const delta = declination(J)
  const w = hourAngle(place.lonDeg, J, utcHour)
  const sine = Math.sin(phi) * Math.sin(delta) + Math.cos(phi) * Math.cos(delta) * Math.cos(w)
  return finite(sine, { latDeg: place.latDeg })
}

/** Solar radiation from hours of bright sunshine, MJ/m²/d: 0 where the sun does not rise. FAO-56 Eq. 35, a = 0.25, b = 0.50. */
export const solarFromSunshineMJm2 = (sunshineH: number, daylightH: number, Ra: number): number =>
  daylightH > 0
    ? finite((0.25 + 0.5 * Math.min(1, sunshineH / daylightH)) * Ra, { sunshineH, daylightH, Ra })
    : finite(0 * daylightH, { daylightH })

/** Solar radiation from the range of temperature, MJ/m²/d. FAO-56 Eq. 50; kRs 0.16 inland, 0.19 on a coast. */
export function solarFromTemperatureMJm2(
  day: { tempMaxC: number; tempMinC: number },
  Ra: number,
  Rso: number,
  kRs = 0.16,
): number {
  const Rs = kRs * Math.sqrt(Math.max(0, day.tempMaxC - day.tempMinC)) * Ra
  return finite(Math.min(Rs, Rso), { ...day, Ra, Rso, kRs })
}

/** Net shortwave radiation Rns, MJ/m²/d. FAO-56 Eq. 38. */
export const netShortwaveMJm2 = (Rs: number): number => finite((1 - ALBEDO) * Rs, { Rs })

/** Net longwave radiation Rnl, MJ/m²/d. FAO-56 Eq. 39; `cloud` is Rs/Rso of `relativeShortwave`. */
export function netLongwaveMJm2(
  day: { tempMaxC: number; tempMinC: number; vapourKPa: number },
  cloud: number,
): number {
  const emitted = (SIGMA * (kelvin(day.tempMaxC) ** 4 + kelvin(day.tempMinC) ** 4)) / 2
  return finite(emitted * emissivity(day.vapourKPa) * cloudiness(cloud), { ...day, cloud })
}

/** Net longwave radiation Rnl of one hour, MJ/m²/h. FAO-56 Eq. 39 with the hour's temperature; ASCE 2005 Eq. 44. */
export const netLongwaveHourMJm2 = (hour: { tempC: number; vapourKPa: number }, cloud: number): number =>
  finite((SIGMA / 24) * kelvin(hour.tempC) ** 4 * emissivity(hour.vapourKPa) * cloudiness(cloud), {
    ...hour,
    cloud,
  })

const kelvin = (tempC: number): number => tempC + 273.16
const emissivity = (vapourKPa: number): number => 0.34 - 0.14 * Math.sqrt(vapourKPa)
const cloudiness = (cloud: number): number => 1.35 * cloud - 0.35 // fcd of ASCE 2005 Eq. 18

/** Rs/Rso without sun: between a dense cover (0.3) and a clear sky (1). */
export const HALF_COVER = 0.65

/** Rs/Rso, 0.3-1: 0.3 is a dense cloud cover (ASCE 2005 Eq. 18); above 1 it is a sensor error. */
export const relativeShortwave = (Rs: number, Rso: number): number =>
  Rso > 0 ? finite(Math.min(1, Math.max(0.3, Rs / Rso)), { Rs, Rso }) : finite(HALF_COVER + 0 * Rso, { Rso })

/** Share (0-1) of a day's extraterrestrial radiation received by a moment. FAO-56 Eq. 28 summed from sunrise. */
export function radiationShare(
  place: { latDeg: number; lonDeg: number },
  J: number,
  utcHour: number,
): number {
  const w = solarTimeAngle(place.lonDeg, J, utcHour)
  const ws = sunsetAngle(place.latDeg, J)
  if (ws === 0) return Math.min(1, Math.max(0, (w + Math.PI) / (2 * Math.PI))) // polar night: evenly
  const total = sunArea(place.latDeg, J, -ws, ws)
  const past = sunArea(place.latDeg, J, -ws, Math.min(ws, Math.max(-ws, w)))
  return Math.min(1, Math.max(0, past / total))
}

/** Solar time angle omega, rad: 0 at solar noon of day J. FAO-56 Eq. 31-33, with UTC as the time zone. */
function solarTimeAngle(lonDeg: number, J: number, utcHour: number): number {
  const b = (2 * Math.PI * (J - 81)) / 364 // Eq. 33
  const Sc = 0.1645 * Math.sin(2 * b) - 0.1255 * Math.cos(b) - 0.025 * Math.sin(b) // Eq. 32, h
  return finite((Math.PI / 12) * (utcHour + lonDeg / 15 + Sc - 12), { lonDeg, J, utcHour }) // Eq. 31
}

/** The same from -pi to pi: the angle of a day before or after is equivalent. */
function hourAngle(lonDeg: number, J: number, utcHour: number): number {
  const w = solarTimeAngle(lonDeg, J, utcHour)
  return w - 2 * Math.PI * Math.round(w / (2 * Math.PI))
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
