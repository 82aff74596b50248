/**
 * The estimates that a season passes to the next one of the same field: sensors, water and crop, with more
 * uncertainty after a winter.
 */
import type { Crop } from '../../agronomy/crops/crop.ts'
import type { SetupLine } from './json-lines.ts'
import type { Season } from './season-state.ts'
import { limitsSdOf } from './soil.ts'
import { learnedPrior } from '../../irrigation-model/ensemble-members.ts'
import { defaultPrior, type Gaussian, type Prior } from '../../irrigation-model/field-ensemble.ts'

/** A shorter season is not informative. */
const MIN_DAYS = 45
/** Added to the spread, as a share of the spread of an unknown field: probes are reinstalled, years differ. */
const WIDER = 0.5
/**
 * Share of a crop's estimated difference from the tables that is carried over: the rest was the year's, or stress that the
 * season took for the crop's nature.
 */
const CROP_SHARE = 0.5
/** Degrees of latitude: the same farm. */
const SAME_DEG = 0.01

/** Null: another field, or too short a season. */
export function priorFromLastSeason(before: Season, setup: SetupLine, crop: Crop): Prior | null {
  if (before.daysRecorded < MIN_DAYS || !isSameField(before.setup, setup)) return null
  const { ensemble } = before.water
  const estimated = learnedPrior(ensemble)
  const unknown = defaultPrior(ensemble.canopy, ensemble.sensorDepthsM.length, limitsSdOf(setup.field.soil))
  const isSameSystem =
    (before.setup.field.irrigation?.efficiency ?? 1) === (setup.field.irrigation?.efficiency ?? 1)
  const isSameCrop = before.site.crop.id === crop.id
  const ofCrop = (key: 'use' | 'sink' | 'late' | 'ripe' | 'tolerance'): Gaussian =>
    isSameCrop ? widen(shrink(estimated[key], unknown[key]), unknown[key]) : unknown[key]
  return {
    use: ofCrop('use'),
    sink: ofCrop('sink'),
    late: ofCrop('late'),
    ripe: ofCrop('ripe'),
    deep: unknown.deep, // sensors above the root tips carry little information
    tolerance: ofCrop('tolerance'),
    level: estimated.level,
    bare: widen(estimated.bare, unknown.bare),
    arrival: isSameSystem ? widen(estimated.arrival, unknown.arrival) : unknown.arrival,
    sensors: estimated.sensors.map((sensor, s) =>
      before.water.sensors[s]!.probe.contradicts === null
        ? widen(sensor, unknown.sensors[s]!)
        : unknown.sensors[s]!,
    ),
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

function isSameField(a: SetupLine, b: SetupLine): boolean {
  const place = ({ field: { soil }, sensors }: SetupLine): string =>
    JSON.stringify([
      soil.texture ?? null,
      (soil.layers ?? []).map(({ toM, fieldCapacity, wiltingPoint }) => [toM, fieldCapacity, wiltingPoint]),
      (sensors ?? []).map(({ id, depthM }) => [id, depthM]),
    ])
  return Math.abs(a.site.latDeg - b.site.latDeg) <= SAME_DEG && place(a) === place(b)
}
