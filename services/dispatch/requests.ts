/**
 * What people ask for. A start is carried out at once or refused with its reason, never queued. STOP always wins: it
 * shuts what is open, takes back what would open the same zones within the hour, and is tried for ten minutes.
 */
import { randomUUID } from 'node:crypto'
import type { ExpressionBuilder } from 'kysely'
import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import { appendAudit } from '../audit.ts'
import { fromJson, type RequestRow, type RunRow, type Tables, type ZoneRow } from '../tables.ts'
import { clearFault } from './clear-fault.ts'
import { clearLookedAt } from './clear-looked-at.ts'
import type { Desk } from './desk.ts'
import type { Refusal } from './interlocks.ts'
import { latchesOf, unlatch } from './flow-latch.ts'
import { beginAnew } from './flow-supervision.ts'
import { forceShut } from './force-shut.ts'
import { unlock } from './lock-out.ts'
import { compareNumbers } from './numbers.ts'
import { pauseOutputs } from './output-turns.ts'
import type { Rows } from './rows.ts'
import { openRun } from './runs.ts'
import { openStopOf, writeStops } from './shut-unrecorded.ts'
import { stepLife } from './supervise.ts'

type Answer = { resultId: string | null } | { refused: Refusal }

// later it may meet what it did not mean; a phone that was told 'new' has long been put away
const STOP_WITHIN_MS = 10 * MINUTE_MS

/** Everything that is asked and not answered, the oldest first. What fails is taken again soon. Never throws. */
export async function takeRequests(desk: Desk): Promise<void> {
  desk.readRequestsAtMs = Infinity
  const retry = (error: unknown, request?: string) => {
    desk.readRequestsAtMs = desk.clock.now() + desk.timing.resendMs
    desk.log.error({ request, error }, 'request could not be carried out; it is tried again')
  }
  try {
    await writeStops(desk)
  } catch (error) {
    retry(error)
  }
  try {
    const open = desk.state.selectFrom('request').selectAll().where('state', '=', 'new').orderBy('atMs')
    for (const request of await open.execute())
      try {
        const stop = request.kind === 'start' && openStopOf(desk, request.org, request.zoneId)
        // nothing opens past a stop that is not carried out: its next try would shut it
        if (stop && stop.atMs <= request.atMs) {
          desk.readRequestsAtMs = desk.clock.now() + desk.timing.resendMs
          continue
        }
        const answer = stop ? ({ refused: 'too-late' } as const) : await carryOut(desk, request)
        if (!('answered' in answer)) await answerRequest(desk.state, request, answer)
        desk.openStops.delete(request.id)
      } catch (error) {
        if (request.kind === 'stop' || request.kind === 'stop-all') desk.openStops.set(request.id, request)
        retry(error, request.id)
      }
    await forgetAnswered(desk)
  } catch (error) {
    retry(error)
  }
}

/** Stops that a phone asked again, and that were carried out under their row. */
async function forgetAnswered(desk: Desk): Promise<void> {
  const ids = [...desk.openStops.keys()]
  if (ids.length === 0) return
  const answered = desk.state
    .selectFrom('request')
    .select('id')
    .where('state', '!=', 'new')
    .where('id', 'in', ids)
  for (const { id } of await answered.execute()) desk.openStops.delete(id)
}

function carryOut(desk: Desk, request: RequestRow): Promise<Answer | { answered: true }> {
  switch (request.kind) {
    case 'start':
      return start(desk, request)
    case 'stop':
      return stop(desk, request)
    case 'stop-all':
      return stopAll(desk, request)
    case 'approve':
      return approve(desk, request)
    case 'skip-run':
      return skipRun(desk, request)
    case 'clear-fault':
      return clear(desk, request)
    case 'unlock':
      return unlockValve(desk, request)
  }
}

const answerRequest = (rows: Rows, { id }: RequestRow, answer: Answer) =>
  rows
    .updateTable('request')
    .set(
      'refused' in answer
        ? { state: 'refused', reason: answer.refused }
        : { state: 'accepted', reason: null, resultId: answer.resultId },
    )
    .where('id', '=', id)
    .execute()

