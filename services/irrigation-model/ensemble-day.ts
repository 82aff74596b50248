/** A day of every member of a field's ensemble: canopy growth, uptake, evaporation and infiltration. */
import { coverAfter, krFallingRate, KE_MAX, kcbOfCover, transpirationShare } from './canopy.ts'
import { ks, type CropStress, usedShare } from './crop-stress.ts'
import { rootsOf, type RootsAt } from './ensemble-members.ts'
import {
  param,
  clampMembers,
  hasProbes,
  heldOf,
  heldShareOf,
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
/** of a normal number: one run in twenty does not start */
const NOT_STARTED = 1.645

interface EnsembleDay extends RootsAt {
  days: number // of Table 11 that pass in the day
  et0Mm: number
  surface: { tewMm: number; rewMm: number }
  wettedFraction: number // of the ground, by the last rain or irrigation
  rainMm: number | null // infiltrated
  irrigationMm: number // net, as it should arrive
  /** without a meter a run that was ordered may not have started */
  isMetered: boolean
  stress: CropStress
  /** Ks of salt, 1 without it */
  saltKs?: number
  /** share of the day's light that has passed, 0-1; the whole day where absent */
  dayShare?: number
  /** Kcb of the day's wind and humidity over that of the tables (FAO-56 Eq. 70); 1 where absent */
  climateFactor?: number
  /** the wetted ground is shaded by the crop, as under drip */
  isUnderCanopy?: boolean
  /** rise from a water table into the roots, mm */
  capillaryMm?: number
  /** standard deviations of the day's inputs where they exceed the usual errors, mm */
  sdMm?: { et0: number; rain: number; irrigation: number }
}

/** The water of a day, mm: the means of the members. */
export interface DayWater {
  /** use of an unstressed crop, without evaporation */
  basalMm: number
  transpiredMm: number
  evaporatedMm: number
  /** below the roots */
  percolatedMm: number
}

/**
 * A day of every member: leaves grow, roots and surface take by yesterday's water, rain and irrigation fill the
 * layers from the top. The members without readings have the same errors of the day.
 */
export function advanceEnsemble(field: FieldEnsemble, day: EnsembleDay): DayWater {
  const { layers, states, skinMm, unprobed, canopy } = field
  const mean: DayWater = { basalMm: 0, transpiredMm: 0, evaporatedMm: 0, percolatedMm: 0 }
  for (let m = 0; m < states.length; m++) {
    const errors = drawErrors(field, day)
    const water = advanceMember(field, { state: states[m]!, skinMm, m }, day, errors)
    mean.basalMm += water.basalMm / states.length
    mean.transpiredMm += water.transpiredMm / states.length
    mean.evaporatedMm += water.evaporatedMm / states.length
    mean.percolatedMm += water.percolatedMm / states.length
    if (hasProbes(field)) {
      const twin = { state: unprobed.states[m]!, skinMm: unprobed.skinMm, m }
      advanceMember(field, twin, day, errors)
    }
  }
  clampMembers(field)
  if (hasProbes(field)) clampMembers({ layers, states: unprobed.states, canopy })
  return mean
}

/** The errors of a day of one member. */
interface DayErrors {
  air: number
  rainMm: number
  appliedShare: number
  isStarted: boolean
  layersMm: Float64Array
  use: number
  arrival: number
  sensors: Float64Array
}

function drawErrors({ layers, sensorDepthsM, draws }: FieldEnsemble, day: EnsembleDay): DayErrors {
  const { sdMm } = day
  const rainMm = day.rainMm ?? 0
  return {
    air: Math.max(0, 1 + Math.max(ET0_SHARE, shareOf(sdMm?.et0, day.et0Mm)) * draws()),
    rainMm:
      day.rainMm === null
        ? Math.max(0, UNKNOWN_RAIN_SD_MM * draws() - UNKNOWN_RAIN_SD_MM / 2)
        : Math.max(0, rainMm * (1 + Math.max(RAIN_SHARE, shareOf(sdMm?.rain, rainMm)) * draws())),
    appliedShare: 1 + Math.max(APPLIED_SHARE, shareOf(sdMm?.irrigation, day.irrigationMm)) * draws(),
    isStarted: day.irrigationMm === 0 || day.isMetered || draws() < NOT_STARTED,
    layersMm: drawEach(layers.length, LAYER_MM, draws),
    use: USE_DRIFT * draws(),
    arrival: ARRIVAL_DRIFT * draws(),
    sensors: drawEach(sensorDepthsM.length, SENSOR_DRIFT, draws),
  }
}

function drawEach(count: number, sd: number, draws: () => number): Float64Array {
  const errors = new Float64Array(count)
  for (let i = 0; i < count; i++) errors[i] = sd * draws()
  return errors
}

const shareOf = (sdMm = 0, ofMm: number): number => (ofMm > 0 ? Math.min(1, sdMm / ofMm) : 0)

function advanceMember(
  field: FieldEnsemble,
  x: { state: Float64Array; skinMm: Float64Array; m: number },
  day: EnsembleDay,
  errors: DayErrors,
): DayWater {
  const { layers, canopy } = field
  const { state, skinMm, m } = x
  const { stress, et0Mm } = day
  const passedMm = et0Mm * (day.dayShare ?? 1)
  const { air, rainMm } = errors
  const n = layers.length
  const level = state[n + param.level]!
  const capacitiesMm = maxDeficitsMm(layers, level)
  const irrigationMm = errors.isStarted
    ? Math.max(0, day.irrigationMm * state[n + param.arrival]! * errors.appliedShare)
    : 0
  const { depletionMm, tawMm, heldShare, rootM } = rootsOf(field, state, day)
  const tolerance = state[n + param.tolerance]!
  const used = usedShare(depletionMm, tawMm, heldShare) - tolerance
  const ages = { leavesD: day.ageD - state[n + param.late]!, ripeD: day.ageD - state[n + param.ripe]! }
  const cover = coverAfter(canopy, state[n + param.cover]!, ages, day.days, ks(stress.leaves, used, et0Mm))
  state[n + param.cover] = cover
  const kcb = kcbOfCover(canopy, cover, ages.leavesD) * (day.climateFactor ?? 1)
  const basalMm = kcb * state[n + param.use]! * passedMm * air
  const wantedMm = basalMm * ks(stress.stomata, used, et0Mm) * (day.saltKs ?? 1)
  const sink = Math.exp(state[n + param.sink]!)
  const uptake = state[n + param.uptake]!
  const transpiredMm = takeUpWater(field, state, { stress, wantedMm, rootM, uptake, sink, tolerance, level })
  const shade = transpirationShare(cover)
  // FAO-56 p. 149: under drip the wetted ground is shaded
  const wetted = day.isUnderCanopy ? day.wettedFraction * (1 - (2 / 3) * shade) : day.wettedFraction
  const bare = Math.min(wetted, Math.max(0, 1 - shade))
  const dries = KE_MAX * bare * state[n + param.bare]! * passedMm * air
  const freeMm = Math.min(dries, skinMm[m]!)
  skinMm[m] = Math.min(day.surface.rewMm, skinMm[m]! - freeMm + rainMm + irrigationMm)
  const lacksMm = state[0]! + freeMm
  const dryingMm = (dries - freeMm) * krFallingRate(lacksMm, day.surface.tewMm)
  state[0] = lacksMm + dryingMm
  const percolatedMm = fillFromTop(state, layers, { inMm: rainMm + irrigationMm, rootM, capacitiesMm })
  if (day.capillaryMm) fillFromBelow(state, layers, { risingMm: day.capillaryMm, rootM })
  // a full or an empty layer has no error to either side, so that errors add no water
  for (let i = 0; i < n; i++) {
    const share = Math.min(1, Math.max(0, state[i]! / capacitiesMm[i]!))
    state[i] = state[i]! + errors.layersMm[i]! * 2 * Math.sqrt(share * (1 - share))
  }
  state[n + param.use] = state[n + param.use]! + errors.use
  state[n + param.arrival] = state[n + param.arrival]! + errors.arrival
  for (let s = 0; s < errors.sensors.length; s++)
    state[n + PARAM_COUNT + s] = state[n + PARAM_COUNT + s]! + errors.sensors[s]!
  return { basalMm, transpiredMm, evaporatedMm: freeMm + dryingMm, percolatedMm }
}

/**
 * Share of what a layer lacks that it takes of as much water; the rest passes. Water reaches the next layer before one is full,
 * since pores and cracks lead it past (Beven & Germann 1982, Water Resour. Res. 18:1311) and what is held moves on for days. The
 * exponential form is that of the forecast of soil moisture; the share fits the profiles of Maricopa. Unconfirmed elsewhere
 */
const WETTED_SHARE = 0.7

/** Fills the layers from the top; the more water passes a layer, the fuller it gets. Returns the mm that pass the roots. */
function fillFromTop(
  state: Float64Array,
  layers: readonly EnsembleLayer[],
  { inMm, rootM, capacitiesMm }: { inMm: number; rootM: number; capacitiesMm: readonly number[] },
): number {
  let leftMm = inMm
  let passedMm = inMm
  let fromM = 0
  for (let i = 0; i < layers.length; i++) {
    const { toM } = layers[i]!
    const lackMm = Math.min(state[i]!, capacitiesMm[i]!)
    // a layer above its field capacity gives what is too much
    const takenMm =
      lackMm <= 0
        ? lackMm
        : Math.min(leftMm, lackMm * (1 - Math.exp((Math.log(1 - WETTED_SHARE) * leftMm) / lackMm)))
    state[i] = lackMm - takenMm
    leftMm -= takenMm
    passedMm -= takenMm * Math.min(1, Math.max(0, (rootM - fromM) / (toM - fromM)))
    fromM = toM
  }
  return passedMm
}

/** Fills the rooted layers from the lowest upwards. */
function fillFromBelow(
  state: Float64Array,
  layers: readonly EnsembleLayer[],
  { risingMm, rootM }: { risingMm: number; rootM: number },
): void {
  let leftMm = risingMm
  for (let i = layers.length - 1; i >= 0 && leftMm > 0; i--) {
    if (i > 0 && layers[i - 1]!.toM >= rootM) continue
    const takenMm = Math.min(leftMm, Math.max(0, state[i]!))
    state[i] = state[i]! - takenMm
    leftMm -= takenMm
  }
}

interface RootsNow {
  stress: CropStress
  wantedMm: number
  rootM: number
  /** share of `wantedMm` that is taken in proportion (`param.uptake`), 0-1 */
  uptake: number
  sink: number // uptake from wet soil at the surface, m³/m³ a day
  tolerance: number
  level: number
}
type Soil = Pick<FieldEnsemble, 'layers' | 'sensorDepthsM'>

/** Of the layers of one call, mm: one array for all members and days. */
let possible = new Float64Array(0)

/**
 * Takes the water that roots want from the layers, as far as these give it. A part is taken from the top down: each layer gives
 * what it can before the next one (FAO 66; AquaCrop reference manual, Smx). Of the rest each layer gives the same share of what
 * it can (Feddes, Kowalik & Zaradny 1978, Simulation of field water use and crop yield), so that wet layers supply what dry
 * ones lack (Jarvis 1989, J. Hydrol. 107:57). Returns the mm taken.
 */
function takeUpWater(soil: Soil, state: Float64Array, roots: RootsNow): number {
  const { wantedMm, uptake } = roots
  if (possible.length < soil.layers.length) possible = new Float64Array(soil.layers.length)
  let sumMm = 0
  let count = 0
  for (; count < soil.layers.length && isRooted(soil, count, roots); count++)
    sumMm += possible[count] = possibleMm(soil, state, count, roots)
  const share = sumMm > wantedMm ? wantedMm / sumMm : 1
  let leftMm = wantedMm
  for (let i = 0; i < count; i++) {
    const fromTopMm = Math.min(leftMm, possible[i]!)
    leftMm -= fromTopMm
    state[i] = state[i]! + (1 - uptake) * fromTopMm + uptake * share * possible[i]!
  }
  return share * sumMm
}

const topOf = ({ layers }: Soil, i: number): number => (i === 0 ? 0 : layers[i - 1]!.toM)
const isRooted = (soil: Soil, i: number, { rootM }: RootsNow): boolean => topOf(soil, i) < rootM

/** Root uptake at the tips relative to the surface. FAO 66 has 0.2-0.35 */
const SINK_AT_TIPS = 0.27

/** The most that the roots in a layer take in a day: fewer of them at depth, less from dry soil. */
function possibleMm(
  soil: Soil,
  state: Float64Array,
  i: number,
  { stress, rootM, sink, tolerance, level }: RootsNow,
): number {
  const layer = soil.layers[i]!
  const fromM = topOf(soil, i)
  const tipM = Math.min(rootM, layer.toM)
  const depthShare = (fromM + tipM) / 2 / rootM
  const mostMm = sink * (1 + (SINK_AT_TIPS - 1) * depthShare) * 1000 * (tipM - fromM)
  const holdsMm = heldOf(layer, level) * thicknessMm(soil.layers, i)
  const lacksMm = state[i]!
  const used = usedShare(lacksMm, holdsMm, heldShareOf(soil, layer, level))
  const freely = ks(stress.stomata, used - tolerance, NEUTRAL_ET0_MM)
  return Math.min(mostMm * freely, Math.max(0, holdsMm - lacksMm))
}
/** at which no threshold shifts */
const NEUTRAL_ET0_MM = 5
