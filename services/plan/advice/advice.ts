/**
 * The advice of a field: its status (shape, word and colour on the phone), one line, and the reasons. Of
 * several zones the most urgent represents the field.
 *
 * act: a person has to act. unknown: no decision is possible, never shown as OK. soon: water is needed, or will
 * be within two days. wet: a paddy above its band. ok: no action.
 */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import {
  type AdviceWater,
  type Decision,
  type DecisionTerm,
  type FieldRow,
  type FieldStatus,
  type OpenDemand,
  type RunRow,
  type StateInput,
  type ZoneRow,
} from '../../tables.ts'
import { soilProbes } from '../../domain/newest-measurement.ts'
import type { Block } from '../blocked-valves.ts'
import { isPaused, type ZoneNeed } from '../run/field-need.ts'
import { reasonTerms, describeRun, describeWithoutFill, type AdviceText } from '../paddy/describe-paddy.ts'
import type { LimitKey, UnknownKey } from '../message-keys.ts'
import type { PaddyPlan } from '../paddy/paddy-plan.ts'
import type { FallbackSchedule } from '../run/fallback-schedule.ts'
import { grossMmOf, isSameRun } from '../run-size.ts'
import { rowBy } from '../group-rows.ts'
import { frostOf } from '../killed-by-frost.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import {
  checkbookTerms,
  counterfactual,
  paddyTerms,
  fallbackTerms,
  verdict,
  decisionInputs,
  valueInputs,
  type PlannedRun,
} from './decision.ts'
import { tenth } from '../../runtime/math.ts'

export interface FieldAdvice {
  fieldId: string
  zoneId: string | null // the zone that represents the field
  status: FieldStatus
  water: AdviceWater | null
  demand: OpenDemand | null | 'unknown' // unknown: the last one is kept
  decision: Omit<Decision, 'planVersion'>
}

/** The result of a zone: a run, or the limit that prevents one; neither when no water is needed or allowed. */
export interface ZoneOutcome {
  need: ZoneNeed
  run: PlannedRun | null
  noRoom: LimitKey | null
  block: Block | null // water is needed, and the valve cannot be opened
  flowing: { run: RunRow; endsMs: AtMs } | null // an active run delivers water
}

const SOON_DAYS = 2
const WEEK_DAYS = 7

export function adviseField(
  farm: FarmSnapshot,
  field: FieldRow,
  x: { isInSeason: boolean; unknown: UnknownKey | null; outcomes: ZoneOutcome[]; nowMs: AtMs },
): FieldAdvice {
  const state = rowBy(farm.states, 'fieldId', field.id) ?? null
  if (!x.isInSeason)
    return toFieldAdvice(
      field.id,
      null,
      { status: 'ok', verdict: verdict('no-season', {}), counterfactuals: null },
      [],
      [],
    )
  const frost = frostOf(farm, field.id)
  if (frost) {
    const killed = verdict('killed-by-frost', { day: frost.day, tempC: tenth(frost.minC) })
    return toFieldAdvice(field.id, null, { status: 'act', verdict: killed, counterfactuals: null }, [], [])
  }
  const described = x.outcomes.map((outcome) => ({ outcome, advice: describeAdvice(outcome, x.nowMs) }))
  const lead = described.sort((a, b) => rank(a.advice) - rank(b.advice))[0]
  if (!lead) {
    const reason = x.unknown ?? 'no-state'
    const atMs =
      reason === 'no-level' || reason === 'level-old' ? (state?.levelAtMs ?? null) : (state?.atMs ?? null)
    const inputs = decisionInputs(state, farm.forecast, null, x.nowMs)
    return { ...toFieldAdvice(field.id, null, describeUnknown(reason, atMs), [], inputs), demand: 'unknown' }
  }
  const { need } = lead.outcome
  const inputs = inputsOf(farm, need, x.nowMs)
  return {
    ...toFieldAdvice(field.id, need.zone?.id ?? null, lead.advice, termsOf(lead.outcome), inputs),
    water: comparedWater(need),
    demand: openDemand(need),
  }
}

