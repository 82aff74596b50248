/** The inputs of a field's demand, and what the decision takes from them. */
import { dayOf, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { rootDepthM, seasonLengthD } from '../../agronomy/crops/growth.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import {
  readOutlook,
  type StoredOutlook,
  type FieldStateRow,
  type SeasonRow,
  type StrategyRow,
  type ZoneRow,
} from '../../tables.ts'
import type { ForecastSkill } from '../forecast/skill.ts'
import { agesAhead, agesOf, tableDay } from '../../irrigation-model/crop-clock.ts'
import { phaseIndexOf, cropResponse, type CropResponse } from '../../irrigation-model/crop-response.ts'
import { cutCycleD } from '../../irrigation-model/cutting.ts'
import { probesDryMm, type FieldOutlook } from '../../irrigation-model/field-outlook.ts'
import type { WaterValue } from '../../irrigation-model/demand.ts'
import { fieldWaterValue } from '../../irrigation-model/field-water-value.ts'
import type { Rule } from '../../irrigation-model/rollout.ts'
import type { SeasonWater } from './strategy.ts'
import type { PricePerM3 } from '../../domain/water-tariff.ts'
import { sum } from '../../runtime/math.ts'
import { grossMmOf } from '../run-size.ts'

export interface FieldDemandInput {
  farmId: string
  state: FieldStateRow
  season: Pick<SeasonRow, 'crop' | 'plantedDay' | 'harvestPlannedDay'>
  texture: string
  /** to rock or a pan, m; null: deep */
  soilDepthM: number | null
  zone: Pick<
    ZoneRow,
    'efficiency' | 'maxDepthMm' | 'wettedFraction' | 'minMinutes' | 'applicationRateMmH'
  > | null
  /** the share of TAW at which a person has decided to irrigate, whatever the season brings; absent: none has */
  ownLimit?: number | null
  forecast: ForecastResponse | null
  skill: ForecastSkill | null
  timeZone: string
  strategy?: StrategyRow | null
  price?: PricePerM3
  /** a rule for each of `DOUBTS`; absent: those of the tables */
  learned?: readonly Rule[] | undefined
  /** this season, in this zone */
  seasonWater?: SeasonWater | undefined
}

const DEFAULT_ET0_MM = 4
const NO_PRICE: PricePerM3 = { water: null, energy: null }

/**
 * The inputs of the line, rounded to steps within which it does not change; the depletion is not one of them.
 */
export interface DemandBasis {
  crop: Crop
  response: CropResponse
  waterValue: WaterValue
  isValueAssumed: boolean
  today: Day
  /** at the end of each coming day, of Table 11; empty: the harvest is due */
  agesD: readonly number[]
  /** of the season, with its estimated delay */
  endD: number
  phase: 0 | 1 | 2 | 3
  /** since planting, or since the last cut */
  daysSoFar: number
  tawMm: number
  sdMm: number
  rootsM: number
  /** where the soil ends, m; null: deep */
  soilDepthM: number | null
  texture: string
  efficiency: number
  mostMm: number
  leastMm: number
  wettedFraction: number
  usualEt0Mm: number
  rainTodayMm: number
  /** runs in a row whose water did not arrive, so that the next one waits; 0: none waits */
  withheldAfterRuns: number
  /** depletion that the probes show where they make water due, mm; null: they do not */
  dryMm: number | null
  /** null: only the mean and its deviation are known */
  outlook: FieldOutlook | null
}