async function start(desk: Desk, request: RequestRow): Promise<Answer | { answered: true }> {
  const nowMs = desk.clock.now()
  const { minutes } = request
  // a person who pressed Start long ago may have gone home
  if (nowMs - request.atMs > desk.timing.unconfirmedMs) return { refused: 'too-late' }
  if (minutes === null || !(minutes > 0)) return { refused: 'no-end' }
  const zone = await zoneOf(desk, request)
  if (!zone) return { refused: 'not-found' }
  if (minutes > zone.maxMinutes) return { refused: 'too-long' }
  const run = await manualRun(desk, request, zone, minutes)
  const doseMs = minutes * MINUTE_MS
  if (zone.controllerId !== null) await compareNumbers(desk, zone.org, zone.controllerId)
  const notAfterMs = nowMs + desk.timing.missedWindowMs
  const opened = await openRun(
    desk,
    { run, zone, doseMs, notAfterMs, requestId: request.id },
    async (rows) => {
      await rows.insertInto('run').values(run).execute()
      await answerRequest(rows, request, { resultId: run.id })
    },
  )
  if (opened.do === 'open') return { answered: true }
  return { refused: opened.do === 'gone' ? 'already-running' : opened.why }
}

async function manualRun(desk: Desk, request: RequestRow, zone: ZoneRow, minutes: number): Promise<RunRow> {
  const nowMs = desk.clock.now()
  const farm = await desk.state
    .selectFrom('farm')
    .select('timeZone')
    .where('id', '=', zone.farmId)
    .executeTakeFirst()
  const grossMm = (zone.applicationRateMmH * minutes) / 60
  return {
    id: randomUUID(),
    org: zone.org,
    farmId: zone.farmId,
    fieldId: zone.fieldId,
    zoneId: zone.id,
    day: dayOf(nowMs, farm?.timeZone ?? 'UTC'),
    startMs: nowMs,
    minutes,
    netMm: grossMm * zone.efficiency,
    grossMm,
    litres: null,
    state: 'sent',
    cause: 'manual',
    skipIf: null,
    whyId: null,
    planVersion: 'manual',
    actor: request.actor,
    approvedBy: request.actor,
    endedWhy: null,
    updatedAtMs: nowMs,
  }
}

async function stop(desk: Desk, request: RequestRow): Promise<Answer> {
  const zone = await zoneOf(desk, request)
  if (!zone) return { refused: 'not-found' }
  // shut whoever opened it, and before anything is written
  if (zone.controllerId !== null && zone.valve !== null)
    await forceShut(desk, zone.org, zone.controllerId, zone.valve)
  const stopped = await stopLives(
    desk,
    request,
    (live) => live.zone?.id === zone.id || isValveOf(live.row, zone),
  )
  await takeBack(desk, request, (run) => run.zoneId === zone.id)
  return isLate(desk, request) ? { refused: 'too-late' } : { resultId: stopped }
}

/** A late stop shuts what it names all the same, but takes nothing back that was ordered or planned after it. */
const isLate = (desk: Desk, { atMs }: RequestRow): boolean => desk.clock.now() - atMs > STOP_WITHIN_MS

async function stopAll(desk: Desk, request: RequestRow): Promise<Answer> {
  const controllers = await desk.state
    .selectFrom('device')
    .select('id')
    .where('org', '=', request.org)
    .where('commandKey', 'is not', null)
    .where('revokedAtMs', 'is', null)
    .execute()
  for (const { id } of controllers) await forceShut(desk, request.org, id, '*')
  const stopped = await stopLives(desk, request, ({ row }) => row.org === request.org)
  await pauseOutputs(desk.state, request)
  await takeBack(desk, request, () => true)
  return isLate(desk, request) ? { refused: 'too-late' } : { resultId: stopped }
}

const isValveOf = (row: { deviceId: string; valve: string }, zone: ZoneRow) =>
  row.deviceId === zone.controllerId && row.valve === zone.valve

