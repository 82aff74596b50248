/**
 * A field's water and leaves as an ensemble (Evensen 1994, J. Geophys. Res. 99:10143). Each member has its own
 * layers of water and its own cover, and its own errors that last all season: crop use relative to the tables,
 * delay, depth and uptake of roots, evaporation of bare soil, arriving share of an irrigation, bias of each
 * sensor. `ensemble-day.ts` advances them by a day, `ensemble-reading.ts` assimilates a reading. Deterministic:
 * the same season has the same members.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { sum } from '../runtime/math.ts'
import { canopyOf, type Canopy } from './canopy.ts'
import { stressOf } from './crop-stress.ts'

export interface EnsembleLayer {
  toM: number
  fieldCapacity: number
  wiltingPoint: number
}

export interface FieldEnsemble {
  layers: readonly EnsembleLayer[]
  /** by member: the layers' depletion, mm; then the parameters of `param`; then the sensors' biases, m³/m³ */
  states: Float64Array[]
  /** by member: water on the soil's skin that evaporates freely, mm; readings do not update it */
  skinMm: Float64Array
  /** the same members by weather and irrigation alone: no reading has changed them */
  unprobed: { states: Float64Array[]; skinMm: Float64Array }
  sensorDepthsM: readonly number[]
  canopy: Canopy
  draws: () => number
}

export const MEMBER_COUNT = 64
/** Index of a member's own parameters, after its layers. */
export const param = {
  use: 0, // of the tables' Kcb
  arrival: 1, // arriving share of a reported irrigation
  sink: 2, // logarithm of the root uptake from wet soil at the surface, m³/m³ a day
  deep: 3, // of the expected rooting depth
  late: 4, // days of Table 11 that its leaves are behind
  ripe: 5, // days of Table 11 that its ripening is behind
  cover: 6, // of the ground, 0-1: neither persistent nor updated by readings
  bare: 7, // evaporation of bare soil relative to the expected
  tolerance: 8, // shift of its stress thresholds from the tables, share of TAW
  level: 9, // shift of field capacity from the entered one, m³/m³; the wilting point follows upwards alone
  uptake: 10, // share of the roots' uptake that every layer gives in proportion to what it can; the rest is from the top down
} as const
export const PARAM_COUNT = 11

// standard deviations of the persistent parameters. Unconfirmed for a field
/** FAO-56 gives its Kc to about a tenth, for a full unstressed stand: most fields use a little less. */
const USE_MEAN = 0.95
const USE_SD = 0.1
const ARRIVAL_SD = 0.08
/**
 * Maximum root uptake: 0.04-0.05 at the surface for the crops of FAO 66 (AquaCrop reference manual, Annex I).
 */
const SINK = 0.045
const SINK_SD = 0.4 // of the logarithm
/** Part of a soil's drying that no table has: stubble, cracks, shade, a crust. Unconfirmed */
const BARE_SD = 0.2
/** The middle of the ranges of FAO-56 Table 22; the expected depth is their larger value. */
const DEEP_MEAN = 0.8
const DEEP_SD = 0.22
/** of the days to full cover */
const LATE_SD = 0.15
/** of the days of the season: varieties are sown for the place */
const RIPE_SD = 0.05
// calibration by the manufacturer and position together: 0.03 each (probe.ts), as one sensor shows them
export const SENSOR_SD = 0.035
// the tables describe a full unstressed stand: most fields use less (FAO-56 chapter 9)
const USE_BOUNDS = [0.7, 1.15] as const
const ARRIVAL_BOUNDS = [0.5, 1.1] as const
const SINK_BOUNDS = [Math.log(0.012), Math.log(0.15)] as const
const BARE_BOUNDS = [0.5, 1.5] as const
const DEEP_BOUNDS = [0.5, 1.6] as const
/** Varieties differ. Unconfirmed */
const TOLERANCE_SD = 0.1
const TOLERANCE_BOUNDS = [-0.3, 0.2] as const
const LEVEL_BOUNDS = [-0.1, 0.1] as const
/**
 * From the top down, as FAO 66 has it, but for a part at every depth, which the profiles of Maricopa show (docs/agronomy.md).
 * Unconfirmed elsewhere
 */
