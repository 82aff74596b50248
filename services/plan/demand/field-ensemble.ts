/**
 * What is known of a field's water and leaves, as an ensemble (Evensen 1994, J. Geophys. Res. 99:10143; the serial square-root form
 * of Whitaker & Hamill 2002, Mon. Wea. Rev. 130:1913): members with their own layers of water and their own cover, and with
 * their own errors that last all season: what this crop uses by the tables, how late it is, how deep its roots go and how
 * they are spread, what of an irrigation arrives, how far each sensor is off. The
 * sensors move what they can see, and through it what they cannot: a field that stays wet where the tables say that it
 * dries has a crop that uses less, or drains. No chance in it: the same season has the same members.
 */
import { coverAfter, drying, KE_MOST, kcbOfCover, takenBy, type Canopy } from './canopy.ts'
import { ks, type CropStress } from './crop-stress.ts'

export interface EnsembleLayer {
  toM: number
  fieldCapacity: number
  wiltingPoint: number
}

export interface FieldEnsemble {
  layers: readonly EnsembleLayer[]
  /** by member: the layers' depletion, mm; then what `at` names; then the sensors' errors, m³/m³ */
  states: Float64Array[]
  sensorDepthsM: readonly number[]
  canopy: Canopy
  draws: () => number
}

export const MEMBER_COUNT = 64
/** Where a member keeps what is its own, after its layers. */
const at = {
  use: 0, // of the tables' Kcb
  arrival: 1, // of an irrigation, of what is told
  scale: 2, // logarithm of the depth, m, over which uptake falls to a third
  deep: 3, // of the expected rooting depth
  late: 4, // days of Table 11 that its leaves are behind
  ripe: 5, // days of Table 11 that its ripening is behind
  cover: 6, // of the ground, 0-1: not lasting, but moved by readings like the rest
} as const
const OWN = 7

// one standard deviation of what lasts. Unconfirmed for a field; FAO-56 gives its Kc to about a tenth
const USE_MEAN = 0.95
const USE_SD = 0.08
const ARRIVAL_SD = 0.08
/** Roots of crops: a share 0.961^cm reaches deeper (Jackson et al. 1996, Oecologia 108:389). */
const SCALE_M = 0.25
const SCALE_SD = 0.4 // of the logarithm
const DEEP_MEAN = 0.9
const DEEP_SD = 0.22
/** of the days to full cover */
const LATE_SD = 0.15
/** of the days of the season: varieties are sown for the place */
const RIPE_SD = 0.05
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
const LAYER_MM = 0.25 // of a layer: water that moves as no bucket does
const UNKNOWN_RAIN_SD_MM = 4
// the tables are of a full stand that wants for nothing: most fields use less (FAO-56 chapter 9)
const USE_BOUNDS = [0.7, 1.15] as const
const ARRIVAL_BOUNDS = [0.5, 1.1] as const
const SCALE_BOUNDS = [Math.log(0.08), Math.log(1.5)] as const
const DEEP_BOUNDS = [0.5, 1.6] as const
/** Layers go so far beyond the roots that are expected. */
export const DEEPEST = 1.4
const GATE_SD = 4

/** The first edge is that of the layer that air dries. FAO-56 chapter 7: 0.10-0.15 m */
export const SURFACE_M = 0.15
const EDGES_M = [SURFACE_M, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.8, 2.1, 2.5, 3]

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
  canopy: Canopy,
  seed: number,
): FieldEnsemble {
  const draws = normals(seed)
  const states = Array.from({ length: MEMBER_COUNT }, () => {
    const n = layers.length
    const state = new Float64Array(n + OWN + sensorDepthsM.length)
    const whole = start.vwc === null ? 0.5 + 0.29 * draws() : start.vwcSd * draws()
    for (const [i, layer] of layers.entries()) {
      const holds = layer.fieldCapacity - layer.wiltingPoint
      const lacks =
        start.vwc === null
          ? holds * (whole + 0.1 * draws())
          : layer.fieldCapacity - start.vwc + whole + 0.5 * start.vwcSd * draws()
      state[i] = Math.min(holds, Math.max(0, lacks)) * thicknessMm(layers, i)
    }
    state[n + at.use] = USE_MEAN + USE_SD * draws()
    state[n + at.arrival] = 1 + ARRIVAL_SD * draws()
    state[n + at.scale] = Math.log(SCALE_M) + SCALE_SD * draws()
    state[n + at.deep] = DEEP_MEAN + DEEP_SD * draws()
    state[n + at.late] = LATE_SD * canopy.fullD * draws()
    state[n + at.ripe] = RIPE_SD * canopy.endD * draws()
    state[n + at.cover] = canopy.coverStart * Math.exp(-canopy.growth * state[n + at.late]!)
    for (let s = 0; s < sensorDepthsM.length; s++) state[n + OWN + s] = SENSOR_SD * draws()
    return state
  })
  const field = { layers, states, sensorDepthsM, canopy, draws }
  hold(field)
  return field
}

