/**
 * The server's clock was set. What is being waited for takes as long as it would have: every instant that was noted by
 * the old time is moved to the new (I14). What is wanted at a time of the day follows the clock and is read anew.
 */
import { shiftLifecycle } from '../../../broker/contract/command-lifecycle/timers.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { advanceCommand } from '../runs/supervise-run.ts'

/** Looks whether the clock was set, and if so moves all that is under way, on record too. */
export async function applyClockChange(dispatch: DispatchState): Promise<void> {
  const setMs = dispatch.clock.resync()
  if (setMs === 0) return
  const nowMs = dispatch.clock.now()
  dispatch.log.warn({ setMs }, 'the clock was set')
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
    live.life = shiftLifecycle(live.life, setMs)
    // it is written with its next step, for a restart would take up what the row holds
    live.retryAtMs = nowMs
    live.checkAtMs = nowMs
  }
  await dispatch.valveStates
    .shift(setMs)
    .catch((error: unknown) => dispatch.log.warn({ error }, 'the age of reports could not be moved'))
  for (const live of [...dispatch.openCommands.values()])
    await advanceCommand(dispatch, live, { type: 'tick' })
}
