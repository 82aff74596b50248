/**
 * How long this process was delayed, or its clock was set forward: a simulated device in it closes that much later than
 * real hardware. The delay is no fault of the protocol, so it is measured and allowed for.
 */
import { systemClock } from '../../../broker/contract/time.ts'

export interface Lag {
  /** the longest so far, in farm time */
  longestMs(): number
  stop(): void
}

const LOOK_EVERY_MS = 10

export function watchLag(speed: number): Lag {
  let longestMs = 0
  // the wall clock behind farm time may be set; elapsed time may not
  let last = { wallMs: systemClock.now(), passedMs: performance.now() }
  const look = () => {
    const now = { wallMs: systemClock.now(), passedMs: performance.now() }
    const stretchMs = Math.max(now.wallMs - last.wallMs, now.passedMs - last.passedMs)
    longestMs = Math.max(longestMs, stretchMs - LOOK_EVERY_MS)
    last = now
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return {
    longestMs() {
      look()
      return Math.ceil(longestMs * speed)
    },
    stop: () => clearInterval(timer),
  }
}
