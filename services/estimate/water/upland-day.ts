/** The water of an upland field over a day, or over the part of it that has passed: the columns of its row. Pure. */
import type { Day } from '../../../broker/contract/time.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { kcbOf, type KcClimate } from '../../agronomy/crops/growth.ts'
import { capillaryRiseMm } from '../../agronomy/water/capillary.ts'
import { combinedWettedFraction } from '../../agronomy/water/dual-kc.ts'
import { pAdjusted } from '../../agronomy/water/soil-water.ts'
import { textureOf } from '../../agronomy/water/soils.ts'
import { cropResponse } from '../../irrigation-model/crop-response.ts'
import { depletionAt, stressOf } from '../../irrigation-model/crop-stress.ts'
import type { DayWater } from '../../irrigation-model/ensemble-day.ts'
import { meanMember } from '../../irrigation-model/ensemble-members.ts'
import { priorFromLastSeason } from '../../irrigation-model/carry-over.ts'
import type { FrostNight } from '../../irrigation-model/crop-frost.ts'
import {
  resetWater,
  SENSOR_SD,
  type EnsembleLayer,
  type Prior,
  type StartWater,
} from '../../irrigation-model/field-ensemble.ts'
import {
  advanceWater,
  ageAfter,
  daySeed,
  growByTables,
  layersOf,
  START_SD,
  startWater,
  surfaceOf,
  type FieldSite,
  type FieldWater,
} from '../../irrigation-model/field-water.ts'
import type { DecisionNote } from '../../irrigation-model/field-sensors.ts'
import type { FieldDayRow, StoredWater } from '../../tables.ts'
import type { IrrigationDepth, Wetting } from './irrigation-depth.ts'
import type { SaltReading } from './salt-reading.ts'
import { isSurvived, lastSeasonOf, restoreWater, type Sensor } from './stored-water.ts'

/** The soil of a field and its crop, on one day. */
export interface Ground {
  fieldId: string
  crop: Crop
  plantedDay: Day
  /** soil water on the planting day as entered, m³/m³; null: unknown */
  initialVwc: number | null
  /** days since planting at the end of the day */
  calendarD: number
  /** of the day; null: unknown */
  tempMinC: number | null
  tempMaxC: number | null
  texture: string
  /** to rock or a pan, m; null: deep */
  soilDepthM: number | null
  limits: { fieldCapacity: number; wiltingPoint: number }
  /** standard deviation of the limits, m³/m³ */
  limitsSd: number
  wetting: Wetting
  climate: KcClimate | undefined
  /** EC of the irrigation water, dS/m; null: unknown */
  waterEcDsM: number | null
  /** frosts up to this day did not end the crop */
  survivedFrostDay: Day | null
}

/** A reading of a sensor, or its silence. */
export interface SensorReading extends Sensor {
  /** m³/m³; null: silent */
  vwc: number | null
}

/** The water of yesterday; `row`: its depletion, where the stored water is missing. */
export interface WaterBefore {
  stored: StoredWater | null
  row: Partial<Pick<FieldDayRow, 'depletionMm' | 'depletionSdMm' | 'tawMm'>> | undefined
  /** the last stored water of the season before; absent: unknown */
  lastSeason?: StoredWater | null
}

/** The inputs of a day. */
export interface UplandInputs {
  et0: { mm: number; sdMm: number }
  dayShare: number // 0-1
  rainMm: number | null
  rainSdMm: number
  irrigation: IrrigationDepth
  waterTableM: number | null // below the surface
  sensors: readonly SensorReading[]
  /** the water at the end, where what was before it is unknown and the sensors measure it; absent: by the balance */
  measured?: StartWater | null
  /** the night of a whole day; absent: its frost is judged when the day has ended */
  night?: FrostNight | null
  /** ECe of the roots as measured, and the day of the measurement; absent: not measured */
  salt?: SaltReading | null
}

/** The origin of the water at the start of a day. */
export type WaterOrigin = 'balance' | 'entered' | 'row' | 'nothing'

export type UplandColumns = Record<
  | 'kc'
  | 'kcb'
  | 'ke'
  | 'ks'
  | 'etcMm'
  | 'etaMm'
  | 'evaporationMm'
  | 'rawMm'
  | 'tawMm'
  | 'rootDepthM'
  | 'depletionMm'
  | 'depletionSdMm'
  | 'surfaceDepletionMm'
  | 'wettedFraction'
  | 'runoffMm'
  | 'deepPercolationMm'
  | 'fieldCapacity'
  | 'wiltingPoint',
  number