/** The demand that the next plan has to know of; a fixed schedule evaluates none. */
function openDemand({ need, fallback }: ZoneNeed): FieldAdvice['demand'] {
  if (fallback) return 'unknown'
  return need.kind === 'upland' ? need.book.demand : null
}

/** The water that the zone's decision compared; null: a paddy, or the fixed schedule, which compares none. */
function comparedWater({ need, fallback, state }: ZoneNeed): AdviceWater | null {
  if (need.kind !== 'upland' || fallback || state.tawMm === null) return null
  const { leftNow, fullMm } = need.book
  return { leftMm: leftNow.mm, loMm: leftNow.loMm, hiMm: leftNow.hiMm, ofMm: fullMm, tawMm: state.tawMm }
}

/** The inputs of one zone's decision. */
export function inputsOf(farm: FarmSnapshot, { need, state }: ZoneNeed, nowMs: AtMs): StateInput[] {
  const rain = need.kind === 'upland' ? need.book.rain : need.plan.rain
  const values = need.kind === 'upland' ? valueInputs(need.line) : []
  return [...decisionInputs(state, farm.forecast, rain, nowMs), ...values]
}

/** The terms of one zone's decision. */
export function termsOf(outcome: ZoneOutcome): DecisionTerm[] {
  const { need } = outcome
  const run = effectiveRun(outcome)
  if (need.fallback) return fallbackTerms(run, need.zone)
  return need.need.kind === 'upland'
    ? checkbookTerms(need.need, run, need.zone, soilProbes(need.state) === null)
    : [...reasonTerms(need.need.plan, need.field.areaM2), ...paddyTerms(need.need.plan, run, need.zone)]
}

/** Status, message and counterfactuals of one zone. */
export function describeAdvice(outcome: ZoneOutcome, nowMs: AtMs): AdviceText {
  const { need, flowing } = outcome
  if (flowing && need.zone) return describeWatering(flowing.run, flowing.endsMs, need.zone)
  if (need.fallback) return describeFallback(outcome, need.fallback, nowMs)
  const text = need.need.kind === 'upland' ? describeUpland(outcome, nowMs) : describePaddy(outcome, nowMs)
  return need.isUncertain && need.need.kind === 'upland'
    ? describeUnknown('inputs-lost', need.state.atMs)
    : text
}

/** The run that would irrigate the zone: the planned one, else one that waits for its valve. */
function effectiveRun({ need, run }: ZoneOutcome): PlannedRun | null {
  if (run || !need.stalledRun || need.need.netMm === 0) return run
  const { zoneId, startMs, minutes, grossMm, netMm } = need.stalledRun
  return { zoneId, startMs, minutes, grossMm: tenth(grossMm), netMm: tenth(netMm), limit: null }
}

const describeUnknown = (reason: UnknownKey, atMs: AtMs | null): AdviceText => ({
  status: 'unknown',
  verdict: verdict('cannot-judge', { reason, atMs }),
  counterfactuals: counterfactual('fresh-reading', { reason }),
})

/** "Irrigating" is stated only once the command is on its way: from then on STOP is offered. */
const describeWatering = (run: RunRow, endsMs: AtMs, zone: ZoneRow): AdviceText => ({
  status: 'ok',
  verdict:
    run.state === 'approved'
      ? verdict('starting', { minutes: run.minutes, atMs: run.startMs })
      : verdict(zone.method === 'outlet' ? 'paddy-draining' : 'watering', {
          mm: tenth(grossMmOf(zone, run.minutes)),
          minutes: run.minutes,
          endsMs,
        }),
  counterfactuals: null,
})

