/** Clocks: the server's beside the device's own (I14), and until when a valve was shown to be open at the latest (I8). */
import type { DeviceWord, Seen, Watched } from './observed-state.ts'

const JUMP_MS = 300_000

/** What phones were shown of a valve that is open; held against what the device says of it later. */
export function seeShown(
  before: Seen,
  { valve, seq, boundMs }: Extract<DeviceWord, { type: 'shown' }>,
): Watched {
  if (boundMs === null || before.sess === null)
    return {
      seen: before,
      broken: boundMs === null ? [{ rule: 'I8', valve, seq, detail: { bound: null } }] : [],
    }
  const bound = { seq, sess: before.sess, untilMs: boundMs }
  return { seen: { ...before, bound: { ...before.bound, [valve]: bound } }, broken: [] }
}

/** A server's clock that was set, by how the device's own ran on meanwhile. It changes no run; a person should know. */
export function seeClock(
  before: Seen,
  { heartbeat: { sess, monoMs }, atMs }: Extract<DeviceWord, { type: 'heartbeat' }>,
): Watched {
  const { clock } = before
  const isOfSession = sess === before.sess
  const offsetMs = isOfSession ? Math.min(before.offsetMs, atMs - monoMs) : before.offsetMs
  const seen = { ...before, offsetMs, clock: { sess, atMs, monoMs } }
  if (clock === null || clock.sess !== sess) return { seen, broken: [] }
  const jumpMs = atMs - clock.atMs - (monoMs - clock.monoMs)
  // words may be minutes late, and an hour after a server that was frozen
  const isJump = jumpMs < -JUMP_MS || jumpMs > 12 * JUMP_MS
  // bounds of the old clock mean nothing on the new one
  if (isJump) Object.assign(seen, { offsetMs: isOfSession ? atMs - monoMs : Infinity, bound: {} })
  return { seen, broken: isJump ? [{ rule: 'I14', valve: null, seq: null, detail: { jumpMs } }] : [] }
}
