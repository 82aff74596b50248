/** The mean and the spread of the members of a field's ensemble. */
import { usedShare } from './crop-stress.ts'
import { medianOf } from '../agronomy/math.ts'
import {
  heldOf,
  heldShareOf,
  param,
  PARAM_COUNT,
  type EnsembleLayer,
  type FieldEnsemble,
  type Gaussian,
  type Prior,
} from './field-ensemble.ts'

/** The age, and the expected rooting depth at an age. */
export interface RootsAt {
  ageD: number // of Table 11, at the end of the day
  rootDepthAt: (ageD: number) => number // m
}

/**
 * Rooting depth, m: roots lag with the leaves that feed them, and end where the soil does. In a shallow soil they grow as much
 * slower, and their errors are those of its depth: few reach the rock.
 */
export function rootDepthOf(
  rootDepthAt: RootsAt['rootDepthAt'],
  layers: readonly Pick<EnsembleLayer, 'toM'>[],
  { ageD, late, deep }: { ageD: number; late: number; deep: number },
): number {
  const youngM = rootDepthAt(0)
  const grownM = rootDepthAt(Math.max(0, ageD - Math.max(0, late))) - youngM
  const deepestM = rootDepthAt(Infinity) - youngM
  const soilM = layers.at(-1)!.toM
  const soilShare = deepestM > 0 ? Math.min(1, Math.max(0, soilM - youngM) / deepestM) : 1
  return Math.min(soilM, youngM + grownM * soilShare * deep)
}

interface Roots {
  depletionMm: number // of its own roots
  tawMm: number
  heldShare: number // of the capacity between the entered limits (`usedShare`)
  belowMm: number // depletion of the soil that its roots may reach
  rootM: number
}

/** Depletion of a member's own roots and their storage, mm, and the share of the entered storage. */
export function rootsOf(
  field: Pick<FieldEnsemble, 'layers' | 'sensorDepthsM'>,
  state: Float64Array,
  { ageD, rootDepthAt }: RootsAt,
): Roots {
  const { layers } = field
  const n = layers.length
  const rootM = rootDepthOf(rootDepthAt, layers, {
    ageD,
    late: state[n + param.late]!,
    deep: state[n + param.deep]!,
  })
  const level = state[n + param.level]!
  let [depletionMm, tawMm, enteredMm, belowMm, fromM] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const { toM } = layers[i]!
    const share = Math.min(1, Math.max(0, (rootM - fromM) / (toM - fromM)))
    depletionMm += share * state[i]!
    belowMm += (1 - share) * state[i]!
    const holdsMm = share * heldOf(layers[i]!, level) * 1000 * (toM - fromM)
    tawMm += holdsMm
    enteredMm += holdsMm / heldShareOf(field, layers[i]!, level)
    fromM = toM
  }
  return { depletionMm, tawMm, heldShare: tawMm / enteredMm, rootM, belowMm }
}

/** One member as the decision sees it. */
interface FieldMember extends Roots {
  surfaceMm: number // depletion of the evaporating layer
  use: number
  arrival: number
  deep: number // of the expected rooting depth
  late: number // days of Table 11: of leaves
  ripe: number // and of ripening
  cover: number
  level: number // shift of the field capacity of its soil, m³/m³
  tolerance: number // shift of its stress thresholds, share of TAW
}

/** In the order of `states`; each member with the depletion of its own roots. */
export const membersOf = (field: FieldEnsemble, x: RootsAt): FieldMember[] =>
  field.states.map((state) => {
    const params = state.subarray(field.layers.length)
    return {
      ...rootsOf(field, state, x),
      surfaceMm: state[0]!,
      use: params[param.use]!,
      arrival: params[param.arrival]!,
      deep: params[param.deep]!,
      late: params[param.late]!,
      ripe: params[param.ripe]!,
      cover: params[param.cover]!,
      tolerance: params[param.tolerance]!,
      level: params[param.level]!,
    }
  })

/**
 * Means over the members, the standard deviation of the depletion, and the depletion that half of the members exceed: water
 * that drains from a wet member does not reach a dry one, so that the mean stays drier than the field is likely to be.
 */
export function meanMember(
  field: Pick<FieldEnsemble, 'layers' | 'states' | 'sensorDepthsM'>,
  x: RootsAt,
): FieldMember & { used: number; sdMm: number; likelyMm: number } {
  const { layers, states } = field
  const n = layers.length
  const count = states.length
  const params = new Float64Array(PARAM_COUNT)
  let [surfaceMm, depletionMm, tawMm, heldShare, belowMm, rootM, squares] = [0, 0, 0, 0, 0, 0, 0]
  const depletionsMm = new Float64Array(count)
  for (const [m, state] of states.entries()) {
    const roots = rootsOf(field, state, x)
    depletionsMm[m] = roots.depletionMm
    surfaceMm += state[0]! / count
    depletionMm += roots.depletionMm / count
    tawMm += roots.tawMm / count
    heldShare += roots.heldShare / count
    belowMm += roots.belowMm / count
    rootM += roots.rootM / count
    squares += roots.depletionMm ** 2 / count
    for (let j = 0; j < PARAM_COUNT; j++) params[j] = params[j]! + state[n + j]! / count
  }
  return {
    surfaceMm,
    depletionMm,
    tawMm,
    heldShare,
    belowMm,
    rootM,
    use: params[param.use]!,
    arrival: params[param.arrival]!,
    deep: params[param.deep]!,
    late: params[param.late]!,
    ripe: params[param.ripe]!,
    cover: params[param.cover]!,
    tolerance: params[param.tolerance]!,
    level: params[param.level]!,
    used: usedShare(depletionMm, tawMm, heldShare),
    likelyMm: medianOf([...depletionsMm]),
    sdMm: Math.sqrt(Math.max(0, squares - depletionMm ** 2)),
  }
}

/** Depletion between two depths, mm, the mean of the members. */
export function deficitBetween({ layers, states }: FieldEnsemble, fromM: number, toM: number): number {
  let sum = 0
  let topM = 0
  for (const [i, layer] of layers.entries()) {
    const share = Math.max(0, Math.min(layer.toM, toM) - Math.max(topM, fromM)) / (layer.toM - topM)
    for (const state of states) sum += (share * state[i]!) / states.length
    topM = layer.toM
  }
  return sum
}

/** Mean and standard deviation of the members' values. */
export function gaussianOf(values: readonly number[]): Gaussian {
  let [mean, squares] = [0, 0]
  for (const value of values) mean += value / values.length
  for (const value of values) squares += (value - mean) ** 2 / values.length
  return { mean, sd: Math.sqrt(squares) }
}

/** The persistent parameters of a field, as estimated in its season. */
export function learnedPrior({
  layers,
  states,
  sensorDepthsM,
}: Pick<FieldEnsemble, 'layers' | 'states' | 'sensorDepthsM'>): Prior {
  const estimate = (j: number): Gaussian => gaussianOf(states.map((state) => state[layers.length + j]!))
  return {
    use: estimate(param.use),
    arrival: estimate(param.arrival),
    sink: estimate(param.sink),
    deep: estimate(param.deep),
    late: estimate(param.late),
    ripe: estimate(param.ripe),
    bare: estimate(param.bare),
    tolerance: estimate(param.tolerance),
    level: estimate(param.level),
    uptake: estimate(param.uptake),
    sensors: sensorDepthsM.map((_, s) => estimate(PARAM_COUNT + s)),
  }
}
