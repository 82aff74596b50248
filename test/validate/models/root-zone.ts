/**
 * Daily balance of a field with a known profile: the root zone of the dual crop coefficient, and the soil below it
 * down to the maximum rooting depth. Growing roots find the actual water there, where FAO-56 assumes the new layer at
 * field capacity. Depths in mm of water.
 */
import { assertNumbers, finite } from '../../../services/agronomy/finite.ts'
import type { Crop } from '../../../services/agronomy/crops/crop.ts'
import { dualDay, type DualState } from '../../../services/agronomy/water/dual-day.ts'
import { KC_MIN, tewMm } from '../../../services/agronomy/water/dual-kc.ts'
import { heightM, kcbOf, kcOf, rootDepthM, type KcClimate } from '../../../services/agronomy/crops/growth.ts'
import { tawMm } from '../../../services/agronomy/water/soil-water.ts'

export interface ProfileSoil {
  fieldCapacity: number // of the profile down to the maximum rooting depth, m³/m³
  wiltingPoint: number
  surface: { fieldCapacity: number; wiltingPoint: number; layerM: number; rewMm: number } // the evaporating layer
}

export interface ProfileDay {
  et0Mm: number
  rainMm: number
  irrigationMm: number // net
  wettedFraction: number // of an irrigation
  climate: KcClimate
}

export interface ProfileState extends DualState {
  rootDepthM: number
  belowMm: number // depletion between the roots and their maximum depth
}

/** Depletion down to the maximum rooting depth. */
export const profileDepletionMm = (state: ProfileState): number =>
  finite(state.depletionMm + state.belowMm, { depletionMm: state.depletionMm, belowMm: state.belowMm })

/** The state of a measured profile: `waterMm(toM)` is its water from the surface to a depth. */
export function profileState(
  waterMm: (toM: number) => number,
  soil: ProfileSoil,
  crop: Crop,
  age: number,
): ProfileState {
  assertNumbers(soil)
  const roots = rootDepthM(crop, age)
  const depletion = (fromM: number, toM: number) =>
    1000 * soil.fieldCapacity * (toM - fromM) - (waterMm(toM) - waterMm(fromM))
  const inRootsMm = depletion(0, roots)
  return {
    rootDepthM: roots,
    depletionMm: Math.max(0, inRootsMm),
    belowMm: depletion(roots, crop.rootMaxM) + Math.min(0, inRootsMm), // excess water of the root zone drains
    surfaceDepletionMm: tewMm(soil.surface, soil.surface.layerM) / 2, // unknown: between wet and dry
    wettedFraction: 1,
  }
}

/** One day. `kcbScale`: the Kcb of this field relative to the table's. */
export function profileDay(
  before: ProfileState,
  day: ProfileDay,
  soil: ProfileSoil,
  crop: Crop,
  age: number,
  kcbScale: number,
): ProfileState {
  assertNumbers(before)
  const grown = extendRoots(before, rootDepthM(crop, age), crop.rootMaxM)
  const { surface } = soil
  const dual = dualDay({
    before: grown,
    kcb: kcbScale * (kcbOf(crop, age, day.climate) ?? kcOf(crop, age, day.climate)),
    kcMin: KC_MIN,
    heightM: heightM(crop, age),
    climate: day.climate,
    tawMm: tawMm(soil, grown.rootDepthM),
    pTable: crop.p,
    tewMm: tewMm(surface, surface.layerM),
    rewMm: surface.rewMm,
    layerShare: 0,
    curveNumber: null,
    et0Mm: day.et0Mm,
    dayShare: 1,
    rainMm: day.rainMm,
    irrigation: { mm: day.irrigationMm, wettedFraction: day.wettedFraction, isUnderCanopy: false },
    capillaryMm: 0,
  })
  return {
    depletionMm: dual.depletionMm,
    surfaceDepletionMm: dual.surfaceDepletionMm,
    wettedFraction: dual.wettedFraction,
    rootDepthM: grown.rootDepthM,
    // drainage fills the soil below first; initial excess water is retained
    belowMm: Math.max(Math.min(0, grown.belowMm), grown.belowMm - dual.deepPercolationMm),
  }
}

/** Growing roots take over their share of the depletion below. */
function extendRoots(state: ProfileState, rootDepthM: number, deepestM: number): ProfileState {
  const belowM = deepestM - state.rootDepthM
  const grownM = Math.min(belowM, rootDepthM - state.rootDepthM)
  if (!(grownM > 0)) return state
  const takenMm = (state.belowMm * grownM) / belowM
  const inRootsMm = state.depletionMm + takenMm
  return {
    ...state,
    rootDepthM: state.rootDepthM + grownM,
    depletionMm: Math.max(0, inRootsMm),
    belowMm: state.belowMm - takenMm + Math.min(0, inRootsMm),
  }
}
