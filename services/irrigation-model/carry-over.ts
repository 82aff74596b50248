/**
 * The estimates that a season passes to the next one of the same field: sensors, water and crop, with more
 * uncertainty after a winter.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { learnedPrior } from './ensemble-members.ts'
import { defaultPrior, type FieldEnsemble, type Gaussian, type Prior } from './field-ensemble.ts'
import type { SensorMemory } from './field-sensors.ts'

/** A shorter season is not informative. */
const MIN_DAYS = 45
/** Added to the spread, as a share of the spread of an unknown field: probes are reinstalled, years differ. */
const WIDER = 0.5
/**
 * Share of a crop's estimated difference from the tables that is carried over: the rest was the year's, or stress that the
 * season took for the crop's nature.
 */
const CROP_SHARE = 0.5

/** The last season of a field, at its end. */
export interface LastSeason {
  cropId: string
  daysRecorded: number
  efficiency: number
  ensemble: Pick<FieldEnsemble, 'layers' | 'states' | 'sensorDepthsM'>
  sensors: readonly (Pick<SensorMemory, 'id'> & { probe: { contradicts: unknown } })[]
}

/** The next season of the field. */
interface NextSeason {
  crop: Crop
  efficiency: number
  sensors: readonly { id: string; depthM: number }[]
  /** the entered limits of the soil are those of the last season */
  isSameSoil: boolean
  /** standard deviation of these limits, m³/m³ */
  levelSd: number
}

/** Null: too short a season. A sensor is the same by its id and depth; one that was contradicted starts with an unknown error. */
export function priorFromLastSeason(before: LastSeason, next: NextSeason): Prior | null {
  if (before.daysRecorded < MIN_DAYS) return null
  const { ensemble } = before
  const estimated = learnedPrior(ensemble)
  const unknown = defaultPrior(next.crop, next.sensors.length, next.levelSd)
  const isSameCrop = before.cropId === next.crop.id
  const ofCrop = (key: 'use' | 'sink' | 'late' | 'uptake'): Gaussian =>
    isSameCrop ? widen(shrink(estimated[key], unknown[key]), unknown[key]) : unknown[key]
  const sensorOf = ({ id, depthM }: { id: string; depthM: number }): number =>
    before.sensors.findIndex(
      (sensor, s) =>
        sensor.id === id && ensemble.sensorDepthsM[s] === depthM && sensor.probe.contradicts === null,
    )
  return {
    use: ofCrop('use'),
    sink: ofCrop('sink'),
    late: ofCrop('late'),
    uptake: ofCrop('uptake'),
    // no reading updates them
    ripe: unknown.ripe,
    deep: unknown.deep,
    tolerance: unknown.tolerance,
    level: next.isSameSoil ? estimated.level : unknown.level,
    bare: widen(estimated.bare, unknown.bare),
    arrival:
      before.efficiency === next.efficiency ? widen(estimated.arrival, unknown.arrival) : unknown.arrival,
    sensors: next.sensors.map((sensor, s) => {
      const i = sensorOf(sensor)
      return i < 0 ? unknown.sensors[s]! : widen(estimated.sensors[i]!, unknown.sensors[s]!)
    }),
  }
}

const shrink = ({ mean, sd }: Gaussian, unknown: Gaussian): Gaussian => ({
  mean: unknown.mean + CROP_SHARE * (mean - unknown.mean),
  sd,
})

const widen = ({ mean, sd }: Gaussian, unknown: Gaussian): Gaussian => ({
  mean,
  sd: Math.min(unknown.sd, Math.hypot(sd, WIDER * unknown.sd)),
})
