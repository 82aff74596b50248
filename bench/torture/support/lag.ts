/**
 * The delay of this process, or the change of its clock: a simulated device in it closes that much later than real
 * hardware. It is not a fault of the protocol, so it is measured and tolerated.
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
  const sample = () => {
    const now = { wallMs: systemClock.now(), passedMs: performance.now() }
    const stretchMs = Math.max(now.wallMs - last.wallMs, now.passedMs - last.passedMs)
    longestMs = Math.max(longestMs, stretchMs - LOOK_EVERY_MS)
    last = now
  }
  const timer = setInterval(sample, LOOK_EVERY_MS)
  return {
    longestMs() {
      sample()
      return Math.ceil(longestMs * speed)
    },
    stop: () => clearInterval(timer),
  }
}
