/**
 * The checkbook of an upland field: whether the root zone reaches its refill line before the next opportunity
 * to irrigate, and the depth that fills it. FAO-56 chapter 8: irrigate before, or at the moment when, the
 * readily available water is used up.
 *
 * All amounts are mm of water *left above the refill line*; below 0 the crop is drier than its grower accepts.
 *
 * The rule:
 * 1. Line: madFraction x TAW where a person has set it; else from price, risk and strategy (both demand/); else the
 *    crop's RAW. It does not rise while a demand for water is open and the field is as dry as when it was made.
 * 2. Without irrigation and rain, when is the line reached (`dueMs`)? If only after the following window opens:
 *    wait. A line of demand/ allows for the use of a day: it was found for a field that is irrigated on the day after it
 *    reaches the line. If it is reached less than a day before the following window opens: wait as well.
 * 3. Rain that nine forecasts in ten bring before that next window opens is counted. If with it the line is not
 *    reached either: wait for the rain, unless the crop is already stressed beyond `WAIT_LIMIT`.
 * 4. Otherwise fill to field capacity, less the counted rain, and less or more than that where another depth pays
 *    better: more fills soil that the roots will reach. Rain is counted in this decision alone: the balance contains only measured rain.
 * 5. Leaching is added where the roots are filled and no reason is against it.
 */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import type { FieldStateRow, OpenDemand } from '../../tables.ts'
import { cropUse, type CropUse, type UseState } from './crop-use.ts'
import type { FieldDemand } from '../demand/field-demand.ts'
import { leachingOf, type Leaching, type Salts } from '../../irrigation-model/salt/leaching.ts'
import type { UnknownKey } from '../message-keys.ts'
import { rainBetween, type RainOutlook } from './rain-outlook.ts'
import type { Window } from '../windows.ts'
import { NORMAL_90, sumTenths, tenth } from '../../runtime/math.ts'

type BalanceState = UseState &
  Pick<FieldStateRow, 'depletionMm' | 'depletionSdMm' | 'tawMm' | 'rawMm' | 'rainTodayMm'>

export interface CheckbookInput {
  state: BalanceState
  madFraction: number | null
  /** the demand from a person's limit, or from price, risk and strategy; null: that limit, else the crop's own RAW, and the whole deficit */
  demand?: Pick<FieldDemand, 'lineMm' | 'ordinaryMm' | 'withheld' | 'depthMm'> | null
  /** latest safe start; absent: when the line is reached on average */
  safeMs?: (left: { haveMm: number; fullMm: number; use: CropUse }) => AtMs | null
  /** of water and soil; absent: unknown */
  salts?: Salts | null
  /** the window to use (from now on when it is open) and the one after it; null: there is none */
  window: Window | null
  nextWindow: Window | null
  forecast: ForecastResponse | null
  timeZone: string
  /** net mm that flow now, or flowed after the state was estimated */
  comingMm: number
  /** a run is planned for this window: a small change does not cancel it */
  hasRun: boolean
  /** the last demand for water that nothing has met; absent: none */
  openDemand?: OpenDemand | null
}

export interface Checkbook {
  verdict: 'enough' | 'rain' | 'irrigate' | 'withheld'
  withheld: FieldDemand['withheld'] // with that verdict alone
  fullMm: number // from the refill line to field capacity
  leftNow: { mm: number; loMm: number; hiMm: number }
  comingMm: number
  useMm: number
  untilMs: AtMs // up to which use is counted
  rain: (RainOutlook & { countedMm: number; byMs: AtMs }) | null
  leftThenMm: number
  roomMm: number // left empty by the depth
  belowMm: number // of netMm, for the soil that the roots will reach
  leachMm: number // of netMm, in addition to the refill
  leaching: Leaching | null
  netMm: number // 0 unless irrigate
  isStillOpen: boolean // water was requested before, and the field is as dry as it was then
  demand: OpenDemand | null // for the next plan: of this decision, or one that is still open
  safeMs: AtMs | null // latest safe start of an irrigation; null: none is needed, or far off
  dueMs: AtMs | null // the line is reached then without irrigation and rain; null: more than 10 days ahead
  /** rain by the start of the run that makes it unnecessary, mm; null without a run */
  rainToSkipMm: number | null
}

// share of the water below the line: a crop drier than this (Ks about 0.75) does not wait for rain
const WAIT_LIMIT = 0.25
// a planned run is cancelled, for rain or sufficient water, only with this surplus: smaller differences between
// two plans are noise. If the rain comes, the run's own condition skips it
const HOLD_MM = 4

