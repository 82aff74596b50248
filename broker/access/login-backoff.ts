/**
 * How long the answer to a failed sign-in is held back: longer with each failure from the same address. Only failures
 * wait, so that nobody can keep a device out that knows its secret. Pure but for what it remembers.
 */
import type { BrokerLimits } from './limits.ts'

export interface LoginBackoff {
  /** A sign-in from this address has failed: how long after its beginning it is to be answered, ms. */
  failed(address: string, nowMs: number): number
}

const RESET_AFTER_MS = 15 * 60_000
const MAX_ADDRESSES = 10_000

export function loginBackoff(limits: BrokerLimits): LoginBackoff {
  const first = limits['first-delay']
  const longest = limits['longest-delay']
  // the one that failed last is at the end
  const failures = new Map<string, { count: number; lastMs: number }>()

  return {
    failed(address, nowMs) {
      const before = failures.get(address)
      const count = before && nowMs - before.lastMs < RESET_AFTER_MS ? before.count + 1 : 1
      failures.delete(address)
      failures.set(address, { count, lastMs: nowMs })
      if (failures.size > MAX_ADDRESSES) failures.delete(failures.keys().next().value!)
      return Math.min(longest, first * 2 ** Math.min(count - 1, 30))
    },
  }
}