/** Null where the state is not sufficient, or the crop unknown. */
export function demandBasis({ state, season, zone, ...x }: FieldDemandInput): DemandBasis | null {
  const crop = cropOf(season.crop)
  if (!crop || state.tawMm === null || state.depletionMm === null || !(state.tawMm > 0)) return null
  const today = dayOf(state.atMs, x.timeZone)
  const calendarD = daysBetween(season.plantedDay, today)
  const estimated = state.outlook ? readOutlook(state.outlook) : null
  const outlook = estimated && roundedOutlook(estimated)
  if (calendarD < 0) return null
  const ageD = Math.floor(state.ageD ?? calendarD)
  const paceD = outlook?.paceD ?? 1
  const agesD = agesAhead(crop, {
    ageD,
    fromDay: today,
    harvestDay: season.harvestPlannedDay,
    passed: () => paceD,
  })
  const phase = phaseIndexOf(crop, tableDay(crop, agesOf(agesD[0] ?? ageD, outlook ?? { late: 0, ripe: 0 })))
  const ofTables = cropResponse(crop)
  // without an outlook, with the smaller of Table 22's depths (agronomy/crops/crops.ts)
  const response = outlook ? ofTables : { ...ofTables, rootM: crop.rootMaxM }
  const { waterValue, isAssumed } = fieldWaterValue(x.strategy ?? null, x.price ?? NO_PRICE, response)
  return {
    crop,
    response,
    waterValue,
    today,
    agesD,
    // a crop that is cut grows again
    endD: cutCycleD(crop) === null ? seasonLengthD(crop) + (outlook?.ripe ?? 0) : Infinity,
    phase,
    daysSoFar: cutCycleD(crop) === null ? calendarD : Math.round(ageD / paceD),
    texture: x.texture,
    soilDepthM: x.soilDepthM,
    tawMm: state.tawMm,
    isValueAssumed: isAssumed,
    sdMm: Math.round(state.depletionSdMm ?? 0.1 * state.tawMm),
    rootsM: state.rootDepthM ?? rootDepthM(crop, ageD),
    efficiency: zone?.efficiency ?? 1,
    mostMm: zone?.maxDepthMm ?? 60,
    leastMm: zone ? grossMmOf(zone, zone.minMinutes) : 0,
    wettedFraction: zone?.wettedFraction ?? 1,
    usualEt0Mm: Math.round(10 * usualEt0Mm(state, x.forecast)) / 10,
    rainTodayMm: Math.round(state.rainTodayMm ?? 0),
    withheldAfterRuns: estimated?.withheldAfterRuns ?? 0,
    dryMm: estimated && probesDryMm(estimated, response, phase),
    outlook,
  }
}

/** To steps within which the line does not change; the depletion and the leaching are not among its inputs. */
function roundedOutlook(outlook: StoredOutlook): FieldOutlook {
  const to = (step: number, value: number): number => Math.round(value / step) * step
  return {
    ...outlook,
    depletionMm: 0,
    meanDrierMm: 0,
    salt: { ecDsM: null, waterEcDsM: null, dueMm: 0 },
    withheldAfterRuns: 0,
    wiltingMm: null,
    paceD: to(0.02, outlook.paceD),
    sdMm: to(1, outlook.sdMm),
    surfaceMm: to(2, outlook.surfaceMm),
    tewMm: to(1, outlook.tewMm),
    rewMm: to(1, outlook.rewMm),
    belowMm: to(2, outlook.belowMm),
    deep: to(0.02, outlook.deep),
    heldShare: to(0.02, outlook.heldShare ?? 1),
    late: to(1, outlook.late),
    ripe: to(1, outlook.ripe),
    use: to(0.02, outlook.use),
    cover: roundedCover(outlook.cover),
    members: outlook.members.map((member) => ({
      drierMm: to(1, member.drierMm),
      tawShare: to(0.02, member.tawShare),
      heldShare: to(0.02, member.heldShare ?? 1),
      use: to(0.02, member.use),
      late: to(1, member.late),
      ripe: to(1, member.ripe),
      cover: roundedCover(member.cover),
      tolerance: to(0.02, member.tolerance),
    })),
  }
}

/** To two significant digits: a seedling covers less than 0.01, and from a cover of 0 the model grows no leaves. */
const roundedCover = (cover: number): number => Number(cover.toPrecision(2))

/**
 * ET0 of days beyond the forecast, mm: the mean of the forecast days, else the state's expectation of today.
 */
function usualEt0Mm(state: FieldStateRow, forecast: ForecastResponse | null): number {
  const forecastEt0Mm = (forecast?.days ?? []).flatMap(({ et0Mm }) => (et0Mm === null ? [] : [et0Mm]))
  if (forecastEt0Mm.length > 0) return sum(forecastEt0Mm) / forecastEt0Mm.length
  if (state.etcWholeDayMm !== null && state.kc !== null && state.kc > 0) return state.etcWholeDayMm / state.kc
  return DEFAULT_ET0_MM
}
