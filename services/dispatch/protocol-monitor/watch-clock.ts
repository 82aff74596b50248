/** Clocks: the server's beside the device's own (I14), and until when a valve was shown to be open at the latest (I8). */
import type { ObservedMessage, ObservedState, MonitorStep } from './observed-state.ts'

const JUMP_MS = 300_000

/** What phones were shown of a valve that is open; held against what the device says of it later. */
export function observeShown(
  before: ObservedState,
  { valve, seq, boundMs }: Extract<ObservedMessage, { type: 'shown' }>,
): MonitorStep {
  if (boundMs === null || before.sess === null)
    return {
      observed: before,
      violations: boundMs === null ? [{ rule: 'I8', valve, seq, detail: { bound: null } }] : [],
    }
  const bound = { seq, sess: before.sess, untilMs: boundMs }
  return { observed: { ...before, bound: { ...before.bound, [valve]: bound } }, violations: [] }
}

/** A server's clock that was set, by how the device's own ran on meanwhile. It changes no run; a person should know. */
export function observeClock(
  before: ObservedState,
  { heartbeat: { sess, monoMs }, atMs }: Extract<ObservedMessage, { type: 'heartbeat' }>,
): MonitorStep {
  const { clock } = before
  const isOfSession = sess === before.sess
  const offsetMs = isOfSession ? Math.min(before.offsetMs, atMs - monoMs) : before.offsetMs
  const seen = { ...before, offsetMs, clock: { sess, atMs, monoMs } }
  if (clock === null || clock.sess !== sess) return { observed: seen, violations: [] }
  const jumpMs = atMs - clock.atMs - (monoMs - clock.monoMs)
  // words may be minutes late, and an hour after a server that was frozen
  const isJump = jumpMs < -JUMP_MS || jumpMs > 12 * JUMP_MS
  // bounds of the old clock mean nothing on the new one
  if (isJump) Object.assign(seen, { offsetMs: isOfSession ? atMs - monoMs : Infinity, bound: {} })
  return {
    observed: seen,
    violations: isJump ? [{ rule: 'I14', valve: null, seq: null, detail: { jumpMs } }] : [],
  }
}
