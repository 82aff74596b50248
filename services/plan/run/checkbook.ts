/**
 * The checkbook of an upland field: does the root zone reach its refill line before the next chance to water, and how
 * much fills it. FAO-56 chapter 8: irrigate before, or at the moment when, the readily available water is used up.
 *
 * All amounts are mm of water *left above the refill line*; below 0 the crop is drier than its grower accepts.
 *
 * The rule:
 * 1. Line: madFraction x TAW where a person has set it; else what price, risk and strategy say (demand/); else the crop's RAW.
 * 2. Without water and rain, when is the line reached (`dueMs`)? If only after the window that follows opens: wait.
 * 3. Rain that nine forecasts in ten bring before that next window opens is counted on. If with it the line is not
 *    reached either: wait for the rain, unless the crop is already in stress beyond `WAIT_LIMIT`.
 * 4. Otherwise fill to field capacity, less what is counted on, and less than that where another depth pays better. Rain is
 *    counted on in this decision alone: the balance knows only rain that was measured.
 * 5. Water that carries salt away comes on top, where the roots are filled and nothing speaks against it.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { ForecastResponse } from '../../ports.ts'
import type { FieldStateRow } from '../../tables.ts'
import { cropUse, type CropUse, type UseState } from './crop-use.ts'
import type { FieldDemand } from '../demand/field-demand.ts'
import { leachingMm } from '../../agronomy/water/salinity.ts'
import { leachingOf, type Leaching, type Salts } from '../../irrigation-model/leaching.ts'
import type { UnknownKey, WithheldKey } from '../message-keys.ts'
import { rainBetween, type RainOutlook } from './rain-outlook.ts'
import { sumTenths, tenth } from '../round.ts'
import type { Window } from '../windows.ts'

export type BalanceState = UseState &
  Pick<FieldStateRow, 'depletionMm' | 'depletionSdMm' | 'tawMm' | 'rawMm' | 'rainTodayMm'>

export interface CheckbookInput {
  state: BalanceState
  madFraction: number | null
  /** what price, risk and strategy say; null: the crop's own RAW, and all that is missing */
  demand?: Pick<FieldDemand, 'lineMm' | 'ordinaryMm' | 'withheld' | 'depthMm'> | null
  /** latest safe start; absent: when the line is reached on average */
  safeMs?: (left: { haveMm: number; fullMm: number; use: CropUse }) => AtMs | null
  /** of water and soil; absent: nobody knows */
  salts?: Salts | null
  /** the window that would be used (from now on when it is open) and the one after it; null: there is none */
  window: Window | null
  nextWindow: Window | null
  forecast: ForecastResponse | null
  timeZone: string
  /** net mm that flow now, or flowed after the state was made */
  comingMm: number
  /** a run stands in the plan for this window: it is not given up for a small change */
  hasRun: boolean
}

export interface Checkbook {
  verdict: 'enough' | 'rain' | 'irrigate' | 'withheld'
  withheld: WithheldKey | null // with that verdict alone
  fullMm: number // from the refill line to field capacity
  leftNow: { mm: number; loMm: number; hiMm: number }
  comingMm: number
  useMm: number
  untilMs: AtMs // up to which use is counted
  rain: (RainOutlook & { countedMm: number; byMs: AtMs }) | null
  leftThenMm: number
  roomMm: number // left empty by the depth
  leachMm: number // of netMm, beside what the roots lack
  leaching: Leaching | null
  netMm: number // 0 unless irrigate
  safeMs: AtMs | null // latest safe start of an irrigation; null: none is wanted, or far off
  dueMs: AtMs | null // the line is reached then without water and rain; null: more than 10 days ahead
  /** rain by the start of the run that makes it unnecessary, mm; null when there is no run */
  rainToSkipMm: number | null
}

// share of the water below the line: a crop drier than this (Ks about 0.75) does not wait for rain
const WAIT_LIMIT = 0.25
// a run that stands is given up, for rain or because there is enough, only when it is that much more than enough: by less
// two looks differ although nothing happened. Should the rain come, the run's own condition skips it
const HOLD_MM = 4
const Z90 = 1.2816 // 10 % and 90 % of a normal distribution

