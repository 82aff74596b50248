/**
 * The ponded water of a paddy: daily balance and percolation. Levels in mm, signed, 0 = soil surface.
 */
import { assertNumbers } from '../finite.ts'
import { medianOf } from '../math.ts'

/** AWD is safe down to this level; the roots of rice still reach the water. IRRI. */
export const AWD_LIMIT_MM = -150

// with fewer a paddy's level would jump
const LEAST_PORES = 0.02

/** Share of the soil, m3/m3, that water leaves between saturation and field capacity; at least 0.02. */
export function drainablePores({
  saturation,
  fieldCapacity,
}: {
  saturation: number
  fieldCapacity: number
}): number {
  assertNumbers({ saturation, fieldCapacity })
  return Math.max(LEAST_PORES, saturation - fieldCapacity)
}

/** Water of a level, mm: all of what is ponded, and below the soil surface only what its drainable pores lack. */
export function waterOfLevelMm(levelMm: number, pores: number): number {
  assertNumbers({ levelMm, pores })
  return levelMm >= 0 ? levelMm : levelMm * pores
}

/** The level of an amount of water, mm: the inverse of `waterOfLevelMm`. RangeError for pores of 0 or less. */
export function levelOfWaterMm(waterMm: number, pores: number): number {
  assertNumbers({ waterMm, pores })
  if (pores <= 0) throw new RangeError(`pores must be above 0, got ${pores}`)
  return waterMm >= 0 ? waterMm : waterMm / pores
}

/**
 * Percolation of a puddled paddy, mm/d: 1-5 in heavy clay, 25-30 in sand and sandy loam (Wickham & Singh 1978; Bouman
 * & Tuong 2001, Agric. Water Manage. 49:11), interpolated between. Unconfirmed for a given field: prefer
 * `medianPercolationMm`.
 */
export function percolationMm(texture: string): number {
  const name = texture.trim().toLowerCase().replaceAll(/[ _]+/g, '-')
  return (percolations as Record<string, number>)[name] ?? percolations.loam
}
const percolations = {
  sand: 30,
  'loamy-sand': 28,
  'sandy-loam': 25,
  loam: 15,
  'silt-loam': 12,
  silt: 12,
  'sandy-clay-loam': 12,
  'clay-loam': 10,
  'silty-clay-loam': 8,
  'sandy-clay': 8,
  'silty-clay': 5,
  clay: 3,
}

/**
 * Percolation of a day between two measured ponded levels: the day's water loss less crop use, mm. Null where the
 * field was not ponded, or more water entered than was recorded.
 */
export function measuredPercolationMm(x: {
  beforeMm: number
  afterMm: number
  rainMm: number
  irrigationMm: number
  etcMm: number
}): number | null {
  assertNumbers(x)
  if (x.beforeMm < 0 || x.afterMm < 0) return null
  const lossMm = x.beforeMm + x.rainMm + x.irrigationMm - x.etcMm - x.afterMm
  return lossMm >= 0 ? lossMm : null
}

const MIN_DAYS = 3

/** Percolation by a field's own measurements, mm/d: the median of its last days. Null with fewer than three. */
export function medianPercolationMm(sank: readonly number[]): number | null {
  return sank.length < MIN_DAYS ? null : medianOf(sank)
}

export interface PaddyInput {
  levelMm: number
  rainMm: number
  irrigationMm: number
  etcMm: number
  percolationMm: number // at a ponded surface
  bundMm: number // water above this height overflows
  drainablePores: number // saturation less field capacity, m³/m³
}

export interface PaddyDay {
  levelMm: number
  percolatedMm: number
  overflowMm: number
}

/**
 * One day of a paddy. The stored water is counted from the surface, negative below it, where a millimetre of water is
 * 1/pores millimetres of level. Water in = out + storage: rain + irrigation = ETc + percolation + overflow + change.
 */
export function paddyDay(x: PaddyInput): PaddyDay {
  assertNumbers(x)
  const pores = Math.max(LEAST_PORES, x.drainablePores)
  const storedMm = (levelMm: number) => (levelMm >= 0 ? levelMm : levelMm * pores)
  // below the surface the head falls, and percolation with it; at the AWD limit it has almost ceased
  const headShare = Math.min(1, Math.max(0, 1 - x.levelMm / AWD_LIMIT_MM))
  const percolatedMm = x.percolationMm * headShare
  const before = storedMm(x.levelMm) + x.rainMm + x.irrigationMm - x.etcMm - percolatedMm
  const overflowMm = Math.max(0, before - x.bundMm)
  const storage = before - overflowMm
  return { levelMm: storage >= 0 ? storage : storage / pores, percolatedMm, overflowMm }
}
