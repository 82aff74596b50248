/** Approval or rejection of a run of the plan. */
import type { ExpressionBuilder } from 'kysely'
import { HOUR_MS } from '../../../broker/contract/time.ts'
import { fail, isTilthError } from '../../errors.ts'
import type { RequestRow, RunRow, Tables } from '../../tables.ts'
import type { DispatchState, DispatchServices } from '../dispatch-state.ts'
import { findRun, publishRunEvent, auditRequest, type RequestOutcome } from './outcome.ts'
import { inOrg } from '../../runtime/transactions.ts'

/**
 * Approves the run as the person saw it, with the whole dose that it may be part of. An approval queued on a phone may
 * arrive late: the run must be unchanged and in the future.
 */
export async function approve(
  dispatch: DispatchServices & Pick<DispatchState, 'readRunsAtMs'>,
  request: RequestRow,
): Promise<RequestOutcome> {
  const run = await findRun(dispatch, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  if (!matchesRequest(run, request)) return { refused: 'stale-request' }
  if (run.state === 'approved') return { resultId: run.id }
  if (run.state !== 'proposed') return { refused: request.atMs < run.startMs ? 'stale-request' : 'expired' }
  const parts = await dispatch.state
    .selectFrom('run')
    .selectAll()
    .where(isPartOfDose(run))
    .where('state', '=', 'proposed')
    .execute()
  // the plan may have moved it between the two reads
  if (!parts.some((part) => part.id === run.id && matchesRequest(part, request)))
    return { refused: 'stale-request' }
  const beginsMs = Math.min(...parts.map(({ startMs }) => startMs))
  if (isExpired(dispatch, request, run, beginsMs)) return { refused: 'expired' }
  if (await isStoppedMeanwhile(dispatch, request, beginsMs)) return { refused: 'stale-request' }
  try {
    await recordApproval(dispatch, request, run, parts)
  } catch (error) {
    if (isTilthError(error, 'CONFLICT')) return { refused: 'stale-request' }
    throw error
  }
  dispatch.readRunsAtMs = dispatch.clock.now()
  publishRunEvent(dispatch, run)
  return { resultId: run.id }
}

const matchesRequest = (run: RunRow, { expectedStartMs, minutes }: RequestRow): boolean =>
  (expectedStartMs == null || expectedStartMs === run.startMs) &&
  (minutes === null || minutes === run.minutes)

/**
 * An approval is valid while dispatch would still open the run. One queued on a phone must have been made before the
 * planned start of the dose, and is valid while dispatch would still open the dose.
 */
function isExpired(
  dispatch: Pick<DispatchState, 'clock' | 'timing'>,
  { decidedOfflineAtMs, atMs }: RequestRow,
  run: RunRow,
  beginsMs: number,
): boolean {
  const fromMs = decidedOfflineAtMs == null ? run.startMs : beginsMs
  return (
    (decidedOfflineAtMs != null && atMs >= beginsMs) ||
    dispatch.clock.now() > fromMs + dispatch.timing.missedWindowMs
  )
}

/**
 * Whether a later STOP would have cancelled the run if the queued approval had arrived first: the person who approved
 * was not aware of it.
 */
async function isStoppedMeanwhile(
  dispatch: Pick<DispatchState, 'state'>,
  { org, zoneId, decidedOfflineAtMs }: RequestRow,
  beginsMs: number,
): Promise<boolean> {
  if (decidedOfflineAtMs == null) return false
  const stop = await dispatch.state
    .selectFrom('request')
    .select('id')
    .where('org', '=', org)
    .where('kind', 'in', ['stop', 'stop-all'])
    .where('atMs', '>=', beginsMs - HOUR_MS)
    .where(({ eb, or }) => or([eb('zoneId', 'is', null), eb('zoneId', '=', zoneId)]))
    .executeTakeFirst()
  return stop !== undefined
}

/** Approves all parts as they were read, or none. CONFLICT if a concurrent plan has moved or ended one. */
const recordApproval = (
  dispatch: Pick<DispatchState, 'state' | 'clock'>,
  request: RequestRow,
  run: RunRow,
  parts: readonly RunRow[],
): Promise<void> =>
  inOrg(dispatch.state, run.org, async (rows) => {
    for (const part of parts) {
      const { numUpdatedRows } = await rows
        .updateTable('run')
        .set({ state: 'approved', approvedBy: request.actor, updatedAtMs: dispatch.clock.now() })
        .where('id', '=', part.id)
        .where('state', '=', 'proposed')
        .where('startMs', '=', part.startMs)
        .where('minutes', '=', part.minutes)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) fail('CONFLICT', `run ${part.id} has changed since it was read`)
    }
    await auditRequest({ state: rows, clock: dispatch.clock }, request, 'run-approved', run.id)
  })

/** Cancels a proposed or approved run, with the whole dose that it may be part of. */
export async function skipRun(
  dispatch: DispatchServices & Pick<DispatchState, 'dueRuns'>,
  request: RequestRow,
): Promise<RequestOutcome> {
  const run = await findRun(dispatch, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  if (run.state !== 'proposed' && run.state !== 'approved') return { refused: 'expired' }
  await dispatch.state
    .updateTable('run')
    .set({ state: 'cancelled', endReason: 'by-person', updatedAtMs: dispatch.clock.now() })
    .where(isPartOfDose(run))
    .where('state', 'in', ['proposed', 'approved'])
    .execute()
  for (const [id, dueRun] of dispatch.dueRuns)
    if (id === run.id || (run.doseId != null && dueRun.run.doseId === run.doseId && !dueRun.isContinued))
      dispatch.dueRuns.delete(id)
  await auditRequest(dispatch, request, 'run-skipped', run.id)
  publishRunEvent(dispatch, run)
  return { resultId: run.id }
}

/** An approval or rejection applies to the whole dose that a run may be part of. */
const isPartOfDose =
  ({ id, doseId }: RunRow) =>
  (condition: ExpressionBuilder<Tables, 'run'>) =>
    doseId == null ? condition('id', '=', id) : condition('doseId', '=', doseId)
