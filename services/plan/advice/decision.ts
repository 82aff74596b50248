/**
 * The reasons of a decision, from the numbers of the calculation itself: terms that add up, the inputs with
 * their age, and the change that would alter it.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import {
  readStateInputs,
  type FieldStateRow,
  type StateInput,
  type Decision,
  type DecisionTerm,
  type ZoneRow,
} from '../../tables.ts'
import type { CounterfactualKey, LimitKey, ParamsOf, TermKey, VerdictKey } from '../message-keys.ts'
import { counterfactualKeys, termKeys, verdictKeys } from '../message-keys.ts'
import { levelAfterFillMm, type PaddyPlan } from '../paddy/paddy-plan.ts'
import { FORECAST_VALID_MS, type RainOutlook } from '../run/rain-outlook.ts'
import type { RefillBasis, UplandNeed } from '../run/upland-need.ts'
import { DEFAULT_WATER_PERCENT } from '../../irrigation-model/water-value.ts'
import { percent, sumTenths, tenth } from '../../runtime/math.ts'

/** A run of the plan. */
export interface PlannedRun {
  zoneId: string
  startMs: AtMs
  minutes: number
  grossMm: number
  netMm: number
  limit: LimitKey | null
  /** a rule that keeps it from the first hours of its windows, and the start of those */
  moved?: { limit: LimitKey; fromMs: AtMs } | null
  /** the parts of a dose; absent: one opening from `startMs` on */
  openings?: readonly { startMs: AtMs; minutes: number }[]
}

export interface Verdict {
  key: VerdictKey
  params: Record<string, string | number | null>
}

/** A verdict with exactly the parameters of its key. */
export const verdict = <K extends VerdictKey>(key: K, params: ParamsOf<typeof verdictKeys, K>): Verdict => ({
  key,
  params,
})
const term = <K extends TermKey>(
  key: K,
  mm: number | null,
  params: ParamsOf<typeof termKeys, K>,
  range?: { lo: number; hi: number },
): DecisionTerm => ({ key, mm, ...range, params })

type Counterfactual = Decision['counterfactuals']
export const counterfactual = <K extends CounterfactualKey>(
  key: K,
  params: ParamsOf<typeof counterfactualKeys, K>,
): Counterfactual => ({
  key,
  params,
})

type DepthZone = Pick<ZoneRow, 'applicationRateMmH' | 'efficiency' | 'adjustPercent'>

/**
 * left now + coming - use + counted rain = left then; the depth fills the deficit less the rain reserve, and
 * adds the leaching.
 */
export function checkbookTerms(
  { book: checkbook, line, dueMs }: Pick<UplandNeed, 'book' | 'line' | 'dueMs'>,
  run: PlannedRun | null,
  zone: DepthZone | null,
  isUnprobed: boolean,
): DecisionTerm[] {
  const { leftNow, leaching } = checkbook
  const isWatered = run !== null && zone !== null
  return [
    ...(line ? [term('refill-line', null, { lineMm: tenth(line.lineMm), basis: line.basis })] : []),
    // of a field that is short already it has passed
    ...(line && isWatered && checkbook.safeMs !== null && leftNow.mm > 0
      ? [term('latest-start', null, { atMs: dueMs, riskPercent: percent(line.lateShare) })]
      : []),
    ...(leaching?.waits
      ? [term('leaching-postponed', null, { reason: leaching.waits, thresholdDsM: leaching.thresholdDsM })]
      : []),
    // the limit is lowered by the uncertainty, so the status stays; a look at the soil would settle it
    ...(isUnprobed && !isWatered && leftNow.loMm < 0 && leftNow.hiMm > 0
      ? [term('water-uncertain', null, { loMm: leftNow.loMm, hiMm: leftNow.hiMm })]
      : []),
    term('available-now', leftNow.mm, { fullMm: checkbook.fullMm }, { lo: leftNow.loMm, hi: leftNow.hiMm }),
    // water beyond field capacity drains: the rest is no share of the run
    ...incomingTerm(
      checkbook.comingMm,
      checkbook.comingMm < sumTenths(checkbook.fullMm, -leftNow.mm) ? zone : null,
    ),
    term('crop-use', tenth(-checkbook.useMm), { untilMs: checkbook.untilMs }),
    rainTerm(checkbook.rain, checkbook.untilMs),
    term('available-then', checkbook.leftThenMm, { atMs: checkbook.untilMs }),
    ...(isWatered && checkbook.roomMm > 0 ? [term('rain-reserve', checkbook.roomMm, {})] : []),
    ...(isWatered ? belowRootsTerm(checkbook, run) : []),
    ...(isWatered && leaching && checkbook.leachMm > 0
      ? [
          term('leaching', checkbook.leachMm, {
            percent: percent(leaching.share),
            thresholdDsM: leaching.thresholdDsM,
          }),
        ]
      : []),
    ...(isWatered
      ? [
          term('depth', run.grossMm, {
            ...depthParams(run, zone),
            fromMm: checkbook.leftThenMm,
            // what goes deeper leaves the roots
            toMm: Math.min(checkbook.fullMm, sumTenths(checkbook.leftThenMm, run.netMm)),
            ofMm: checkbook.fullMm,
          }),
          ...movedTerm(run),
        ]
      : []),
  ]
}