export const UPTAKE_MEAN = 0.2
const UPTAKE_SD = 0.25
const UPTAKE_BOUNDS = [0, 1] as const
/** A soil holds at least this between its limits, m³/m³. */
const LEAST_HELD = 0.03
/** Layers extend so far beyond the expected roots. */
export const DEEPEST = 1.4

/** The first edge is that of the evaporating layer. FAO-56 chapter 7: 0.10-0.15 m */
export const SURFACE_M = 0.15
// thin at the sensors: uptake from the top down leaves a sharp edge of dry soil
const EDGES_M = [
  ...[SURFACE_M, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85],
  ...[1, 1.2, 1.4, 1.6, 1.8, 2.1, 2.5, 3],
]

/** Layers to the deepest roots that the decision counts on. */
export function ensembleLayers(
  toM: number,
  limitsOf: (fromM: number, toM: number) => { fieldCapacity: number; wiltingPoint: number },
): EnsembleLayer[] {
  const edges = [...EDGES_M.filter((edge) => edge < toM - 0.05), toM]
  return edges.map((edge, i) => ({ toM: edge, ...limitsOf(i === 0 ? 0 : edges[i - 1]!, edge) }))
}

/** Mean and standard deviation of a parameter. */
export interface Gaussian {
  mean: number
  sd: number
}

const persistent = ['use', 'arrival', 'sink', 'deep', 'late', 'ripe', 'bare', 'tolerance', 'uptake'] as const

/** The persistent parameters before the first day; from the field's own last season where known. */
export type Prior = Record<'level' | (typeof persistent)[number], Gaussian> & {
  sensors: readonly Gaussian[]
}

/**
 * For a field without a past season. `sensors`: their number; each starts without a bias, in m³/m³. `levelSd`: standard
 * deviation of the entered limits of the soil, m³/m³. The thresholds of stress are half way between the two that the FAO has
 * printed for the crop.
 */
export function defaultPrior(crop: Crop, sensors: number, levelSd: number): Prior {
  const canopy = canopyOf(crop)
  return {
    use: { mean: USE_MEAN, sd: USE_SD },
    arrival: { mean: 1, sd: ARRIVAL_SD },
    sink: { mean: Math.log(SINK), sd: SINK_SD },
    deep: { mean: DEEP_MEAN, sd: DEEP_SD },
    late: { mean: 0, sd: LATE_SD * canopy.fullD },
    ripe: { mean: 0, sd: RIPE_SD * canopy.endD },
    bare: { mean: 1, sd: BARE_SD },
    tolerance: { mean: Math.min(0, crop.p - stressOf(crop).stomata.from) / 2, sd: TOLERANCE_SD },
    level: { mean: 0, sd: levelSd },
    uptake: { mean: UPTAKE_MEAN, sd: UPTAKE_SD },
    sensors: Array.from({ length: sensors }, () => ({ mean: 0, sd: SENSOR_SD })),
  }
}

/** The water of all layers: their content, m³/m³, also by depth, or the depleted share of their capacity, with its standard deviation. */
export type StartWater =
  | { vwc: number; sd: number }
  | { vwcAt: (depthM: number) => number; sd: number }
  | { depletedShare: number; sd: number }
const vwcOf = (start: Exclude<StartWater, { depletedShare: number }>, depthM: number): number =>
  'vwc' in start ? start.vwc : start.vwcAt(depthM)
/** Nothing is known. */
export const unknownStart: StartWater = { depletedShare: 0.5, sd: 0.29 }

