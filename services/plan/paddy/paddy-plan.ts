/**
 * The level of a paddy compared with the target of its stage and the weather: fill, hold, leave, drain. Amounts
 * are mm of water counted from the soil surface: above it a millimetre of level is a millimetre of water, below
 * it only the drainable pores empty.
 *
 * The rule: fill to the top of the band when the level is below the band at the time the water could flow, or,
 * where the field must not fall dry, when it would fall below before the opportunity after that. Rain that nine
 * forecasts in ten bring reduces the fill; where the field must not fall dry, the plan does not wait for rain.
 * The inlet stays closed before a storm. Inlet and outlet are one decision: never both. Pure.
 */
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { creditDays, DEFAULT_DRY_DAYS } from '../../agronomy/paddy/drainage.ts'
import {
  drainablePores,
  levelOfWaterMm,
  percolationMm,
  waterOfLevelMm,
} from '../../agronomy/paddy/balance.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import {
  readStateInputs,
  type FieldRow,
  type FieldStateRow,
  type PaddyNow,
  type PaddyRow,
} from '../../tables.ts'
import { cropUse, type UseState } from '../run/crop-use.ts'
import type { UnknownKey } from '../message-keys.ts'
import { rainBetween, type RainOutlook } from '../run/rain-outlook.ts'
import type { Window } from '../windows.ts'
import { boardSetting, drainTarget, type Board, type Drain } from './outlet.ts'
import { stormRoom, type Storm, type StormRoom } from './storm.ts'
import type { PaddyTarget } from './target.ts'
import { sumTenths, tenth } from '../../runtime/math.ts'

export interface PaddyInput {
  nowMs: AtMs
  state: UseState & Pick<FieldStateRow, 'levelMm' | 'levelAtMs' | 'rainTodayMm' | 'inputs'>
  soil: Pick<FieldRow, 'soilTexture' | 'saturation' | 'fieldCapacity'>
  now: PaddyNow
  paddy: PaddyRow
  target: PaddyTarget
  holdDay: number | null
  storm: Storm | null
  /** drainage rate of the outlet; null: a person lowers its board */
  outletMmH: number | null
  /** of a storm, on all paddies of the farm */
  farmStoredM3: number
  window: Window | null
  nextWindow: Window | null
  forecast: ForecastResponse | null
  timeZone: string
  /** net of the outflow */
  comingMm: number
  /** end of the last inflow that it counts; null without one */
  comingEndsMs: AtMs | null
  levelValidMs: number
  /** days since the last reported level from which the level is calculated */
  calculatedDays: number | null
}

export interface PaddyPlan {
  verdict: 'fill' | 'hold' | 'ok' | 'soon' | 'wet' | 'rain' | 'no-fill'
  levelMm: number
  targetBandMm: readonly [number, number] | null
  storedNowMm: number
  comingMm: number
  lossMm: number
  untilMs: AtMs
  rain: (RainOutlook & { countedMm: number; byMs: AtMs }) | null
  storedThenMm: number
  levelThenMm: number
  netMm: number // 0 unless fill
  /** drainable pores: below the soil surface 1 mm of water is 1 / pores mm of level */
  pores: number
  /** of a fill while the level is not below the band: where it would be without it, when, and its loss a day */
  low: { levelMm: number; atMs: AtMs; lossMm: number } | null
  daysToLow: number | null // until the level leaves the band below, one decimal; null: more than a week, or no band
  rainToSkipMm: number | null
  /** mid-season drainage: which day of how many, and the requirement of a credit; null outside of it */
  drainage: { day: number; days: number; dryDays: number | null; creditDays: number | null } | null
  /** herbicide: which day of how many */
  hold: { day: number; days: number } | null
  now: PaddyNow
  target: PaddyTarget
  drain: Drain | null
  board: Board | null
  storm: (Storm & { room: StormRoom; keptMm: number; farmKeptM3: number }) | null
  /** the maximum fill, mm: the bund less the freeboard */
  maxFillMm: number
  /** who approves drainage for a storm */
  stormBy: PaddyRow['storm']
  /** days without a reported level; null: a gauge or a person has reported it */
  calculatedDays: number | null
}

