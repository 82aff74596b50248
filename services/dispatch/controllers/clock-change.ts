/**
 * The clock of the server was set. Durations are kept: every instant recorded in the old time is shifted (I14). Work
 * due at a time of day follows the new clock and is read again.
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
  for (const pending of [...dispatch.forcedCloses.values(), ...dispatch.faultClears.values()]) {
    pending.sinceMs += setMs
    pending.sentAtMs += setMs
  }
  for (const dueRun of dispatch.dueRuns.values())
    if (dueRun.isContinued) {
      dueRun.fromMs += setMs
      dueRun.expiresAtMs += setMs
    }
  dispatch.readRunsAtMs = nowMs
  dispatch.checkOutputsAtMs = nowMs
  dispatch.readRequestsAtMs = Math.min(dispatch.readRequestsAtMs, nowMs)
  dispatch.skipNotifiedMs.clear()
  for (const openCommand of dispatch.openCommands.values()) {
    openCommand.lifecycle = shiftLifecycle(openCommand.lifecycle, setMs)
    // written with the next step: a restart loads the row
    openCommand.retryAtMs = nowMs
    openCommand.checkAtMs = nowMs
  }
  await dispatch.valveStates
    .shift(setMs)
    .catch((error: unknown) => dispatch.log.warn({ error }, 'the age of reports could not be adjusted'))
  for (const openCommand of [...dispatch.openCommands.values()])
    await advanceCommand(dispatch, openCommand, { type: 'tick' })
}