/** `prior.sensors` and `sensorDepthsM` must have the same order. The same `seed` gives the same members. */
export function createEnsemble(
  layers: readonly EnsembleLayer[],
  sensorDepthsM: readonly number[],
  start: StartWater,
  { canopy, prior }: { canopy: Canopy; prior: Prior },
  seed: number,
): FieldEnsemble {
  const draws = normalNumbers(seed)
  const n = layers.length
  const states = Array.from(
    { length: MEMBER_COUNT },
    () => new Float64Array(n + PARAM_COUNT + sensorDepthsM.length),
  )
  const drawEach = (j: number, { mean, sd }: Gaussian): void => {
    for (const [m, z] of standardNumbers(states.length, draws).entries()) states[m]![n + j] = mean + sd * z
  }
  drawEach(param.level, prior.level)
  fillLayers(states, layers, start, draws)
  for (const key of persistent) drawEach(param[key], prior[key])
  for (const state of states)
    state[n + param.cover] = canopy.coverStart * Math.exp(-canopy.growth * state[n + param.late]!)
  for (const [s, sensor] of prior.sensors.entries()) drawEach(PARAM_COUNT + s, sensor)
  const skinMm = new Float64Array(MEMBER_COUNT)
  clampMembers({ layers, states, canopy })
  const unprobed = { states: states.map((state) => state.slice()), skinMm: skinMm.slice() }
  return { layers, states, skinMm, unprobed, sensorDepthsM, canopy, draws }
}

/**
 * Returns a share of the members to their state without readings, spread over all of them: after readings that proved
 * wrong, what they changed is in doubt.
 */
export function forgetReadings(field: FieldEnsemble, share = 1): void {
  const { states, skinMm } = field.unprobed
  const isForgotten = (m: number): boolean => Math.floor((m + 1) * share) > Math.floor(m * share)
  field.states = field.states.map((state, m) => (isForgotten(m) ? states[m]!.slice() : state))
  field.skinMm = field.skinMm.map((mm, m) => (isForgotten(m) ? skinMm[m]! : mm))
}

/** Keeps one member of eight, for a mean that no decision compares. */
export function thinMembers(field: FieldEnsemble): void {
  const { unprobed } = field
  const isKept = (_: unknown, m: number): boolean => m % 8 === 0
  field.states = field.states.filter(isKept)
  field.skinMm = field.skinMm.filter(isKept)
  field.unprobed = { states: unprobed.states.filter(isKept), skinMm: unprobed.skinMm.filter(isKept) }
}

/** Sets the water of every member, as measured or assumed; its leaves and errors stay. */
export function resetWater(field: FieldEnsemble, start: StartWater): void {
  const { layers, states, unprobed, draws } = field
  fillLayers(states, layers, start, draws)
  for (const [m, state] of states.entries()) unprobed.states[m]!.set(state.subarray(0, layers.length))
}

function fillLayers(
  states: readonly Float64Array[],
  layers: readonly EnsembleLayer[],
  start: StartWater,
  draws: () => number,
): void {
  const common = standardNumbers(states.length, draws)
  for (const [m, state] of states.entries())
    for (const [i, layer] of layers.entries()) {
      const { fieldCapacity, toM } = layer
      const level = state[layers.length + param.level]!
      const capacity = heldOf(layer, level)
      const middleM = (toM + (i === 0 ? 0 : layers[i - 1]!.toM)) / 2
      const commonError = start.sd * common[m]!
      const lacks =
        'depletedShare' in start
          ? capacity * (start.depletedShare + commonError + 0.1 * draws())
          : fieldCapacity + level - vwcOf(start, middleM) + commonError + 0.5 * start.sd * draws()
      state[i] = Math.min(capacity, Math.max(0, lacks)) * thicknessMm(layers, i)
    }
}

/**
 * Normal numbers with a mean of exactly 0 and a standard deviation of exactly 1: the means of so few members are then those of
 * the prior, not what chance makes of them (second-order exact sampling: Pham 2001, Mon. Wea. Rev. 129:1194).
 */
