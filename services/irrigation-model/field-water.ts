/**
 * The water of one upland field through its season, day by day: the ensemble of its layers, the evaporating surface,
 * its sensors, and the growth of its crop. The farm's estimate keeps it, and `npm run decide` is the same fold over
 * the lines of another program.
 */
import type { Day } from '../../broker/contract/time.ts'
import type { Crop } from '../agronomy/crops/crop.ts'
import { tewMm, wettedFractionOf } from '../agronomy/water/dual-kc.ts'
import { curveNumberOf, runoffMm } from '../agronomy/water/runoff.ts'
import { textureOf } from '../agronomy/water/soils.ts'
import { overDepth, type Layer } from './soil-layers.ts'
import { noOrderYet, type Arrival } from './arrival.ts'
import { isKilledByFrost, type FrostNight } from './crop-frost.ts'
import type { CropResponse } from './crop-response.ts'
import { canopyOf, coverAfter, EMERGED_SHARE, kcbOfCover } from './canopy.ts'
import {
  agesOf,
  clockUntil,
  paceAfter,
  passedD,
  tableClock,
  type ClockStart,
  type CropAges,
  type FieldClock,
} from './crop-clock.ts'
import { growDay, initialGrowth, type CropGrowth } from './crop-growth.ts'
import { ks, type CropStress } from './crop-stress.ts'
import { tableCourse, yieldTimes } from './days-ahead.ts'
import { advanceEnsemble, type DayWater } from './ensemble-day.ts'
import { meanMember, type RootsAt } from './ensemble-members.ts'
import {
  createEnsemble,
  DEEPEST,
  ensembleLayers,
  defaultPrior,
  normalNumbers,
  param,
  SURFACE_M,
  type EnsembleLayer,
  type Prior,
  type StartWater,
} from './field-ensemble.ts'
import { cutCycleD, cutLeaves } from './cutting.ts'
import { noSalt, saltAfterDay, saltEffectOf, type FieldSalt } from './salt/salt-balance.ts'
import {
  assimilateSensors,
  newSensor,
  type DecisionNote,
  type SensedWater,
  type SensorReadings,
} from './field-sensors.ts'

export interface FieldWater extends SensedWater {
  wettedFraction: number // of the ground, by the last rain or irrigation
  growth: CropGrowth
  /** the stand has been cut: it grows on the roots of the last cycle */
  isRegrown: boolean
  salt: FieldSalt
  arrival: Arrival
  /** the frost that ended the crop; null: it lives */
  killedBy: FrostNight | null
  /** days with a record since planting */
  daysRecorded: number
  /** of its own variety, and its pace by heat */
  clock: FieldClock
  paceD: number
}

/** What stays the same all season. */
export interface FieldSite {
  crop: Crop
  response: CropResponse
  stress: CropStress
  surface: Surface
  /** EC of the irrigation water, dS/m; null: unknown */
  waterEcDsM: number | null
}

/** Water rises from a water table by no more than about this. FAO-56, chapter 8 */
const RISES_M = 1
/** Young roots take up water from a little below them. AquaCrop's minimum effective rooting depth */
const YOUNG_M = 0.3
/** Water in this skin evaporates freely. FAO 66, Eq. 3.11 */
const SKIN_M = 0.04
/** Standard deviation of a water content at planting as a farm knows it, m³/m³. */
export const START_SD = 0.035
interface Surface {
  tewMm: number
  rewMm: number
  curveNumberTexture: string | null
}

