/**
 * The clock of dispatch: it shows the wall's time, but runs on evenly while the wall's clock is set. It takes over the new
 * time only when asked to, between two pieces of work, so that whoever asks can move with it what was noted by the old.
 */
import type { AtMs, Clock } from '../../broker/contract/time.ts'

export interface SteadyClock extends Clock {
  /** Takes over the wall's time, where it was set. By how much, ms; 0: it was not set. */
  resync(): number
}

// less is how two clocks of one machine are read one after the other, and how far one drifts from the other
const SET_MS = 500

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
      // one who is held up between the two readings sees a clock set that nobody has touched
      if (Math.abs(setMs) >= SET_MS) setMs = Math.round(readAheadMs() - aheadMs)
      if (Math.abs(setMs) < SET_MS) return 0
      aheadMs += setMs
      return setMs
    },
  }
}