/** Gives the first order that was stopped. */
async function stopLives(
  desk: Desk,
  request: RequestRow,
  isMeant: (live: Parameters<typeof stepLife>[1]) => boolean,
): Promise<string | null> {
  const isAfter = ({ row }: Parameters<typeof stepLife>[1]) =>
    isLate(desk, request) && row.createdAtMs > request.atMs
  const meant = [...desk.lives.values()].filter((live) => isMeant(live) && !isAfter(live))
  for (const live of meant) {
    live.stoppedBy = request.actor
    await stepLife(desk, live, { type: 'stop' })
  }
  return meant[0]?.row.id ?? null
}

/**
 * Runs of the hour after the stop, what is left of those that were begun, and the later parts of their doses. Other
 * later ones stay planned.
 */
async function takeBack(desk: Desk, request: RequestRow, isMeant: (run: RunRow) => boolean): Promise<void> {
  const nowMs = desk.clock.now()
  const untilMs = request.atMs + HOUR_MS
  const doses = desk.state
    .selectFrom('run')
    .select('doseId')
    .where('org', '=', request.org)
    .where('doseId', 'is not', null)
    .where('startMs', '<=', untilMs)
    .where('startMs', '>', request.atMs - DAY_MS)
    .$castTo<{ doseId: string }>()
  const soon = await desk.state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', request.org)
    .where('state', '=', 'approved')
    .where(({ eb, or }) => or([eb('startMs', '<=', untilMs), eb('doseId', 'in', doses)]))
    .execute()
  const continued = [...desk.due.values()].filter(({ isContinued }) => isContinued).map(({ run }) => run)
  const isNamed = (run: RunRow) =>
    run.org === request.org && (run.startMs <= untilMs || run.doseId != null) && isMeant(run)
  for (const run of [...soon, ...continued].filter(isNamed)) {
    const isBegun = continued.includes(run)
    await desk.state
      .updateTable('run')
      .set({ state: isBegun ? 'done' : 'cancelled', endedWhy: 'stopped', updatedAtMs: nowMs })
      .where('id', '=', run.id)
      .execute()
    desk.due.delete(run.id)
    await writeAudit(desk, request, 'run-cancelled', run.id)
    tellRun(desk, run)
  }
}

async function approve(desk: Desk, request: RequestRow): Promise<Answer> {
  const run = await runOf(desk, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'approved') return { resultId: run.id }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  const nowMs = desk.clock.now()
  if (run.state !== 'proposed' || nowMs > run.startMs + desk.timing.missedWindowMs)
    return { refused: 'too-late' }
  await desk.state
    .updateTable('run')
    .set({ state: 'approved', approvedBy: request.actor, updatedAtMs: nowMs })
    .where(isOfDose(run))
    .where('state', '=', 'proposed')
    .execute()
  desk.readRunsAtMs = nowMs
  await writeAudit(desk, request, 'run-approved', run.id)
  tellRun(desk, run)
  return { resultId: run.id }
}

