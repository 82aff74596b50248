/**
 * The soil of a field in layers, for sensors at several depths: a cascade of buckets, each with its own limits, that
 * fill from above and pass on the excess. Depths in m from the surface, water in mm below field capacity. Library: the
 * product does not use it yet (docs/agronomy.md, section 10).
 */
import { assertNumbers, finite } from '../finite.ts'
import { sum } from '../math.ts'
import { ksOf, tawMm } from './soil-water.ts'

export interface SoilLayer {
  fromM: number
  toM: number
  fieldCapacity: number
  wiltingPoint: number
}

/** Layers around sensors: each extends half way to the next, the lowest to `bottomM`. Depths in cm, from above. */
export function layersAround(
  depthsCm: readonly number[],
  bottomM: number,
  limitsOf: (depthCm: number) => { fieldCapacity: number; wiltingPoint: number },
): SoilLayer[] {
  finite(bottomM, { bottomM })
  const depths = [...new Set(depthsCm)]
    .filter((cm) => cm >= 0 && cm < bottomM * 100)
    .toSorted((a, b) => a - b)
  return depths.map((cm, i) => {
    const above = depths[i - 1]
    const below = depths[i + 1]
    return {
      fromM: above === undefined ? 0 : (above + cm) / 200,
      toM: below === undefined ? bottomM : (cm + below) / 200,
      ...limitsOf(cm),
    }
  })
}

/** Depletion of a layer by its measured water content, mm, limited to 0 and its capacity. */
export function layerDepletionMm(layer: SoilLayer, vwc: number): number {
  const lacks = 1000 * (layer.fieldCapacity - vwc) * (layer.toM - layer.fromM)
  return finite(Math.min(layerTawMm(layer), Math.max(0, lacks)), { vwc })
}

/** Total available water of the layer itself, mm. FAO-56 Eq. 82. */
export const layerTawMm = (layer: SoilLayer): number => tawMm(layer, layer.toM - layer.fromM)

export interface LayersInput {
  layers: readonly SoilLayer[]
  depletionMm: readonly number[] // of each, at the end of the day before
  rootDepthM: number
  p: number // adjusted for the day
  inMm: number // infiltrated rain, and irrigation
  evaporationMm: number // from the surface
  transpirationMm: number // without stress
}

export interface LayersDay {
  depletionMm: number[]
  ks: number // of the roots together
  evaporationMm: number
  transpirationMm: number
  deepPercolationMm: number // below the lowest layer
}

/**
 * One day. All rates first, from yesterday's water; then water enters from above. Roots take from each layer by their
 * share in it and its own Ks (FAO-56 Eq. 84); wetter layers compensate for dry ones until less than `COMPENSATED` of
 * the roots find water (Jarvis 1989, J. Hydrol. 107:57). Water in = water out + storage: in = evaporation +
 * transpiration + drainage + (Σ Dr of yesterday - Σ Dr of today).
 */
export function layersDay(x: LayersInput): LayersDay {
  assertNumbers(x)
  if (x.depletionMm.length !== x.layers.length)
    throw new RangeError(
      `depletionMm must have one for each of ${x.layers.length} layers, got ${x.depletionMm.length}`,
    )
  if (x.rootDepthM <= 0) throw new RangeError(`rootDepthM must be above 0, got ${x.rootDepthM}`)
  const taw = x.layers.map(layerTawMm)
  const reach = x.layers.map(
    ({ fromM, toM }) => rootShare(toM / x.rootDepthM) - rootShare(fromM / x.rootDepthM),
  )
  const pull = reach.map((share, i) => share * ksOf(x.depletionMm[i]!, taw[i]!, x.p))
  const totalPull = sum(pull)
  const ks = Math.min(1, totalPull / COMPENSATED)
  const depletionMm = [...x.depletionMm]
  let transpirationMm = 0
  for (const [i, part] of pull.entries()) {
    const demandMm = totalPull > 0 ? (ks * x.transpirationMm * part) / totalPull : 0
    const uptakeMm = Math.min(demandMm, taw[i]! - depletionMm[i]!)
    depletionMm[i]! += uptakeMm
    transpirationMm += uptakeMm
  }
  // evaporation takes from the topmost layer, including today's water
  const top = depletionMm.length > 0 ? taw[0]! - depletionMm[0]! : 0
  const evaporationMm = Math.min(x.evaporationMm, Math.max(0, top + x.inMm))
  if (depletionMm.length > 0) depletionMm[0]! += evaporationMm
  let waterMm = depletionMm.length > 0 ? x.inMm : x.inMm - evaporationMm
  for (let i = 0; i < depletionMm.length; i++) {
    const storedMm = Math.min(depletionMm[i]!, waterMm)
    depletionMm[i]! -= storedMm
    waterMm -= storedMm
  }
  return { depletionMm, ks, evaporationMm, transpirationMm, deepPercolationMm: waterMm }
}

// of the roots; unconfirmed
const COMPENSATED = 0.5

/** Share of the root uptake above a relative depth (0-1): 40, 30, 20, 10 % per quarter (USDA NEH 15, 1964). */
function rootShare(depth: number): number {
  const quarters = [0, 0.4, 0.7, 0.9, 1]
  const position = Math.min(1, Math.max(0, depth)) * 4
  const i = Math.min(3, Math.floor(position))
  return quarters[i]! + (position - i) * (quarters[i + 1]! - quarters[i]!)
}