/** In every mode a person has to find out why no data arrives. */
function describeFallback(outcome: ZoneOutcome, fallback: FallbackSchedule, nowMs: AtMs): AdviceText {
  const { need } = outcome
  const run = effectiveRun(outcome)
  const { days, sinceMs } = fallback
  const since = Number.isFinite(sinceMs) ? sinceMs : null
  const counterfactuals = counterfactual('fresh-reading', { reason: 'inputs-lost' })
  if (need.need.netMm === 0)
    return {
      status: 'act',
      verdict: verdict('fallback-not-due', {
        days,
        nextMs: Math.max(nowMs, fallback.nextMs),
        sinceMs: since,
      }),
      counterfactuals,
    }
  if (!run || outcome.block) return describeWithoutRun(outcome, nowMs)
  const key = ({ auto: 'fallback', approve: 'fallback-approve', manual: 'fallback-manual' } as const)[
    currentOpeningMode(need, run)
  ]
  const params = { mm: run.grossMm, minutes: run.minutes, atMs: run.startMs, days, sinceMs: since }
  return { status: 'act', verdict: verdict(key, params), counterfactuals }
}

function describeUpland(outcome: ZoneOutcome, nowMs: AtMs): AdviceText {
  const { need } = outcome
  const run = effectiveRun(outcome)
  if (need.need.kind !== 'upland') throw new RangeError('an upland need was expected')
  const { book: checkbook } = need.need
  const leftMm = checkbook.leftNow.mm
  if (checkbook.verdict === 'rain')
    return {
      status: 'soon',
      verdict: verdict('rain-coming', {
        loMm: checkbook.rain!.loMm,
        hiMm: checkbook.rain!.hiMm,
        byMs: checkbook.rain!.byMs,
      }),
      counterfactuals: counterfactual('rain-fails', {
        mm: tenth(checkbook.rain!.countedMm - checkbook.leftThenMm),
        byMs: checkbook.rain!.byMs,
      }),
    }
  if (checkbook.withheld === 'water-missing')
    return { status: 'act', verdict: verdict('needs-arrival', {}), counterfactuals: null }
  if (checkbook.withheld === 'season-over')
    return {
      // the age of a crop is an estimate: a demand that it has not met stays one
      status: checkbook.isStillOpen && need.need.harvestDay === null ? 'soon' : 'ok',
      verdict: verdict('season-over', { day: need.need.harvestDay }),
      counterfactuals: null,
    }
  if (checkbook.verdict === 'withheld')
    return {
      // a field at its limit, or one that needed water before, is not OK because the water is not worth its price
      status: checkbook.isStillOpen || leftMm <= 0 ? 'soon' : 'ok',
      verdict: verdict('withheld', { reason: checkbook.withheld }),
      counterfactuals: counterfactual(
        checkbook.withheld === 'other-stage' ? 'stage-change' : 'economics-change',
        {},
      ),
    }
  if (checkbook.verdict === 'enough') {
    const probes = soilProbes(need.state)
    // without its probes the field may be on the other side of the limit
    if (probes?.areSilent && checkbook.leftNow.loMm <= 0)
      return describeUnknown('probe-silent', probes.newestMs)
    const days = checkbook.dueMs === null ? null : tenth(Math.max(0, checkbook.dueMs - nowMs) / DAY_MS)
    const isSoon = days !== null && days <= SOON_DAYS
    return {
      status: isSoon ? 'soon' : 'ok',
      verdict: verdict(isSoon ? 'enough-soon' : 'enough', {
        leftMm,
        rawMm: checkbook.fullMm,
        days: days !== null && days > WEEK_DAYS ? null : days,
      }),
      counterfactuals: counterfactual('available-below', {
        mm: tenth(Math.max(0, checkbook.useMm - checkbook.comingMm)),
      }),
    }
  }
  if (!run || outcome.block) return describeWithoutRun(outcome, nowMs)
  const params = { mm: run.grossMm, minutes: run.minutes, atMs: run.startMs, dueMs: need.need.dueMs }
  const key = ({ auto: 'irrigate', approve: 'irrigate-approve', manual: 'irrigate-manual' } as const)[
    currentOpeningMode(need, run)
  ]
  const isDry = leftMm < 0
  return {
    status: key === 'irrigate' && !isDry ? 'soon' : 'act',
    verdict: verdict(key, params),
    counterfactuals: rainCounterfactual(need, run),
  }
}

