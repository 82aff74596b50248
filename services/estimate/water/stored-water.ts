/** The water of a field to and from its stored form. Pure. */
import {
  maxDeficitsMm,
  normalNumbers,
  param,
  PARAM_COUNT,
  SENSOR_SD,
  thicknessMm,
  UPTAKE_MEAN,
  type EnsembleLayer,
  type Gaussian,
} from '../../irrigation-model/field-ensemble.ts'
import { gaussianOf } from '../../irrigation-model/ensemble-members.ts'
import type { LastSeason } from '../../irrigation-model/carry-over.ts'
import { canopyOf } from '../../irrigation-model/canopy.ts'
import { overDepth } from '../../irrigation-model/soil-layers.ts'
import {
  mayStayWetFromM,
  regrow,
  rootDepthsOf,
  seedOf,
  START_SD,
  type FieldSite,
  type FieldWater,
} from '../../irrigation-model/field-water.ts'
import { newSensor, type SensorMemory } from '../../irrigation-model/field-sensors.ts'
import type { StoredWater } from '../../tables.ts'

/** A soil moisture sensor of a field. */
export interface Sensor {
  id: string
  depthM: number
}

export function storeWater(
  water: FieldWater,
  season: { crop: string; plantedDay: string; efficiency: number },
): StoredWater {
  const { ensemble, ageD, wettedFraction, sensors, growth, wiltingDays, isRegrown } = water
  const { salt, arrival, killedBy, daysRecorded, clock, paceD } = water
  const { layers, states, skinMm, unprobed, sensorDepthsM } = ensemble
  return {
    ...season,
    ageD,
    wettedFraction,
    layers: [...layers],
    sensors: sensors.map((sensor) => ({ ...sensor })),
    sensorDepthsM: [...sensorDepthsM],
    growth,
    wiltingDays,
    isRegrown,
    salt,
    arrival,
    killedBy,
    daysRecorded,
    clock,
    paceD,
    paramCount: PARAM_COUNT,
    states: pack(states),
    skinMm: packColumn(skinMm),
    unprobed:
      sensors.length === 0 ? null : { states: pack(unprobed.states), skinMm: packColumn(unprobed.skinMm) },
  }
}

/**
 * The stored water with today's soil and sensors. Other limits of the soil neither add nor remove water; a soil that ends
 * at another depth keeps the water of the layers that both have; a new sensor starts with an unknown error. Null when the
 * season is another. The same `seed` gives the same errors.
 */