/** Of a run that a limit has cut, the part that is left beyond the roots. */
function belowRootsTerm(
  { belowMm, fullMm, leftThenMm }: UplandNeed['book'],
  run: PlannedRun,
): DecisionTerm[] {
  const beyondMm =
    run.limit === null ? belowMm : Math.min(belowMm, run.netMm - sumTenths(fullMm, -leftThenMm))
  return beyondMm > 0 ? [term('below-roots', tenth(beyondMm), {})] : []
}

/** The fallback schedule has no balance: there is only the dose. */
export const fallbackTerms = (run: PlannedRun | null, zone: DepthZone | null): DecisionTerm[] =>
  run && zone
    ? [
        term('depth', run.grossMm, { ...depthParams(run, zone), fromMm: null, toMm: null, ofMm: null }),
        ...movedTerm(run),
      ]
    : []

/** The same for a paddy, in mm of water from the soil surface. */
export function paddyTerms(
  plan: PaddyPlan,
  run: PlannedRun | null,
  zone: (DepthZone & Pick<ZoneRow, 'method'>) | null,
): DecisionTerm[] {
  const [loMm, hiMm] = plan.targetBandMm ?? [null, null]
  return [
    term('level-now', plan.storedNowMm, { levelMm: plan.levelMm, loMm, hiMm }),
    ...incomingTerm(plan.comingMm, zone),
    term('paddy-loss', tenth(-plan.lossMm), { untilMs: plan.untilMs }),
    rainTerm(plan.rain, plan.untilMs),
    term('level-then', plan.storedThenMm, { levelMm: plan.levelThenMm, atMs: plan.untilMs }),
    ...(run && zone ? [paddyRunTerm(plan, run, zone), ...movedTerm(run)] : []),
  ]
}

function paddyRunTerm(
  plan: PaddyPlan,
  run: PlannedRun,
  zone: DepthZone & Pick<ZoneRow, 'method'>,
): DecisionTerm {
  if (zone.method !== 'outlet')
    return term('fill', run.grossMm, {
      hiMm: plan.targetBandMm?.[1] ?? null,
      ...depthParams(run, zone),
      fromMm: plan.levelThenMm,
      toMm: levelAfterFillMm(plan, run.netMm),
    })
  const { toMm = null, reason = null } = plan.drain ?? {}
  return term('drain', tenth(-run.grossMm), { toMm, reason, minutes: run.minutes, limit: run.limit })
}

function incomingTerm(mm: number, zone: Pick<ZoneRow, 'efficiency'> | null): DecisionTerm[] {
  if (mm === 0) return []
  if (mm < 0) return [term('water-leaving', mm, {})]
  const efficiencyPercent = zone && percent(zone.efficiency)
  return [term('water-coming', mm, { grossMm: zone && tenth(mm / zone.efficiency), efficiencyPercent })]
}

// null: the rain is unknown, which is not the same as none
function rainTerm(
  rain: (RainOutlook & { countedMm: number; byMs: AtMs }) | null,
  untilMs: AtMs,
): DecisionTerm {
  if (!rain) return term('rain-expected', null, { byMs: untilMs })
  return term('rain-expected', rain.countedMm, { byMs: rain.byMs }, { lo: rain.loMm, hi: rain.hiMm })
}

/** The reason why the run does not begin earlier. */
const movedTerm = ({ moved }: PlannedRun): DecisionTerm[] =>
  moved ? [term('moved', null, { fromMs: moved.fromMs, reason: moved.limit })] : []

const depthParams = (run: PlannedRun, zone: DepthZone) => ({
  minutes: run.minutes,
  rateMmH: tenth(zone.applicationRateMmH),
  netMm: run.netMm,
  efficiencyPercent: percent(zone.efficiency),
  adjustPercent: zone.adjustPercent,
  limit: run.limit,
})

/** The inputs of the field's state and the forecast, each with its own time. */
export function decisionInputs(
  state: Pick<FieldStateRow, 'inputs'> | null,
  forecast: ForecastResponse | null,
  rain: RainOutlook | null,
  nowMs: AtMs,
): StateInput[] {
  const inputs = state ? readStateInputs(state.inputs) : []
  if (!forecast) return inputs
  return [
    ...inputs,
    {
      key: 'forecast',
      value: rain ? tenth(rain.midMm) : null,
      unit: 'mm',
      atMs: forecast.issuedMs,
      kind: 'predicted',
      fresh: nowMs - forecast.issuedMs > FORECAST_VALID_MS / 2 ? 'late' : 'ok',
      method: forecast.source,
    },
  ]
}

/** The value of water and harvest in a decision that weighs them: as entered, else the assumption. */
export function valueInputs(line: RefillBasis | null): StateInput[] {
  if (!line || line.basis === 'own-limit' || line.basis === 'raw') return []
  const entered = (key: 'crop-price' | 'water-cost', value: number, per: string): StateInput => ({
    key,
    value,
    unit: `${line.currency ?? ''}/${per}`,
    atMs: null,
    kind: 'entered',
    fresh: 'ok',
  })
  const { cropPricePerT, price } = line
  const perM3 =
    price.water === null && price.energy === null ? null : (price.water ?? 0) + (price.energy ?? 0)
  return [
    ...(cropPricePerT === null ? [] : [entered('crop-price', cropPricePerT, 't')]),
    ...(perM3 === null ? [] : [entered('water-cost', perM3, 'm³')]),
    ...(line.isValueAssumed
      ? [
          {
            key: 'water-share',
            value: DEFAULT_WATER_PERCENT,
            unit: '%',
            atMs: null,
            kind: 'estimated',
            fresh: 'ok',
          } as const,
        ]
      : []),
  ]
}