> & { capillaryMm: number | null }

/** What stays the same all season. */
export function siteOf({
  crop,
  texture,
  limits,
  waterEcDsM,
}: Pick<Ground, 'crop' | 'texture' | 'limits' | 'waterEcDsM'>): FieldSite {
  return {
    crop,
    response: cropResponse(crop),
    stress: stressOf(crop),
    surface: surfaceOf(texture, [{ toM: 1, ...limits }]),
    waterEcDsM,
  }
}

/**
 * The water at the start of a day: the stored one, else on the planting day the entered one, else spread around
 * yesterday's row, else unknown.
 */
export function waterAtStart(
  ground: Ground,
  site: FieldSite,
  { stored, row, lastSeason = null }: WaterBefore,
  x: { day: Day; sensors: readonly Sensor[]; waterTableM: number | null },
): { water: FieldWater; from: WaterOrigin } {
  const layers = layersOf(site.response, [{ toM: 1, ...ground.limits }], ground.soilDepthM)
  const seed = daySeed(ground.fieldId, x.day)
  const sensors = withSilent(x.sensors, stored)
  const { plantedDay, survivedFrostDay } = ground
  const { waterTableM } = x
  const restored =
    stored && restoreWater(stored, site, { plantedDay, layers, sensors, seed, waterTableM, survivedFrostDay })
  if (restored) return { water: restored, from: 'balance' }
  const { start, from } = unstoredWater(ground, row, x.day)
  const water = startWater(site, {
    layers,
    sensors,
    start,
    prior: lastSeason && carriedPrior(lastSeason, ground, layers, sensors),
    seed,
    waterTableM,
    levelSd: ground.limitsSd,
  })
  // a field whose water was not kept is as old as its crop
  growByTables(water, site, ground.calendarD - 1)
  return { water, from }
}

function unstoredWater(
  { crop, plantedDay, initialVwc }: Ground,
  row: WaterBefore['row'],
  day: Day,
): { start: StartWater; from: WaterOrigin } {
  if (initialVwc !== null && day === plantedDay)
    return { start: { vwc: initialVwc, sd: START_SD }, from: 'entered' }
  if (row?.depletionMm == null || row.tawMm == null || !(row.tawMm > 0))
    return { start: { depletedShare: crop.p / 2, sd: UNKNOWN_SD }, from: 'nothing' }
  const sd = Math.min(UNKNOWN_SD, (row.depletionSdMm ?? 0) / row.tawMm)
  return { start: { depletedShare: row.depletionMm / row.tawMm, sd }, from: 'row' }
}

/** The estimates of the season before, where it was long enough. */
function carriedPrior(
  before: StoredWater,
  { crop, wetting, limitsSd }: Ground,
  layers: readonly EnsembleLayer[],
  sensors: readonly Sensor[],
): Prior | null {
  const [was, now] = [before.layers[0], layers[0]!]
  const isSameSoil = was?.fieldCapacity === now.fieldCapacity && was.wiltingPoint === now.wiltingPoint
  return priorFromLastSeason(lastSeasonOf(before), {
    crop,
    efficiency: wetting.efficiency,
    sensors,
    isSameSoil,
    levelSd: limitsSd,
  })
}

/** The sensors of today, and those of yesterday that are silent. */
const withSilent = (sensors: readonly Sensor[], stored: StoredWater | null): Sensor[] => [
  ...sensors,
  ...(stored?.sensors ?? []).flatMap(({ id }, s) =>
    sensors.some((sensor) => sensor.id === id) ? [] : [{ id, depthM: stored!.sensorDepthsM[s]! }],
  ),
]

/** The water content at each depth as the nearest sensor reads it; null: all are silent. */
export function waterBySensors(sensors: readonly SensorReading[]): StartWater | null {
  const readings = sensors.flatMap(({ depthM, vwc }) => (vwc === null ? [] : [{ depthM, vwc }]))
  if (readings.length === 0) return null
  const nearest = (depthM: number): number =>
    readings.reduce((a, b) => (Math.abs(b.depthM - depthM) < Math.abs(a.depthM - depthM) ? b : a)).vwc
  return { vwcAt: nearest, sd: SENSOR_SD }
}

/** Standard deviation of an unknown depletion, share of the capacity: any depletion is as likely as another. */
const UNKNOWN_SD = 0.29

