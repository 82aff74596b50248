/**
 * Water in the root zone, one day: TAW, RAW, Ks and the single-Kc balance. FAO-56 chapter 8. Depths in mm of water,
 * Dr is depletion below field capacity.
 */
import { assertNumbers, finite } from '../finite.ts'
import type { Soil } from './soils.ts'

/** Total available water, mm. FAO-56 Eq. 82. */
export function tawMm(soil: Pick<Soil, 'fieldCapacity' | 'wiltingPoint'>, rootDepthM: number): number {
  const { fieldCapacity, wiltingPoint } = soil
  return finite(1000 * (fieldCapacity - wiltingPoint) * rootDepthM, {
    fieldCapacity,
    wiltingPoint,
    rootDepthM,
  })
}

/** Fraction of TAW before stress, for the day's ETc. FAO-56 Table 22, footnote 2. */
export function pAdjusted(pTable: number, etcMm: number): number {
  return finite(Math.min(0.8, Math.max(0.1, pTable + 0.04 * (5 - etcMm))), { pTable, etcMm })
}

/** Readily available water, mm. FAO-56 Eq. 83. */
export const rawMm = (taw: number, p: number): number => finite(p * taw, { taw, p })

/** Stress coefficient Ks, 0-1. FAO-56 Eq. 84. */
export function ksOf(depletionMm: number, taw: number, p: number): number {
  const remainingMm = finite(taw - depletionMm, { depletionMm, taw })
  if (remainingMm <= 0) return 0
  return finite(Math.min(1, Math.max(0, remainingMm / ((1 - p) * taw))), { depletionMm, taw, p })
}

export interface BalanceInput {
  depletionMm: number // Dr at the end of the day before
  tawMm: number
  p: number // adjusted for the day
  etcMm: number
  rainMm: number // infiltrated: measured, less run-off
  irrigationMm: number // net
}

export interface BalanceDay {
  depletionMm: number // Dr at the end of the day, 0..TAW
  ks: number
  etaMm: number
  deepPercolationMm: number
  effectiveRainMm: number // rain less its drainage
}

/**
 * One day of the root zone. All rates first, from yesterday's Dr; then the state. Water in = water out + storage, to
 * the last digit: rain + irrigation = ETa + DP + (Dr of yesterday - Dr of today).
 */
export function balanceDay(x: BalanceInput): BalanceDay {
  assertNumbers(x)
  const ks = ksOf(x.depletionMm, x.tawMm, x.p) // Eq. 84
  const wateredMm = x.rainMm + x.irrigationMm
  // plants cannot take more than the water above the wilting point
  const reachMm = Math.max(0, x.tawMm - x.depletionMm + wateredMm)
  const etaMm = Math.min(ks * x.etcMm, reachMm) // Eq. 81
  // Dr may not go below 0: water beyond field capacity drains (Eq. 88)
  const deepPercolationMm = Math.max(0, wateredMm - etaMm - x.depletionMm)
  const depletionMm = Math.max(0, x.depletionMm - wateredMm + etaMm + deepPercolationMm) // Eq. 85; 0 rounds below 0
  const effectiveRainMm = x.rainMm - Math.min(x.rainMm, deepPercolationMm)
  return { depletionMm, ks, etaMm, deepPercolationMm, effectiveRainMm }
}

export interface Uncertainty {
  sdMm: number // of Dr at the end of the day before
  kcSdMm: number // of ETc, by a Kc that does not match the field: constant in time
  et0SdMm: number // of ETc, by the error of ET0: independent from day to day
  rainSdMm: number
  irrigationSdMm: number
}

/**
 * Standard deviation of Dr at the end of a day, mm. The error of Kc accumulates day by day; the other errors are
 * taken as independent. Drainage resets them, since a draining soil is at field capacity, known to `FULL_SHARE` of
 * TAW. At most that of complete ignorance.
 */
export const depletionSdMm = (
  u: Uncertainty,
  day: Pick<BalanceDay, 'deepPercolationMm'>,
  taw: number,
): number => Math.min(balanceSdMm(u, day, taw), unknownSdMm(taw))

/** The same without the bounds of Dr. mm */
export function balanceSdMm(u: Uncertainty, day: Pick<BalanceDay, 'deepPercolationMm'>, taw: number): number {
  const sd = finite(Math.hypot(u.sdMm + u.kcSdMm, u.et0SdMm, u.rainSdMm, u.irrigationSdMm), { ...u })
  const isSurelyFull = day.deepPercolationMm > 2 * sd
  return finite(isSurelyFull ? FULL_SHARE * taw : sd, { taw })
}
const FULL_SHARE = 0.05

/** Standard deviation of Dr without information but 0 <= Dr <= TAW: that of a uniform distribution. mm. */
export const unknownSdMm = (taw: number): number => finite(taw / Math.sqrt(12), { taw })
