/**
 * Clocks: the server clock against the device clock (I14), and the latest closing time that was shown for a valve
 * (I8).
 */
import type { ObservedMessage, ObservedState, MonitorStep } from './observed-state.ts'

const JUMP_MS = 300_000

/** The published bound of an open valve; compared with later reports of the device. */
export function observeShown(
  previous: ObservedState,
  { valve, seq, boundMs }: Extract<ObservedMessage, { type: 'shown' }>,
): MonitorStep {
  if (boundMs === null || previous.sess === null)
    return {
      observed: previous,
      violations: boundMs === null ? [{ rule: 'I8', valve, seq, detail: { bound: null } }] : [],
    }
  const bound = { seq, sess: previous.sess, untilMs: boundMs }
  return { observed: { ...previous, bound: { ...previous.bound, [valve]: bound } }, violations: [] }
}

/** A change of the server clock, detected from the device clock. It changes no run, but a person is notified. */
export function observeClock(
  previous: ObservedState,
  { heartbeat: { sess, monoMs }, atMs }: Extract<ObservedMessage, { type: 'heartbeat' }>,
): MonitorStep {
  const { clock } = previous
  const isOfSession = sess === previous.sess
  const offsetMs = isOfSession ? Math.min(previous.offsetMs, atMs - monoMs) : previous.offsetMs
  const observed = { ...previous, offsetMs, clock: { sess, atMs, monoMs } }
  if (clock === null || clock.sess !== sess) return { observed, violations: [] }
  const jumpMs = atMs - clock.atMs - (monoMs - clock.monoMs)
  // messages may be minutes late, and an hour late after the server was suspended
  const isJump = jumpMs < -JUMP_MS || jumpMs > 12 * JUMP_MS
  // bounds of the old clock are meaningless on the new one
  if (isJump) Object.assign(observed, { offsetMs: isOfSession ? atMs - monoMs : Infinity, bound: {} })
  return {
    observed,
    violations: isJump ? [{ rule: 'I14', valve: null, seq: null, detail: { jumpMs } }] : [],
  }
}