/** Err with a key of `unknownKeys` when the state does not carry a decision. */
export function checkbook(x: CheckbookInput): Result<Checkbook, UnknownKey> {
  const { depletionMm, tawMm, rawMm } = x.state
  if (depletionMm === null || tawMm === null || !(tawMm > 0)) return err('no-balance')
  const demand = x.madFraction === null ? (x.demand ?? null) : null
  const lineMm = x.madFraction !== null ? x.madFraction * tawMm : (demand?.lineMm ?? rawMm)
  if (lineMm === null) return err('no-balance')
  const use = cropUse(x.state, x.forecast, x.timeZone)
  if (!use) return err('no-use')

  const fullMm = tenth(lineMm)
  const leftNowMm = sumTenths(fullMm, -depletionMm)
  // water beyond field capacity drains
  const comingMm = Math.min(tenth(x.comingMm), sumTenths(fullMm, -leftNowMm))
  const haveMm = sumTenths(leftNowMm, comingMm)
  // roots find nothing below the wilting point
  const driestMm = tenth(fullMm - tawMm)
  const useUntil = (atMs: AtMs): number => tenth(Math.min(use.untilMm(atMs), haveMm - driestMm))
  const dueMs = use.whenMs(haveMm)

  const horizonMs = x.nextWindow?.fromMs ?? x.window?.toMs ?? x.state.atMs + 24 * 3_600_000
  const rain = rainBetween(x.forecast, {
    fromMs: x.state.atMs,
    toMs: horizonMs,
    timeZone: x.timeZone,
    rainTodayMm: x.state.rainTodayMm,
  })
  const sureMm = tenth(rain?.loMm ?? 0)
  const leftAtHorizonMm = sumTenths(haveMm, -useUntil(horizonMs))

  const holdMm = x.hasRun ? HOLD_MM : 0
  const isEnough = (dueMs === null || dueMs > horizonMs) && leftAtHorizonMm >= holdMm
  const mayWait = haveMm >= WAIT_LIMIT * driestMm
  const isRainEnough = mayWait && sumTenths(leftAtHorizonMm, sureMm) >= holdMm && sureMm > 0
  const isDryOnPurpose = demand?.withheld != null && depletionMm > demand.ordinaryMm
  const asked = isEnough ? (isDryOnPurpose ? 'withheld' : 'enough') : isRainEnough ? 'rain' : 'irrigate'

  const untilMs = asked === 'irrigate' ? Math.max(x.state.atMs, x.window?.fromMs ?? horizonMs) : horizonMs
  const useMm = useUntil(untilMs)
  // rain beyond field capacity drains
  const roomMm = sumTenths(fullMm, -haveMm, useMm)
  const countedMm = Math.min(sureMm, roomMm)
  const leftThenMm = sumTenths(haveMm, -useMm, countedMm)
  const missingMm = asked === 'irrigate' ? sumTenths(fullMm, -leftThenMm) : 0
  // the courses that a depth is weighed over have the rain in them
  const bestMm = demand && missingMm > 0 ? demand.depthMm(sumTenths(fullMm, -haveMm, useMm)) : missingMm
  const fillMm = tenth(Math.min(missingMm, bestMm))
  const isWorthNothing = asked === 'irrigate' && missingMm > 0 && fillMm === 0
  const verdict = isWorthNothing ? 'withheld' : asked
  const leaching = fillMm > 0 && x.salts ? leachingOf(x.salts, rain?.hiMm ?? null) : null
  // what does not fill the roots carries nothing past them
  const leachMm = leaching && fillMm >= missingMm ? tenth(leachingMm(fillMm, leaching.share)) : 0
  const safeMs = x.safeMs ?? (() => dueMs)
  return ok({
    verdict,
    withheld: verdict === 'withheld' ? (isWorthNothing ? 'not-worth' : demand!.withheld) : null,
    fullMm,
    leftNow: { mm: leftNowMm, ...range(leftNowMm, x.state.depletionSdMm, driestMm, fullMm) },
    comingMm,
    useMm,
    untilMs,
    rain: rain && {
      loMm: tenth(rain.loMm),
      midMm: tenth(rain.midMm),
      hiMm: tenth(rain.hiMm),
      countedMm,
      byMs: horizonMs,
    },
    leftThenMm,
    roomMm: fillMm > 0 ? sumTenths(missingMm, -fillMm) : 0,
    leachMm,
    leaching,
    netMm: sumTenths(fillMm, leachMm),
    safeMs: verdict === 'irrigate' ? safeMs({ haveMm, fullMm, use }) : null,
    dueMs,
    rainToSkipMm: verdict === 'irrigate' ? Math.max(1, -leftAtHorizonMm) : null,
  })
}

function range(mm: number, sdMm: number | null, loMm: number, hiMm: number): { loMm: number; hiMm: number } {
  if (sdMm === null) return { loMm: mm, hiMm: mm }
  return {
    loMm: tenth(Math.max(loMm, mm - Z90 * sdMm)),
    hiMm: tenth(Math.min(hiMm, mm + Z90 * sdMm)),
  }
}
