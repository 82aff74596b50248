/**
 * Compares the desired runs with the planned ones. A run that is equal within noise keeps its id, its time and its
 * approval, so that an approved run does not move; a sent run is never changed. Pure.
 *
 * States by mode of the zone: - auto: 'approved'; dispatch opens it. 'proposed' while an input of the state is lost. -
 * approve: 'proposed', until a person's request makes it 'approved'. - advise, or a zone without a valve: 'proposed'
 * for a person to do by hand; dispatch never opens it in this mode. - off: none.
 *
 * A zone with a blocked valve has none either, in any mode but 'advise': dispatch would only skip it, and an approval
 * would have no effect. It is planned again after the alert is cleared, with its approval.
 */
import { dayOf, HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { runSync, type CooperativeTask } from '../../runtime/cooperative.ts'
import type { RunRow, RunState, ZoneRow } from '../../tables.ts'
import { openingMode, type ZoneOutcome } from '../advice/advice.ts'
import { blockOf } from '../blocked-valves.ts'
import { isPaused } from './field-need.ts'
import type { EndReasonKey } from '../message-keys.ts'
import { flowLpm, isSameMinutes, isSameRun, sizeOf } from '../run-size.ts'
import { isRainSkipMet, judgedRainSkip, rainSkipOf } from './rain-condition.ts'
import { zoneSchedule } from '../schedule/hours.ts'
import { frostOf } from '../killed-by-frost.ts'
import { rowBy, rowsBy } from '../group-rows.ts'
import type { FarmSnapshot } from '../snapshot.ts'
import {
  mergeDose,
  groupByDose,
  isChangeable,
  isRestOfDose,
  isUnderWay,
  runEndMs,
  valveStateOf,
} from '../active-runs.ts'
import type { PlannedRun } from '../advice/decision.ts'

/** depths are in tenths */
const LEAST_MM = 0.05

export interface RunChanges {
  insert: RunRow[]
  /** `from`: only if it is still in that state */
  update: { id: string; from: RunState; set: Partial<RunRow> }[]
  /** the next run of each zone after the changes */
  nextRunByZone: Map<string, RunRow>
}

export interface PlanContext {
  nowMs: AtMs
  planVersion: string
  newId: () => string
}

export const reconcileRuns = (
  farm: FarmSnapshot,
  outcomes: readonly ZoneOutcome[],
  context: PlanContext,
): RunChanges => runSync(reconcileRunsTask(farm, outcomes, context))

/** As `reconcileRuns`, cooperatively. */
export function* reconcileRunsTask(
  farm: FarmSnapshot,
  outcomes: readonly ZoneOutcome[],
  context: PlanContext,
): CooperativeTask<RunChanges> {
  const changes: RunChanges = { insert: [], update: [], nextRunByZone: new Map() }
  const byZone = new Map(
    outcomes.flatMap((outcome) => (outcome.need.zone ? [[outcome.need.zone.id, outcome]] : [])),
  )
  const changeable = farm.runs.filter((run) => isChangeable(run, context.nowMs, farm))
  for (const run of changeable)
    if (!rowBy(farm.zones, 'id', run.zoneId)) end(run, 'cancelled', 'zone-changed')
  for (const zone of farm.zones) {
    settleZone(zone, byZone.get(zone.id) ?? null, rowsBy(changeable, 'zoneId', zone.id))
    yield
  }
  for (const run of farm.runs) if (isRestOfDose(run, farm.runs)) settleRest(run)
  return changes

  function settleZone(zone: ZoneRow, outcome: ZoneOutcome | null, zoneRuns: readonly RunRow[]): void {
    const { nowMs } = context
    const planned = outcome?.run ?? null
    const rest = zoneRuns.filter((run) => {
      if (!isRainSkipMet(farm, run)) return true
      end(run, 'skipped', 'rain-reached', judgedRainSkip(farm, run, nowMs))
      return false
    })
    if (!outcome) return rest.forEach((run) => settleUnjudged(zone, run))
    if (!planned) return rest.forEach((run) => end(run, 'cancelled', cancelReason(farm, zone, run, nowMs)))
    // a person was shown that rain skips this run: another one may follow with the next plan
    if (rest.length < zoneRuns.length) return
    const [dose = [], ...others] = groupByDose(rest)
    const endAll = (runs: readonly RunRow[], why: EndReasonKey) =>
      runs.forEach((run) => end(run, 'cancelled', why))
    for (const other of others) endAll(other, 'replaced')
    const first = mergeDose(dose)
    const parts = openingsOf(planned)
    if (first && isExpired(first, planned, nowMs)) endAll(dose, 'not-approved')
    else if (first && isSameRun(first, planned) && dose.length === parts.length)
      return dose.forEach((run, i) => keepRun(run, outcome, parts[i]!.startMs))
    else endAll(dose, 'replaced')
    insert(zone, outcome, planned)
  }

  function keepRun(run: RunRow, { need }: ZoneOutcome, startMs: number): void {
    const zone = need.zone!
    const set: Partial<RunRow> = {}
    // the rate of the zone is corrected by its meter: the same minutes are another depth
    const { grossMm, netMm } = sizeOf(zone, run.minutes)
    if (Math.abs(grossMm - run.grossMm) >= LEAST_MM) {
      Object.assign(set, { grossMm, netMm })
      if (run.litres !== null) set.litres = Math.round(run.minutes * flowLpm(zone))
    }
    if (startMs !== run.startMs) {
      set.startMs = startMs
      set.day = dayOf(startMs, farm.farm.timeZone)
      set.rainSkip = rainSkipOf(need.state, need.need.rainToSkipMm, { ...farm.farm, startMs })
    }
    const rainSkip = set.rainSkip === undefined ? judgedRainSkip(farm, run, context.nowMs) : null
    if (rainSkip !== null) set.rainSkip = rainSkip
    const state = plannedState(zone, need.isUncertain, run.approvedBy)
    if (state !== run.state) set.state = state
    if (Object.keys(set).length > 0) update(run, set)
    setNextRun({ ...run, ...set })
  }

  /** Each part of a dose is a run of its own, which dispatch opens at its time. */
  function insert(zone: ZoneRow, outcome: ZoneOutcome, planned: PlannedRun): void {
    const parts = openingsOf(planned)
    let doseId: string | null = null
    for (const part of parts) {
      const share = part.minutes / planned.minutes
      const run = newRun(zone, outcome, {
        ...planned,
        ...part,
        netMm: planned.netMm * share,
        grossMm: planned.grossMm * share,
      })
      doseId ??= run.id
      if (parts.length > 1) run.doseId = doseId
      changes.insert.push(run)
      setNextRun(run)
    }
  }

  function newRun(zone: ZoneRow, { need }: ZoneOutcome, planned: PlannedRun): RunRow {
    const { nowMs, planVersion, newId } = context
    const approvedBy = missedApproval(farm, zone, planned)
    return {
      id: newId(),
      org: farm.farm.org,
      farmId: farm.farm.id,
      fieldId: zone.fieldId,
      zoneId: zone.id,
      day: dayOf(planned.startMs, farm.farm.timeZone),
      startMs: planned.startMs,
      minutes: planned.minutes,
      netMm: planned.netMm,
      grossMm: planned.grossMm,
      litres: isMetered(farm, zone) ? Math.round(planned.minutes * flowLpm(zone)) : null,
      state: plannedState(zone, need.isUncertain, approvedBy),
      cause: need.need.kind === 'upland' ? 'balance' : 'paddy',
      rainSkip: rainSkipOf(need.state, need.need.rainToSkipMm, { ...farm.farm, startMs: planned.startMs }),
      decisionId: null,
      planVersion,
      actor: 'plan',
      approvedBy,
      endReason: null,
      updatedAtMs: nowMs,
    }
  }

  /**
   * The rest of a dose that has begun is given unless rain, a person or the valve prevents it; later, where the
   * part before it ended late, as the soil needs its pause.
   */
  function settleRest(run: RunRow): void {
    const zone = rowBy(farm.zones, 'id', run.zoneId)
    if (isUnderWay(run, context.nowMs, farm)) return
    if (isRainSkipMet(farm, run))
      return end(run, 'skipped', 'rain-reached', judgedRainSkip(farm, run, context.nowMs))
    if (!zone || zone.mode === 'off' || isPaused(zone, context.nowMs))
      return end(run, 'cancelled', 'zone-changed')
    if (blockOf(farm.alerts, zone)) return end(run, 'cancelled', 'valve-blocked')
    const soakMs = (zoneSchedule(zone).cycle?.soakMinutes ?? 0) * MINUTE_MS
    const startMs = Math.max(run.startMs, lastClosedMs(farm, run) + soakMs)
    if (startMs > run.startMs) update(run, { startMs, day: dayOf(startMs, farm.farm.timeZone) })
    setNextRun({ ...run, startMs })
  }

  /** The earliest run represents a zone. */
  function setNextRun(run: RunRow): void {
    const other = changes.nextRunByZone.get(run.zoneId)
    if (!other || run.startMs < other.startMs) changes.nextRunByZone.set(run.zoneId, run)
  }

  /** Without a decision for the field: a person's approval stays, a plan's approval becomes a proposal. */
  function settleUnjudged(zone: ZoneRow, run: RunRow): void {
    const isInSeason = rowBy(farm.seasons, 'fieldId', zone.fieldId) !== undefined
    const isAllowed = zone.mode !== 'off' && !isPaused(zone, context.nowMs) && isInSeason
    if (!isAllowed) return end(run, 'cancelled', 'zone-changed')
    if (frostOf(farm, zone.fieldId)) return end(run, 'cancelled', 'not-needed')
    if (blockOf(farm.alerts, zone)) return end(run, 'cancelled', 'valve-blocked')
    if (run.startMs <= context.nowMs) return end(run, 'cancelled', 'not-approved')
    const state = plannedState(zone, true, run.approvedBy)
    if (state !== run.state) update(run, { state })
    setNextRun({ ...run, state })
  }

  function end(
    run: RunRow,
    state: 'cancelled' | 'skipped',
    endReason: EndReasonKey,
    rainSkip: RunRow['rainSkip'] = null,
  ): void {
    update(run, { state, endReason, ...(rainSkip === null ? {} : { rainSkip }) })
  }
  function update(run: RunRow, set: Partial<RunRow>): void {
    changes.update.push({ id: run.id, from: run.state, set: { ...set, updatedAtMs: context.nowMs } })
  }
}

/** Runs further apart are of different nights. */
const SAME_NIGHT_MS = 12 * HOUR_MS

const openingsOf = ({ openings, startMs, minutes }: PlannedRun) => openings ?? [{ startMs, minutes }]

/** When the valve of a dose closes before a part of it; rounded up, as runs begin on whole minutes. */
function lastClosedMs(farm: FarmSnapshot, run: RunRow): number {
  const before = rowsBy(farm.runs, 'doseId', run.doseId).filter((other) => other.startMs < run.startMs)
  const ends = before.map((other) => {
    const ended = rowBy(farm.irrigations, 'runId', other.id)
    const isFlowing = other.state === 'sent' || other.state === 'running'
    // sent late: its state changed when the open command was sent
    const fromMs = isFlowing ? Math.max(other.startMs, other.updatedAtMs) : other.startMs
    return ended?.closedAtMs ?? fromMs + runEndMs(other) - other.startMs
  })
  return Math.ceil(Math.max(0, ...ends) / MINUTE_MS) * MINUTE_MS
}

function plannedState(zone: ZoneRow, isUnsure: boolean, approvedBy: string | null): 'approved' | 'proposed' {
  const mode = openingMode(zone)
  if (mode === 'manual') return 'proposed'
  return approvedBy !== null || (mode === 'auto' && !isUnsure) ? 'approved' : 'proposed'
}

/** A proposal that expired one night is not the proposal of the next night. */
const isExpired = (run: RunRow, planned: PlannedRun, nowMs: AtMs): boolean =>
  run.state === 'proposed' && run.startMs < nowMs && planned.startMs - run.startMs > SAME_NIGHT_MS

function cancelReason(farm: FarmSnapshot, zone: ZoneRow, run: RunRow, nowMs: AtMs): EndReasonKey {
  if (zone.mode === 'off' || isPaused(zone, nowMs)) return 'zone-changed'
  if (blockOf(farm.alerts, zone)) return 'valve-blocked'
  return run.startMs <= nowMs ? 'not-approved' : 'not-needed'
}

/**
 * The approver of a missed run of this zone in these hours: a slightly late approval is not requested again. It
 * covers the water that was shown, not more.
 */
function missedApproval(farm: FarmSnapshot, zone: ZoneRow, planned: PlannedRun): string | null {
  const missed = rowsBy(farm.runs, 'zoneId', zone.id).find(
    (run) =>
      (run.state === 'skipped' || run.endReason === 'valve-blocked') &&
      run.approvedBy !== null &&
      run.endReason !== 'rain-reached' &&
      planned.startMs - run.startMs < SAME_NIGHT_MS &&
      (planned.minutes <= run.minutes || isSameMinutes(planned.minutes, run.minutes)) &&
      !farm.stops.some((stop) => stop.runId === run.id),
  )
  return missed?.approvedBy ?? null
}

const isMetered = (farm: FarmSnapshot, zone: ZoneRow): boolean =>
  (valveStateOf(farm, zone)?.litres ?? null) !== null
