/**
 * What people ask for. A start is carried out at once or refused with its reason, never queued. STOP always wins: it
 * shuts what is open, takes back what would open the same zones within the hour, and is tried for ten minutes.
 */
import type { RequestRow } from '../../tables.ts'
import { clearFaultRequest, unlockValve } from './clear-fault-request.ts'
import { approve, skipRun } from './approve.ts'
import { recordOutcome, type RequestOutcome, type OutcomeRecorded } from './outcome.ts'
import { start } from './start.ts'
import { stop, stopAll } from './stop.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { pendingStopFor, recordPendingStops } from './unrecorded-stop.ts'

/** Everything that is asked and not answered, the oldest first. What fails is taken again soon. Never throws. */
export async function processRequests(dispatch: DispatchState): Promise<void> {
  dispatch.readRequestsAtMs = Infinity
  const retry = (error: unknown, request?: string) => {
    dispatch.readRequestsAtMs = dispatch.clock.now() + dispatch.timing.resendMs
    dispatch.log.error({ request, error }, 'request could not be carried out; it is tried again')
  }
  try {
    await recordPendingStops(dispatch)
  } catch (error) {
    retry(error)
  }
  try {
    const open = dispatch.state.selectFrom('request').selectAll().where('state', '=', 'new').orderBy('atMs')
    for (const request of await open.execute())
      try {
        const opens = request.kind === 'start' || request.kind === 'test'
        const stop = opens && pendingStopFor(dispatch, request.org, request.zoneId)
        // nothing opens past a stop that is not carried out: its next try would shut it
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
        retry(error, request.id)
      }
    await dropCompletedStops(dispatch)
  } catch (error) {
    retry(error)
  }
}

/** Stops that a phone asked again, and that were carried out under their row. */
async function dropCompletedStops(dispatch: Pick<DispatchState, 'state' | 'pendingStops'>): Promise<void> {
  const ids = [...dispatch.pendingStops.keys()]
  if (ids.length === 0) return
  const answered = dispatch.state
    .selectFrom('request')
    .select('id')
    .where('state', '!=', 'new')
    .where('id', 'in', ids)
  for (const { id } of await answered.execute()) dispatch.pendingStops.delete(id)
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