export function restoreWater(
  stored: StoredWater,
  { crop, response }: Pick<FieldSite, 'crop' | 'response'>,
  x: {
    plantedDay: string
    layers: readonly EnsembleLayer[]
    sensors: readonly Sensor[]
    seed: string
    waterTableM: number | null
    /** frosts up to this day did not end the crop, whatever their temperature */
    survivedFrostDay: string | null
  },
): FieldWater | null {
  const { layers, sensors } = x
  if (stored.crop !== crop.id || stored.plantedDay !== x.plantedDay) return null
  const draws = normalNumbers(seedOf(x.seed))
  const canopy = canopyOf(crop)
  const kept = layers.length + PARAM_COUNT
  const storedCount = stored.layers.length
  const from = sensors.map(({ id }) => stored.sensors.findIndex((sensor) => sensor.id === id))
  const { fieldCapacities, depletionsMm } = layerConverter(stored.layers, layers, draws)
  const changed = layers.map(({ fieldCapacity }, i) => fieldCapacity - fieldCapacities[i]!)
  const isChanged = changed.some((change) => Math.abs(change) > 1e-9)
  let error = 0
  let isSecond = false
  const withSensors = (state: Float64Array): Float64Array => {
    // the same water under another capacity: either may be wrong; in pairs, so that the mean keeps its water
    if (isChanged) error = isSecond ? -error : draws()
    isSecond = !isSecond
    const next = new Float64Array(kept + sensors.length)
    next.set(depletionsMm(state))
    next.set(state.subarray(storedCount, storedCount + PARAM_COUNT), layers.length)
    if (isChanged)
      for (let i = 0; i < layers.length; i++)
        next[i] = next[i]! + error * changed[i]! * thicknessMm(layers, i)
    for (let s = 0; s < from.length; s++) {
      const i = from[s]!
      next[kept + s] = i >= 0 ? state[storedCount + PARAM_COUNT + i]! : SENSOR_SD * draws()
    }
    return next
  }
  const states = statesOf(stored, stored.states).map(withSensors)
  const skinMm = unpackColumn(stored.skinMm)
  const water: FieldWater = {
    ensemble: {
      layers,
      states,
      skinMm,
      unprobed: stored.unprobed
        ? {
            states: statesOf(stored, stored.unprobed.states).map(withSensors),
            skinMm: unpackColumn(stored.unprobed.skinMm),
          }
        : { states: states.map((state) => state.slice()), skinMm: skinMm.slice() },
      sensorDepthsM: sensors.map(({ depthM }) => depthM),
      canopy,
      draws,
    },
    rootDepthAt: rootDepthsOf(crop, response),
    ageD: stored.ageD,
    wettedFraction: stored.wettedFraction,
    growth: { ...stored.growth },
    wiltingDays: stored.wiltingDays,
    isRegrown: false,
    salt: { ...stored.salt },
    arrival: { ...stored.arrival },
    killedBy: stored.killedBy && isSurvived(stored.killedBy, x.survivedFrostDay) ? null : stored.killedBy,
    daysRecorded: stored.daysRecorded,
    clock: stored.clock,
    paceD: stored.paceD,
    mayStayWetFromM: mayStayWetFromM(x.waterTableM),
    sensors: sensors.map(({ id }, s) =>
      from[s]! >= 0 ? (stored.sensors[from[s]!] as SensorMemory) : newSensor(id),
    ),
  }
  if (stored.isRegrown) regrow(water)
  return water
}

/**
 * Depletions of the stored layers as those of other layers, by depth. Soil below the stored layers is about as dry as the
 * lowest of them.
 */
function layerConverter(
  from: readonly EnsembleLayer[],
  to: readonly EnsembleLayer[],
  draws: () => number,
): { fieldCapacities: number[]; depletionsMm: (state: Float64Array) => ArrayLike<number> } {
  const isSame = from.length === to.length && to.every(({ toM }, i) => Math.abs(toM - from[i]!.toM) < 1e-6)
  if (isSame)
    return {
      fieldCapacities: from.map(({ fieldCapacity }) => fieldCapacity),
      depletionsMm: (state) => state.subarray(0, from.length),
    }
  const topM = (i: number): number => (i === 0 ? 0 : to[i - 1]!.toM)
  const endM = from.at(-1)!.toM
  return {
    fieldCapacities: to.map(
      ({ toM }, i) => overDepth(from, topM(i), toM, (layer) => layer.fieldCapacity) / (toM - topM(i)),
    ),
    depletionsMm(state) {
      const error = START_SD * draws()
      const maxMm = maxDeficitsMm(to, state[from.length + param.level]!)
      const lacks = from.map(({ toM }, i) => ({ toM, lack: state[i]! / thicknessMm(from, i) }))
      return to.map(({ toM }, i) => {
        const belowM = toM - Math.max(topM(i), Math.min(toM, endM))
        const mm = 1000 * (overDepth(lacks, topM(i), toM, ({ lack }) => lack) + error * belowM)
        return Math.min(maxMm[i]!, Math.max(0, mm))
      })
    },
  }
}

/** Whether a person has seen the crop live after a frost. */
export const isSurvived = ({ day }: { day: string }, survivedFrostDay: string | null): boolean =>
  survivedFrostDay !== null && day <= survivedFrostDay

