/** The water of one field, day by day: the ensemble of its layers, the evaporating surface, and its sensors. */
import type { Crop } from '../../agronomy/crops/crop.ts'
import { tewMm, wettedFractionOf } from '../../agronomy/water/dual-kc.ts'
import { curveNumberOf, runoffMm } from '../../agronomy/water/runoff.ts'
import { textureOf } from '../../agronomy/water/soils.ts'
import type { DayLine, SetupLine } from './json-lines.ts'
import { overDepth, type Layer } from './soil.ts'
import type { CropResponse } from '../../irrigation-model/crop-response.ts'
import { canopyOf, EMERGED_SHARE } from '../../irrigation-model/canopy.ts'
import type { CropStress } from '../../irrigation-model/crop-stress.ts'
import { advanceEnsemble } from '../../irrigation-model/ensemble-day.ts'
import { assimilateReading } from '../../irrigation-model/ensemble-reading.ts'
import {
  createEnsemble,
  DEEPEST,
  ensembleLayers,
  defaultPrior,
  SURFACE_M,
  type FieldEnsemble,
  type Prior,
} from '../../irrigation-model/field-ensemble.ts'

export interface Water {
  ensemble: FieldEnsemble
  rootDepthAt: (ageD: number) => number
  ageD: number
  wettedFraction: number // of the ground, by the last rain or irrigation
  sensors: readonly SensorMemory[]
}

/** State of a sensor, to detect one that is stuck or biased. */
interface SensorMemory {
  id: string
  last: number | null
  sameDays: number // the identical number again
  refusedDays: number // rejected as improbable
}

/** Young roots take up water from a little below them. AquaCrop's minimum effective rooting depth */
const YOUNG_M = 0.3
/** Water in this skin evaporates freely. FAO 66, Eq. 3.11 */
const SKIN_M = 0.04
/** Standard deviation of a water content at planting, m³/m³. */
const START_SD = 0.015
/** A value that does not change for so long is not the soil's. */
const STUCK_DAYS = 5
/** A sensor is reported after this number of rejected days. */
const CONTRADICTED_DAYS = 3

interface Surface {
  tewMm: number
  rewMm: number
  curveNumberTexture: string | null
}

export function surfaceOf({ field }: SetupLine, layers: readonly Layer[]): Surface {
  const texture = field.soil.texture ?? null
  const tew = tewMm(layers[0]!, SURFACE_M)
  return {
    tewMm: tew,
    rewMm: tewMm(layers[0]!, SKIN_M),
    curveNumberTexture: texture === null ? null : (textureOf(texture) ?? null),
  }
}

/**
 * Rooting depth by age, to the depth that the decision counts on, m: from half way to emergence, quick at
 * first, until the yield is half filled. FAO 66, Eq. 3.8 with n = 1.5.
 */
function expectedRootDepthM(crop: Crop, response: CropResponse, ageD: number): number {
  if (crop.rootMinM >= crop.rootMaxM) return crop.rootMaxM
  const [ini, dev, mid] = crop.lengthsD
  const fromD = (EMERGED_SHARE * ini) / 2
  const share = Math.min(1, Math.max(0, (ageD - fromD) / Math.max(1, ini + dev + mid / 2 - fromD)))
  const youngM = Math.min(response.rootM, Math.max(YOUNG_M, crop.rootMinM))
  return youngM + (response.rootM - youngM) * share ** (1 / 1.5)
}

export function startWater(
  setup: SetupLine,
  crop: Crop,
  response: CropResponse,
  soil: readonly Layer[],
  lastPrior: Prior | null = null,
): Water {
  const mean = (fromM: number, toM: number, property: (layer: Layer) => number): number =>
    overDepth(soil, fromM, toM, property) / (toM - fromM)
  const toM = Math.min(DEEPEST * response.rootM, setup.field.soil.depthM ?? Infinity)
  const layers = ensembleLayers(toM, (fromM, toM) => ({
    fieldCapacity: mean(fromM, toM, (layer) => layer.fieldCapacity),
    wiltingPoint: mean(fromM, toM, (layer) => layer.wiltingPoint),
  }))
  const sensors = setup.sensors ?? []
  const canopy = canopyOf(crop)
  const start = { vwc: setup.field.initialVwc ?? null, vwcSd: START_SD }
  return {
    ensemble: createEnsemble(
      layers,
      sensors.map(({ depthM }) => depthM),
      start,
      { canopy, prior: lastPrior ?? defaultPrior(canopy, sensors.length) },
      seedOf(setup.field.plantingDay),
    ),
    rootDepthAt: (ageD) => expectedRootDepthM(crop, response, ageD),
    ageD: 0,
    wettedFraction: 1,
    sensors: sensors.map(({ id }) => ({ id, last: null, sameDays: 0, refusedDays: 0 })),
  }
}

interface WaterDay {
  crop: Crop
  stress: CropStress
  surface: Surface
  ageD: number
  et0Mm: number
  rainMm: number | null
  irrigation: { mm: number; wettedFraction: number } // net
  readings: DayLine['soilMoisture']
}

/** Advances the field by a day; adds notes on its sensors. */
export function advanceWater(water: Water, x: WaterDay, notes: string[]): void {
  const { crop, surface, et0Mm, irrigation } = x
  const rainMm = x.rainMm ?? 0
  const runoff =
    surface.curveNumberTexture === null
      ? 0
      : runoffMm(rainMm, curveNumberOf(surface.curveNumberTexture, crop.cover))
  water.wettedFraction = wettedFractionOf(water.wettedFraction, rainMm, irrigation)
  advanceEnsemble(water.ensemble, {
    ageD: x.ageD,
    days: x.ageD - water.ageD,
    et0Mm,
    surface,
    wettedFraction: water.wettedFraction,
    rainMm: x.rainMm === null ? null : rainMm - runoff,
    irrigationMm: irrigation.mm,
    rootDepthAt: water.rootDepthAt,
    stress: x.stress,
  })
  water.ageD = x.ageD
  assimilateSensors(water, x.readings, notes)
}

function assimilateSensors(water: Water, readings: DayLine['soilMoisture'], notes: string[]): void {
  let followed = 0
  water.sensors = water.sensors.map((sensor, i) => {
    const vwc = readings?.[sensor.id]
    if (vwc == null || !(vwc > 0 && vwc < 1)) return sensor
    const sameDays = sensor.last === vwc ? sensor.sameDays + 1 : 0
    if (sameDays >= STUCK_DAYS) {
      notes.push('sensor-stuck')
      return { ...sensor, last: vwc, sameDays }
    }
    const isFollowed = assimilateReading(water.ensemble, i, vwc)
    const refusedDays = isFollowed ? 0 : sensor.refusedDays + 1
    if (refusedDays >= CONTRADICTED_DAYS) notes.push('sensor-contradicted')
    if (isFollowed) followed++
    return { id: sensor.id, last: vwc, sameDays, refusedDays }
  })
  if (followed === 0) notes.push('no-soil-moisture')
}

/** The same season has the same members. */
const seedOf = (text: string): number =>
  [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5)
