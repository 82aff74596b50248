/**
 * Assimilates a sensor's reading into a field's ensemble, in the serial square-root form of Whitaker & Hamill
 * 2002, Mon. Wea. Rev. 130:1913. A reading updates the layers it measures and, through the covariance, the
 * rest: a field that stays wet where the tables dry it has a crop that uses less, or drains.
 */
import { sumBy } from '../runtime/math.ts'
import {
  clampMembers,
  MEMBER_COUNT,
  param,
  PARAM_COUNT,
  thicknessMm,
  type EnsembleLayer,
  type FieldEnsemble,
} from './field-ensemble.ts'

// representativeness of a reading for its layer, independent each day
const READING_SD = 0.025
const GATE_SD = 4
/** squared chance correlation against which a found one is weighed. Chosen on seeds of the closed loop */
const CORRELATION_DOUBT = 8

/**
 * Leaves follow from their own growth: a wet soil has many reasons, and few leaves are the least likely. Root tips are below the
 * sensors, a crop that closes its stomata looks like one that uses less, and ripening shows when no water is due any more.
 */
const notFromReadings: ReadonlySet<number> = new Set([param.cover, param.deep, param.tolerance, param.ripe])

/** Assimilates one reading. False: it is improbable, and not followed. */
export function assimilateReading(field: FieldEnsemble, sensor: number, vwc: number): boolean {
  const { layers, states, sensorDepthsM } = field
  const count = states.length
  const weights = sensorWeights(layers, sensorDepthsM[sensor]!)
  const biasAt = layers.length + PARAM_COUNT + sensor
  const predicted = new Float64Array(count)
  let mean = 0
  for (const [m, state] of states.entries()) {
    const value = state[biasAt]! + state[layers.length + param.level]! + waterAt(layers, weights, state)
    predicted[m] = value
    mean += value / count
  }
  let variance = 0
  for (let m = 0; m < count; m++) variance += (predicted[m]! - mean) ** 2 / (count - 1)
  const total = variance + READING_SD ** 2
  const innovation = vwc - mean
  if (innovation ** 2 > GATE_SD ** 2 * total) return false
  const shrink = 1 / (1 + Math.sqrt(READING_SD ** 2 / total))
  for (let j = 0; j < states[0]!.length; j++) {
    if (notFromReadings.has(j - layers.length)) continue
    let paramMean = 0
    for (const state of states) paramMean += state[j]! / count
    let shared = 0
    for (let m = 0; m < count; m++)
      shared += ((states[m]![j]! - paramMean) * (predicted[m]! - mean)) / (count - 1)
    // chance correlations of so few members are ignored
    const gain = (shared * correlationWeight(shared, variance, spread(states, j, paramMean))) / total
    for (let m = 0; m < count; m++)
      states[m]![j] = states[m]![j]! + gain * innovation - shrink * gain * (predicted[m]! - mean)
  }
  clampMembers(field)
  return true
}

/** The water content at a sensor of each member that no reading has changed, m³/m³, without an error of the sensor. */
export function unprobedAt({ layers, unprobed, sensorDepthsM }: FieldEnsemble, sensor: number): Float64Array {
  const weights = sensorWeights(layers, sensorDepthsM[sensor]!)
  return Float64Array.from(unprobed.states, (state) => waterAt(layers, weights, state))
}

const waterAt = (
  layers: readonly EnsembleLayer[],
  weights: readonly (readonly [layer: number, weight: number])[],
  state: Float64Array,
): number =>
  sumBy(weights, ([i, weight]) => weight * (layers[i]!.fieldCapacity - state[i]! / thicknessMm(layers, i)))

function spread(states: readonly Float64Array[], j: number, mean: number): number {
  let sum = 0
  for (const state of states) sum += (state[j]! - mean) ** 2
  return sum / (states.length - 1)
}

/**
 * n members have chance correlations of 1/sqrt(n): one of 0.35 counts half, one of a tenth almost nothing. 0-1
 */
function correlationWeight(shared: number, a: number, b: number): number {
  if (!(a > 0) || !(b > 0)) return 0
  const r2 = shared ** 2 / (a * b)
  return r2 / (r2 + CORRELATION_DOUBT / MEMBER_COUNT)
}

/** The layers that a sensor measures: 5 cm above and below it. */
function sensorWeights(layers: readonly EnsembleLayer[], depthM: number): [layer: number, weight: number][] {
  const bottomM = layers.at(-1)!.toM
  const middle = Math.min(Math.max(0.05, depthM), bottomM - 0.05)
  return layers.flatMap((layer, i): [number, number][] => {
    const fromM = i === 0 ? 0 : layers[i - 1]!.toM
    const weight = (Math.min(layer.toM, middle + 0.05) - Math.max(fromM, middle - 0.05)) / 0.1
    return weight > 0 ? [[i, weight]] : []
  })
}