function standardNumbers(count: number, draws: () => number): number[] {
  const numbers = Array.from({ length: count }, draws)
  const center = sum(numbers) / count
  const sd = Math.sqrt(sum(numbers.map((z) => (z - center) ** 2)) / count)
  return numbers.map((z) => (z - center) / sd)
}

/** Clamps every member to the possible range. */
export function clampMembers({
  layers,
  states,
  canopy,
}: Pick<FieldEnsemble, 'layers' | 'states' | 'canopy'>): void {
  const n = layers.length
  const bounds: readonly (readonly [j: number, lo: number, hi: number])[] = [
    [param.use, ...USE_BOUNDS],
    [param.arrival, ...ARRIVAL_BOUNDS],
    [param.sink, ...SINK_BOUNDS],
    [param.bare, ...BARE_BOUNDS],
    [param.deep, ...DEEP_BOUNDS],
    [param.tolerance, ...TOLERANCE_BOUNDS],
    [param.level, ...LEVEL_BOUNDS],
    [param.uptake, ...UPTAKE_BOUNDS],
    [param.late, -0.4 * canopy.fullD, 0.4 * canopy.fullD],
    [param.ripe, -0.15 * canopy.endD, 0.15 * canopy.endD],
    [param.cover, 0.001, canopy.coverMax],
  ]
  for (const state of states) {
    for (const [j, lo, hi] of bounds) state[n + j] = Math.min(hi, Math.max(lo, state[n + j]!))
    const capacitiesMm = maxDeficitsMm(layers, state[n + param.level]!)
    for (let i = 0; i < n; i++) state[i] = Math.min(capacitiesMm[i]!, Math.max(0, state[i]!))
  }
}

/**
 * Water that a layer is counted on to hold between its limits at a shift of its field capacity, m³/m³. A soil that drains to
 * less holds less above the same wilting point; one that stays wetter is heavier than entered, so that its wilting point is
 * higher as well. Readings of a drained soil show neither.
 */
export const heldOf = (
  { fieldCapacity, wiltingPoint }: Pick<EnsembleLayer, 'fieldCapacity' | 'wiltingPoint'>,
  level: number,
): number => Math.max(LEAST_HELD, fieldCapacity - wiltingPoint + Math.min(0, level))

/**
 * Maximum deficit of each layer at a shift of its field capacity, mm: roots dry it to the wilting point, evaporation dries
 * the first to half of that (FAO-56 Eq. 73).
 */
export const maxDeficitsMm = (layers: readonly EnsembleLayer[], level: number): number[] =>
  layers.map(
    (layer, i) => (heldOf(layer, level) + (i === 0 ? 0.5 * layer.wiltingPoint : 0)) * thicknessMm(layers, i),
  )

/**
 * The capacity at a shift of its field capacity, of the one between the entered limits. Without a probe the shift is the error
 * of the entered limits, of which nothing is known: 1.
 */
export const heldShareOf = (
  field: Pick<FieldEnsemble, 'sensorDepthsM'>,
  layer: Pick<EnsembleLayer, 'fieldCapacity' | 'wiltingPoint'>,
  level: number,
): number => (hasProbes(field) ? heldOf(layer, level) / heldOf(layer, 0) : 1)

/** A sensor of the soil reads this field. */
export const hasProbes = ({ sensorDepthsM }: Pick<FieldEnsemble, 'sensorDepthsM'>): boolean =>
  sensorDepthsM.length > 0

/** Of layer `i`; the first one starts at the surface. */
export const thicknessMm = (layers: readonly EnsembleLayer[], i: number): number =>
  1000 * (layers[i]!.toM - (i === 0 ? 0 : layers[i - 1]!.toM))

/** Normal numbers from a seed: xorshift32 (Marsaglia 2003) and Box & Muller 1958. */
export function normalNumbers(seed: number): () => number {
  let x = seed | 0 || 1
  const next = (): number => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return ((x >>> 0) + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}
