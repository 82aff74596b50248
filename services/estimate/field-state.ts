/** A field as it is now: the last midnight brought forward by what was measured since. The row of `fieldState`. Pure. */
import { addDays, daysBetween, type AtMs, type Day } from '../../broker/contract/time.ts'
import { degreeDaysCd } from '../agronomy/degree-days.ts'
import { kcOf, rootDepthM, stageOf } from '../agronomy/growth.ts'
import { daysToReach } from '../agronomy/heat-sum.ts'
import { paddyDay, paddyTarget, percolationMm } from '../agronomy/paddy.ts'
import { nudge, type Estimate } from '../agronomy/probe.ts'
import { balanceDay, depletionSdMm, pAdjusted, rawMm, tawMm } from '../agronomy/soil-water.ts'
import type { Crop } from '../agronomy/crops.ts'
import {
  toJson,
  type FieldDayRow,
  type FieldRow,
  type FieldStateRow,
  type SeasonRow,
  type StateInput,
} from '../tables.ts'
import { BUND_MM, KC_SHARE, startOfDay } from './field-day.ts'
import { uplandFreshness, type Fresh } from './freshness.ts'
import type { IrrigationDepth } from './irrigation-depth.ts'
import { cropOfSeason } from './plots.ts'

/** What of a closed day the state rests on. */
export const recentColumns = [
  'fieldId',
  'day',
  'et0Mm',
  'et0Method',
  'tempMinC',
  'tempMaxC',
  'kc',
  'depletionMm',
  'depletionSdMm',
  'tawMm',
  'levelMm',
  'heatSumCd',
] as const satisfies readonly (keyof FieldDayRow)[]
export type RecentDay = Pick<FieldDayRow, (typeof recentColumns)[number]>

/** What is known of a field since midnight. */
export interface NowInputs {
  /** of the day, 0-1: how much of its light has come */
  dayShare: number
  /** what the whole day is expected to take, mm; null: nothing can be said */
  et0: { mm: number; sdMm: number; method: string } | null
  rainMm: number | null
  rainSdMm: number
  irrigation: IrrigationDepth
  /** newest readings of the probes for the given roots, if they are fresh */
  probe: (rootDepthM: number) => Estimate | null
  level: { mm: number; atMs: AtMs } | null
  fresh: { weather: Fresh | null; soil: Fresh | null; level: Fresh | null } // null: no such device
  inputs: StateInput[]
}

/** `days`: the field's rows of the last weeks, oldest first; the last of them should be yesterday. */
export function fieldStateRow(
  field: FieldRow,
  season: SeasonRow,
  today: Day,
  nowMs: AtMs,
  days: readonly RecentDay[],
  inputs: NowInputs,
): FieldStateRow {
  const { crop } = cropOfSeason(season)
  const age = daysBetween(season.plantedDay, today)
  const last = days.at(-1)
  const isOwnSeason = last !== undefined && last.day >= season.plantedDay
  const yesterday = last?.day === addDays(today, -1) ? last : undefined
  const kc = todaysKc(crop, age, isOwnSeason ? last : undefined)
  const etcWholeDayMm = inputs.et0 === null ? null : kc * inputs.et0.mm
  const heatSumCd = isOwnSeason ? last.heatSumCd : 0
  const base = {
    fieldId: field.id,
    org: field.org,
    atMs: nowMs,
    crop: season.crop,
    kc,
    etcWholeDayMm,
    etcTodayMm: etcWholeDayMm === null ? null : etcWholeDayMm * inputs.dayShare,
    rainTodayMm: inputs.rainMm,
    irrigationTodayMm: inputs.irrigation.irrigationMm,
    rootDepthM: rootDepthM(crop, age),
    heatSumCd,
    heatNext: heatNextOf(crop, heatSumCd, days, today),
    inputs: toJson(inputs.inputs),
    soil: null,
  }
  if (field.kind === 'paddy')
    return {
      ...base,
      ...noDepletion,
      ...paddyNow(field, base.etcTodayMm, yesterday, inputs),
      stage: paddyTarget(age).stage,
      freshness: inputs.fresh.level ?? 'none',
    }
  return {
    ...base,
    ...uplandNow(field, crop, kc, base.rootDepthM, yesterday, inputs),
    stage: stageOf(crop, age),
    levelMm: null,
    levelAtMs: null,
    freshness: uplandFreshness(inputs.fresh.weather, inputs.fresh.soil),
  }
}

