/**
 * The current state of a field: the last midnight brought forward by the measurements since. The row of `fieldState`.
 * Pure.
 */
import {
  addDays,
  daysBetween,
  startOfDay as midnightOf,
  type AtMs,
  type Day,
} from '../../../broker/contract/time.ts'
import { knownDegreeDaysCd } from '../../agronomy/crops/degree-days.ts'
import { kcbOf, kcOf, rootDepthM, stageOf } from '../../agronomy/crops/growth.ts'
import { daysToReach } from '../../agronomy/crops/heat-sum.ts'
import { medianPercolationMm } from '../../agronomy/paddy/balance.ts'
import { balanceSdMm, pAdjusted, rawMm, tawMm } from '../../agronomy/water/soil-water.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import {
  toJson,
  type FieldDayRow,
  type FieldRow,
  type FieldStateRow,
  type PaddyRow,
  type SeasonRow,
  type SoilUsed,
  type StateInput,
} from '../../tables.ts'
import type { NowInputs } from '../balance-types.ts'
import { cropAgeD, isHeatWhole } from '../days/crop-age.ts'
import { KC_SHARE, limitsOf, RUNOFF_SHARE, startingDepletion, waterTableOf } from '../days/field-day.ts'
import { uplandFreshness } from './freshness.ts'
import { measuredPercolationsMm, nightLossMmD, paddyStateNow } from '../paddy/season.ts'
import { dailyLossMm, paddyLevelNow } from '../paddy/water-balance.ts'
import { cropOfSeason } from '../field-context.ts'
import {
  correctedSurfaceMm,
  meanKcAhead,
  uplandWaterDay,
  type StateBefore,
  type Ground,
} from '../water/upland-balance.ts'
import { assimilateProbe } from '../water/assimilate-probe.ts'

/** Columns of a closed day that the state depends on. */
export const recentColumns = [
  'fieldId',
  'day',
  'et0Mm',
  'et0Method',
  'tempMinC',
  'tempMaxC',
  'kc',
  'kcb',
  'depletionMm',
  'depletionSdMm',
  'tawMm',
  'rootDepthM',
  'fieldCapacity',
  'probeBias',
  'probeBiasSd',
  'probeBiasShared',
  'surfaceDepletionMm',
  'wettedFraction',
  'levelMm',
  'deepPercolationMm',
  'heatSumCd',
  'notes',
  'paddy',
] as const satisfies readonly (keyof FieldDayRow)[]
export type RecentDay = Pick<FieldDayRow, (typeof recentColumns)[number]>

/** `days`: the field's rows of the last weeks, oldest first; the last one should be yesterday. */
export function fieldStateRow(
  {
    field,
    soil,
    paddy,
    farm: { timeZone },
  }: { field: FieldRow; soil: SoilUsed; paddy: PaddyRow; farm: { timeZone: string } },
  season: SeasonRow,
  today: Day,
  nowMs: AtMs,
  days: readonly RecentDay[],
  inputs: NowInputs,
): FieldStateRow {
  const { crop } = cropOfSeason(season)
  const sincePlanting = daysBetween(season.plantedDay, today)
  const last = days.at(-1)
  const isOwnSeason = last !== undefined && last.day >= season.plantedDay
  const yesterday = last?.day === addDays(today, -1) ? last : undefined
  // one day after the age that yesterday's degree-days give
  const age =
    isOwnSeason && yesterday
      ? 1 + cropAgeD(crop, sincePlanting - 1, { sumCd: yesterday.heatSumCd, isWhole: isHeatWhole(yesterday) })
      : sincePlanting
  const heatSumCd = isOwnSeason ? last.heatSumCd : 0
  const roots = rootDepthM(crop, age)
  const base = {
    fieldId: field.id,
    org: field.org,
    atMs: nowMs,
    crop: season.crop,
    rainTodayMm: inputs.rainMm,
    irrigationTodayMm: inputs.irrigation.irrigationMm,
    rootDepthM: roots,
    heatSumCd,
    heatNext: heatNextOf(crop, heatSumCd, days, today),
    inputs: toJson(inputs.inputs),
    soil: toJson(soil),
  }
  const before = isOwnSeason ? last : undefined
  const kc = kcWithYesterday(kcOf(crop, age), kcOf(crop, age - 1), before?.kcb == null ? before?.kc : null)
  if (field.kind === 'paddy') {
    const use = cropUse(inputs, kc)
    const sank = measuredPercolationsMm(days)
    const nights = nightLossMmD(days)
    const lossMmD = dailyLossMm(field, { sankMm: sank, nightLossMmD: nights })
    const isShown = nights !== null || medianPercolationMm(sank) !== null
    const level = paddyLevelNow(
      { field, paddy },
      { todayMs: midnightOf(today, timeZone), etcMm: use.etcTodayMm, lossMmD },
      yesterday,
      inputs,
    )
    const now = paddyStateNow(days, paddy, season, {
      today,
      timeZone,
      ...level,
      isHeatWhole: isOwnSeason && isHeatWhole(last),
    })
    return {
      ...base,
      ...use,
      ...noDepletion,
      ...level,
      inputs: toJson(isShown ? [...inputs.inputs, percolationInput(lossMmD)] : inputs.inputs),
      stage: now.stage,
      freshness: paddyFreshness(inputs, level),
      paddy: toJson(now),
    }
  }
  const table = kcbOf(crop, age)
  const kcb = table === null ? null : kcWithYesterday(table, kcbOf(crop, age - 1)!, before?.kcb)
  const ground: Ground = {
    crop,
    days: age,
    rootDepthM: roots,
    texture: field.soilTexture,
    limits: limitsOf(soil),
    wetting: inputs.wetting,
    climate: undefined, // today's is incomplete: Kcb carries yesterday's adjustment
  }
  return {
    ...base,
    ...cropUse(inputs, kc),
    ...uplandNow(ground, kcb, yesterday, inputs),
    stage: stageOf(crop, age),
    levelMm: null,
    levelAtMs: null,
    paddy: null,
    freshness: uplandFreshness(inputs.fresh.weather, inputs.fresh.soil),
  }
}