export interface EnsembleDay {
  ageD: number // of Table 11, at the end of the day
  days: number // of Table 11 that the day brought
  et0Mm: number
  surface: { tewMm: number; rewMm: number }
  wettedFraction: number // of the ground, by the last rain or irrigation
  rainMm: number | null // that came in
  irrigationMm: number // net, as it should arrive
  rootDepthAt: (ageD: number) => number // as expected, m
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

/** Depletion of a member's own roots and what they can hold, mm. */
function rootsOf(
  { layers }: FieldEnsemble,
  state: Float64Array,
  { ageD, rootDepthAt }: Pick<EnsembleDay, 'ageD' | 'rootDepthAt'>,
): { depletionMm: number; tawMm: number; rootM: number; belowMm: number } {
  const n = layers.length
  const youngM = rootDepthAt(0)
  const rootM = Math.min(layers.at(-1)!.toM, youngM + (rootDepthAt(ageD) - youngM) * state[n + at.deep]!)
  let [depletionMm, tawMm, belowMm, fromM] = [0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const { toM, fieldCapacity, wiltingPoint } = layers[i]!
    const share = Math.min(1, Math.max(0, (rootM - fromM) / (toM - fromM)))
    depletionMm += share * state[i]!
    belowMm += (1 - share) * state[i]!
    tawMm += share * (fieldCapacity - wiltingPoint) * 1000 * (toM - fromM)
    fromM = toM
  }
  return { depletionMm, tawMm, rootM, belowMm }
}

/** A sensor's reading taken in. False: further off than chance allows, and not followed. */
export function readSensor(field: FieldEnsemble, sensor: number, vwc: number): boolean {
  const { layers, states, sensorDepthsM } = field
  const count = states.length
  const weights = weightsAt(layers, sensorDepthsM[sensor]!)
  const biasAt = layers.length + OWN + sensor
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

/** One member as the decision sees it. */
export interface FieldMember {
  surfaceMm: number // depletion of the layer that air dries
  depletionMm: number // of its own roots
  tawMm: number
  belowMm: number // depletion of the soil that its roots may reach
  rootM: number
  use: number
  arrival: number
  deep: number // of the expected rooting depth
  late: number // days of Table 11: of leaves
  ripe: number // and of ripening
  cover: number
}

export const membersOf = (
  field: FieldEnsemble,
  x: Pick<EnsembleDay, 'ageD' | 'rootDepthAt'>,
): FieldMember[] =>
  field.states.map((state) => {
    const own = state.subarray(field.layers.length)
    return {
      ...rootsOf(field, state, x),
      surfaceMm: state[0]!,
      ...{
        use: own[at.use]!,
        arrival: own[at.arrival]!,
        deep: own[at.deep]!,
        late: own[at.late]!,
        ripe: own[at.ripe]!,
        cover: own[at.cover]!,
      },
    }
  })

/** Means over the members, and how sure of the depletion. */
export function waterOf(
  field: FieldEnsemble,
  x: Pick<EnsembleDay, 'ageD' | 'rootDepthAt'>,
): FieldMember & { used: number; sdMm: number } {
  const sum = {
    surfaceMm: 0,
    depletionMm: 0,
    tawMm: 0,
    belowMm: 0,
    rootM: 0,
    use: 0,
    arrival: 0,
    deep: 0,
    late: 0,
    ripe: 0,
    cover: 0,
  }
  let squares = 0
  const count = field.states.length
  for (const member of membersOf(field, x)) {
    for (const key of keys) sum[key] += member[key] / count
    squares += member.depletionMm ** 2 / count
  }
  return {
    ...sum,
    used: sum.depletionMm / sum.tawMm,
    sdMm: Math.sqrt(Math.max(0, squares - sum.depletionMm ** 2)),
  }
}

const keys = [
  'surfaceMm',
  'depletionMm',
  'tawMm',
  'belowMm',
  'rootM',
  'use',
  'arrival',
  'deep',
  'late',
  'ripe',
  'cover',
] as const

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

/** Every member inside what is possible. */
function hold({ layers, states, canopy }: FieldEnsemble): void {
  const n = layers.length
  const holds = holdsOf(layers)
  for (const state of states) {
    for (let i = 0; i < n; i++) state[i] = Math.min(holds[i]!, Math.max(0, state[i]!))
    const within = (j: number, [lo, hi]: readonly [number, number]): void => {
      state[n + j] = Math.min(hi, Math.max(lo, state[n + j]!))
    }
    within(at.use, USE_BOUNDS)
    within(at.arrival, ARRIVAL_BOUNDS)
    within(at.scale, SCALE_BOUNDS)
    within(at.deep, DEEP_BOUNDS)
    within(at.late, [-0.4 * canopy.fullD, 0.4 * canopy.fullD])
    within(at.ripe, [-0.15 * canopy.endD, 0.15 * canopy.endD])
    within(at.cover, [0.001, canopy.coverMost])
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

/** Most that a layer may lack, mm: roots dry it to the wilting point, air dries the first to half of that (FAO-56 Eq. 73). */
const holdsOf = (layers: readonly EnsembleLayer[]): number[] =>
  layers.map(
    ({ fieldCapacity, wiltingPoint }, i) =>
      (fieldCapacity - (i === 0 ? 0.5 : 1) * wiltingPoint) * thicknessMm(layers, i),
  )

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
