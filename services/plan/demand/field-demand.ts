/**
 * The water demand of a farm's field, by the same decision as `npm run decide`: its state with its uncertainty,
 * the weather courses that its forecast allows, its prices, its grower's risk and strategy, and the rule
 * learned from its own years (learn/water-rule) or from the tables.
 */
import { dayOf, daysBetween } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { tewMm } from '../../agronomy/water/dual-kc.ts'
import { daysByHeat, rootDepthM, seasonLengthD } from '../../agronomy/crops/growth.ts'
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
import { phaseIndexOf, cropResponse, type CropResponse } from '../../irrigation-model/crop-response.ts'
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

export interface FieldDemandInput {
  farmId: string
  state: FieldStateRow
  season: Pick<SeasonRow, 'crop' | 'plantedDay'>
  texture: string
  /** to rock or a pan, m; null: deep */
  soilDepthM: number | null
  zone: Pick<ZoneRow, 'efficiency' | 'maxDepthMm' | 'wettedFraction'> | null
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
  /** water-missing: the water of the last runs did not arrive */
  withheld: WithheldKey | 'water-missing' | null
  /** depletion that the probes show when they make water due, mm; null: they do not */
  dryMm: number | null
  /** net mm for a depletion when the valve opens; 0: no depth pays */
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

/** Null where the state is not sufficient: unknown crop, or a season that is over by its table. */
export function fieldDemand(x: FieldDemandInput): FieldDemand | null {
  const basis = demandBasis(x)
  if (!basis) return null
  const { crop, response, waterValue, isValueAssumed, withheldAfterRuns, wiltingMm, ...inputs } = basis
  const key = JSON.stringify([crop.id, waterValue, inputs, x.learned ?? null, coursesKey(x)])
  const { lineMm, ruleMm } = cachedLine(key, () => refillLine(situationOf(x, basis, ruleOf(x, basis))))
  const { tawMm } = basis
  const ordinaryMm = Math.min(tawMm, lineMm ?? tawMm)
  const { strategy = null, seasonWater = NO_WATER_YET } = x
  const phase = phaseIndexOf(crop, basis.ageD)
  const strategyResult = strategyLine(strategy, {
    lineMm: ordinaryMm,
    tawMm,
    phase,
    response,
    seasonWater,
  })
  const dryMm = strategyResult.withheld ? null : probesDryMm({ wiltingMm }, response, phase)
  const isOver = lineMm === null && dryMm === null
  return {
    lineMm: Math.min(tawMm, strategyResult.lineMm, dryMm ?? Infinity),
    dryMm,
    ordinaryMm: isOver ? ruleMm : ordinaryMm,
    basis:
      (dryMm === null ? null : 'probes-dry') ??
      strategyResult.basis ??
      (isOver ? 'uneconomic' : x.learned ? 'learned' : isValueAssumed ? 'tables' : 'marginal-value'),
    withheld:
      strategyResult.withheld ??
      (isOver && strategyResult.basis !== 'regulated'
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
      const wantedMm = Math.min(share * depletionMm, depletionMm - strategyResult.leaveMm)
      // what the probes lack, so that they show that it came
      const leastMm = Math.min(dryMm ?? 0, depletionMm)
      return Math.max(0, Math.min(Math.max(leastMm, wantedMm), mostMm))
    },
    waterValue,
    isValueAssumed,
  }
}

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
  ageD: number
  leftD: number
  tawMm: number
  sdMm: number
  rootsM: number
  /** where the soil ends, m; null: deep */
  soilDepthM: number | null
  texture: string
  efficiency: number
  mostMm: number
  wettedFraction: number
  usualEt0Mm: number
  rainTodayMm: number
  /** runs in a row whose water did not arrive, so that the next one waits; 0: none waits */
  withheldAfterRuns: number
  /** of the outlook; null without one */
  wiltingMm: number | null
  /** null: only the mean and its deviation are known */
  outlook: FieldOutlook | null
}

function demandBasis({ state, season, zone, ...x }: FieldDemandInput): DemandBasis | null {
  const crop = cropOf(season.crop)
  if (!crop || state.tawMm === null || state.depletionMm === null || !(state.tawMm > 0)) return null
  const calendarD = daysBetween(season.plantedDay, dayOf(state.atMs, x.timeZone))
  const estimated = state.outlook ? readOutlook(state.outlook) : null
  const outlook = estimated && roundedOutlook(estimated)
  const ageD = Math.floor(
    outlook?.ageD ?? (state.heatSumCd === null ? null : daysByHeat(crop, state.heatSumCd)) ?? calendarD,
  )
  const leftD = Math.ceil(seasonLengthD(crop) + (outlook?.ripe ?? 0) - ageD)
  if (calendarD < 0 || leftD <= 0) return null
  const ofTables = cropResponse(crop)
  // without an outlook, with the smaller of Table 22's depths (agronomy/crops/crops.ts)
  const response = outlook ? ofTables : { ...ofTables, rootM: crop.rootMaxM }
  const { waterValue, isAssumed } = fieldWaterValue(x.strategy ?? null, x.price ?? NO_PRICE, response)
  return {
    crop,
    response,
    waterValue,
    ageD,
    leftD,
    texture: x.texture,
    soilDepthM: x.soilDepthM,
    tawMm: state.tawMm,
    isValueAssumed: isAssumed,
    sdMm: Math.round(state.depletionSdMm ?? 0.1 * state.tawMm),
    rootsM: state.rootDepthM ?? rootDepthM(crop, ageD),
    efficiency: zone?.efficiency ?? 1,
    mostMm: zone?.maxDepthMm ?? 60,
    wettedFraction: zone?.wettedFraction ?? 1,
    usualEt0Mm: Math.round(10 * usualEt0Mm(state, x.forecast)) / 10,
    rainTodayMm: Math.round(state.rainTodayMm ?? 0),
    withheldAfterRuns: estimated?.withheldAfterRuns ?? 0,
    wiltingMm: estimated?.wiltingMm ?? null,
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
  const { crop, response, waterValue, ageD, leftD, tawMm, rootsM } = basis
  const { outlook } = basis
  const agesD = Array.from({ length: leftD }, (_, k) => ageD + k)
  const storeMm = (toM: number): number => (tawMm * toM) / rootsM
  const surface = tableSurface(basis.texture)
  const days = outlook
    ? daysAheadOf(outlook, { crop, response, agesD, storeMm })
    : daysAhead({
        crop,
        response,
        agesD,
        storeMm,
        ...surface,
        use: 1,
        rootDepthM: (age) => Math.max(rootsM, Math.min(rootDepthM(crop, age), basis.soilDepthM ?? Infinity)),
      })
  const today = dayOf(x.state.atMs, x.timeZone)
  return {
    days,
    members: membersWithCourses(drawCourses(x).courses, { today, count: days.count, ...basis }),
    now: {
      ...(outlook ? waterNow(outlook) : { sdMm: basis.sdMm, surfaceMm: surface.tewMm / 2, belowMm: 0 }),
      depletionMm: x.state.depletionMm!,
    },
    rule,
    system: {
      efficiency: basis.efficiency,
      maxMm: basis.mostMm,
      minMm: 0,
      wettedFraction: basis.wettedFraction,
    },
    waterValue,
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
