/**
 * The water demand of a farm's field, by the same decision as `npm run decide`: its state with its uncertainty,
 * the weather courses that its forecast allows, its prices, its grower's risk and strategy, and the rule
 * learned from its own years (learn/water-rule) or from the tables.
 */
import { dayOf, daysBetween, type Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { tewMm } from '../../agronomy/water/dual-kc.ts'
import { rootDepthM, seasonLengthD } from '../../agronomy/crops/growth.ts'
import { soilOf } from '../../agronomy/water/soils.ts'
import type { ForecastResponse } from '../../ports.ts'
import {
  readOutlook,
  type FieldStateRow,
  type SeasonRow,
  type StrategyRow,
  type ZoneRow,
} from '../../tables.ts'
import type { ForecastSkill } from '../forecast/skill.ts'
import type { BasisKey, WithheldKey } from '../message-keys.ts'
import { agesAhead, agesOf, tableDay } from '../../irrigation-model/crop-clock.ts'
import { phaseIndexOf, cropResponse, type CropResponse } from '../../irrigation-model/crop-response.ts'
import { cutCycleD } from '../../irrigation-model/cutting.ts'
import { daysAhead } from '../../irrigation-model/days-ahead.ts'
import {
  daysAheadOf,
  probesDryMm,
  waterNow,
  type FieldOutlook,
} from '../../irrigation-model/field-outlook.ts'
import {
  depthFor,
  refillLine,
  type Line,
  type Situation,
  type WaterValue,
} from '../../irrigation-model/demand.ts'
import { fieldWaterValue } from '../../irrigation-model/field-water-value.ts'
import { DOUBTS, ruleFor, tableRule, withMargin } from '../../irrigation-model/learn-rule.ts'
import type { Rule } from '../../irrigation-model/rollout.ts'
import { drawCourses, membersWithCourses } from './forecast-courses.ts'
import { strategyLine, type SeasonWater } from './strategy.ts'
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

export interface FieldDemand {
  /** depletion at which irrigation starts, mm; TAW when none is needed any more */
  lineMm: number
  /** the line before the strategy: a field drier than this that gets no water shows the reason */
  ordinaryMm: number
  basis: BasisKey
  /** water-missing: the water of the last runs did not arrive; season-over: the crop is ripe, or its harvest is due */
  withheld: WithheldKey | 'water-missing' | 'season-over' | null
  /** depletion that the probes show when they make water due, mm; null: they do not */
  dryMm: number | null
  /** net mm for a depletion when the valve opens, more than that for soil that the roots will reach; 0: no depth pays */
  depthMm: (depletionMm: number) => number
  waterValue: WaterValue
  /** prices of water and harvest are not entered */
  isValueAssumed: boolean
}

/** The evaporating layer where the state has no outlook, m. FAO-56 Table 19 */
const LAYER_M = 0.1
const DEFAULT_ET0_MM = 4
const NO_WATER_YET: SeasonWater = { irrigations: 0, grossMm: 0 }
const NO_PRICE: PricePerM3 = { water: null, energy: null }

/** Null where the state is not sufficient, or the crop unknown. */
export function fieldDemand(x: FieldDemandInput): FieldDemand | null {
  const basis = demandBasis(x)
  if (!basis) return null
  if (isOver(x, basis)) return demandOfNothing(basis)
  if (x.ownLimit != null) return ownDemand(x.ownLimit, basis)
  const {
    crop,
    response,
    waterValue,
    isValueAssumed,
    withheldAfterRuns,
    agesD,
    dryMm: probesMm,
    ...inputs
  } = basis
  // the ages follow from the first, their pace and their number
  const ages = [agesD[0], agesD.length]
  const key = JSON.stringify([
    crop.id,
    waterValue,
    isValueAssumed,
    ages,
    inputs,
    x.learned ?? null,
    coursesKey(x),
  ])
  const { lineMm, ruleMm } = cachedLine(key, () => refillLine(situationOf(x, basis, ruleOf(x, basis))))
  const { tawMm } = basis
  const ordinaryMm = Math.min(tawMm, lineMm ?? tawMm)
  const { strategy = null, seasonWater = NO_WATER_YET } = x
  const strategyResult = strategyLine(strategy, {
    lineMm: ordinaryMm,
    tawMm,
    phase: basis.phase,
    response,
    seasonWater,
  })
  const dryMm = strategyResult.withheld ? null : probesMm
  const isUneconomic = lineMm === null && dryMm === null
  return {
    lineMm: Math.min(tawMm, strategyResult.lineMm, dryMm ?? Infinity),
    dryMm,
    ordinaryMm: isUneconomic ? ruleMm : ordinaryMm,
    basis:
      (dryMm === null ? null : 'probes-dry') ??
      strategyResult.basis ??
      (isUneconomic ? 'uneconomic' : x.learned ? 'learned' : isValueAssumed ? 'tables' : 'marginal-value'),
    withheld:
      strategyResult.withheld ??
      (isUneconomic && strategyResult.basis !== 'regulated'
        ? 'uneconomic'
        : withheldAfterRuns > 0
          ? 'water-missing'
          : null),
    depthMm(depletionMm) {
      // depths are tested as shares: a whole mm more or less changes none of them
      const wholeMm = Math.max(1, Math.round(depletionMm))
      const share = cachedDepth(`${key} ${wholeMm}`, () => {
        const situation = situationOf(x, basis, ruleOf(x, basis))
        return depthFor({ ...situation, now: { ...situation.now, depletionMm: wholeMm } }).netMm / wholeMm
      })
      const mostMm =
        strategyResult.maxMm === null ? Infinity : strategyResult.maxMm * (x.zone?.efficiency ?? 1)
      const { leaveMm } = strategyResult
      const wantedMm = Math.min(share * depletionMm, leaveMm > 0 ? depletionMm - leaveMm : Infinity)
      // what the probes lack, so that they show that it came
      const leastMm = Math.min(dryMm ?? 0, depletionMm)
      return Math.max(0, Math.min(Math.max(leastMm, wantedMm), mostMm))
    },
    waterValue,
    isValueAssumed,
  }
}

/** A person's own limit takes precedence over price and risk, not over what the probes show of ordered and of missing water. */
function ownDemand(limit: number, { tawMm, dryMm, withheldAfterRuns, ...basis }: DemandBasis): FieldDemand {
  const ordinaryMm = limit * tawMm
  return {
    lineMm: Math.min(ordinaryMm, dryMm ?? Infinity),
    dryMm,
    ordinaryMm,
    basis: dryMm === null ? 'own-limit' : 'probes-dry',
    withheld: withheldAfterRuns > 0 ? 'water-missing' : null,
    depthMm: (depletionMm) => depletionMm,
    waterValue: basis.waterValue,
    isValueAssumed: false,
  }
}

/** A person's own limit ends with the harvest that is planned, not with an estimate of the crop's age. */
const isOver = ({ ownLimit, season }: FieldDemandInput, { agesD, endD, today }: DemandBasis): boolean =>
  ownLimit == null
    ? !(agesD[0]! < endD)
    : season.harvestPlannedDay !== null && season.harvestPlannedDay <= today

const demandOfNothing = ({ tawMm, waterValue, isValueAssumed }: DemandBasis): FieldDemand => ({
  lineMm: tawMm,
  dryMm: null,
  ordinaryMm: tawMm,
  basis: 'season-over',
  withheld: 'season-over',
  depthMm: () => 0,
  waterValue,
  isValueAssumed,
})

const cachedLine = memoize<Line>()
const cachedDepth = memoize<number>()

/**
 * The inputs of the line, rounded to steps within which it does not change; the depletion is not one of them.
 */
interface DemandBasis {
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

function demandBasis({ state, season, zone, ...x }: FieldDemandInput): DemandBasis | null {
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
function roundedOutlook(outlook: FieldOutlook): FieldOutlook {
  const to = (step: number, value: number): number => Math.round(value / step) * step
  return {
    ...outlook,
    depletionMm: 0,
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
    late: to(1, outlook.late),
    ripe: to(1, outlook.ripe),
    use: to(0.02, outlook.use),
    cover: to(0.02, outlook.cover),
    members: outlook.members.map((member) => ({
      drierMm: to(1, member.drierMm),
      tawShare: to(0.02, member.tawShare),
      use: to(0.02, member.use),
      late: to(1, member.late),
      ripe: to(1, member.ripe),
      cover: to(0.02, member.cover),
      tolerance: to(0.02, member.tolerance),
    })),
  }
}

function ruleOf({ learned: learnedRules }: FieldDemandInput, { crop, sdMm, tawMm }: DemandBasis): Rule {
  const tables = tableRule(crop)
  return ruleFor(learnedRules ?? DOUBTS.map((doubt) => withMargin(tables, doubt)), sdMm / tawMm)
}

function situationOf(x: FieldDemandInput, basis: DemandBasis, rule: Rule): Situation {
  const { crop, response, waterValue, agesD, tawMm, rootsM, outlook, today } = basis
  const storeMm = (toM: number): number => (tawMm * toM) / rootsM
  const surface = tableSurface(basis.texture)
  const days = outlook
    ? daysAheadOf(outlook, { crop, response, agesD, storeMm, daysSoFar: basis.daysSoFar })
    : daysAhead({
        crop,
        response,
        agesD,
        storeMm,
        daysSoFar: basis.daysSoFar,
        ...surface,
        use: 1,
        rootDepthM: (age) => Math.max(rootsM, Math.min(rootDepthM(crop, age), basis.soilDepthM ?? Infinity)),
      })
  return {
    days,
    members: membersWithCourses(drawCourses(x).courses, { ...basis, today, count: days.count }),
    now: {
      ...(outlook ? waterNow(outlook) : { sdMm: basis.sdMm, surfaceMm: surface.tewMm / 2, belowMm: 0 }),
      depletionMm: x.state.depletionMm!,
    },
    rule,
    system: {
      efficiency: basis.efficiency,
      maxMm: basis.mostMm,
      minMm: basis.leastMm,
      wettedFraction: basis.wettedFraction,
    },
    waterValue,
    p: basis.isValueAssumed ? crop.p : null,
  }
}

/** The evaporating layer of a texture, where the state has no outlook. */
function tableSurface(texture: string): { tewMm: number; rewMm: number } {
  const soil = soilOf(texture)
  const tew = soil ? tewMm(soil, LAYER_M) : 20
  return { tewMm: tew, rewMm: Math.min(soil?.rewMm ?? 9, 0.9 * tew) }
}

const coursesKey = (x: FieldDemandInput): string => `${dayOf(x.state.atMs, x.timeZone)} ${drawCourses(x).key}`

/**
 * ET0 of days beyond the forecast, mm: the mean of the forecast days, else the state's expectation of today.
 */
function usualEt0Mm(state: FieldStateRow, forecast: ForecastResponse | null): number {
  const forecastEt0Mm = (forecast?.days ?? []).flatMap(({ et0Mm }) => (et0Mm === null ? [] : [et0Mm]))
  if (forecastEt0Mm.length > 0) return sum(forecastEt0Mm) / forecastEt0Mm.length
  if (state.etcWholeDayMm !== null && state.kc !== null && state.kc > 0) return state.etcWholeDayMm / state.kc
  return DEFAULT_ET0_MM
}

// of a co-operative's zones, for the current and another forecast
const MAX_ENTRIES = 4_000

/** `key` must contain everything that `work` depends on: a time in it makes another key. */
function memoize<Answer>(): (key: string, work: () => Answer) => Answer {
  const cache = new Map<string, { answer: Answer }>()
  return (key, work) => {
    const cached = cache.get(key)
    if (cached) return cached.answer
    const result = work()
    // the oldest entry goes first
    if (cache.size >= MAX_ENTRIES) cache.delete(cache.keys().next().value!)
    cache.set(key, { answer: result })
    return result
  }
}