// a gauge fluctuates, and a newly filled field is a little high
const WET_MARGIN_MM = 10
const SOON_DAYS = 2
/** below the limit of safe drying; rice is stressed below -200 mm (Bouman et al. 2007) */
export const STRESS_BELOW_MM = 50
/** a level that is calculated for longer is a guess: the loss of a field is known to some mm a day */
const MAX_CALCULATED_DAYS = 5
/** overshoot of a run: a pipe may deliver more than its nominal rate */
const ROUNDING_MM = 1
/** the board is set for a storm that is so near */
const NEAR_MS = 24 * HOUR_MS

/** Error with a key of `unknownKeys` when the level cannot support a decision. */
export function paddyPlan(x: PaddyInput): Result<PaddyPlan, UnknownKey> {
  const { levelMm, levelAtMs } = x.state
  const { target, now, paddy } = x
  if (levelMm === null) return err('no-level')
  if (levelAtMs === null && (x.calculatedDays === null || x.calculatedDays > MAX_CALCULATED_DAYS))
    return err(x.calculatedDays === null ? 'no-level' : 'level-old')
  if (levelAtMs !== null && x.nowMs - levelAtMs > x.levelValidMs) return err('level-old')
  const pores = drainablePores(x.soil)
  const stored = (level: number): number => tenth(waterOfLevelMm(level, pores))
  const level = (storedMm: number): number => tenth(levelOfWaterMm(storedMm, pores))

  const measured = readStateInputs(x.state.inputs).find(({ key }) => key === 'percolation')?.value
  const seepMmD = measured ?? percolationMm(x.soil.soilTexture)
  // the level is measured: without an estimate of the crop's use it is still valid, only the look ahead is
  // shorter
  const use = cropUse(x.state, x.forecast, x.timeZone)
  const lossUntil = (atMs: AtMs): number =>
    tenth((use?.untilMm(atMs) ?? 0) + (seepMmD * Math.max(0, atMs - x.state.atMs)) / DAY_MS)

  const storedNowMm = stored(levelMm)
  const comingMm = tenth(x.comingMm)
  const horizonMs = x.nextWindow?.fromMs ?? x.state.atMs + DAY_MS
  // the water that is coming is there when its run has ended
  const untilMs = Math.max(x.state.atMs, x.comingEndsMs ?? 0, x.window?.fromMs ?? horizonMs)
  const outlook = rainBetween(x.forecast, {
    fromMs: x.state.atMs,
    toMs: horizonMs,
    timeZone: x.timeZone,
    rainTodayMm: x.state.rainTodayMm,
  })
  const lossMm = lossUntil(untilMs)
  const aim = target.targetBandMm
  const dryThenMm = sumTenths(storedNowMm, comingMm, -lossMm)
  const roomMm = aim ? Math.max(0, sumTenths(stored(aim[1]), -dryThenMm)) : 0
  const sureMm = tenth(outlook?.loMm ?? 0)
  // flowering does not wait for a forecast
  const countedMm = target.mustPond ? 0 : Math.min(sureMm, roomMm)
  const storedThenMm = sumTenths(dryThenMm, countedMm)

  // a paddy that does not take part stores no storm
  const storm = paddy.storm === 'off' ? null : x.storm
  const isStormy = storm !== null && storm.phase !== 'after'
  const mayFill = target.mayFill && !(isStormy && !target.mustPond)
  const isLow = aim !== null && level(dryThenMm) < aim[0]
  const atHorizonMm = sumTenths(storedNowMm, comingMm, -lossUntil(horizonMs))
  // alternate drying may go a little below its band before the next opportunity, but not to the stress limit
  const bearsLowMm = aim === null ? 0 : target.mustPond ? aim[0] : aim[0] - STRESS_BELOW_MM
  const looksAhead = target.mustPond || (aim !== null && aim[0] < 0)
  const lowestMm = looksAhead ? Math.min(dryThenMm, atHorizonMm) : dryThenMm
  const fallsDry = aim !== null && looksAhead && level(atHorizonMm) < bearsLowMm
  // locked water is topped up when it is low, never in advance
  const wantsWater = mayFill && (isLow || (fallsDry && !target.isLocked))
  const isRainEnough = countedMm > 0 && aim !== null && level(storedThenMm) >= aim[0]

  const lossADayMm = lossUntil(x.state.atMs + DAY_MS)
  const spareMm = aim ? sumTenths(storedNowMm, comingMm, -stored(aim[0])) : 0
  const days = aim && lossADayMm > 0 ? tenth(Math.max(0, spareMm) / lossADayMm) : null
  const daysToLow = days !== null && days <= 7 && mayFill ? days : null

  const isFill = wantsWater && !isRainEnough
  // irrigation never rises above the bund less the freeboard, whatever rain is forecast
  const maxFillMm = Math.max(0, sumTenths(stored(target.maxLevelMm), -ROUNDING_MM, -storedThenMm))
  const netMm = isFill && aim ? Math.min(maxFillMm, Math.max(0, sumTenths(stored(aim[1]), -storedThenMm))) : 0

  const isDraining = now.stage === 'mid-season-drainage'
  const isFinal = now.stage === 'final-drainage'
  const stormMaxMm = Math.min(target.stormMaxMm, target.maxLevelMm)
  const afterMm = sumTenths(levelMm, Math.min(0, comingMm)) // the pending outflow is already subtracted
  const room =
    storm &&
    stormRoom(storm, {
      levelMm: afterMm,
      maxMm: stormMaxMm,
      keepMm: target.mustPond ? Math.max(0, aim?.[0] ?? 0) : 0,
      mmH: x.outletMmH,
      nowMs: x.nowMs,
      mayDrain: !target.isLocked && paddy.outlet !== 'none',
    })
  const outlet = { isDraining, isFinal, storm, room, stormMaxMm }
  const drain = netMm > 0 ? null : drainTarget(afterMm, target, outlet)
  const restMm = Math.max(0, aim?.[1] ?? 0)
  return ok({
    verdict: verdictOf(),
    levelMm,
    targetBandMm: aim,
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
    netMm,
    pores,
    low:
      netMm === 0 || aim === null || levelMm < aim[0]
        ? null
        : {
            levelMm: level(isLow ? dryThenMm : atHorizonMm),
            atMs: isLow ? untilMs : horizonMs,
            lossMm: lossADayMm,
          },
    daysToLow,
    rainToSkipMm:
      isFill && aim && !target.isLocked ? Math.max(1, sumTenths(stored(aim[0]), -lowestMm)) : null,
    drainage: isDraining && now.drainage ? drainageProgress(now, paddy) : null,
    hold: x.holdDay === null ? null : { day: x.holdDay, days: paddy.holdDays },
    now,
    target,
    drain,
    board: boardSetting(levelMm, target, {
      ...outlet,
      outlet: paddy.outlet,
      boardMm: paddy.boardMm,
      storm: storm?.phase === 'ahead' && storm.fromMs - x.nowMs > NEAR_MS ? null : storm,
      drain,
    }),
    storm: storm &&
      room && { ...storm, room, keptMm: Math.max(0, tenth(levelMm - restMm)), farmKeptM3: x.farmStoredM3 },
    maxFillMm,
    stormBy: paddy.storm,
    calculatedDays: levelAtMs === null ? x.calculatedDays : null,
  })

  function verdictOf(): PaddyPlan['verdict'] {
    const wettestMm = (aim?.[1] ?? 0) + WET_MARGIN_MM
    if (levelMm! > wettestMm) return 'wet'
    if (!mayFill) return 'no-fill'
    if (wantsWater) return isRainEnough ? 'rain' : 'fill'
    if (target.mustPond) return 'hold'
    return daysToLow !== null && daysToLow <= SOON_DAYS ? 'soon' : 'ok'
  }
}

function drainageProgress(now: PaddyNow, paddy: PaddyRow): PaddyPlan['drainage'] {
  const { days, dryDays, unknownDays } = now.drainage!
  const drainage = { dryDays: paddy.dryDays ?? DEFAULT_DRY_DAYS, baselineDays: paddy.baselineDays }
  const credit = creditDays(drainage)
  return {
    day: days,
    days: Math.max(drainage.dryDays, Math.ceil(credit ?? 0)),
    dryDays: unknownDays === days ? null : dryDays,
    creditDays: credit,
  }
}

/** The level to which an inflow raises the paddy, from its level when the inflow begins. */
export const levelAfterFillMm = (
  { storedThenMm, pores }: Pick<PaddyPlan, 'storedThenMm' | 'pores'>,
  netMm: number,
): number => tenth(levelOfWaterMm(sumTenths(storedThenMm, netMm), pores))
