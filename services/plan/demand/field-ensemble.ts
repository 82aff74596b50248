/**
 * What is known of a field's water, as an ensemble (Evensen 1994, J. Geophys. Res. 99:10143; the serial square-root form
 * of Whitaker & Hamill 2002, Mon. Wea. Rev. 130:1913): members with their own layers of water, and with their own errors
 * that last all season: what this crop uses by the tables, what of an irrigation arrives, how far each sensor is off. The
 * sensors move what they can see, and through it what they cannot: a field that stays wet where the tables say that it
 * dries has a crop that uses less, or drains. No chance in it: the same season has the same members.
 */

export interface EnsembleLayer {
  toM: number
  fieldCapacity: number
  wiltingPoint: number
}

export interface FieldEnsemble {
  layers: readonly EnsembleLayer[]
  /** by member: the layers' depletion, mm; then use, arrival, spread of the roots; then the sensors' errors, m³/m³ */
  states: Float64Array[]
  sensorDepthsM: readonly number[]
  draws: () => number
}

export const MEMBER_COUNT = 64
/** Numbers of a member that last beside its sensors: use, arrival, spread of the roots. */
const LASTING = 3

// one standard deviation of what lasts. Unconfirmed for a field; FAO-56 gives its Kc to about a tenth
const USE_MEAN = 0.9
const USE_SD = 0.1
const ARRIVAL_SD = 0.08
/** how much of the roots is near the surface: 0 as much in every layer, 1 none at the tips; AquaCrop has 0.6 */
const SPREAD_ROOTS = 0.6
const SPREAD_ROOTS_SD = 0.25
// the maker's calibration and the spot together: 0.03 each (probe.ts), as one sensor shows them
const SENSOR_SD = 0.035
// what wanders in a day
const USE_DRIFT = 0.003
const ARRIVAL_DRIFT = 0.004
const SENSOR_DRIFT = 0.0007
// a reading by the layer it stands in, another each day
const READING_SD = 0.025
// errors of a day
const ET0_SHARE = 0.1
const RAIN_SHARE = 0.1
const APPLIED_SHARE = 0.05
const UNKNOWN_RAIN_SD_MM = 4
// the tables are of a full stand that wants for nothing: most fields use less (FAO-56 chapter 9)
const USE_BOUNDS = [0.6, 1.05] as const
const ARRIVAL_BOUNDS = [0.5, 1.1] as const
/** Roots in wet soil drink for those in dry soil, until less than this share finds water (Jarvis 1989). */
const COMPENSATED = 0.6
const GATE_SD = 4

const EDGES_M = [0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.8, 2.1, 2.5, 3]

/** Layers to the deepest roots that the decision counts on. */
export function ensembleLayers(
  toM: number,
  limitsOf: (fromM: number, toM: number) => { fieldCapacity: number; wiltingPoint: number },
): EnsembleLayer[] {
  const edges = [...EDGES_M.filter((edge) => edge < toM - 0.05), toM]
  return edges.map((edge, i) => ({ toM: edge, ...limitsOf(i === 0 ? 0 : edges[i - 1]!, edge) }))
}

export function beginEnsemble(
  layers: readonly EnsembleLayer[],
  sensorDepthsM: readonly number[],
  start: { vwc: number | null; vwcSd: number },
  seed: number,
): FieldEnsemble {
  const draws = normals(seed)
  const states = Array.from({ length: MEMBER_COUNT }, () => {
    const state = new Float64Array(layers.length + LASTING + sensorDepthsM.length)
    const whole = start.vwc === null ? 0.5 + 0.29 * draws() : start.vwcSd * draws()
    for (const [i, layer] of layers.entries()) {
      const holds = layer.fieldCapacity - layer.wiltingPoint
      const lacks =
        start.vwc === null
          ? holds * (whole + 0.1 * draws())
          : layer.fieldCapacity - start.vwc + whole + 0.5 * start.vwcSd * draws()
      state[i] = Math.min(holds, Math.max(0, lacks)) * thicknessMm(layers, i)
    }
    state[layers.length] = USE_MEAN + USE_SD * draws()
    state[layers.length + 1] = 1 + ARRIVAL_SD * draws()
    state[layers.length + 2] = SPREAD_ROOTS + SPREAD_ROOTS_SD * draws()
    for (let s = 0; s < sensorDepthsM.length; s++) state[layers.length + LASTING + s] = SENSOR_SD * draws()
    return state
  })
  const field = { layers, states, sensorDepthsM, draws }
  hold(field)
  return field
}

