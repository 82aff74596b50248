/**
 * Tilth's own rule in a simulated season: each evening the decision of the plan (upland-need.ts), on the stored
 * forecast of the next morning, with the field's current prices, strategy and learned rule. A day is one step:
 * rain before a run of the same day does not skip it, so the rule overestimates rather than underestimates the
 * water. Pure.
 */
import { HOUR_MS, MINUTE_MS, startOfDay, type Day } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import { toJson, type FieldRow, type FieldStateRow, type SeasonRow, type ZoneRow } from '../../tables.ts'
import { sizeRun } from '../run-size.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import { uplandNeed } from '../run/upland-need.ts'
import { windowsFrom } from '../windows.ts'
import type { Evening, WaterRule } from './replay.ts'

export interface TilthRuleInput {
  farm: FarmSnapshot
  field: FieldRow
  season: SeasonRow
  zone: ZoneRow
  /** the forecast on the morning of a day; null: none is stored */
  forecastOn: (day: Day) => ForecastResponse | null
}

/** A rule for one simulation: it counts the water it has applied. */
export function tilthRule({ farm, field, season, zone, forecastOn }: TilthRuleInput): WaterRule {
  const { timeZone } = farm.farm
  const seasonWater = { irrigations: 0, grossMm: 0 }
  return (evening, next) => {
    if (isFarFromDry(evening)) return 0
    const nowMs = startOfDay(next.day, timeZone)
    const [window, nextWindow] = windowsFrom(zone, {
      earliestMs: nowMs,
      leastMs: zone.minMinutes * MINUTE_MS,
      timeZone,
      count: 2,
    })
    // a window that opens on another day belongs to that day
    if (window && window.fromMs >= nowMs + 24 * HOUR_MS) return 0
    const forecast = forecastOn(next.day)
    const need = uplandNeed(
      { ...farm, forecast, seasonWater: new Map([[zone.id, { ...seasonWater }]]) },
      ...([field, season, zone] as const),
      {
        state: toFieldState(evening, season, nowMs),
        window: window ?? null,
        nextWindow: nextWindow ?? null,
        forecast,
        timeZone,
        comingMm: 0,
        hasRun: false,
      },
    )
    if (!need.ok || need.value.netMm === 0) return 0
    const { netMm, grossMm } = sizeRun(need.value.netMm, zone, { usedTodayLitres: 0, capMs: null })
    if (netMm > 0) {
      seasonWater.irrigations++
      seasonWater.grossMm += grossMm
    }
    return netMm
  }
}

/**
 * A third of RAW, less two days of use: no strategy irrigates there, and the calculation is expensive.
 * Unconfirmed.
 */
const isFarFromDry = ({ before, depletionMm }: Evening): boolean =>
  before.rawMm !== null && depletionMm + 2 * (before.etcMm ?? 0) < before.rawMm / 3

function toFieldState(
  { before, depletionMm }: Evening,
  { fieldId, org, crop }: SeasonRow,
  atMs: number,
): FieldStateRow {
  return {
    fieldId,
    org,
    atMs,
    crop,
    stage: null,
    depletionMm,
    depletionSdMm: before.depletionSdMm,
    tawMm: before.tawMm,
    rawMm: before.rawMm,
    rootDepthM: before.rootDepthM,
    kc: before.kc,
    etcTodayMm: 0,
    etcWholeDayMm: before.etcMm,
    rainTodayMm: 0,
    irrigationTodayMm: 0,
    levelMm: null,
    levelAtMs: null,
    heatSumCd: null,
    ageD: before.ageD,
    heatNext: null,
    freshness: 'ok',
    inputs: toJson([]),
    soil: null,
    paddy: null,
  }
}
