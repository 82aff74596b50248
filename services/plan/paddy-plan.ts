/**
 * The level of a paddy against what its stage wants: fill, hold, let be, or too wet. Amounts are mm of water counted
 * from the soil surface: above it a millimetre of level is a millimetre of water, below it only the drainable pores
 * empty.
 *
 * The rule: fill to the top of the band when the level stands below the band when the water could flow, or, at
 * flowering (the field must not fall dry), when it would fall below before the chance after that. Rain that nine
 * forecasts in ten bring leaves room for itself; at flowering it is not waited for. An old level is no level.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { paddyTarget, percolationMm, usualCalendar } from '../agronomy/paddy.ts'
import type { ForecastAnswer } from '../ports.ts'
import { fromJson, type FieldRow, type FieldStateRow } from '../tables.ts'
import type { UseState } from './crop-use.ts'
import { cropUse } from './crop-use.ts'
import type { UnknownKey } from './keys.ts'
import { rainBetween, type RainOutlook } from './rain-outlook.ts'
import { sumTenths, tenth } from './tenths.ts'
import type { Window } from './windows.ts'

export interface PaddyInput {
  nowMs: AtMs
  state: UseState & Pick<FieldStateRow, 'levelMm' | 'levelAtMs' | 'rainTodayMm' | 'inputs'>
  soil: Pick<FieldRow, 'soilTexture' | 'saturation' | 'fieldCapacity'>
  daysSinceTransplanting: number
  window: Window | null
  nextWindow: Window | null
  forecast: ForecastAnswer | null
  timeZone: string
  comingMm: number
  levelLastsMs: number
}

export interface PaddyPlan {
  verdict: 'fill' | 'hold' | 'ok' | 'soon' | 'wet' | 'rain' | 'no-fill'
  levelMm: number
  aimMm: readonly [number, number] | null
  storedNowMm: number
  comingMm: number
  lossMm: number
  untilMs: AtMs
  rain: (RainOutlook & { countedMm: number; byMs: AtMs }) | null
  storedThenMm: number
  levelThenMm: number
  netMm: number // 0 unless fill
  daysToLow: number | null // until the level leaves the band below, one decimal; null: more than a week, or no band
  rainToSkipMm: number | null
  /** mid-season drainage: which day of how many; null outside of it */
  drainage: { day: number; days: number } | null
}

// a gauge wobbles, and a field just filled stands a little high
const WET_MARGIN_MM = 10
const SOON_DAYS = 2
const DAY_MS = 86_400_000

/** Err with a key of `unknownKeys` when the level cannot carry a decision. */
export function paddyPlan(x: PaddyInput): Result<PaddyPlan, UnknownKey> {
  const { levelMm, levelAtMs } = x.state
  if (levelMm === null || levelAtMs === null) return err('no-level')
  if (x.nowMs - levelAtMs > x.levelLastsMs) return err('level-old')
  const target = paddyTarget(x.daysSinceTransplanting)
  const pores = Math.max(0.02, x.soil.saturation - x.soil.fieldCapacity)
  const stored = (level: number): number => tenth(level >= 0 ? level : level * pores)
  const level = (storedMm: number): number => tenth(storedMm >= 0 ? storedMm : storedMm / pores)

  const shown = fromJson(x.state.inputs).find(({ key }) => key === 'percolation')?.value
  const seepMmD = shown ?? percolationMm(x.soil.soilTexture)
  // the level is measured: without an estimate of the crop's use it still stands, only the look ahead is shorter
  const use = cropUse(x.state, x.forecast, x.timeZone)
  const lossUntil = (atMs: AtMs): number =>
    tenth((use?.untilMm(atMs) ?? 0) + (seepMmD * Math.max(0, atMs - x.state.atMs)) / DAY_MS)

  const storedNowMm = stored(levelMm)
  const comingMm = tenth(x.comingMm)
  const horizonMs = x.nextWindow?.fromMs ?? x.state.atMs + DAY_MS
  const untilMs = Math.max(x.state.atMs, x.window?.fromMs ?? horizonMs)
  const outlook = rainBetween(x.forecast, {
    fromMs: x.state.atMs,
    toMs: horizonMs,
    timeZone: x.timeZone,
    rainTodayMm: x.state.rainTodayMm,
  })
  const lossMm = lossUntil(untilMs)
  const aim = target.aimMm
  const dryThenMm = sumTenths(storedNowMm, comingMm, -lossMm)
  const roomMm = aim ? Math.max(0, sumTenths(stored(aim[1]), -dryThenMm)) : 0
  const sureMm = tenth(outlook?.loMm ?? 0)
  // flowering does not wait for a forecast
  const countedMm = target.mustPond ? 0 : Math.min(sureMm, roomMm)
  const storedThenMm = sumTenths(dryThenMm, countedMm)

  const isLow = aim !== null && level(dryThenMm) < aim[0]
  const atHorizonMm = sumTenths(storedNowMm, comingMm, -lossUntil(horizonMs))
  const lowestMm = target.mustPond ? Math.min(dryThenMm, atHorizonMm) : dryThenMm
  const fallsDry = aim !== null && target.mustPond && level(atHorizonMm) < aim[0]
  const wantsWater = target.mayFill && (isLow || fallsDry)
  const isRainEnough = countedMm > 0 && aim !== null && level(storedThenMm) >= aim[0]

  const lossADayMm = lossUntil(x.state.atMs + DAY_MS)
  const spareMm = aim ? sumTenths(storedNowMm, comingMm, -stored(aim[0])) : 0
  const days = aim && lossADayMm > 0 ? tenth(Math.max(0, spareMm) / lossADayMm) : null
  const daysToLow = days !== null && days <= 7 && target.mayFill ? days : null

  const isFill = wantsWater && !isRainEnough
  return ok({
    verdict: verdictOf(),
    levelMm,
    aimMm: aim,
    storedNowMm,
    comingMm,
    lossMm,
    untilMs,
    rain: outlook && {
      loMm: sureMm,
      midMm: tenth(outlook.midMm),
      hiMm: tenth(outlook.hiMm),
      countedMm,
      byMs: horizonMs,
    },
    storedThenMm,
    levelThenMm: level(storedThenMm),
    netMm: isFill && aim ? Math.max(0, sumTenths(stored(aim[1]), -storedThenMm)) : 0,
    daysToLow,
    rainToSkipMm: isFill && aim ? Math.max(1, sumTenths(stored(aim[0]), -lowestMm)) : null,
    drainage:
      target.stage === 'mid-season-drainage'
        ? {
            day: x.daysSinceTransplanting - usualCalendar.drainageD + 1,
            days: usualCalendar.intermittentD - usualCalendar.drainageD,
          }
        : null,
  })

  function verdictOf(): PaddyPlan['verdict'] {
    const wettestMm = (aim?.[1] ?? 0) + WET_MARGIN_MM
    if (levelMm! > wettestMm) return 'wet'
    if (!target.mayFill) return 'no-fill'
    if (wantsWater) return isRainEnough ? 'rain' : 'fill'
    if (target.mustPond) return 'hold'
    return daysToLow !== null && daysToLow <= SOON_DAYS ? 'soon' : 'ok'
  }
}
