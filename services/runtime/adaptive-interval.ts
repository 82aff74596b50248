/**
 * The interval between repetitions of a calculation: short, but extended so that a slow calculation takes a
 * twentieth of the time at most. A valve change on a farm of a thousand valves must not wait for the calculations
 * that depend on it.
 */
import type { AtMs, Clock } from '../../broker/contract/time.ts'

const REST_FACTOR = 20
const LONGEST_REST_MS = 60_000

export interface AdaptiveInterval {
  /** The instant of the next run: `soonMs` from now, later if the last run was slow and recent. */
  nextMs(): AtMs
  /** Runs the work and measures its duration. */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** The rest after a run is 20 times its duration, at most 60 s, by `clock`. */
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
