/**
 * The server's clock was set. What is being waited for takes as long as it would have: every instant that was noted by
 * the old time is moved to the new (I14). What is wanted at a time of the day follows the clock and is read anew.
 */
import { shiftLife } from '../../../broker/contract/command-life/timers.ts'
import type { Desk } from '../dispatch-state.ts'
import { stepLife } from '../runs/supervise-run.ts'

/** Looks whether the clock was set, and if so moves all that is under way, on record too. */
export async function followClock(desk: Desk): Promise<void> {
  const setMs = desk.clock.follow()
  if (setMs === 0) return
  const nowMs = desk.clock.now()
  desk.log.warn({ setMs }, 'the clock was set')
  for (const { heartbeat, fastest } of desk.links.values()) {
    if (heartbeat) heartbeat.heardAtMs += setMs
    if (fastest) {
      fastest.offsetMs += setMs
      fastest.atMs += setMs
    }
  }
  for (const hello of desk.watch.hello.values()) hello.atMs += setMs
  for (const waiting of [...desk.forced.values(), ...desk.clearing.values()]) {
    waiting.sinceMs += setMs
    waiting.sentAtMs += setMs
  }
  for (const due of desk.due.values())
    if (due.isContinued) {
      due.fromMs += setMs
      due.notAfterMs += setMs
    }
  desk.readRunsAtMs = nowMs
  desk.tendOutputsAtMs = nowMs
  desk.readRequestsAtMs = Math.min(desk.readRequestsAtMs, nowMs)
  desk.skipToldMs.clear()
  for (const live of desk.lives.values()) {
    live.life = shiftLife(live.life, setMs)
    // it is written with its next step, for a restart would take up what the row holds
    live.retryAtMs = nowMs
    live.lookAtMs = nowMs
  }
  await desk.reports
    .shift(setMs)
    .catch((error: unknown) => desk.log.warn({ error }, 'the age of reports could not be moved'))
  for (const live of [...desk.lives.values()]) await stepLife(desk, live, { type: 'tick' })
}
