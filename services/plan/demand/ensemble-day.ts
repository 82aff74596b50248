/** A day of every member of a field's ensemble: leaves grow, roots and air take, what falls sinks. */
import { coverAfter, drying, KE_MOST, kcbOfCover, takenBy } from './canopy.ts'
import { ks, type CropStress } from './crop-stress.ts'
import { rootsOf, type RootsAt } from './ensemble-members.ts'
import {
  at,
  hold,
  holdsOf,
  OWN,
  thicknessMm,
  type EnsembleLayer,
  type FieldEnsemble,
} from './field-ensemble.ts'

// what wanders in a day
const USE_DRIFT = 0.003
const ARRIVAL_DRIFT = 0.004
const SENSOR_DRIFT = 0.0007
// errors of a day
const ET0_SHARE = 0.1
const RAIN_SHARE = 0.1
const APPLIED_SHARE = 0.05
const LAYER_MM = 0.25 // of a layer: water that moves as no bucket does
const UNKNOWN_RAIN_SD_MM = 4

export interface EnsembleDay extends RootsAt {
  days: number // of Table 11 that the day brought
  et0Mm: number
  surface: { tewMm: number; rewMm: number }
  wettedFraction: number // of the ground, by the last rain or irrigation
  rainMm: number | null // that came in
  irrigationMm: number // net, as it should arrive
  stress: CropStress
}

/** A day of every member: leaves grow, roots and air take by yesterday's water, what falls sinks from layer to layer. */
export function passEnsembleDay(field: FieldEnsemble, day: EnsembleDay): void {
  const { layers, states, canopy, draws } = field
  const { stress, et0Mm } = day
  const n = layers.length
  const holds = holdsOf(layers)
  const pull = new Float64Array(n)
  for (const state of states) {
    const air = Math.max(0, 1 + ET0_SHARE * draws())
    const rainMm =
      day.rainMm === null
        ? Math.max(0, UNKNOWN_RAIN_SD_MM * draws() - UNKNOWN_RAIN_SD_MM / 2)
        : Math.max(0, day.rainMm * (1 + RAIN_SHARE * draws()))
    const irrigationMm = Math.max(
      0,
      day.irrigationMm * state[n + at.arrival]! * (1 + APPLIED_SHARE * draws()),
    )
    const { depletionMm, tawMm, rootM } = rootsOf(field, state, day)
    const used = depletionMm / tawMm
    const ages = { leavesD: day.ageD - state[n + at.late]!, ripeD: day.ageD - state[n + at.ripe]! }
    const cover = coverAfter(canopy, state[n + at.cover]!, ages, day.days, ks(stress.leaves, used, et0Mm))
    state[n + at.cover] = cover
    const basalMm = kcbOfCover(canopy, cover) * state[n + at.use]! * et0Mm * air
    const wantedMm = basalMm * ks(stress.stomata, used, et0Mm)
    drink(state, holds, layers, pull, { wantedMm, rootM, scaleM: Math.exp(state[n + at.scale]!) })
    const bare = Math.min(day.wettedFraction, Math.max(0, 1 - takenBy(cover)))
    state[0] = state[0]! + drying(state[0]!, day.surface) * KE_MOST * bare * et0Mm * air
    let inMm = rainMm + irrigationMm
    for (let i = 0; i < n; i++) {
      const lackMm = Math.min(state[i]!, holds[i]!)
      const takenMm = Math.min(inMm, lackMm)
      state[i] = lackMm - takenMm
      inMm -= takenMm
    }
    for (let i = 0; i < n; i++) state[i] = state[i]! + LAYER_MM * draws()
    state[n + at.use] = state[n + at.use]! + USE_DRIFT * draws()
    state[n + at.arrival] = state[n + at.arrival]! + ARRIVAL_DRIFT * draws()
    for (let s = n + OWN; s < state.length; s++) state[s] = state[s]! + SENSOR_DRIFT * draws()
  }
  hold(field)
}

/** Each layer gives by its roots and its water; what one lacks the others give (FAO 66: roots find water where it is). */
function drink(
  state: Float64Array,
  holds: readonly number[],
  layers: readonly EnsembleLayer[],
  pull: Float64Array,
  { wantedMm, rootM, scaleM }: { wantedMm: number; rootM: number; scaleM: number },
): void {
  const surfaceMm = (layers[0]!.fieldCapacity - layers[0]!.wiltingPoint) * thicknessMm(layers, 0)
  let found = 0
  let fromM = 0
  let above = 0
  for (let i = 0; i < holds.length; i++) {
    const toM = Math.min(rootM, layers[i]!.toM)
    const below = toM > fromM ? 1 - Math.exp(-toM / scaleM) : above
    // a layer gives freely until a quarter of its water is left
    pull[i] =
      (below - above) * Math.min(1, Math.max(0, 1 - state[i]! / (i === 0 ? surfaceMm : holds[i]!)) / 0.25)
    found += pull[i]!
    above = below
    fromM = layers[i]!.toM
  }
  if (found <= 0) return
  for (let i = 0; i < holds.length; i++) state[i] = state[i]! + (wantedMm * pull[i]!) / found
}
