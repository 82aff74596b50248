/**
 * What is said of a field: its status (shape, word and colour on the phone), one line, and the reasons. Of several
 * zones the one that needs most speaks for the field.
 *
 * act: something waits for a person. unknown: cannot be judged, never shown as OK. soon: water is needed or will come
 * within two days. wet: a paddy above its band. ok: nothing to do.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { FieldRow, FieldStatus, RunRow, StateInput, Why, WhyTerm, ZoneRow } from '../../tables.ts'
import type { Block } from '../blocked-valves.ts'
import { isPaused, type ZoneNeed } from '../run/field-need.ts'
import { becauseTerms, sayRun, sayWithoutFill } from '../paddy/describe-paddy.ts'
import type { LimitKey, UnknownKey } from '../message-keys.ts'
import type { PaddyPlan } from '../paddy/paddy-plan.ts'
import type { Programme } from '../run/fallback-schedule.ts'
import { grossMmOf, isSameRun } from '../run-size.ts'
import { rowBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import { tenth } from '../round.ts'
import { runEndMs } from '../active-runs.ts'
import {
  checkbookTerms,
  flip,
  paddyTerms,
  programmeTerms,
  verdict,
  whyInputs,
  worthInputs,
  type PlannedRun,
  type Verdict,
} from './why.ts'

export interface FieldAdvice {
  fieldId: string
  zoneId: string | null // that speaks for the field
  status: FieldStatus
  why: Omit<Why, 'planVersion'>
}

/** What came of a zone: a run, or the limit that left no room; neither when no water is wanted or allowed. */
export interface ZoneOutcome {
  need: ZoneNeed
  run: PlannedRun | null
  noRoom: LimitKey | null
  block: Block | null // water is wanted, and the valve cannot be opened
  flowing: RunRow | null // water is on its way
}

type Said = { status: FieldStatus; verdict: Verdict; flips: Why['flips'] }

const DAY_MS = 86_400_000
const SOON_DAYS = 2
const WEEK_DAYS = 7

export function adviceOf(
  farm: FarmSnapshot,
  field: FieldRow,
  x: { isInSeason: boolean; unknown: UnknownKey | null; outcomes: ZoneOutcome[]; nowMs: AtMs },
): FieldAdvice {
  const state = rowBy(farm.states, 'fieldId', field.id) ?? null
  if (!x.isInSeason)
    return asAdvice(field.id, null, { status: 'ok', verdict: verdict('no-season', {}), flips: null }, [], [])
  const all = x.outcomes.map((outcome) => ({ outcome, said: sayOf(outcome, x.nowMs) }))
  const lead = all.sort((a, b) => rank(a.said) - rank(b.said))[0]
  if (!lead) {
    const reason = x.unknown ?? 'no-state'
    const atMs =
      reason === 'no-level' || reason === 'level-old' ? (state?.levelAtMs ?? null) : (state?.atMs ?? null)
    return asAdvice(
      field.id,
      null,
      cannotJudge(reason, atMs),
      [],
      whyInputs(state, farm.forecast, null, x.nowMs),
    )
  }
  const { need } = lead.outcome
  const inputs = inputsOf(farm, need, x.nowMs)
  return asAdvice(field.id, need.zone?.id ?? null, lead.said, termsOf(lead.outcome), inputs)
}

/** The inputs of one zone's decision. */
export function inputsOf(farm: FarmSnapshot, { need, state }: ZoneNeed, nowMs: AtMs): StateInput[] {
  const rain = need.kind === 'upland' ? need.book.rain : need.plan.rain
  const worth = need.kind === 'upland' ? worthInputs(need.line) : []
  return [...whyInputs(state, farm.forecast, rain, nowMs), ...worth]
}

/** The terms of one zone's decision. */
export function termsOf(outcome: ZoneOutcome): WhyTerm[] {
  const { need } = outcome
  const run = runOf(outcome)
  if (need.programme) return programmeTerms(run, need.zone)
  return need.need.kind === 'upland'
    ? checkbookTerms(need.need, run, need.zone)
    : [...becauseTerms(need.need.plan, need.field.areaM2), ...paddyTerms(need.need.plan, run, need.zone)]
}

