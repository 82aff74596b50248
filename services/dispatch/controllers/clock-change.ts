/**
 * The clock of the server was set. Durations stay as they are: every instant noted with the old time moves to the
 * new one (I14). Work that is due at a time of day follows the clock and is read again.
 */
import { shiftLifecycle } from '../../../broker/contract/command-lifecycle/timers.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { advanceCommand } from '../runs/supervise-run.ts'

/** Checks whether the clock was set, and then moves all pending instants, also in the store. */
export async function applyClockChange(dispatch: DispatchState): Promise<void> {
  const setMs = dispatch.clock.resync()
  if (setMs === 0) return
  const nowMs = dispatch.clock.now()
  dispatch.log.warn({ setMs }, 'the clock of the server was set')
  for (const { heartbeat, minOffset: fastest } of dispatch.connections.values()) {
    if (heartbeat) heartbeat.receivedAtMs += setMs
    if (fastest) {
      fastest.offsetMs += setMs
      fastest.atMs += setMs
    }
  }
  for (const hello of dispatch.monitor.hello.values()) hello.atMs += setMs
  for (const waiting of [...dispatch.forcedCloses.values(), ...dispatch.faultClears.values()]) {
    waiting.sinceMs += setMs
    waiting.sentAtMs += setMs
  }
  for (const due of dispatch.dueRuns.values())
    if (due.isContinued) {
      due.fromMs += setMs
      due.expiresAtMs += setMs
    }
  dispatch.readRunsAtMs = nowMs
  dispatch.checkOutputsAtMs = nowMs
  dispatch.readRequestsAtMs = Math.min(dispatch.readRequestsAtMs, nowMs)
  dispatch.skipNotifiedMs.clear()
  for (const live of dispatch.openCommands.values()) {
    live.lifecycle = shiftLifecycle(live.lifecycle, setMs)
    // written with the next step: a restart loads the row
    live.retryAtMs = nowMs
    live.checkAtMs = nowMs
  }
  await dispatch.valveStates
    .shift(setMs)
    .catch((error: unknown) => dispatch.log.warn({ error }, 'the age of reports could not be adjusted'))
  for (const live of [...dispatch.openCommands.values()])
    await advanceCommand(dispatch, live, { type: 'tick' })
}
