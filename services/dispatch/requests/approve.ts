/** A yes or a no to a run of the plan. */
import type { ExpressionBuilder } from 'kysely'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { fail, isTilthError } from '../../errors.ts'
import type { RequestRow, RunRow, Tables } from '../../tables.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { findRun, publishRunEvent, auditRequest, type RequestOutcome } from './outcome.ts'

/**
 * A yes to the run that the person saw, and with it to the dose of which it may be a part. It may come late, from a phone
 * that had no signal: what it says yes to must still be what it was, and still be ahead.
 */
export async function approve(desk: DispatchState, request: RequestRow): Promise<RequestOutcome> {
  const run = await findRun(desk, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  if (!matchesRequest(run, request)) return { refused: 'stale-request' }
  if (run.state === 'approved') return { resultId: run.id }
  if (run.state !== 'proposed') return { refused: request.atMs < run.startMs ? 'stale-request' : 'expired' }
  const parts = await desk.state
    .selectFrom('run')
    .selectAll()
    .where(isPartOfDose(run))
    .where('state', '=', 'proposed')
    .execute()
  // the plan may have moved it between the two looks
  if (!parts.some((part) => part.id === run.id && matchesRequest(part, request)))
    return { refused: 'stale-request' }
  const beginsMs = Math.min(...parts.map(({ startMs }) => startMs))
  if (isExpired(desk, request, run, beginsMs)) return { refused: 'expired' }
  if (await isStoppedMeanwhile(desk, request, beginsMs)) return { refused: 'stale-request' }
  try {
    await recordApproval(desk, request, run, parts)
  } catch (error) {
    if (isTilthError(error, 'CONFLICT')) return { refused: 'stale-request' }
    throw error
  }
  desk.readRunsAtMs = desk.clock.now()
  publishRunEvent(desk, run)
  return { resultId: run.id }
}

const matchesRequest = (run: RunRow, { expectedStartMs, minutes }: RequestRow): boolean =>
  (expectedStartMs == null || expectedStartMs === run.startMs) &&
  (minutes === null || minutes === run.minutes)

/**
 * A yes counts while dispatch would still open the run. One that has waited on a phone is older than what has been seen here
 * since: it must come before the dose was to begin, and what came in time is carried out while dispatch would open that.
 */
function isExpired(
  desk: DispatchState,
  { decidedOfflineAtMs, atMs }: RequestRow,
  run: RunRow,
  beginsMs: number,
): boolean {
  const fromMs = decidedOfflineAtMs == null ? run.startMs : beginsMs
  return (
    (decidedOfflineAtMs != null && atMs >= beginsMs) || desk.clock.now() > fromMs + desk.timing.missedWindowMs
  )
}

/** A STOP that would have taken the run back, had a yes that waited on a phone come before it: who said it could not know. */
async function isStoppedMeanwhile(
  desk: DispatchState,
  { org, zoneId, decidedOfflineAtMs }: RequestRow,
  beginsMs: number,
): Promise<boolean> {
  if (decidedOfflineAtMs == null) return false
  const stop = await desk.state
    .selectFrom('request')
    .select('id')
    .where('org', '=', org)
    .where('kind', 'in', ['stop', 'stop-all'])
    .where('atMs', '>=', beginsMs - HOUR_MS)
    .where(({ eb, or }) => or([eb('zoneId', 'is', null), eb('zoneId', '=', zoneId)]))
    .executeTakeFirst()
  return stop !== undefined
}

/** All parts as they were read, or none: a plan that is made meanwhile may move or end them. CONFLICT: it has. */
const recordApproval = (
  desk: DispatchState,
  request: RequestRow,
  run: RunRow,
  parts: readonly RunRow[],
): Promise<void> =>
  desk.state.transaction().execute(async (rows) => {
    for (const part of parts) {
      const { numUpdatedRows } = await rows
        .updateTable('run')
        .set({ state: 'approved', approvedBy: request.actor, updatedAtMs: desk.clock.now() })
        .where('id', '=', part.id)
        .where('state', '=', 'proposed')
        .where('startMs', '=', part.startMs)
        .where('minutes', '=', part.minutes)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) fail('CONFLICT', `run ${part.id} is no longer as it was read`)
    }
    await auditRequest({ state: rows, clock: desk.clock }, request, 'run-approved', run.id)
  })

export async function skipRun(desk: DispatchState, request: RequestRow): Promise<RequestOutcome> {
  const run = await findRun(desk, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  if (run.state !== 'proposed' && run.state !== 'approved') return { refused: 'expired' }
  await desk.state
    .updateTable('run')
    .set({ state: 'cancelled', endReason: 'by-person', updatedAtMs: desk.clock.now() })
    .where(isPartOfDose(run))
    .where('state', 'in', ['proposed', 'approved'])
    .execute()
  for (const [id, due] of desk.dueRuns)
    if (id === run.id || (run.doseId != null && due.run.doseId === run.doseId && !due.isContinued))
      desk.dueRuns.delete(id)
  await auditRequest(desk, request, 'run-skipped', run.id)
  publishRunEvent(desk, run)
  return { resultId: run.id }
}

/** A yes or a no is said to the whole dose, of which a run may be a part. */
const isPartOfDose =
  ({ id, doseId }: RunRow) =>
  (where: ExpressionBuilder<Tables, 'run'>) =>
    doseId == null ? where('id', '=', id) : where('doseId', '=', doseId)