/** A level calculated from the last reported one is known, with less certainty. */
function paddyFreshness(
  { fresh }: NowInputs,
  { levelMm, levelAtMs }: Pick<FieldStateRow, 'levelMm' | 'levelAtMs'>,
): FieldStateRow['freshness'] {
  if (levelMm === null) return fresh.level ?? 'none'
  if (levelAtMs === null) return 'late'
  return fresh.level ?? 'ok'
}

const noDepletion = { depletionMm: null, depletionSdMm: null, tawMm: null, rawMm: null }

/**
 * Today's wind and humidity are incomplete: yesterday's adjustment of the table's value is carried forward (FAO-56
 * Eq. 62, 70).
 */
const kcWithYesterday = (table: number, tableBefore: number, before: number | null | undefined): number =>
  before == null ? table : table * (before / tableBefore)

function cropUse(
  { et0, dayShare }: NowInputs,
  kc: number,
): Pick<FieldStateRow, 'kc' | 'etcWholeDayMm' | 'etcTodayMm'> {
  const wholeDayMm = et0 === null ? null : kc * et0.mm
  return { kc, etcWholeDayMm: wholeDayMm, etcTodayMm: wholeDayMm === null ? null : wholeDayMm * dayShare }
}

/** `kcb`: null where the single Kc is used. */
function uplandNow(
  ground: Ground,
  kcb: number | null,
  yesterday: RecentDay | undefined,
  inputs: NowInputs,
): Pick<FieldStateRow, 'depletionMm' | 'depletionSdMm' | 'tawMm' | 'rawMm'> &
  Partial<Pick<FieldStateRow, 'kc' | 'etcWholeDayMm' | 'etcTodayMm'>> {
  const { crop, rootDepthM: rootsM } = ground
  const { et0, dayShare } = inputs
  const taw = tawMm(ground.limits, rootsM)
  const probe = inputs.probe(rootsM)
  if (et0 === null) {
    // the balance cannot be brought forward; RAW for the table's 5 mm/d
    const raw = rawMm(taw, crop.p)
    return { tawMm: taw, rawMm: raw, depletionMm: probe?.mm ?? null, depletionSdMm: probe?.sdMm ?? null }
  }
  const raw = rawMm(taw, pAdjusted(crop.p, kcOf(crop, ground.days) * et0.mm))
  const start = startingDepletion(yesterday, taw, raw, probe, rootsM, ground.limits)
  const before: StateBefore = {
    depletionMm: start.mm,
    surfaceDepletionMm: yesterday?.surfaceDepletionMm ?? null,
    wettedFraction: yesterday?.wettedFraction ?? null,
  }
  const water = uplandWaterDay(
    ground,
    before,
    {
      et0Mm: et0.mm,
      dayShare,
      rainMm: inputs.rainMm ?? 0,
      irrigationMm: inputs.irrigation.irrigationMm,
      waterTableM: waterTableOf(inputs.level?.mm ?? null),
    },
    kcb,
  )
  const sdMm = balanceSdMm(
    {
      sdMm: start.sdMm,
      kcSdMm: KC_SHARE * water.etcMm,
      et0SdMm: dayShare * water.kc * et0.sdMm,
      rainSdMm: Math.hypot(inputs.rainSdMm, RUNOFF_SHARE * water.runoffMm),
      irrigationSdMm: inputs.irrigation.irrigationSdMm,
    },
    water,
    taw,
  )
  const model = { mm: water.depletionMm, sdMm }
  const state = assimilateProbe(model, start.from, probe, yesterday, rootsM, taw)
  const depletionMm = state.mm
  const after: StateBefore = {
    depletionMm,
    surfaceDepletionMm: correctedSurfaceMm(ground, water, depletionMm),
    wettedFraction: water.wettedFraction,
  }
  return {
    tawMm: taw,
    rawMm: water.rawMm,
    depletionMm,
    depletionSdMm: state.sdMm,
    kc: meanKcAhead(ground, after, et0.mm, kcb),
    etcWholeDayMm: water.kc * et0.mm,
    etcTodayMm: water.etcMm,
  }
}

/** Percolation of a day by the field's own measurements: the plan uses it. */
const percolationInput = (mm: number): StateInput => ({
  key: 'percolation',
  value: mm,
  unit: 'mm',
  atMs: null,
  kind: 'measured',
  fresh: 'ok',
})

const PACE_DAYS = 10

function heatNextOf(
  crop: Crop,
  sumCd: number | null,
  days: readonly RecentDay[],
  today: Day,
): FieldStateRow['heatNext'] {
  if (sumCd === null) return null
  const next = crop.heatStages.find((stage) => stage.sumCd > sumCd)
  if (!next) return null
  const pace = days.slice(-PACE_DAYS).map((day) => knownDegreeDaysCd(crop.heat, day))
  const reach = daysToReach(next.sumCd, sumCd, pace)
  return (
    reach &&
    toJson({
      stage: next.stage,
      needCd: next.sumCd,
      fromDay: addDays(today, reach.fromDays - 1), // relative to yesterday, the day of the sum
      toDay: addDays(today, reach.toDays - 1),
    })
  )
}
