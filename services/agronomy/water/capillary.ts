/**
 * Capillary rise from a water table into the root zone. AquaCrop Reference Manual (Raes et al., FAO) chapter 3: the
 * closed form of UPFLOW, with the saturated conductivity of its default soils. Unconfirmed for a given field.
 */
import { finite } from '../finite.ts'

interface Rise {
  a: number
  b: number
}

const byConductivity = {
  sandy: (K: number): Rise => ({ a: -0.3112 - 1e-5 * K, b: -1.4936 + 0.2416 * Math.log(K) }),
  loamy: (K: number): Rise => ({ a: -0.4986 + 9e-5 * K, b: -2.132 + 0.4778 * Math.log(K) }),
  'sandy-clayey': (K: number): Rise => ({ a: -0.5677 - 4e-5 * K, b: -3.7189 + 0.5922 * Math.log(K) }),
  'silty-clayey': (K: number): Rise => ({ a: -0.6366 + 8e-4 * K, b: -1.9165 + 0.7063 * Math.log(K) }),
}

/** class of soil and saturated conductivity, mm/d */
const soils: Readonly<Record<string, readonly [keyof typeof byConductivity, number]>> = {
  sand: ['sandy', 3000],
  'loamy-sand': ['sandy', 2200],
  'sandy-loam': ['loamy', 1200],
  loam: ['loamy', 500],
  'silt-loam': ['loamy', 575],
  silt: ['loamy', 500],
  'sandy-clay-loam': ['sandy-clayey', 225],
  'clay-loam': ['sandy-clayey', 125],
  'silty-clay-loam': ['silty-clayey', 150],
  'sandy-clay': ['sandy-clayey', 35],
  'silty-clay': ['silty-clayey', 100],
  clay: ['silty-clayey', 35],
}

const MAX_MM = 99 // AquaCrop's bound
const NEAREST_M = 0.05

/**
 * Capillary rise of a day, mm: the capacity of the soil between the table and the roots (CR = exp((ln z - b) / a)),
 * reduced as the root zone is wet. Null where the depth of the table is unknown, or the texture has no row.
 */
export function capillaryRiseMm(
  texture: string,
  waterTableM: number | null,
  rootDepthM: number,
  depletionMm: number,
  tawMm: number,
): number | null {
  const soil = soils[texture]
  if (waterTableM === null || !Number.isFinite(waterTableM) || !soil || !(tawMm > 0)) return null
  const [kind, K] = soil
  const { a, b } = byConductivity[kind](K)
  const z = Math.max(NEAREST_M, waterTableM - rootDepthM)
  const maxRiseMm = Math.min(MAX_MM, Math.exp((Math.log(z) - b) / a))
  // the gradient vanishes at field capacity, and is almost complete below
  const wetness = Math.min(1, Math.max(0, 1 - depletionMm / tawMm))
  const riseMm = Math.min(maxRiseMm * (1 - wetness ** 16), Math.max(0, depletionMm))
  return finite(riseMm, { rootDepthM, depletionMm, tawMm })
}