/** Status, line and flips of one zone. */
export function sayOf(outcome: ZoneOutcome, nowMs: AtMs): Said {
  const { need, flowing } = outcome
  if (flowing && need.zone) return watering(flowing, need.zone)
  if (need.programme) return sayProgramme(outcome, need.programme, nowMs)
  const said = need.need.kind === 'upland' ? sayUpland(outcome, nowMs) : sayPaddy(outcome, nowMs)
  return need.isUnsure && need.need.kind === 'upland' ? cannotJudge('inputs-lost', need.state.atMs) : said
}

/** The run that would water the zone: as planned, else one that waits for its valve. */
function runOf({ need, run }: ZoneOutcome): PlannedRun | null {
  if (run || !need.heldUp || need.need.netMm === 0) return run
  const { zoneId, startMs, minutes, grossMm, netMm } = need.heldUp
  return { zoneId, startMs, minutes, grossMm: tenth(grossMm), netMm: tenth(netMm), limit: null }
}

const cannotJudge = (reason: UnknownKey, atMs: AtMs | null): Said => ({
  status: 'unknown',
  verdict: verdict('cannot-judge', { reason, atMs }),
  flips: flip('fresh-reading', { reason }),
})

const watering = (run: RunRow, zone: ZoneRow): Said => ({
  status: 'ok',
  verdict: verdict(zone.method === 'outlet' ? 'paddy-draining' : 'watering', {
    mm: tenth(grossMmOf(zone, run.minutes)),
    minutes: run.minutes,
    endsMs: runEndMs(run),
  }),
  flips: null,
})

/** Whoever opens the valve, somebody has to look why nothing is heard. */
function sayProgramme(outcome: ZoneOutcome, programme: Programme, nowMs: AtMs): Said {
  const { need } = outcome
  const run = runOf(outcome)
  const { days, sinceMs } = programme
  const since = Number.isFinite(sinceMs) ? sinceMs : null
  const flips = flip('fresh-reading', { reason: 'inputs-lost' })
  if (need.need.netMm === 0)
    return {
      status: 'act',
      verdict: verdict('programme-rest', { days, nextMs: Math.max(nowMs, programme.nextMs), sinceMs: since }),
      flips,
    }
  if (!run || outcome.block) return withoutRun(outcome, nowMs)
  const key = ({ auto: 'programme', approve: 'programme-approve', hand: 'programme-by-hand' } as const)[
    wayNow(need, run)
  ]
  const params = { mm: run.grossMm, minutes: run.minutes, atMs: run.startMs, days, sinceMs: since }
  return { status: 'act', verdict: verdict(key, params), flips }
}

function sayUpland(outcome: ZoneOutcome, nowMs: AtMs): Said {
  const { need } = outcome
  const run = runOf(outcome)
  if (need.need.kind !== 'upland') throw new RangeError('an upland need was expected')
  const { book } = need.need
  const leftMm = book.leftNow.mm
  if (book.verdict === 'rain')
    return {
      status: 'soon',
      verdict: verdict('rain-coming', {
        loMm: book.rain!.loMm,
        hiMm: book.rain!.hiMm,
        byMs: book.rain!.byMs,
      }),
      flips: flip('rain-fails', { mm: tenth(book.rain!.countedMm - book.leftThenMm), byMs: book.rain!.byMs }),
    }
  if (book.verdict === 'withheld') {
    // what the roots can still reach: down to the wilting point, whatever the line
    const leftMm = tenth(Math.max(0, (need.state.tawMm ?? 0) - (need.state.depletionMm ?? 0)))
    return {
      status: 'ok',
      verdict: verdict('withheld', { reason: book.withheld, leftMm }),
      flips: flip(book.withheld === 'other-stage' ? 'stage-change' : 'worth-change', {}),
    }
  }
  if (book.verdict === 'enough') {
    const days = book.dueMs === null ? null : tenth(Math.max(0, book.dueMs - nowMs) / DAY_MS)
    const isSoon = days !== null && days <= SOON_DAYS
    return {
      status: isSoon ? 'soon' : 'ok',
      verdict: verdict(isSoon ? 'enough-soon' : 'enough', {
        leftMm,
        rawMm: book.fullMm,
        days: days !== null && days > WEEK_DAYS ? null : days,
      }),
      flips: flip('left-below', { mm: tenth(Math.max(0, book.useMm - book.comingMm)) }),
    }
  }
  if (!run || outcome.block) return withoutRun(outcome, nowMs)
  const params = { mm: run.grossMm, minutes: run.minutes, atMs: run.startMs, dueMs: need.need.dueMs }
  const key = ({ auto: 'irrigate', approve: 'irrigate-approve', hand: 'irrigate-by-hand' } as const)[
    wayNow(need, run)
  ]
  const isDry = leftMm < 0
  return {
    status: key === 'irrigate' && !isDry ? 'soon' : 'act',
    verdict: verdict(key, params),
    flips: rainFlip(need, run),
  }
}