export interface EnsembleDay {
  basalMm: number // Kcb x ET0, by the tables
  evaporationMm: number
  rainMm: number | null // that came in
  irrigationMm: number // net, as it should arrive
  rootDepthM: number
  p: number
}

/** A day of every member: roots and air take by yesterday's water, then what falls sinks from layer to layer. */
export function passEnsembleDay(field: FieldEnsemble, day: EnsembleDay): void {
  const { layers, states, draws } = field
  const n = layers.length
  const tops = layers.map((_, i) => (i === 0 ? 0 : layers[i - 1]!.toM) / day.rootDepthM)
  const bottoms = layers.map(({ toM }) => toM / day.rootDepthM)
  const holds = layers.map((layer, i) => (layer.fieldCapacity - layer.wiltingPoint) * thicknessMm(layers, i))
  const pull = new Float64Array(n)
  for (const state of states) {
    const air = Math.max(0, 1 + ET0_SHARE * draws())
    const rainMm =
      day.rainMm === null
        ? Math.max(0, UNKNOWN_RAIN_SD_MM * draws() - UNKNOWN_RAIN_SD_MM / 2)
        : Math.max(0, day.rainMm * (1 + RAIN_SHARE * draws()))
    const irrigationMm = Math.max(0, day.irrigationMm * state[n + 1]! * (1 + APPLIED_SHARE * draws()))
    let found = 0
    for (let i = 0; i < n; i++) {
      const used = state[i]! / holds[i]!
      const ks = used <= day.p ? 1 : Math.max(0, (1 - used) / (1 - day.p))
      pull[i] = (rootShare(bottoms[i]!, state[n + 2]!) - rootShare(tops[i]!, state[n + 2]!)) * ks
      found += pull[i]!
    }
    const transpirationMm = day.basalMm * state[n]! * air * Math.min(1, found / COMPENSATED)
    for (let i = 0; i < n; i++) state[i] = state[i]! + (found > 0 ? (transpirationMm * pull[i]!) / found : 0)
    state[0] = state[0]! + day.evaporationMm * air
    let inMm = rainMm + irrigationMm
    for (let i = 0; i < n; i++) {
      const lackMm = Math.min(state[i]!, holds[i]!)
      const takenMm = Math.min(inMm, lackMm)
      state[i] = lackMm - takenMm
      inMm -= takenMm
    }
    state[n] = state[n]! + USE_DRIFT * draws()
    state[n + 1] = state[n + 1]! + ARRIVAL_DRIFT * draws()
    for (let s = n + LASTING; s < state.length; s++) state[s] = state[s]! + SENSOR_DRIFT * draws()
  }
  hold(field)
}

/** A sensor's reading taken in. False: further off than chance allows, and not followed. */
export function readSensor(field: FieldEnsemble, sensor: number, vwc: number): boolean {
  const { layers, states, sensorDepthsM } = field
  const count = states.length
  const weights = weightsAt(layers, sensorDepthsM[sensor]!)
  const biasAt = layers.length + LASTING + sensor
  const seen = new Float64Array(count)
  let mean = 0
  for (const [m, state] of states.entries()) {
    let value = state[biasAt]!
    for (const [i, weight] of weights)
      value += weight * (layers[i]!.fieldCapacity - state[i]! / thicknessMm(layers, i))
    seen[m] = value
    mean += value / count
  }
  let variance = 0
  for (let m = 0; m < count; m++) variance += (seen[m]! - mean) ** 2 / (count - 1)
  const total = variance + READING_SD ** 2
  const innovation = vwc - mean
  if (innovation ** 2 > GATE_SD ** 2 * total) return false
  const shrink = 1 / (1 + Math.sqrt(READING_SD ** 2 / total))
  for (let j = 0; j < states[0]!.length; j++) {
    let own = 0
    for (const state of states) own += state[j]! / count
    let shared = 0
    for (let m = 0; m < count; m++) shared += ((states[m]![j]! - own) * (seen[m]! - mean)) / (count - 1)
    // what so few members share by chance is left alone
    const gain = (shared * trusted(shared, variance, spread(states, j, own))) / total
    for (let m = 0; m < count; m++)
      states[m]![j] = states[m]![j]! + gain * innovation - shrink * gain * (seen[m]! - mean)
  }
  hold(field)
  return true
}

