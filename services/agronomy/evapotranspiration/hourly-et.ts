/**
 * Evapotranspiration of a reference surface by the hour, mm/h: FAO-56 Eq. 53, and ASCE-EWRI (2005) short and tall,
 * with stomata closed at night. An hour may be below 0 (dew), so that hours add up to their day. Library: the product
 * does not use it yet (docs/agronomy.md, section 10).
 */
import { finite } from '../finite.ts'
import { clearSkyFullHourMJm2, clearSkyMJm2 } from './clear-sky.ts'
import { psychrometricConstant, saturationKPa, saturationSlope } from './psychrometrics.ts'
import {
  HALF_COVER,
  extraterrestrialHourMJm2,
  netLongwaveHourMJm2,
  netShortwaveMJm2,
  relativeShortwave,
  sunHeightSine,
  type Place,
} from './radiation.ts'
import { FAO56, assertSite, penmanMonteith, type Standard, type Surface } from './penman-monteith.ts'

/** One complete hour. */
export interface HourlyWeather {
  dayOfYear: number
  midUtcHour: number // its middle, from 00:00 UTC of that day: half an hour before the label of an hour that is labelled by its end
  tempC: number
  vapourKPa: number
  windMps: number // at 2 m
  radiationMJm2: number // MJ/m²/h
}

// Cn, Cd and the share of Rn that heats the soil, by day and by night. FAO-56 Eq. 53, 45, 46; ASCE 2005 Table 1, Eq.
// 65-66
const HOURLY: Record<Surface, { Cn: number; day: Part; night: Part }> = {
  fao56: { Cn: 37, day: { Cd: 0.34, soil: 0.1 }, night: { Cd: 0.34, soil: 0.5 } },
  'asce-short': { Cn: 37, day: { Cd: 0.24, soil: 0.1 }, night: { Cd: 0.96, soil: 0.5 } },
  'asce-tall': { Cn: 66, day: { Cd: 0.25, soil: 0.04 }, night: { Cd: 1.7, soil: 0.2 } },
}
interface Part {
  Cd: number
  soil: number
}

/**
 * Reference evapotranspiration of hours in order, mm/h each. `cloudBefore`: Rs/Rso of the evening before, where the
 * record starts at night and it is known. RangeError for a number that is not finite or not possible.
 */
export function hourlyEtMm(
  hours: readonly HourlyWeather[],
  place: Place,
  standard: Standard = FAO56,
  cloudBefore?: number,
): number[] {
  assertSite(place)
  hours.forEach(assertHour)
  const clouds = cloudRatios(hours, place, standard, cloudBefore)
  return hours.map((hour, i) => hourEtMm(hour, place, standard.surface, clouds[i]!))
}

/** Of one hour under a given cloud cover (Rs/Rso, 0.3-1), mm/h. */
export function hourEtMm(hour: HourlyWeather, place: Place, surface: Surface, cloud: number): number {
  assertHour(hour)
  const T = hour.tempC
  const gamma = psychrometricConstant(place.elevationM) // kPa/°C
  const Delta = saturationSlope(T) // kPa/°C
  const es = saturationKPa(T) // kPa
  const ea = Math.min(hour.vapourKPa, es) // kPa
  const Rn = netRadiationHourMJm2(hour, cloud) // MJ/m²/h
  const { Cn, day, night } = HOURLY[surface]
  const { Cd, soil } = Rn > 0 ? day : night
  return penmanMonteith({ T, Rn, G: soil * Rn, u2: hour.windMps, es, ea, Delta, gamma, Cn, Cd })
}

/** Net radiation Rn of one hour, MJ/m²/h. FAO-56 Eq. 40. */
export function netRadiationHourMJm2(hour: HourlyWeather, cloud: number): number {
  const vapourKPa = Math.min(hour.vapourKPa, saturationKPa(hour.tempC))
  return netShortwaveMJm2(hour.radiationMJm2) - netLongwaveHourMJm2({ tempC: hour.tempC, vapourKPa }, cloud)
}

// the sun's height, rad, below which Rs/Rso is not representative of the sky (ASCE 2005, note to Eq. 45)
const LOW_SUN_SINE = Math.sin(0.3)
const MAX_HELD_HOURS = 24

/**
 * Rs/Rso of each hour, 0.3-1. While the sun is low, the value before it sank below 0.3 rad is kept (ASCE 2005, p.
 * 35). Before the first sun of the record it is `cloudBefore`, otherwise that day's mean; without any sun half
 * covered.
 */
export function cloudRatios(
  hours: readonly HourlyWeather[],
  place: Place,
  standard: Standard,
  cloudBefore?: number,
): number[] {
  finite(cloudBefore ?? HALF_COVER, { cloudBefore })
  const ratios = hours.map((hour) => observedCloudRatio(hour, place, standard))
  const first = ratios.findIndex((cloud) => cloud !== null)
  let lastRatio = cloudBefore ?? meanOf(ratios.slice(0, first + MAX_HELD_HOURS))
  let heldFor = -Math.max(0, first)
  return ratios.map((cloud) => {
    heldFor = cloud === null ? heldFor + 1 : 0
    if (cloud !== null) lastRatio = cloud
    return heldFor <= MAX_HELD_HOURS ? lastRatio : HALF_COVER
  })
}

/** Rs/Rso while the sun is high enough to observe it; null otherwise. */
function observedCloudRatio(hour: HourlyWeather, place: Place, { clearSky }: Standard): number | null {
  const { dayOfYear: J, midUtcHour } = hour
  if (sunHeightSine(place, J, midUtcHour) < LOW_SUN_SINE) return null
  const Ra = extraterrestrialHourMJm2(place, J, midUtcHour)
  const Rso =
    clearSky === 'full'
      ? clearSkyFullHourMJm2(Ra, place, J, midUtcHour, hour.vapourKPa)
      : clearSkyMJm2(Ra, place.elevationM)
  return relativeShortwave(hour.radiationMJm2, Rso)
}

function meanOf(clouds: readonly (number | null)[]): number {
  const knownClouds = clouds.filter((cloud) => cloud !== null)
  return knownClouds.length === 0
    ? HALF_COVER
    : knownClouds.reduce((sum, cloud) => sum + cloud, 0) / knownClouds.length
}

function assertHour(hour: HourlyWeather): void {
  for (const [name, value] of Object.entries(hour))
    if (!Number.isFinite(value)) throw new RangeError(`${name} must be a number, got ${value}`)
  for (const name of ['vapourKPa', 'windMps', 'radiationMJm2'] as const)
    if (hour[name] < 0) throw new RangeError(`${name} must not be below 0, got ${hour[name]}`)
}