/** `texture`: null where unknown, so that no rain is known to run off. */
export function surfaceOf(texture: string | null, layers: readonly Layer[]): Surface {
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

/** The expected rooting depth, m, by age in days of Table 11. */
export const rootDepthsOf =
  (crop: Crop, response: CropResponse): RootsAt['rootDepthAt'] =>
  (ageD) =>
    expectedRootDepthM(crop, response, ageD)

/** The layers of the ensemble, from those of the soil; `depthM`: to rock or a pan, null where the soil is deep. */
export function layersOf(
  response: CropResponse,
  soil: readonly Layer[],
  depthM: number | null,
): EnsembleLayer[] {
  const mean = (fromM: number, toM: number, property: (layer: Layer) => number): number =>
    overDepth(soil, fromM, toM, property) / (toM - fromM)
  return ensembleLayers(Math.min(DEEPEST * response.rootM, depthM ?? Infinity), (fromM, toM) => ({
    fieldCapacity: mean(fromM, toM, (layer) => layer.fieldCapacity),
    wiltingPoint: mean(fromM, toM, (layer) => layer.wiltingPoint),
  }))
}

/**
 * The water of a field at planting. `start`: the water content as a farm knows it, or the depleted share of the
 * capacity. `seed`: the same text gives the same members.
 */
export function startWater(
  { crop, response }: Pick<FieldSite, 'crop' | 'response'>,
  x: {
    layers: readonly EnsembleLayer[]
    sensors: readonly { id: string; depthM: number }[]
    start: StartWater
    prior: Prior | null
    seed: string
    /** depth of groundwater, m; null: unknown, or far below the roots */
    waterTableM: number | null
    /** standard deviation of the entered limits of the soil, m³/m³ */
    levelSd: number
    /** ECe of the roots, measured; absent: unknown */
    salt?: FieldSalt
  },
): FieldWater {
  const { layers, sensors, start } = x
  const canopy = canopyOf(crop)
  return {
    ensemble: createEnsemble(
      layers,
      sensors.map(({ depthM }) => depthM),
      start,
      { canopy, prior: x.prior ?? defaultPrior(crop, sensors.length, x.levelSd) },
      seedOf(x.seed),
    ),
    rootDepthAt: rootDepthsOf(crop, response),
    ageD: 0,
    wettedFraction: 1,
    growth: initialGrowth(),
    isRegrown: false,
    sensors: sensors.map(({ id }) => newSensor(id)),
    wiltingDays: 0,
    mayStayWetFromM: mayStayWetFromM(x.waterTableM),
    salt: x.salt ?? noSalt,
    arrival: noOrderYet,
    killedBy: null,
    daysRecorded: 0,
    clock: tableClock,
    paceD: 1,
  }
}

/** Depth from which a water table may keep the soil wet, m; null: unknown, or far below the roots. */
export const mayStayWetFromM = (waterTableM: number | null): number => (waterTableM ?? Infinity) - RISES_M

/** Gives each member the leaves of an unstressed crop at an age, where the days before are unknown. */
export function growByTables(
  water: FieldWater,
  { crop, stress }: Pick<FieldSite, 'crop' | 'stress'>,
  sinceD: number,
): void {
  const cycleD = cutCycleD(crop)
  if (cycleD !== null && sinceD >= cycleD) regrow(water)
  const ageD = cycleD === null ? sinceD : sinceD % cycleD
  const { ensemble } = water
  const { canopy, states, unprobed, layers } = ensemble
  for (const state of [...states, ...unprobed.states]) {
    const params = state.subarray(layers.length)
    for (let age = 1; age <= ageD; age++) {
      const ages = { leavesD: age - params[param.late]!, ripeD: age - params[param.ripe]! }
      params[param.cover] = coverAfter(canopy, params[param.cover]!, ages, 1, 1)
    }
  }
  water.growth = tableCourse(canopy, stress, yieldTimes(crop), ageD).grown
  water.ageD = Math.max(0, ageD)
}

/**
 * The age after a day, or the passed share of it. A crop that is cut several times is cut at the end of its cycle: the next one
 * begins with the leaves of a cut stand on grown roots.
 */
export function ageAfter(
  water: FieldWater,
  crop: Crop,
  temp: { tMinC?: number | null | undefined; tMaxC?: number | null | undefined } | null,
  dayShare = 1,
): number {
  const ageD = water.ageD + dayShare * passedD(water, crop, temp)
  if (dayShare === 1) water.paceD = paceAfter(water, crop, temp)
  const cycleD = cutCycleD(crop)
  if (cycleD === null || ageD < cycleD) return ageD
  cutLeaves(water.ensemble)
  water.ageD = 0
  water.growth = initialGrowth()
  regrow(water)
  return ageD - cycleD
}

/** The stand has been cut before: its roots are those of a grown one. */
export function regrow(water: FieldWater): void {
  water.isRegrown = true
  const grownM = water.rootDepthAt(Infinity)
  water.rootDepthAt = () => grownM
}

export interface WaterDay {
  ageD: number
  et0Mm: number
  rainMm: number | null
  irrigation: { mm: number; wettedFraction: number; isMetered: boolean } // net
  readings: SensorReadings
  /** the night of the day, whose frost may end the crop; absent: unknown, or judged before */
  night?: FrostNight | null
  /** rain does not run off */
  isBunded?: boolean
  dayShare?: number
  climateFactor?: number
  isUnderCanopy?: boolean
  capillaryMm?: number
  sdMm?: { et0: number; rain: number; irrigation: number }
}

/** Advances the field by a day, or by the part of it that has passed; adds notes on its sensors. */
export function advanceWater(
  water: FieldWater,
  { crop, response, stress, surface, waterEcDsM }: FieldSite,
  day: WaterDay,
  notes: DecisionNote[],
): DayWater & { runoffMm: number } {
  const { irrigation, et0Mm, night } = day
  if (night && isKilledBy(water, crop, night)) water.killedBy ??= night
  const saltKs = saltEffectOf(crop, water.salt, waterEcDsM).ks
  const rainMm = day.rainMm ?? 0
  const runoff =
    surface.curveNumberTexture === null || day.isBunded
      ? 0
      : runoffMm(rainMm, curveNumberOf(surface.curveNumberTexture, crop.cover))
  water.wettedFraction = wettedFractionOf(water.wettedFraction, rainMm, irrigation)
  const daysPassed = Math.max(0, day.ageD - water.ageD)
  const { mm: irrigationMm, isMetered } = irrigation
  const terms = advanceEnsemble(water.ensemble, {
    ...day,
    days: daysPassed,
    surface,
    wettedFraction: water.wettedFraction,
    rainMm: day.rainMm === null ? null : rainMm - runoff,
    irrigationMm,
    isMetered,
    saltKs,
    rootDepthAt: water.rootDepthAt,
    stress,
  })
  water.ageD = day.ageD
  assimilateSensors(water, day.readings, notes)
  if (daysPassed > 0) growCrop(water, { crop, stress }, { passedD: daysPassed, et0Mm, saltKs })
  if (waterEcDsM !== null)
    water.salt = saltAfterDay(water.salt, crop.id, waterEcDsM, {
      irrigationMm,
      percolatedMm: terms.percolatedMm,
      rootShare: meanMember(water.ensemble, water).rootM / response.rootM,
      storeMm: storeAtCapacityMm(water.ensemble.layers, response.rootM),
    })
  return { ...terms, runoffMm: runoff }
}

/** The clock whose season ends on the day of the planned harvest, null: on none. A crop that is cut keeps its cycles. */
export const seasonClock = (harvestDay: Day | null, crop: Crop, from: ClockStart): FieldClock =>
  cutCycleD(crop) === null ? clockUntil(harvestDay, crop, from) : { ...tableClock, harvestDay }

/** The ages of a field's leaves and of its ripening, by the means of the members. */
export const agesNow = (water: FieldWater): CropAges => agesOf(water.ageD, meanMember(water.ensemble, water))

/** Whether the night ends the crop at its age before the day. */
function isKilledBy({ ensemble, ageD, rootDepthAt }: FieldWater, crop: Crop, { minC }: FrostNight): boolean {
  const { late } = meanMember(ensemble, { ageD, rootDepthAt })
  return isKilledByFrost(crop.id, ensemble.canopy, ageD - late, minC)
}

/** The water of the soil at field capacity down to a depth, mm. */
const storeAtCapacityMm = (layers: readonly EnsembleLayer[], toM: number): number =>
  1000 * overDepth(layers, 0, Math.min(toM, layers.at(-1)!.toM), ({ fieldCapacity }) => fieldCapacity)

/** Growth of the crop from its water, by the means of the members. */
function growCrop(
  water: FieldWater,
  { crop, stress }: Pick<FieldSite, 'crop' | 'stress'>,
  { passedD, et0Mm, saltKs }: { passedD: number; et0Mm: number; saltKs: number },
): void {
  const { cover, use, late, ripe, tolerance, ...mean } = meanMember(water.ensemble, water)
  const used = mean.used - tolerance
  const ksStomata = ks(stress.stomata, used, et0Mm) * saltKs
  growDay(yieldTimes(crop), stress, water.growth, {
    age: water.ageD - ripe,
    passed: passedD,
    transpired: kcbOfCover(water.ensemble.canopy, cover, water.ageD - late) * use * ksStomata,
    used,
    ksStomata,
    cover,
    ksLeaves: ks(stress.leaves, used, et0Mm),
  })
}

/** The seed of a day of a field: its errors are the same in each estimate, whatever was estimated before. */
export const daySeed = (fieldId: string, day: Day): string => `${fieldId} ${day}`

/** The errors of a day of a field. */
export const drawsOf = (fieldId: string, day: Day): (() => number) =>
  normalNumbers(seedOf(daySeed(fieldId, day)))

/** The same text gives the same errors. */
export const seedOf = (text: string): number =>
  [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5)
