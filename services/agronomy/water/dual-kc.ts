/**
 * The dual crop coefficient: transpiration of the plants (Kcb) and evaporation of bare, wet soil (Ke). FAO-56 chapter
 * 7 (Allen et al. 1998). Coefficients have no unit.
 */
import { finite } from '../finite.ts'
import type { KcClimate } from '../crops/growth.ts'
import { clamp } from '../math.ts'

/** The climate for which the Kc tables are valid. FAO-56 chapter 6. */
export const STANDARD_CLIMATE: KcClimate = { windMps: 2, humidityMinPct: 45 }

/** Kcb of dry, bare soil: the minimum without plants. FAO-56 Eq. 76: 0.15-0.20. */
export const KC_MIN = 0.15

/** Kc max, the upper limit of evapotranspiration after rain or irrigation. FAO-56 Eq. 72. */
export function kcMaxOf(kcb: number, heightM: number, climate: KcClimate): number {
  const u2 = clamp(climate.windMps, 1, 6)
  const RHmin = clamp(climate.humidityMinPct, 20, 80)
  const h = clamp(heightM, 0.001, 10)
  const kcMax = Math.max(1.2 + (0.04 * (u2 - 2) - 0.004 * (RHmin - 45)) * (h / 3) ** 0.3, kcb + 0.05)
  return finite(kcMax, { kcb, heightM, windMps: climate.windMps, humidityMinPct: climate.humidityMinPct })
}

/** fc, the fraction of the ground covered by leaves, 0-0.99. FAO-56 Eq. 76. */
export function coverOf(kcb: number, kcMin: number, kcMax: number, heightM: number): number {
  if (kcb <= kcMin) return 0
  const cover = clamp(((kcb - kcMin) / (kcMax - kcMin)) ** (1 + 0.5 * heightM), 0, 0.99)
  return finite(cover, { kcb, kcMin, kcMax, heightM })
}

/**
 * few, the fraction of the ground that is both wetted and exposed. FAO-56 Eq. 75. Drip under the canopy wets shaded
 * ground: its fw counts for 1 - 2/3 fc.
 */
export function exposedWetOf(fc: number, fw: number, isUnderCanopy: boolean): number {
  const few = clamp(Math.min(1 - fc, isUnderCanopy ? (1 - (2 / 3) * fc) * fw : fw), 0.01, 1)
  return finite(few, { fc, fw })
}

/** Total evaporable water, mm: the topmost soil can dry to half of the wilting point. FAO-56 Eq. 73. */
export function tewMm(soil: { fieldCapacity: number; wiltingPoint: number }, layerM: number): number {
  const { fieldCapacity, wiltingPoint } = soil
  return finite(1000 * (fieldCapacity - 0.5 * wiltingPoint) * layerM, { fieldCapacity, wiltingPoint, layerM })
}

/** Kr, evaporation reduction of a drying surface, 1-0. FAO-56 Eq. 74. */
export function krOf(surfaceDepletionMm: number, tew: number, rew: number): number {
  if (surfaceDepletionMm <= rew) return 1
  const kr = clamp((tew - surfaceDepletionMm) / (tew - rew), 0, 1)
  return tew <= rew ? 0 : finite(kr, { surfaceDepletionMm, tew, rew })
}

/** Ke, evaporation from the soil. FAO-56 Eq. 71. */
export function keOf(kr: number, kcMax: number, kcb: number, few: number): number {
  return finite(Math.max(0, Math.min(kr * (kcMax - kcb), few * kcMax)), { kr, kcMax, kcb, few })
}

/** Rain of a day that wets the whole surface, mm. FAO-56 chapter 7. */
const WETTING_RAIN_MM = 3

/**
 * fw, the fraction of the surface that the last wetting wetted: it is kept until the next. FAO-56 chapter 7, Table
 * 20.
 */
export function wettedFractionOf(
  before: number,
  rainMm: number,
  irrigation: { mm: number; wettedFraction: number },
): number {
  const { mm, wettedFraction } = irrigation
  if (mm > 0) return finite(clamp(wettedFraction, 0.01, 1), { wettedFraction })
  return finite(rainMm >= WETTING_RAIN_MM ? 1 : before, { before })
}

/**
 * The fraction that rain and irrigation of one day wet together, weighted by their amounts (FAO-56 chapter 7, text to
 * Table 20). `wettedFractionOf` takes the irrigation's only, as pyfao56 does: under daily drip no rain would then
 * count.
 */
export function combinedWettedFraction(
  rainMm: number,
  irrigation: { mm: number; wettedFraction: number },
): number {
  const { mm, wettedFraction } = irrigation
  if (rainMm < WETTING_RAIN_MM || mm <= 0) return finite(wettedFraction, { wettedFraction })
  return finite((mm * wettedFraction + rainMm) / (mm + rainMm), { mm, wettedFraction, rainMm })
}

/**
 * Kt, the share of the transpiration that roots take from the evaporating layer. Allen et al. 2005, J. Irrig. Drain.
 * Eng. 131:2, for Tew of FAO-56 Eq. 77. `layerShare` is Ze / Zr.
 */
export function layerTranspirationOf(
  surface: { depletionMm: number; tewMm: number },
  roots: { depletionMm: number; tawMm: number },
  layerShare: number,
): number {
  if (!(layerShare > 0) || !(surface.tewMm > 0) || !(roots.tawMm > 0)) return 0
  const wetSurface = Math.max(0.001, 1 - surface.depletionMm / surface.tewMm)
  const wetRoots = Math.max(0.001, 1 - roots.depletionMm / roots.tawMm)
  const Kt = Math.min(1, (wetSurface / wetRoots) * Math.min(1, layerShare) ** 0.6)
  return finite(Kt, { surfaceDepletionMm: surface.depletionMm, depletionMm: roots.depletionMm })
}

/**
 * De consistent with a Dr that a measurement has corrected: the layer is part of the root zone, so that its depletion
 * cannot exceed that of the zone, nor its water that of the zone. `toWiltingMm`: De at which the layer is at the
 * wilting point.
 */
export function consistentSurfaceMm(
  surface: { depletionMm: number; toWiltingMm: number; wettedFraction: number },
  roots: { depletionMm: number; tawMm: number },
): number {
  const maxMm = roots.depletionMm / surface.wettedFraction
  const minMm = surface.toWiltingMm - (roots.tawMm - roots.depletionMm) / surface.wettedFraction
  return finite(Math.max(0, Math.min(maxMm, Math.max(minMm, surface.depletionMm))), { ...roots, ...surface })
}