async function skipRun(desk: Desk, request: RequestRow): Promise<Answer> {
  const run = await runOf(desk, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  if (run.state !== 'proposed' && run.state !== 'approved') return { refused: 'too-late' }
  await desk.state
    .updateTable('run')
    .set({ state: 'cancelled', endedWhy: 'by-person', updatedAtMs: desk.clock.now() })
    .where(isOfDose(run))
    .where('state', 'in', ['proposed', 'approved'])
    .execute()
  for (const [id, due] of desk.due)
    if (id === run.id || (run.doseId != null && due.run.doseId === run.doseId && !due.isContinued))
      desk.due.delete(id)
  await writeAudit(desk, request, 'run-skipped', run.id)
  tellRun(desk, run)
  return { resultId: run.id }
}

const accepted = { resultId: null }

async function clear(desk: Desk, request: RequestRow): Promise<Answer | { answered: true }> {
  const { deviceId: device, org, actor, id } = request
  const seen = await seenAlert(desk, request)
  if (device === null || seen === undefined) return { refused: device === null ? 'not-found' : 'no-fault' }
  const isSeen = (cause: string, valve: string | null) =>
    seen === null || (seen.cause === cause && seen.valve === valve)
  const alarms = latchesOf(desk, device).filter((one) => one.org === org && isSeen(one.cause, one.valve))
  if (alarms.length > 0) {
    await unlatch(desk, alarms, { actor, request: id })
    beginAnew(
      desk,
      device,
      alarms.map(({ kind }) => kind),
    )
  }
  const isLookedAt = await clearLookedAt(desk, { org, device }, { actor, request: id }, isSeen)
  const isDone = alarms.length > 0 || isLookedAt
  if (seen !== null && seen.cause !== 'valve-fault') return isDone ? accepted : { refused: 'no-fault' }
  const refused = await clearFault(desk, request, (rows) => answerRequest(rows, request, accepted))
  if (refused === null) return { answered: true }
  // there was something to clear, and it was cleared here
  return isDone && (refused === 'no-fault' || refused === 'no-connection') ? accepted : { refused }
}

/** What the person has seen; null: they named nothing; undefined: it is cleared already, and what came later they have not seen. */
async function seenAlert(
  desk: Desk,
  { org, deviceId, alertId }: RequestRow,
): Promise<{ cause: string; valve: string | null } | null | undefined> {
  if (alertId === null) return null
  const alert = await desk.state
    .selectFrom('alert')
    .select(['cause', 'params'])
    .where('id', '=', alertId)
    .where('org', '=', org)
    .where('deviceId', '=', deviceId)
    .where('clearedMs', 'is', null)
    .executeTakeFirst()
  return alert && { cause: alert.cause, valve: (fromJson(alert.params)['valve'] ?? null) as string | null }
}

async function unlockValve(desk: Desk, request: RequestRow): Promise<Answer | { answered: true }> {
  const zone = await zoneOf(desk, request)
  if (!zone) return { refused: 'not-found' }
  if (zone.controllerId === null || zone.valve === null) return { refused: 'no-valve' }
  const { org, controllerId: device, valve, fieldId } = zone
  const nowMs = desk.clock.now()
  // whatever else calls for a look at this valve has had it
  for (const cause of ['valve-locked-out', 'rule-broken', 'numbers-ahead'] as const)
    await desk.alerts.clear(cause, { org, device, valve, fieldId }, nowMs)
  const alarms = latchesOf(desk, device, valve)
  if (alarms.length > 0) {
    await unlatch(desk, alarms, { actor: request.actor, request: request.id })
    beginAnew(
      desk,
      device,
      alarms.map(({ kind }) => kind),
    )
  }
  // answered last: what the store does not take of it is tried again
  await unlock(desk.state, { org, device, valve }, request, nowMs, (rows) =>
    answerRequest(rows, request, accepted),
  )
  return { answered: true }
}

const zoneOf = (desk: Desk, { org, zoneId }: RequestRow): Promise<ZoneRow | undefined> =>
  desk.state
    .selectFrom('zone')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', zoneId ?? '')
    .executeTakeFirst()

const runOf = (desk: Desk, { org, runId }: RequestRow): Promise<RunRow | undefined> =>
  desk.state
    .selectFrom('run')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', runId ?? '')
    .executeTakeFirst()

/** A yes or a no is said to the whole dose, of which a run may be a part. */
const isOfDose =
  ({ id, doseId }: RunRow) =>
  (where: ExpressionBuilder<Tables, 'run'>) =>
    doseId == null ? where('id', '=', id) : where('doseId', '=', doseId)

const tellRun = (desk: Desk, run: RunRow) =>
  desk.out.announce(run.org, { event: 'cmd', atMs: desk.clock.now(), fields: [run.fieldId] })

const writeAudit = (desk: Desk, { org, actor, id }: RequestRow, action: string, subject: string) =>
  appendAudit(desk.state, { org, atMs: desk.clock.now(), actor, action, subject, detail: { request: id } })