function describePaddy(outcome: ZoneOutcome, nowMs: AtMs): AdviceText {
  const { need } = outcome
  const run = effectiveRun(outcome)
  if (need.need.kind !== 'paddy') throw new RangeError('a paddy need was expected')
  const { plan, netMm } = need.need
  const isOutlet = need.zone?.method === 'outlet'
  const text = describeWithoutFill(plan, need.field.areaM2)
  if (text?.verdict.key === 'paddy-leak') return text
  // no run of this valve of the pair is needed
  if (netMm === 0)
    return text ?? { status: 'ok', verdict: verdict('paddy-ok', bandOf(plan)), counterfactuals: null }
  if (!isOutlet && text) return text
  if (!run || outcome.block) return describeWithoutRun(outcome, nowMs)
  return describeRun(plan, run, currentOpeningMode(need, run), isOutlet)
}

const bandOf = ({
  levelMm,
  targetBandMm,
}: PaddyPlan): { levelMm: number; loMm: number | null; hiMm: number | null } => ({
  levelMm,
  loMm: targetBandMm?.[0] ?? null,
  hiMm: targetBandMm?.[1] ?? null,
})

/** The party that opens the valve: the plan, the plan after an approval, or a person by hand. */
export function openingMode(zone: ZoneRow): 'auto' | 'approve' | 'manual' {
  if (zone.mode === 'advise' || zone.controllerId === null || zone.valve === null) return 'manual'
  return zone.mode === 'auto' ? 'auto' : 'approve'
}

/** Like `openingMode`, but an approved run waits for no further approval. */
function currentOpeningMode(
  { zone, existingRun, stalledRun, isUncertain }: ZoneNeed,
  run: PlannedRun,
): 'auto' | 'approve' | 'manual' {
  const zoneMode = openingMode(zone!)
  const mode = zoneMode === 'auto' && isUncertain ? 'approve' : zoneMode
  const isAnswered = stalledRun !== null || (existingRun?.state === 'approved' && isSameRun(existingRun, run))
  return mode === 'approve' && isAnswered ? 'auto' : mode
}

const rainCounterfactual = (need: ZoneNeed, run: PlannedRun): Decision['counterfactuals'] =>
  need.need.rainToSkipMm === null
    ? null
    : counterfactual('rain-over', { mm: need.need.rainToSkipMm, byMs: run.startMs })

function describeWithoutRun({ need, noRoom, block }: ZoneOutcome, nowMs: AtMs): AdviceText {
  const { zone } = need
  const { netMm: mm, dueMs } = need.need
  const shared = { mm, dueMs }
  if (!zone) return { status: 'act', verdict: verdict('needs-zone', shared), counterfactuals: null }
  if (zone.mode === 'off')
    return { status: 'act', verdict: verdict('needs-off', shared), counterfactuals: null }
  if (isPaused(zone, nowMs))
    return {
      status: 'act',
      verdict: verdict('needs-paused', { ...shared, untilMs: zone.pausedUntilMs }),
      counterfactuals: null,
    }
  if (block !== null)
    return { status: 'act', verdict: verdict('needs-valve', { ...shared, ...block }), counterfactuals: null }
  if (noRoom !== null)
    return {
      status: 'act',
      verdict: verdict('needs-capacity', { ...shared, reason: noRoom }),
      counterfactuals: null,
    }
  const minMm = tenth(grossMmOf(zone, zone.minMinutes) * zone.efficiency)
  return { status: 'soon', verdict: verdict('below-minimum', { mm, minMm }), counterfactuals: null }
}

const order: FieldStatus[] = ['act', 'unknown', 'soon', 'wet', 'ok']
const flowingKeys = new Set(['watering', 'paddy-draining', 'starting'])
/** Flowing water takes precedence in a field, except for a blocked valve. */
const rank = ({ verdict, status }: AdviceText): number =>
  verdict.key === 'needs-valve' ? -2 : flowingKeys.has(verdict.key) ? -1 : order.indexOf(status)

const toFieldAdvice = (
  fieldId: string,
  zoneId: string | null,
  text: AdviceText,
  terms: DecisionTerm[],
  inputs: StateInput[],
): FieldAdvice => ({
  fieldId,
  zoneId,
  status: text.status,
  water: null,
  demand: null,
  decision: { ...text.verdict, terms, inputs, counterfactuals: text.counterfactuals },
})
