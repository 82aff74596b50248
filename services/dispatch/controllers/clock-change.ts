/**
 * The server's clock was set. What is being waited for takes as long as it would have: every instant that was noted by
 * the old time is moved to the new (I14). What is wanted at a time of the day follows the clock and is read anew.
 */
import { shiftLifecycle } from '../../../broker/contract/command-lifecycle/timers.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { advanceCommand } from '../runs/supervise-run.ts'

/** Looks whether the clock was set, and if so moves all that is under way, on record too. */
export async function applyClockChange(desk: DispatchState): Promise<void> {
  const setMs = desk.clock.resync()
  if (setMs === 0) return
  const nowMs = desk.clock.now()
  desk.log.warn({ setMs }, 'the clock was set')
  for (const { heartbeat, minOffset: fastest } of desk.connections.values()) {
    if (heartbeat) heartbeat.receivedAtMs += setMs
    if (fastest) {
      fastest.offsetMs += setMs
      fastest.atMs += setMs
    }
  }
  for (const hello of desk.monitor.hello.values()) hello.atMs += setMs
  for (const waiting of [...desk.forcedCloses.values(), ...desk.faultClears.values()]) {
    waiting.sinceMs += setMs
    waiting.sentAtMs += setMs
  }
  for (const due of desk.dueRuns.values())
    if (due.isContinued) {
      due.fromMs += setMs
      due.expiresAtMs += setMs
    }
  desk.readRunsAtMs = nowMs
  desk.checkOutputsAtMs = nowMs
  desk.readRequestsAtMs = Math.min(desk.readRequestsAtMs, nowMs)
  desk.skipNotifiedMs.clear()
  for (const live of desk.openCommands.values()) {
    live.life = shiftLifecycle(live.life, setMs)
    // it is written with its next step, for a restart would take up what the row holds
    live.retryAtMs = nowMs
    live.checkAtMs = nowMs
  }
  await desk.valveStates
    .shift(setMs)
    .catch((error: unknown) => desk.log.warn({ error }, 'the age of reports could not be moved'))
  for (const live of [...desk.openCommands.values()]) await advanceCommand(desk, live, { type: 'tick' })
}
