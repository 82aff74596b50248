/**
 * Evapotranspiration of a reference surface, one day, mm: Penman-Monteith of FAO-56 (grass), and of ASCE-EWRI (2005)
 * for a short (grass) and a tall (alfalfa) surface. Estimates for missing sensors are in et0-with-fallbacks.ts.
 */
import { finite } from '../finite.ts'
import { clearSkyFullMJm2, clearSkyMJm2, type ClearSky } from './clear-sky.ts'
import { meanSaturationKPa, psychrometricConstant, saturationSlope } from './psychrometrics.ts'
import {
  extraterrestrialMJm2,
  netLongwaveMJm2,
  netShortwaveMJm2,
  relativeShortwave,
  type Site,
} from './radiation.ts'

/** One complete day. */
export interface DailyWeather {
  dayOfYear: number
  tempMinC: number
  tempMaxC: number
  vapourKPa: number
  windMps: number // at 2 m
  radiationMJm2: number
}

export type Surface = 'fao56' | 'asce-short' | 'asce-tall'

/** The reference standard: results without it can differ by some hundredths of a millimetre, for tall by a third. */
export interface Standard {
  surface: Surface
  clearSky: ClearSky
}
export const FAO56: Standard = { surface: 'fao56', clearSky: 'simple' }

// Cn, Cd of a day: FAO-56 Eq. 6; ASCE 2005 Table 1
const DAILY: Record<Surface, { Cn: number; Cd: number }> = {
  fao56: { Cn: 900, Cd: 0.34 },
  'asce-short': { Cn: 900, Cd: 0.34 },
  'asce-tall': { Cn: 1600, Cd: 0.38 },
}

/**
 * Reference evapotranspiration of one day, mm/d. FAO-56 Eq. 6 (Allen et al. 1998); ASCE 2005 Eq. 1. Inputs: one
 * complete day, wind already at 2 m. RangeError for a number that is not finite or not possible, and for max < min.
 */
export function et0Mm(d: DailyWeather, site: Site, standard = FAO56): number {
  assertDay(d)
  assertSite(site)
  const { Cn, Cd } = DAILY[standard.surface]
  const T = (d.tempMaxC + d.tempMinC) / 2 // Eq. 9
  const gamma = psychrometricConstant(site.elevationM) // kPa/°C, Eq. 8
  const Delta = saturationSlope(T) // kPa/°C, Eq. 13
  const es = meanSaturationKPa(d.tempMaxC, d.tempMinC) // kPa, Eq. 12
  const ea = Math.min(d.vapourKPa, es) // a wet sensor may report more than saturation
  const Ra = extraterrestrialMJm2(site.latDeg, d.dayOfYear) // MJ/m²/d, Eq. 21
  const Rso =
    standard.clearSky === 'full'
      ? clearSkyFullMJm2(Ra, site, d.dayOfYear, ea)
      : clearSkyMJm2(Ra, site.elevationM) // MJ/m²/d, Eq. 37
  const Rns = netShortwaveMJm2(d.radiationMJm2) // MJ/m²/d, Eq. 38
  const Rnl = netLongwaveMJm2({ ...d, vapourKPa: ea }, relativeShortwave(d.radiationMJm2, Rso)) // MJ/m²/d, Eq. 39
  const Rn = Rns - Rnl // MJ/m²/d, Eq. 40
  const G = 0 // soil heat flux of one day, MJ/m²/d, Eq. 42
  return Math.max(0, penmanMonteith({ T, Rn, G, u2: d.windMps, es, ea, Delta, gamma, Cn, Cd })) // dew is no ET
}

/**
 * The combination equation, mm a day or an hour according to its terms. FAO-56 Eq. 6 and 53; ASCE 2005 Eq. 1. Below
 * 0: dew.
 */
export function penmanMonteith(x: {
  T: number // °C
  Rn: number // MJ/m² a day, or an hour
  G: number // as Rn
  u2: number // m/s
  es: number // kPa
  ea: number // kPa
  Delta: number // kPa/°C
  gamma: number // kPa/°C
  Cn: number
  Cd: number
}): number {
  const radiationTerm = 0.408 * x.Delta * (x.Rn - x.G)
  const windTerm = x.gamma * (x.Cn / (x.T + 273)) * x.u2 * (x.es - x.ea)
  return finite((radiationTerm + windTerm) / (x.Delta + x.gamma * (1 + x.Cd * x.u2)), x)
}

/** Soil heat flux G of a month by the month before and after, MJ/m²/d. FAO-56 Eq. 43. */
export const monthlySoilHeatMJm2 = (beforeC: number, afterC: number): number =>
  finite(0.07 * (afterC - beforeC), { beforeC, afterC })

/** The same while the month after is unknown: by the month before and this one. FAO-56 Eq. 44. */
export const monthlySoilHeatSoFarMJm2 = (beforeC: number, thisC: number): number =>
  finite(0.14 * (thisC - beforeC), { beforeC, thisC })

// the lowest temperature of Antarctica and the hottest air near the ground; a station beyond them is faulty
const COLDEST_C = -90
const HOTTEST_C = 70

/** RangeError that names an input outside the weather of a day on Earth. */
export function assertDay(d: Partial<DailyWeather>): void {
  for (const [name, value] of Object.entries(d))
    if (!Number.isFinite(value)) throw new RangeError(`${name} must be a number, got ${value}`)
  for (const name of ['vapourKPa', 'windMps', 'radiationMJm2'] as const)
    if ((d[name] ?? 0) < 0) throw new RangeError(`${name} must not be below 0, got ${d[name]}`)
  const { tempMinC = 0, tempMaxC = tempMinC } = d
  if (tempMinC < COLDEST_C || tempMaxC > HOTTEST_C)
    throw new RangeError(
      `temperatures must lie in ${COLDEST_C}..${HOTTEST_C} °C, got ${tempMinC}..${tempMaxC}`,
    )
  if (tempMaxC < tempMinC)
    throw new RangeError(`tempMaxC must not be below tempMinC ${tempMinC}, got ${tempMaxC}`)
}

/** RangeError that names an input outside the places on Earth. */
export function assertSite(site: { latDeg: number; elevationM?: number; lonDeg?: number }): void {
  if (!(Math.abs(site.latDeg) <= 90)) throw new RangeError(`latDeg must lie in -90..90, got ${site.latDeg}`)
  if (!Number.isFinite(site.lonDeg ?? 0)) throw new RangeError(`lonDeg must be a number, got ${site.lonDeg}`)
  if (!(Math.abs(site.elevationM ?? 0) < 10_000))
    throw new RangeError(`elevationM must lie within 10,000 m of the sea, got ${site.elevationM}`)
}
