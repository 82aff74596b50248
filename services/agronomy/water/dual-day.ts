/**
 * One day of a field with two stores: the evaporating layer (De) inside the root zone (Dr). FAO-56 chapters 7 and 8. mm.
 * Library: the product does not use it (docs/agronomy.md, section 10), its fields are kept by irrigation-model/.
 */
import {
  coverOf,
  exposedWetOf,
  kcMaxOf,
  keOf,
  krOf,
  layerTranspirationOf,
  wettedFractionOf,
} from './dual-kc.ts'
import { assertNumbers } from '../finite.ts'
import type { KcClimate } from '../crops/growth.ts'
import { curveNumberToday, runoffMm } from './runoff.ts'
import { ksOf, pAdjusted, rawMm } from './soil-water.ts'

/** State carried from a day to the next. */
export interface DualState {
  depletionMm: number // Dr, of the root zone
  surfaceDepletionMm: number // De, of the wetted and exposed part of the evaporating layer
  wettedFraction: number // fw
}

export interface DualInput {
  before: DualState
  kcb: number
  kcMin: number
  heightM: number
  climate: KcClimate
  tawMm: number
  pTable: number // at ETc = 5 mm/d
  tewMm: number
  rewMm: number
  /**
   * Ze / Zr: share of their water that roots take from the evaporating layer (Kt); 0: none, as in FAO-56 for deep
   * roots
   */
  layerShare: number
  curveNumber: number | null // null: rain does not run off
  et0Mm: number // of the whole day
  /** share of the day's ET0 that counts: 1, or less for an incomplete day */
  dayShare: number
  rainMm: number
  irrigation: { mm: number; wettedFraction: number; isUnderCanopy: boolean }
  capillaryMm: number // potential capillary rise; the actual rise does not exceed the depletion
}

export interface DualDay extends DualState {
  kcMax: number
  cover: number // fc
  exposedWet: number // few
  kr: number
  ke: number
  ks: number
  etcMm: number // without stress
  evaporationMm: number
  etaMm: number // evaporation and transpiration
  rawMm: number
  runoffMm: number
  capillaryMm: number
  deepPercolationMm: number
  effectiveRainMm: number // rain less run-off and drainage
}

/**
 * All rates first, from yesterday's stores; then the stores. Water in = water out + storage, to the last digit: rain
 * + irrigation + capillary rise = run-off + ETa + DP + (Dr of yesterday - Dr of today).
 */
export function dualDay(x: DualInput): DualDay {
  const { depletionMm: Dr, surfaceDepletionMm: De } = x.before
  const { irrigation } = x
  const et0Mm = x.et0Mm * x.dayShare
  const kcMax = kcMaxOf(x.kcb, x.heightM, x.climate) // Eq. 72
  const fc = coverOf(x.kcb, x.kcMin, kcMax, x.heightM) // Eq. 76
  const fw = wettedFractionOf(x.before.wettedFraction, x.rainMm, irrigation)
  const few = exposedWetOf(fc, fw, irrigation.isUnderCanopy) // Eq. 75
  const kr = krOf(De, x.tewMm, x.rewMm) // Eq. 74
  const ke = keOf(kr, kcMax, x.kcb, few) // Eq. 71
  const etcMm = (x.kcb + ke) * et0Mm // Eq. 69
  const p = pAdjusted(x.pTable, (x.kcb + ke) * x.et0Mm)
  const ks = ksOf(Dr, x.tawMm, p) // Eq. 84
  const runoff =
    x.curveNumber === null ? 0 : runoffMm(x.rainMm, curveNumberToday(x.curveNumber, De, x.tewMm, x.rewMm))
  const infiltratedMm = x.rainMm - runoff
  const capillaryMm = Math.min(Math.max(0, x.capillaryMm), Dr)
  const inMm = infiltratedMm + irrigation.mm + capillaryMm
  // roots and surface cannot take more than the water above the wilting point
  const reachMm = Math.max(0, x.tawMm - Dr + inMm)
  const transpirationMm = Math.min(ks * x.kcb * et0Mm, reachMm)
  const evaporationMm = Math.min(ke * et0Mm, reachMm - transpirationMm)
  const etaMm = transpirationMm + evaporationMm // Eq. 80

  const surfaceInMm = infiltratedMm + irrigation.mm / fw
  const Tew =
    transpirationMm *
    layerTranspirationOf(
      { depletionMm: De, tewMm: x.tewMm },
      { depletionMm: Dr, tawMm: x.tawMm },
      x.layerShare,
    )
  const DPe = Math.max(0, surfaceInMm - De) // Eq. 79
  const layerMm = De - surfaceInMm + evaporationMm / few + Tew + DPe // Eq. 77
  const surfaceDepletionMm = Math.min(x.tewMm, Math.max(0, layerMm)) // Eq. 78
  // water beyond field capacity drains (Eq. 88)
  const deepPercolationMm = Math.max(0, inMm - etaMm - Dr)
  const depletionMm = Math.max(0, Dr - inMm + etaMm + deepPercolationMm) // Eq. 85; 0 rounds below 0
  if (!Number.isFinite(depletionMm + surfaceDepletionMm)) {
    assertNumbers(x)
    throw new RangeError(`a day of the balance must give numbers, got ${JSON.stringify(x)}`)
  }
  return {
    depletionMm,
    surfaceDepletionMm,
    wettedFraction: fw,
    kcMax,
    cover: fc,
    exposedWet: few,
    kr,
    ke,
    ks,
    etcMm,
    evaporationMm,
    etaMm,
    rawMm: rawMm(x.tawMm, p),
    runoffMm: runoff,
    capillaryMm,
    deepPercolationMm,
    effectiveRainMm: infiltratedMm - Math.min(infiltratedMm, deepPercolationMm),
  }
}