/** Depletion of the roots and of the soil below them, and how sure of it. mm */
export function waterOf(
  field: FieldEnsemble,
  rootDepthM: number,
): { depletionMm: number; sdMm: number; belowMm: number; use: number; arrival: number } {
  const { layers, states } = field
  const n = layers.length
  let [sum, squares, below, use, arrival] = [0, 0, 0, 0, 0]
  for (const state of states) {
    let [inRoots, beneath] = [0, 0]
    for (let i = 0; i < n; i++) {
      const fromM = i === 0 ? 0 : layers[i - 1]!.toM
      const share = Math.min(1, Math.max(0, (rootDepthM - fromM) / (layers[i]!.toM - fromM)))
      inRoots += share * state[i]!
      beneath += (1 - share) * state[i]!
    }
    sum += inRoots
    squares += inRoots ** 2
    below += beneath
    use += state[n]!
    arrival += state[n + 1]!
  }
  const count = states.length
  const depletionMm = sum / count
  return {
    depletionMm,
    sdMm: Math.sqrt(Math.max(0, squares / count - depletionMm ** 2)),
    belowMm: below / count,
    use: use / count,
    arrival: arrival / count,
  }
}

/** Every member inside what is possible. */
function hold({ layers, states }: FieldEnsemble): void {
  const n = layers.length
  for (const state of states) {
    for (let i = 0; i < n; i++) {
      const { fieldCapacity, wiltingPoint } = layers[i]!
      state[i] = Math.min((fieldCapacity - wiltingPoint) * thicknessMm(layers, i), Math.max(0, state[i]!))
    }
    state[n] = Math.min(USE_BOUNDS[1], Math.max(USE_BOUNDS[0], state[n]!))
    state[n + 1] = Math.min(ARRIVAL_BOUNDS[1], Math.max(ARRIVAL_BOUNDS[0], state[n + 1]!))
    state[n + 2] = Math.min(1, Math.max(0, state[n + 2]!))
  }
}

function spread(states: readonly Float64Array[], j: number, mean: number): number {
  let sum = 0
  for (const state of states) sum += (state[j]! - mean) ** 2
  return sum / (states.length - 1)
}

/** A covariance of n members is off by 1/sqrt(n) of the spreads: small ones are mostly chance. 0-1 */
function trusted(shared: number, a: number, b: number): number {
  if (!(a > 0) || !(b > 0)) return 0
  const r2 = shared ** 2 / (a * b)
  return r2 / (r2 + 1 / MEMBER_COUNT)
}

/** Share of the roots above a share of their depth: fewer the deeper, evenly. */
const rootShare = (x: number, spread: number): number => {
  const z = Math.min(1, Math.max(0, x))
  return (1 + spread) * z - spread * z * z
}

const thicknessMm = (layers: readonly EnsembleLayer[], i: number): number =>
  1000 * (layers[i]!.toM - (i === 0 ? 0 : layers[i - 1]!.toM))

/** The layers that a sensor feels: 5 cm above and below it. */
function weightsAt(layers: readonly EnsembleLayer[], depthM: number): [layer: number, weight: number][] {
  const bottomM = layers.at(-1)!.toM
  const middle = Math.min(Math.max(0.05, depthM), bottomM - 0.05)
  return layers.flatMap((layer, i): [number, number][] => {
    const fromM = i === 0 ? 0 : layers[i - 1]!.toM
    const weight = (Math.min(layer.toM, middle + 0.05) - Math.max(fromM, middle - 0.05)) / 0.1
    return weight > 0 ? [[i, weight]] : []
  })
}

/** Normal numbers from a seed: xorshift32 (Marsaglia 2003) and Box & Muller 1958. */
function normals(seed: number): () => number {
  let x = seed | 0 || 1
  const next = (): number => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return ((x >>> 0) + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}