/** Error with a key of `unknownKeys` when the state does not support a decision. */
export function checkbook(x: CheckbookInput): Result<Checkbook, UnknownKey> {
  const { depletionMm, tawMm, rawMm } = x.state
  if (depletionMm === null || tawMm === null || !(tawMm > 0)) return err('no-balance')
  const demand = x.demand ?? null
  const ownLineMm = demand?.lineMm ?? (x.madFraction === null ? rawMm : x.madFraction * tawMm)
  if (ownLineMm === null) return err('no-balance')
  const openDemand = x.openDemand ?? null
  const isStillOpen = openDemand !== null && depletionMm >= openDemand.depletionMm - HOLD_MM
  // a demand ends with water, not with another day of a table: its limit does not rise. A person's own limit may
  const lineMm = isStillOpen && x.madFraction === null ? Math.min(ownLineMm, openDemand.lineMm) : ownLineMm
  const use = cropUse(x.state, x.forecast, x.timeZone)
  if (!use) return err('no-use')

  const fullMm = tenth(lineMm)
  const leftNowMm = sumTenths(fullMm, -depletionMm)
  // water beyond field capacity drains
  const comingMm = Math.min(tenth(x.comingMm), sumTenths(fullMm, -leftNowMm))
  const haveMm = sumTenths(leftNowMm, comingMm)
  // roots find no water below the wilting point
  const driestMm = tenth(fullMm - tawMm)
  const useUntil = (atMs: AtMs): number => tenth(Math.min(use.untilMm(atMs), haveMm - driestMm))
  const dueMs = use.whenMs(haveMm)

  const horizonMs = x.nextWindow?.fromMs ?? x.window?.toMs ?? x.state.atMs + DAY_MS
  const rain = rainBetween(x.forecast, {
    fromMs: x.state.atMs,
    toMs: horizonMs,
    timeZone: x.timeZone,
    rainTodayMm: x.state.rainTodayMm,
  })
  const sureMm = tenth(rain?.loMm ?? 0)
  const leftAtHorizonMm = sumTenths(haveMm, -useUntil(horizonMs))

  const holdMm = x.hasRun ? HOLD_MM : 0
  const lineByMs = lineIsDaily(x) ? Math.max(x.window?.fromMs ?? x.state.atMs, horizonMs - DAY_MS) : horizonMs
  const isEnough = (dueMs === null || dueMs > lineByMs) && sumTenths(haveMm, -useUntil(lineByMs)) >= holdMm
  const mayWait = haveMm >= WAIT_LIMIT * driestMm
  const isRainEnough = mayWait && sumTenths(leftAtHorizonMm, sureMm) >= holdMm && sureMm > 0
  const isDryOnPurpose = demand?.withheld != null && depletionMm > demand.ordinaryMm
  const isOver = demand?.withheld === 'season-over'
  const isHeld = demand?.withheld === 'water-missing'
  const wanted = isHeld ? 'withheld' : 'irrigate'
  const preliminary = isOver
    ? 'withheld'
    : isEnough
      ? isDryOnPurpose
        ? 'withheld'
        : 'enough'
      : isRainEnough
        ? 'rain'
        : wanted

  const untilMs =
    preliminary === 'irrigate' ? Math.max(x.state.atMs, x.window?.fromMs ?? horizonMs) : horizonMs
  const useMm = useUntil(untilMs)
  // rain beyond field capacity drains
  const roomMm = sumTenths(fullMm, -haveMm, useMm)
  const countedMm = Math.min(sureMm, roomMm)
  const leftThenMm = sumTenths(haveMm, -useMm, countedMm)
  const missingMm = preliminary === 'irrigate' ? sumTenths(fullMm, -leftThenMm) : 0
  // the courses of the depth decision contain the rain
  const bestMm = demand && missingMm > 0 ? demand.depthMm(sumTenths(fullMm, -haveMm, useMm)) : missingMm
  const deeperMm = missingMm > 0 ? Math.max(0, bestMm - sumTenths(fullMm, -haveMm, useMm)) : 0
  const fillMm = tenth(Math.min(missingMm + deeperMm, bestMm))
  const isWorthNothing = preliminary === 'irrigate' && missingMm > 0 && fillMm === 0
  const verdict = isWorthNothing ? 'withheld' : preliminary
  const refill = { netMm: fillMm, missingMm, mostMm: Infinity, rainHiMm: rain?.hiMm ?? null } // the size of a run is limited later
  const leaching = x.salts ? leachingOf(x.salts, refill) : null
  const leachMm = tenth(leaching?.netMm ?? 0)
  const netMm = sumTenths(fillMm, leachMm)
  const safeMs = x.safeMs ?? (() => dueMs)
  return ok({
    verdict,
    withheld: verdict === 'withheld' ? (isWorthNothing ? 'uneconomic' : demand!.withheld) : null,
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
    roomMm: fillMm > 0 ? Math.max(0, sumTenths(missingMm, -fillMm)) : 0,
    belowMm: Math.max(0, sumTenths(fillMm, -missingMm)),
    leachMm,
    leaching,
    netMm,
    isStillOpen,
    demand: netMm > 0 ? { lineMm: fullMm, depletionMm: tenth(depletionMm) } : isStillOpen ? openDemand : null,
    safeMs: verdict === 'irrigate' ? safeMs({ haveMm, fullMm, use }) : null,
    dueMs,
    rainToSkipMm: verdict === 'irrigate' ? Math.max(1, -leftAtHorizonMm) : null,
  })
}

/** Whether the line is one of demand/; a person's own limit, and RAW, are not to be exceeded. */
const lineIsDaily = ({ demand, madFraction }: CheckbookInput): boolean =>
  madFraction === null && demand != null

function range(mm: number, sdMm: number | null, loMm: number, hiMm: number): { loMm: number; hiMm: number } {
  if (sdMm === null) return { loMm: mm, hiMm: mm }
  return {
    loMm: tenth(Math.max(loMm, mm - NORMAL_90 * sdMm)),
    hiMm: tenth(Math.min(hiMm, mm + NORMAL_90 * sdMm)),
  }
}
