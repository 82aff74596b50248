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
export async function processRequests(desk: DispatchState): Promise<void> {
  desk.readRequestsAtMs = Infinity
  const retry = (error: unknown, request?: string) => {
    desk.readRequestsAtMs = desk.clock.now() + desk.timing.resendMs
    desk.log.error({ request, error }, 'request could not be carried out; it is tried again')
  }
  try {
    await recordPendingStops(desk)
  } catch (error) {
    retry(error)
  }
  try {
    const open = desk.state.selectFrom('request').selectAll().where('state', '=', 'new').orderBy('atMs')
    for (const request of await open.execute())
      try {
        const opens = request.kind === 'start' || request.kind === 'test'
        const stop = opens && pendingStopFor(desk, request.org, request.zoneId)
        // nothing opens past a stop that is not carried out: its next try would shut it
        if (stop && stop.atMs <= request.atMs) {
          desk.readRequestsAtMs = desk.clock.now() + desk.timing.resendMs
          continue
        }
        const answer = stop ? ({ refused: 'expired' } as const) : await executeRequest(desk, request)
        if (!('answered' in answer)) await recordOutcome(desk.state, request, answer)
        desk.pendingStops.delete(request.id)
      } catch (error) {
        if (request.kind === 'stop' || request.kind === 'stop-all') desk.pendingStops.set(request.id, request)
        retry(error, request.id)
      }
    await dropCompletedStops(desk)
  } catch (error) {
    retry(error)
  }
}

/** Stops that a phone asked again, and that were carried out under their row. */
async function dropCompletedStops(desk: DispatchState): Promise<void> {
  const ids = [...desk.pendingStops.keys()]
  if (ids.length === 0) return
  const answered = desk.state
    .selectFrom('request')
    .select('id')
    .where('state', '!=', 'new')
    .where('id', 'in', ids)
  for (const { id } of await answered.execute()) desk.pendingStops.delete(id)
}

function executeRequest(desk: DispatchState, request: RequestRow): Promise<RequestOutcome | OutcomeRecorded> {
  switch (request.kind) {
    case 'start':
    case 'test':
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
      return clearFaultRequest(desk, request)
    case 'unlock':
      return unlockValve(desk, request)
  }
}