function sayPaddy(outcome: ZoneOutcome, nowMs: AtMs): Said {
  const { need } = outcome
  const run = runOf(outcome)
  if (need.need.kind !== 'paddy') throw new RangeError('a paddy need was expected')
  const { plan, netMm } = need.need
  const isOutlet = need.zone?.method === 'outlet'
  const said = sayWithoutFill(plan, need.field.areaM2)
  if (said?.verdict.key === 'paddy-leak') return said
  // nothing is asked of this one of the pair
  if (netMm === 0) return said ?? { status: 'ok', verdict: verdict('paddy-ok', bandOf(plan)), flips: null }
  if (!isOutlet && said) return said
  if (!run || outcome.block) return withoutRun(outcome, nowMs)
  return sayRun(plan, run, wayNow(need, run), isOutlet)
}

const bandOf = ({
  levelMm,
  aimMm,
}: PaddyPlan): { levelMm: number; loMm: number | null; hiMm: number | null } => ({
  levelMm,
  loMm: aimMm?.[0] ?? null,
  hiMm: aimMm?.[1] ?? null,
})

/** Who opens the valve. */
export function wayOf(zone: ZoneRow): 'auto' | 'approve' | 'hand' {
  if (zone.mode === 'advise' || zone.controllerId === null || zone.valve === null) return 'hand'
  return zone.mode === 'auto' ? 'auto' : 'approve'
}

/** As `wayOf`, but what a person has said yes to waits for nobody any more. */
function wayNow(
  { zone, standing, heldUp, isUnsure }: ZoneNeed,
  run: PlannedRun,
): 'auto' | 'approve' | 'hand' {
  const own = wayOf(zone!)
  const way = own === 'auto' && isUnsure ? 'approve' : own
  const isAnswered = heldUp !== null || (standing?.state === 'approved' && isSameRun(standing, run))
  return way === 'approve' && isAnswered ? 'auto' : way
}

const rainFlip = (need: ZoneNeed, run: PlannedRun): Why['flips'] =>
  need.need.rainToSkipMm === null
    ? null
    : flip('rain-over', { mm: need.need.rainToSkipMm, byMs: run.startMs })

function withoutRun({ need, noRoom, block }: ZoneOutcome, nowMs: AtMs): Said {
  const { zone } = need
  const mm = need.need.netMm
  if (!zone) return { status: 'act', verdict: verdict('needs-zone', { mm }), flips: null }
  if (zone.mode === 'off') return { status: 'act', verdict: verdict('needs-off', { mm }), flips: null }
  if (isPaused(zone, nowMs))
    return {
      status: 'act',
      verdict: verdict('needs-paused', { mm, untilMs: zone.pausedUntilMs }),
      flips: null,
    }
  if (block !== null) return { status: 'act', verdict: verdict('needs-valve', { mm, ...block }), flips: null }
  if (noRoom !== null)
    return { status: 'act', verdict: verdict('needs-room', { mm, reason: noRoom }), flips: null }
  const minMm = tenth(grossMmOf(zone, zone.minMinutes) * zone.efficiency)
  return { status: 'soon', verdict: verdict('too-little', { mm, minMm }), flips: null }
}

const order: FieldStatus[] = ['act', 'unknown', 'soon', 'wet', 'ok']
/** Water that flows is the news of a field, but for a valve of it that cannot open. */
const rank = ({ verdict, status }: Said): number =>
  verdict.key === 'needs-valve'
    ? -2
    : verdict.key === 'watering' || verdict.key === 'paddy-draining'
      ? -1
      : order.indexOf(status)

const asAdvice = (
  fieldId: string,
  zoneId: string | null,
  said: Said,
  terms: WhyTerm[],
  inputs: StateInput[],
): FieldAdvice => ({
  fieldId,
  zoneId,
  status: said.status,
  why: { ...said.verdict, terms, inputs, flips: said.flips },
})
