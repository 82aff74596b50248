/**
 * Exponential back-off for failed sign-ins, by address or by account. Only failures are delayed, so nobody can lock
 * out a person or a device that has its secret. Time is monotonic, given by the caller. Pure except for its own
 * memory.
 */
import { MINUTE_MS } from '../time.ts'
import { boundedMap } from './bounded-map.ts'

export interface FailureBackoffOptions {
  /** delay after the first failure that is delayed, ms; each further one doubles it */
  firstMs: number
  longestMs: number
  /** failures without a delay; default 0 */
  freeFailures?: number
}

export interface FailureBackoff {
  /** Records a failure, or an attempt until it succeeds, and returns its delay from its start, ms. */
  failed(key: string, nowMs: number): number
  /** Forgets the failures of a key. */
  succeeded(key: string): void
}

const RESET_AFTER_MS = 15 * MINUTE_MS
const MAX_KEYS = 10_000
// 2^30 times any delay is beyond every limit, and still a finite number
const MAX_DOUBLINGS = 30

/** A counter that starts again 15 minutes after the last failure of a key. */
export function failureBackoff({
  firstMs,
  longestMs,
  freeFailures = 0,
}: FailureBackoffOptions): FailureBackoff {
  const failures = boundedMap<string, { count: number; lastMs: number }>(MAX_KEYS)
  return {
    failed(key, nowMs) {
      const last = failures.get(key)
      const recentCount = last !== undefined && nowMs - last.lastMs < RESET_AFTER_MS ? last.count : 0
      failures.set(key, { count: recentCount + 1, lastMs: nowMs })
      if (recentCount < freeFailures) return 0
      return Math.min(longestMs, firstMs * 2 ** Math.min(recentCount - freeFailures, MAX_DOUBLINGS))
    },
    succeeded: (key) => failures.delete(key),
  }
}