const noDepletion = { depletionMm: null, depletionSdMm: null, tawMm: null, rawMm: null }

/** Today's wind and dryness are not over: yesterday's adjustment of the table's Kc is taken on (FAO-56 Eq. 62). */
function todaysKc(crop: Crop, age: number, last: RecentDay | undefined): number {
  const table = kcOf(crop, age)
  if (last?.kc == null) return table
  return table * (last.kc / kcOf(crop, age - 1))
}

function uplandNow(
  field: FieldRow,
  crop: Crop,
  kc: number,
  rootsM: number,
  yesterday: RecentDay | undefined,
  inputs: NowInputs,
): Pick<FieldStateRow, 'depletionMm' | 'depletionSdMm' | 'tawMm' | 'rawMm'> {
  const taw = tawMm(field, rootsM)
  const probe = inputs.probe(rootsM)
  if (inputs.et0 === null) {
    // the balance cannot be brought forward; RAW for the table's 5 mm/d
    const raw = rawMm(taw, crop.p)
    return { tawMm: taw, rawMm: raw, depletionMm: probe?.mm ?? null, depletionSdMm: probe?.sdMm ?? null }
  }
  const wholeDayMm = kc * inputs.et0.mm
  const p = pAdjusted(crop.p, wholeDayMm)
  const raw = rawMm(taw, p)
  const etcMm = wholeDayMm * inputs.dayShare
  const before = startOfDay(yesterday, taw, raw, probe)
  const balance = balanceDay({
    depletionMm: before.mm,
    tawMm: taw,
    p,
    etcMm,
    rainMm: inputs.rainMm ?? 0,
    irrigationMm: inputs.irrigation.irrigationMm,
  })
  const sdMm = depletionSdMm(
    {
      sdMm: before.sdMm,
      kcSdMm: KC_SHARE * etcMm,
      et0SdMm: inputs.dayShare * kc * inputs.et0.sdMm,
      rainSdMm: inputs.rainSdMm,
      irrigationSdMm: inputs.irrigation.irrigationSdMm,
    },
    balance,
    taw,
  )
  const model = { mm: balance.depletionMm, sdMm }
  const state = before.from === 'probe' ? probe! : probe ? nudge(model, probe) : model
  return {
    tawMm: taw,
    rawMm: raw,
    depletionMm: Math.min(taw, Math.max(0, state.mm)),
    depletionSdMm: state.sdMm,
  }
}

/** A level is what a gauge said and when; only a paddy that never had one is modelled, without an instant. */
function paddyNow(
  field: FieldRow,
  etcMm: number | null,
  yesterday: RecentDay | undefined,
  inputs: NowInputs,
): Pick<FieldStateRow, 'levelMm' | 'levelAtMs'> {
  if (inputs.level) return { levelMm: inputs.level.mm, levelAtMs: inputs.level.atMs }
  if (yesterday?.levelMm == null || etcMm === null || inputs.rainMm === null)
    return { levelMm: null, levelAtMs: null }
  const { levelMm } = paddyDay({
    levelMm: yesterday.levelMm,
    rainMm: inputs.rainMm,
    irrigationMm: inputs.irrigation.irrigationMm,
    etcMm,
    percolationMm: percolationMm(field.soilTexture) * inputs.dayShare,
    bundMm: BUND_MM,
    drainablePores: field.saturation - field.fieldCapacity,
  })
  return { levelMm, levelAtMs: null }
}

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
  const pace = days
    .slice(-PACE_DAYS)
    .map(({ tempMinC, tempMaxC }) =>
      tempMinC === null || tempMaxC === null ? null : degreeDaysCd(crop.heat, { tempMinC, tempMaxC }),
    )
  const reach = daysToReach(next.sumCd, sumCd, pace)
  return (
    reach &&
    toJson({
      stage: next.stage,
      needCd: next.sumCd,
      fromDay: addDays(today, reach.fromDays - 1), // counted from yesterday, whose sum it is
      toDay: addDays(today, reach.toDays - 1),
    })
  )
}
