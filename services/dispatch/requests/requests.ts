/**
 * Requests of people. A start is executed at once or refused with its reason, never queued. STOP always wins: it
 * closes open valves, cancels runs of the same zones within the hour, and is retried for ten minutes.
 */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { RequestRow } from '../../tables.ts'
import { clearFaultRequest, unlockValve } from './clear-fault-request.ts'
import { approve, skipRun } from './approve.ts'
import { recordOutcome, type RequestOutcome, type OutcomeRecorded } from './outcome.ts'
import { start } from './start.ts'
import { stop, stopAll } from './stop.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { pendingStopFor, recordPendingStops } from './unrecorded-stop.ts'

/** Executes all open requests, oldest first. Failures are retried soon. Never throws. */
export async function processRequests(dispatch: DispatchState): Promise<void> {
  dispatch.readRequestsAtMs = Infinity
  const retry = (error: unknown, request?: string) => {
    dispatch.readRequestsAtMs = dispatch.clock.now() + dispatch.timing.resendMs
    dispatch.log.error({ request, error }, 'a request could not be executed; retrying')
  }
  try {
    await recordPendingStops(dispatch)
  } catch (error) {
    retry(error)
  }
  try {
    const openRequests = dispatch.state
      .selectFrom('request')
      .selectAll()
      .where('state', '=', 'new')
      .orderBy('atMs')
    for (const request of await openRequests.execute())
      try {
        const opens = request.kind === 'start' || request.kind === 'test'
        const stop = opens && pendingStopFor(dispatch, request.org, request.zoneId)
        // nothing opens past a STOP in progress: its next attempt would close it again
        if (stop && stop.atMs <= request.atMs) {
          dispatch.readRequestsAtMs = dispatch.clock.now() + dispatch.timing.resendMs
          continue
        }
        const outcome = stop ? ({ refused: 'expired' } as const) : await executeRequest(dispatch, request)
        if (!('isRecorded' in outcome)) await recordOutcome(dispatch.state, request, outcome)
        dispatch.outbox.publishOutcome(request.org, {
          id: request.id,
          state: 'refused' in outcome ? 'refused' : 'accepted',
        })
        dispatch.pendingStops.delete(request.id)
      } catch (error) {
        if (request.kind === 'stop' || request.kind === 'stop-all')
          dispatch.pendingStops.set(request.id, request)
        else if (await refuseUnrecorded(dispatch, request, error)) continue
        retry(error, request.id)
      }
    await dropCompletedStops(dispatch)
  } catch (error) {
    retry(error)
  }
}

/** An approval or a clearance is retried this long. */
const RETRY_FOR_MS = 10 * MINUTE_MS

/**
 * A start that the store rejects is refused at once, because the person waits for it; other requests after ten minutes.
 * False: it is retried, also when the refusal itself cannot be written.
 */
async function refuseUnrecorded(
  dispatch: DispatchState,
  request: RequestRow,
  error: unknown,
): Promise<boolean> {
  const isStart = request.kind === 'start' || request.kind === 'test'
  if (!isStart && dispatch.clock.now() - request.atMs <= RETRY_FOR_MS) return false
  try {
    await recordOutcome(dispatch.state, request, { refused: 'not-recorded' })
  } catch {
    return false
  }
  dispatch.log.error({ request: request.id, error }, 'a request could not be executed; it is refused')
  dispatch.outbox.publishOutcome(request.org, { id: request.id, state: 'refused' })
  return true
}

/** STOPs that a phone repeated and that were executed under their row. */
async function dropCompletedStops(dispatch: Pick<DispatchState, 'state' | 'pendingStops'>): Promise<void> {
  const ids = [...dispatch.pendingStops.keys()]
  if (ids.length === 0) return
  const completed = dispatch.state
    .selectFrom('request')
    .select('id')
    .where('state', '!=', 'new')
    .where('id', 'in', ids)
  for (const { id } of await completed.execute()) dispatch.pendingStops.delete(id)
}

function executeRequest(
  dispatch: DispatchState,
  request: RequestRow,
): Promise<RequestOutcome | OutcomeRecorded> {
  switch (request.kind) {
    case 'start':
    case 'test':
      return start(dispatch, request)
    case 'stop':
      return stop(dispatch, request)
    case 'stop-all':
      return stopAll(dispatch, request)
    case 'approve':
      return approve(dispatch, request)
    case 'skip-run':
      return skipRun(dispatch, request)
    case 'clear-fault':
      return clearFaultRequest(dispatch, request)
    case 'unlock':
      return unlockValve(dispatch, request)
  }
}