/** Advances the water by the day; `water` is changed. */
export function uplandDay(
  ground: Ground,
  site: FieldSite,
  water: FieldWater,
  x: UplandInputs,
): { columns: UplandColumns; notes: DecisionNote[] } {
  const { et0, dayShare } = x
  const { crop } = ground
  if (x.salt && x.salt.day > (water.salt.measuredDay ?? ''))
    water.salt = { ...water.salt, ecDsM: x.salt.ecDsM, measuredDay: x.salt.day }
  const before = meanMember(water.ensemble, water)
  const { tempMinC, tempMaxC } = ground
  const ageD = ageAfter(water, crop, { tMinC: tempMinC, tMaxC: tempMaxC }, dayShare)
  const texture = textureOf(ground.texture) ?? 'loam'
  const riseMmD = capillaryRiseMm(texture, x.waterTableM, before.rootM, before.depletionMm, before.tawMm)
  const capillaryMm = riseMmD === null ? null : riseMmD * dayShare
  const notes: DecisionNote[] = []
  const day = advanceWater(
    water,
    site,
    {
      ageD,
      night: x.night && !isSurvived(x.night, ground.survivedFrostDay) ? x.night : null,
      et0Mm: et0.mm,
      dayShare,
      rainMm: x.rainMm,
      irrigation: {
        mm: x.irrigation.irrigationMm,
        wettedFraction: combinedWettedFraction(x.rainMm ?? 0, {
          mm: x.irrigation.irrigationMm,
          wettedFraction: ground.wetting.wettedFraction,
        }),
        isMetered: true,
      },
      // readings that set the water are not assimilated as well
      readings: x.measured ? null : Object.fromEntries(x.sensors.map(({ id, vwc }) => [id, vwc])),
      isBunded: ground.wetting.isBunded,
      isUnderCanopy: ground.wetting.isUnderCanopy,
      climateFactor: climateFactorOf(ground, ageD),
      capillaryMm: capillaryMm ?? 0,
      sdMm: { et0: et0.sdMm * dayShare, rain: x.rainSdMm, irrigation: x.irrigation.irrigationSdMm },
    },
    notes,
  )
  if (x.measured) resetWater(water.ensemble, x.measured)
  return {
    columns: columnsOf(ground, water, day, { et0Mm: et0.mm * dayShare, wholeEt0Mm: et0.mm, capillaryMm }),
    notes,
  }
}

function columnsOf(
  { crop, limits }: Ground,
  water: FieldWater,
  day: DayWater & { runoffMm: number },
  x: { et0Mm: number; wholeEt0Mm: number; capillaryMm: number | null },
): UplandColumns {
  const mean = meanMember(water.ensemble, water)
  const { basalMm, transpiredMm, evaporatedMm } = day
  const etcMm = basalMm + evaporatedMm
  const perEt0 = (mm: number): number => (x.et0Mm > 0 ? mm / x.et0Mm : 0)
  return {
    kc: perEt0(etcMm),
    kcb: perEt0(basalMm),
    ke: perEt0(evaporatedMm),
    ks: basalMm > 0 ? transpiredMm / basalMm : 1,
    etcMm,
    etaMm: transpiredMm + evaporatedMm,
    evaporationMm: evaporatedMm,
    tawMm: mean.tawMm,
    rawMm: depletionAt(pAdjusted(crop.p, perEt0(etcMm) * x.wholeEt0Mm), mean.tawMm, mean.heldShare),
    rootDepthM: mean.rootM,
    depletionMm: mean.depletionMm,
    depletionSdMm: mean.sdMm,
    surfaceDepletionMm: mean.surfaceMm,
    wettedFraction: water.wettedFraction,
    runoffMm: day.runoffMm,
    capillaryMm: x.capillaryMm,
    deepPercolationMm: day.percolatedMm,
    fieldCapacity: limits.fieldCapacity + mean.level,
    wiltingPoint: limits.wiltingPoint + Math.max(0, mean.level),
  }
}

/** Kcb in the wind and humidity of the day over that of the tables' standard climate, FAO-56 Eq. 70. */
function climateFactorOf({ crop, climate }: Ground, ageD: number): number {
  const standard = kcbOf(crop, ageD)
  const adjusted = climate && kcbOf(crop, ageD, climate)
  return adjusted == null || standard === null || !(standard > 0) ? 1 : adjusted / standard
}
