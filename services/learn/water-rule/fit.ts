/**
 * The irrigation thresholds of a field, learned from the farm's own years of weather: simulated season by season on
 * the field's soil, crop and prices, and used only where they did better than the tables on held-out years. The
 * search is that of services/irrigation-model/learn-rule.ts, the same as for `history` of `npm run decide`. Pure.
 */
import type { Day } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { tewMm } from '../../agronomy/water/dual-kc.ts'
import { rootDepthM, seasonLengthD } from '../../agronomy/crops/growth.ts'
import { soilOf } from '../../agronomy/water/soils.ts'
import { weatherHistory } from '../../irrigation-model/weather-history.ts'
import { agesAhead, cropClock, expectedD } from '../../irrigation-model/crop-clock.ts'
import { seasonClock } from '../../irrigation-model/field-water.ts'
import { cropResponse } from '../../irrigation-model/crop-response.ts'
import { daysAhead, type DaysAhead } from '../../irrigation-model/days-ahead.ts'
import type { WaterValue } from '../../irrigation-model/demand.ts'
import { DOUBTS, learnRules, MIN_YEARS, tableRule } from '../../irrigation-model/learn-rule.ts'
import type { IrrigationSystem } from '../../irrigation-model/rollout.ts'
import { termsOfRules } from '../../irrigation-model/rule-terms.ts'
import { sum } from '../../runtime/math.ts'
import { insufficientData, type Fit } from '../fitting/learner.ts'

/** A field, and the measured weather of the farm's days. */
export interface RuleYears {
  crop: string
  plantedDay: Day
  /** planned; null: none */
  harvestDay: Day | null
  latDeg: number
  /** `depthM`: to rock or a pan; null: deep */
  soil: { texture: string; fieldCapacity: number; wiltingPoint: number; depthM: number | null }
  system: IrrigationSystem
  waterValue: WaterValue
  fromDay: Day
  throughDay: Day
  days: readonly { day: Day; et0Mm: number; rainMm: number; tMinC: number | null; tMaxC: number | null }[]
}

const LAYER_M = 0.1
/** Length of the season in a cold year. */
const LONGEST = 1.4

/**
 * Insufficient data with fewer than four whole seasons. `skill`: cost of the held-out years with the learned rule
 * (`rmse`) and with the tables (`physics`), in % of the value of a full yield.
 */
export function fitRule(years: RuleYears): Fit {
  const { fromDay, throughDay } = years
  const crop = cropOf(years.crop)
  const field = crop && fieldOf(years, crop)
  const rows = field?.past.length ?? 0
  if (!crop || !field || rows < MIN_YEARS)
    return insufficientData(
      { key: 'too-few-whole-seasons', params: { rows, need: MIN_YEARS } },
      ...([fromDay, throughDay] as const),
    )
  const { rules, unseen } = learnRules(tableRule(crop), {
    ...field,
    system: years.system,
    waterValue: years.waterValue,
  })
  const costs = DOUBTS.map((_, i) => {
    const halves = unseen.slice(2 * i, 2 * i + 2)
    const [learned, tables] = [sum(halves.map((half) => half.found)), sum(halves.map((half) => half.tables))]
    // a rule without an advantage is not used: there the tables' cost applies
    return { found: Math.min(learned, tables), tables }
  })
  const percent = (of: 'found' | 'tables'): number =>
    (100 * sum(costs.map((cost) => cost[of]))) / unseen.length / years.waterValue.yieldPerHa
  const [learnedText, tables] = [percent('found'), percent('tables')]
  const gain = tables > 0 ? 1 - learnedText / tables : 0
  return {
    ...(gain > 0
      ? { state: 'used', reason: { key: 'cheaper', params: { gainPct: Math.round(1000 * gain) / 10 } } }
      : { state: 'fallback', reason: { key: 'no-cheaper', params: {} } }),
    rows,
    fromDay,
    throughDay,
    terms: termsOfRules(rules),
    skill: [
      {
        key: 'unseen-years',
        unit: '%',
        n: rows,
        rmse: learnedText,
        persistence: null,
        physics: tables,
        skill: gain,
      },
    ],
  }
}

/** The field as `npm run decide` models one of the same soil, from planting on. */
function fieldOf(
  { plantedDay, harvestDay, latDeg, soil, days: history }: RuleYears,
  crop: Crop,
): {
  days: DaysAhead
  start: { depletionMm: number; surfaceMm: number; belowMm: number }
  past: ReturnType<typeof weatherHistory>['seasons']
} {
  const { seasons, usualDays } = weatherHistory(
    { history: [...history], site: { latDeg }, field: { plantingDay: plantedDay } },
    cropClock(crop),
    Math.ceil(LONGEST * seasonLengthD(crop)),
  )
  const clock = seasonClock(harvestDay, crop, { fromDay: plantedDay, ageD: 0, usualDays })
  const agesD = agesAhead(crop, {
    ageD: 0,
    fromDay: plantedDay,
    harvestDay,
    passed: (k) => expectedD({ clock, paceD: 1 }, usualDays[k]),
  })
  const response = { ...cropResponse(crop), rootM: crop.rootMaxM }
  const tew = tewMm(soil, LAYER_M)
  const storeMm = (toM: number): number => 1000 * (soil.fieldCapacity - soil.wiltingPoint) * toM
  const rootsM = (age: number): number => Math.min(rootDepthM(crop, age), soil.depthM ?? Infinity)
  const youngM = rootsM(0)
  return {
    days: daysAhead({
      crop,
      response,
      agesD,
      storeMm,
      tewMm: tew,
      use: 1,
      rootDepthM: rootsM,
      rewMm: Math.min(soilOf(soil.texture)?.rewMm ?? 9, 0.9 * tew),
    }),
    // the soil water at planting is unknown: half of the capacity
    start: {
      depletionMm: storeMm(youngM) / 2,
      surfaceMm: tew / 2,
      belowMm: storeMm(Math.min(crop.rootMaxM, soil.depthM ?? Infinity) - youngM) / 2,
    },
    past: seasons,
  }
}