/** The estimates of a season that has ended, for the next one of its field. */
export function lastSeasonOf(stored: StoredWater): LastSeason {
  const { crop, daysRecorded, efficiency, layers, sensors, sensorDepthsM } = stored
  const states = statesOf(stored, stored.states)
  return {
    cropId: crop,
    daysRecorded,
    efficiency,
    ensemble: { layers, states, sensorDepthsM },
    sensors: sensors as SensorMemory[],
  }
}

/** The lasting error of a sensor, m³/m³, positive: it reads too wet. Null for a sensor of another field. */
export function sensorBias(stored: StoredWater, id: string): Gaussian | null {
  const s = stored.sensors.findIndex((sensor) => sensor.id === id)
  if (s < 0) return null
  const at = stored.layers.length + PARAM_COUNT + s
  return gaussianOf(statesOf(stored, stored.states).map((state) => state[at]!))
}

/** Parameters of a member as 0.1.0 stored them, without the last one, `param.uptake`. */
const FORMER_PARAM_COUNT = 10

/** The members of a packed text, with all parameters: a missing uptake is spread evenly around the usual one. */
function statesOf({ layers, sensors, paramCount }: StoredWater, packed: string): Float64Array[] {
  const storedCount = paramCount ?? FORMER_PARAM_COUNT
  const states = unpack(packed, layers.length + storedCount + sensors.length)
  if (storedCount === PARAM_COUNT) return states
  const uptakeAt = layers.length + param.uptake
  return states.map((state, m) => {
    const next = new Float64Array(state.length + 1)
    next.set(state.subarray(0, uptakeAt))
    next[uptakeAt] = (2 * UPTAKE_MEAN * (m + 0.5)) / states.length
    next.set(state.subarray(uptakeAt), uptakeAt + 1)
    return next
  })
}

const STEPS = 65_535

/**
 * Rows of numbers in base64: the least and the largest of each column as 32-bit floats, then the values as 16-bit steps
 * between them, row after row.
 */
const pack = (rows: readonly Float64Array[]): string =>
  packTable(rows.length, rows[0]!.length, (m, j) => rows[m]![j]!)
const packColumn = (numbers: Float64Array): string => packTable(numbers.length, 1, (m) => numbers[m]!)

function packTable(count: number, width: number, at: (m: number, j: number) => number): string {
  const bytes = Buffer.alloc(8 * width + 2 * width * count)
  const view = viewOf(bytes)
  for (let j = 0; j < width; j++) {
    let least = Infinity
    let most = -Infinity
    for (let m = 0; m < count; m++) {
      least = Math.min(least, at(m, j))
      most = Math.max(most, at(m, j))
    }
    const from = Math.fround(least)
    const to = Math.fround(most)
    view.setFloat32(8 * j, from, true)
    view.setFloat32(8 * j + 4, to, true)
    for (let m = 0; m < count; m++) {
      const share = to > from ? (at(m, j) - from) / (to - from) : 0
      const step = Math.round(STEPS * Math.min(1, Math.max(0, share)))
      view.setUint16(8 * width + 2 * (m * width + j), step, true)
    }
  }
  return bytes.toString('base64')
}

/** The rows of `pack`, each with `width` numbers. */
function unpack(text: string, width: number): Float64Array[] {
  const bytes = Buffer.from(text, 'base64')
  const view = viewOf(bytes)
  const count = (bytes.length - 8 * width) / (2 * width)
  const rows = Array.from({ length: count }, () => new Float64Array(width))
  for (let j = 0; j < width; j++) {
    const from = view.getFloat32(8 * j, true)
    const to = view.getFloat32(8 * j + 4, true)
    for (let m = 0; m < count; m++)
      rows[m]![j] = from + ((to - from) * view.getUint16(8 * width + 2 * (m * width + j), true)) / STEPS
  }
  return rows
}

const unpackColumn = (text: string): Float64Array => Float64Array.from(unpack(text, 1), ([value]) => value!)

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView =>
  new DataView(buffer, byteOffset, byteLength)
