/**
 * The clock of dispatch: wall time that advances evenly even when the wall clock is set. It adopts the new time only
 * on request, between two tasks, so that the caller can shift all recorded instants with it.
 */
import type { AtMs, Clock } from '../../broker/contract/time.ts'

export interface SteadyClock extends Clock {
  /** Adopts the wall time if it was set. Returns the change, ms; 0: it was not set. */
  resync(): number
}

// smaller differences come from reading two clocks one after the other, and from drift
const SET_MS = 500

/**
 * Starts at the wall time. A change of less than 500 ms is not adopted. Without `wall.monoMs` it follows the wall
 * clock.
 */
export function steadyClock(wall: Clock): SteadyClock {
  const passedMs = () => wall.monoMs?.() ?? wall.now()
  const readAheadMs = () => wall.now() - passedMs()
  let aheadMs = readAheadMs()
  const now = (): AtMs => Math.floor(passedMs() + aheadMs)
  return {
    now,
    at: (atMs, run) => wall.at(atMs - now() + wall.now(), run),
    resync() {
      let setMs = Math.round(readAheadMs() - aheadMs)
      // a suspension between the two readings would look like a change
      if (Math.abs(setMs) >= SET_MS) setMs = Math.round(readAheadMs() - aheadMs)
      if (Math.abs(setMs) < SET_MS) return 0
      aheadMs += setMs
      return setMs
    },
  }
}
