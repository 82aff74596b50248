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
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import { assimilateReading, unprobedAt } from '../../irrigation-model/ensemble-reading.ts'
import {
  createEnsemble,
  DEEPEST,
  ensembleLayers,
  defaultPrior,
  forgetReadings,
  SURFACE_M,
  type FieldEnsemble,
  type Prior,
} from '../../irrigation-model/field-ensemble.ts'
import {
  newProbe,
  observeProbe,
  type ProbeMemory,
  type ProbeSite,
} from '../../irrigation-model/probe-trust.ts'

export interface Water {
  ensemble: FieldEnsemble
  rootDepthAt: (ageD: number) => number
  ageD: number
  wettedFraction: number // of the ground, by the last rain or irrigation
  sensors: readonly SensorMemory[]
  /** days one after another on which every probe within the roots reads the wilting point */
  wiltingDays: number
  /** from this depth on groundwater may keep the soil wet */
  mayStayWetFromM: number
}

/** State of a sensor, to detect one that is stuck, biased, or does not follow the soil. */
interface SensorMemory {
  id: string
  probe: ProbeMemory
  last: number | null
  isSilent: boolean // on the last day
  sameDays: number // the identical number again
  refusedDays: number // rejected as improbable
}

/** Water rises from a water table by no more than about this. FAO-56, chapter 8 */
const RISES_M = 1
/** Young roots take up water from a little below them. AquaCrop's minimum effective rooting depth */
const YOUNG_M = 0.3
/** Water in this skin evaporates freely. FAO 66, Eq. 3.11 */
const SKIN_M = 0.04
/** Standard deviation of a water content at planting as a farm knows it, m³/m³. */
const START_SD = 0.035
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
    sensors: sensors.map(({ id }) => ({
      id,
      probe: newProbe,
      last: null,
      isSilent: true,
      sameDays: 0,
      refusedDays: 0,
    })),
    wiltingDays: 0,
    mayStayWetFromM: (setup.field.soil.waterTableM ?? Infinity) - RISES_M,
  }
}

interface WaterDay {
  crop: Crop
  stress: CropStress
  surface: Surface
  ageD: number
  et0Mm: number
  rainMm: number | null
  irrigation: { mm: number; wettedFraction: number; isMetered: boolean } // net
  readings: DayLine['soilMoisture']
  saltKs: number
}

/** A note of a decision: the key alone, or with its parameters. */
export type DecisionNote = string | { key: string; params: Record<string, string | number> }

/** Advances the field by a day; adds notes on its sensors. */
export function advanceWater(water: Water, x: WaterDay, notes: DecisionNote[]): void {
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
    isMetered: irrigation.isMetered,
    rootDepthAt: water.rootDepthAt,
    stress: x.stress,
    saltKs: x.saltKs,
  })
  water.ageD = x.ageD
  assimilateSensors(water, x.readings, notes)
}

function assimilateSensors(water: Water, readings: DayLine['soilMoisture'], notes: DecisionNote[]): void {
  const { ensemble } = water
  const probes = water.sensors.map(({ probe }) => probe)
  const read = water.sensors.map(({ id }) => {
    const reading = readings?.[id]
    const isPossible = reading != null && reading > 0 && reading < 1
    if (reading != null && !isPossible)
      notes.push({ key: 'reading-refused', params: { sensor: id, got: reading } })
    return isPossible ? reading : null
  })
  for (const i of fromTheTop(ensemble))
    if (read[i] != null)
      probes[i] = observeProbe(probes[i]!, siteOf(water, probes, i), unprobedAt(ensemble, i), read[i])
  // after a wrong probe, all that it changed is in doubt
  if (water.sensors.some(({ probe }, i) => probe.contradicts === null && probes[i]!.contradicts !== null))
    forgetReadings(ensemble)
  let followed = 0
  water.sensors = water.sensors.map((before, i) => {
    const [vwc, probe] = [read[i]!, probes[i]!]
    const sensor = { ...before, probe, last: vwc ?? before.last, isSilent: vwc === null }
    const contradicted = (reason: string): void => {
      notes.push({ key: 'sensor-contradicted', params: { sensor: before.id, reason } })
    }
    if (probe.contradicts !== null) {
      contradicted(probe.contradicts)
      return { ...sensor, sameDays: 0, refusedDays: 0 }
    }
    if (vwc === null) return sensor
    const sameDays = before.last === vwc ? before.sameDays + 1 : 0
    if (sameDays >= STUCK_DAYS) {
      notes.push({ key: 'sensor-stuck', params: { sensor: before.id } })
      return { ...sensor, sameDays }
    }
    const isFollowed = assimilateReading(ensemble, i, vwc)
    const refusedDays = isFollowed ? 0 : before.refusedDays + 1
    if (refusedDays >= CONTRADICTED_DAYS) contradicted('improbable')
    if (isFollowed) followed++
    return { ...sensor, sameDays, refusedDays }
  })
  if (followed === 0) notes.push('no-soil-moisture')
  const isWilting = driestMm(water) !== null
  water.wiltingDays = isWilting ? water.wiltingDays + 1 : 0
}

/** Share of the capacity above the wilting point, within which a reading is at it. */
const AT_WILTING = 0.1

/**
 * Depletion of the soil down to the lowest of the probes within the roots, when all of them read the wilting point, mm; null: they
 * do not, or none was read.
 */
export function driestMm(water: Water): number | null {
  const { ensemble, sensors } = water
  const { rootM } = meanMember(ensemble, water)
  const { layers, sensorDepthsM } = ensemble
  let lowestM = 0
  for (const [i, { last, isSilent, probe }] of sensors.entries()) {
    const depthM = sensorDepthsM[i]!
    if (isSilent || last === null || probe.contradicts !== null || depthM > rootM) continue
    const { fieldCapacity, wiltingPoint } = layers.find(({ toM }) => depthM <= toM) ?? layers.at(-1)!
    if (last > wiltingPoint + AT_WILTING * (fieldCapacity - wiltingPoint)) return null
    lowestM = Math.max(lowestM, depthM)
  }
  if (lowestM === 0) return null
  let [sumMm, fromM] = [0, 0]
  for (const { toM, fieldCapacity, wiltingPoint } of layers) {
    const thicknessM = Math.max(0, Math.min(toM, lowestM) - fromM)
    sumMm += 1000 * thicknessM * (1 - AT_WILTING) * (fieldCapacity - wiltingPoint)
    fromM = toM
  }
  return sumMm
}

const fromTheTop = ({ sensorDepthsM }: FieldEnsemble): number[] =>
  [...sensorDepthsM.keys()].sort((a, b) => sensorDepthsM[a]! - sensorDepthsM[b]!)

/** The soil at a sensor. */
function siteOf(
  { ensemble: { layers, sensorDepthsM }, mayStayWetFromM }: Water,
  probes: readonly ProbeMemory[],
  sensor: number,
): ProbeSite {
  const depthM = sensorDepthsM[sensor]!
  const { fieldCapacity, wiltingPoint } = layers.find(({ toM }) => depthM <= toM) ?? layers.at(-1)!
  const mayStayWet =
    depthM >= mayStayWetFromM ||
    probes.some(({ contradicts }, i) => sensorDepthsM[i]! < depthM && contradicts === null)
  return { fieldCapacity, wiltingPoint, mayStayWet }
}

/** The same season has the same members. */
const seedOf = (text: string): number =>
  [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5)
