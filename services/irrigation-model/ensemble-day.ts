/** A day of every member of a field's ensemble: canopy growth, uptake, evaporation and infiltration. */
import { coverAfter, krFallingRate, KE_MAX, kcbOfCover, transpirationShare } from './canopy.ts'
import { ks, type CropStress } from './crop-stress.ts'
import { rootsOf, type RootsAt } from './ensemble-members.ts'
import {
  param,
  clampMembers,
  maxDeficitsMm,
  PARAM_COUNT,
  thicknessMm,
  type EnsembleLayer,
  type FieldEnsemble,
} from './field-ensemble.ts'

// drift of a day
const USE_DRIFT = 0.003
const ARRIVAL_DRIFT = 0.004
const SENSOR_DRIFT = 0.0007
// errors of a day
const ET0_SHARE = 0.1
const RAIN_SHARE = 0.1
const APPLIED_SHARE = 0.05
const LAYER_MM = 0.25 // of a layer: water movement that a bucket model lacks
const UNKNOWN_RAIN_SD_MM = 4

interface EnsembleDay extends RootsAt {
  days: number // of Table 11 that pass in the day
  et0Mm: number
  surface: { tewMm: number; rewMm: number }
  wettedFraction: number // of the ground, by the last rain or irrigation
  rainMm: number | null // infiltrated
  irrigationMm: number // net, as it should arrive
  stress: CropStress
}

/**
 * A day of every member: leaves grow, roots and surface take by yesterday's water, rain and irrigation fill the
 * layers from the top.
 */
export function advanceEnsemble(field: FieldEnsemble, day: EnsembleDay): void {
  const { layers, states, canopy, draws } = field
  const { stress, et0Mm } = day
  const n = layers.length
  const capacitiesMm = maxDeficitsMm(layers)
  for (const [m, state] of states.entries()) {
    const air = Math.max(0, 1 + ET0_SHARE * draws())
    const rainMm =
      day.rainMm === null
        ? Math.max(0, UNKNOWN_RAIN_SD_MM * draws() - UNKNOWN_RAIN_SD_MM / 2)
        : Math.max(0, day.rainMm * (1 + RAIN_SHARE * draws()))
    const irrigationMm = Math.max(
      0,
      day.irrigationMm * state[n + param.arrival]! * (1 + APPLIED_SHARE * draws()),
    )
    const { depletionMm, tawMm, rootM } = rootsOf(field, state, day)
    const used = depletionMm / tawMm
    const ages = { leavesD: day.ageD - state[n + param.late]!, ripeD: day.ageD - state[n + param.ripe]! }
    const cover = coverAfter(canopy, state[n + param.cover]!, ages, day.days, ks(stress.leaves, used, et0Mm))
    state[n + param.cover] = cover
    const basalMm = kcbOfCover(canopy, cover, ages.leavesD) * state[n + param.use]! * et0Mm * air
    const wantedMm = basalMm * ks(stress.stomata, used, et0Mm)
    takeUpWater(state, layers, stress, { wantedMm, rootM, sink: Math.exp(state[n + param.sink]!) })
    const bare = Math.min(day.wettedFraction, Math.max(0, 1 - transpirationShare(cover)))
    const dries = KE_MAX * bare * state[n + param.bare]! * et0Mm * air
    const skinMm = field.skinMm[m]!
    const freeMm = Math.min(dries, skinMm)
    field.skinMm[m] = Math.min(day.surface.rewMm, skinMm - freeMm + rainMm + irrigationMm)
    const lacksMm = state[0]! + freeMm
    state[0] = lacksMm + (dries - freeMm) * krFallingRate(lacksMm, day.surface.tewMm)
    let inMm = rainMm + irrigationMm
    for (let i = 0; i < n; i++) {
      const lackMm = Math.min(state[i]!, capacitiesMm[i]!)
      const takenMm = Math.min(inMm, lackMm)
      state[i] = lackMm - takenMm
      inMm -= takenMm
    }
    for (let i = 0; i < n; i++) state[i] = state[i]! + LAYER_MM * draws()
    state[n + param.use] = state[n + param.use]! + USE_DRIFT * draws()
    state[n + param.arrival] = state[n + param.arrival]! + ARRIVAL_DRIFT * draws()
    for (let s = n + PARAM_COUNT; s < state.length; s++) state[s] = state[s]! + SENSOR_DRIFT * draws()
  }
  clampMembers(field)
}

/** Root uptake at the tips relative to the surface. FAO 66 has 0.2-0.35 */
const SINK_AT_TIPS = 0.27

/**
 * Uptake from the top down, from each layer as much as its own water content allows (FAO 66; AquaCrop reference
 * manual, Smx).
 */
function takeUpWater(
  state: Float64Array,
  layers: readonly EnsembleLayer[],
  stress: CropStress,
  { wantedMm, rootM, sink }: { wantedMm: number; rootM: number; sink: number },
): void {
  let left = wantedMm
  let fromM = 0
  for (let i = 0; i < layers.length && left > 0; i++) {
    const { fieldCapacity, wiltingPoint, toM } = layers[i]!
    const tipM = Math.min(rootM, toM)
    if (tipM <= fromM) break
    const share = (fromM + tipM) / 2 / rootM
    const mostMm = sink * (1 + (SINK_AT_TIPS - 1) * share) * 1000 * (tipM - fromM)
    const holdsMm = (fieldCapacity - wiltingPoint) * thicknessMm(layers, i)
    const lacksMm = state[i]!
    const freely = ks(stress.stomata, lacksMm / holdsMm, NEUTRAL_ET0_MM)
    const uptakeMm = Math.min(left, mostMm * freely, Math.max(0, holdsMm - lacksMm))
    state[i] = lacksMm + uptakeMm
    left -= uptakeMm
    fromM = toM
  }
}
/** at which no threshold shifts */
const NEUTRAL_ET0_MM = 5
