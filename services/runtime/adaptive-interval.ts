/**
 * When to look again at what keeps changing: soon, but where a look takes long, so seldom that looking takes a
 * twentieth of the time at most. A valve that moves on a farm of a thousand must not wait for what is worked out of it.
 */
import type { AtMs, Clock } from '../../broker/contract/time.ts'

const REST_FACTOR = 20
const LONGEST_REST_MS = 60_000

export interface AdaptiveInterval {
  /** The instant of the next look: `soonMs` from now, later if the last one was long and not long ago. */
  nextMs(): AtMs
  /** Looks, and remembers how long it took. */
  run<T>(work: () => Promise<T>): Promise<T>
}

export function adaptiveInterval(clock: Clock, soonMs: number): AdaptiveInterval {
  let restedAtMs: AtMs = -Infinity
  return {
    nextMs: () => Math.max(clock.now() + soonMs, restedAtMs),
    async run(work) {
      const beganMs = clock.now()
      try {
        return await work()
      } finally {
        const tookMs = Math.max(0, clock.now() - beganMs)
        restedAtMs = clock.now() + Math.min(REST_FACTOR * tookMs, LONGEST_REST_MS)
      }
    },
  }
}
