/**
 * Wrong passwords cost time, more each time, and nobody is ever locked out: an attacker waits, the owner waits too,
 * 8 s at most, and gets in. A try counts from its beginning, so that many at once are no way round. Counted per account,
 * whether it is there or not, in memory.
 */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'

const FREE_TRIES = 3
const LONGEST_MS = 8_000
const FORGET_MS = 15 * MINUTE_MS
const MOST_ACCOUNTS = 10_000

export interface SignInDelay {
  /** A password is tried: how long to wait before it is looked at, ms. */
  tried(account: string): number
  succeeded(account: string): void
}

/** `now` is any monotonic clock in ms. */
export function signInDelay(now: () => number): SignInDelay {
  const tries = new Map<string, { count: number; lastMs: AtMs }>() // the latest at the end
  return {
    tried(account) {
      const existing = tries.get(account)
      const before = existing && now() - existing.lastMs < FORGET_MS ? existing.count : 0
      tries.delete(account)
      tries.set(account, { count: before + 1, lastMs: now() })
      // a guesser of names must not fill the memory: the oldest is forgotten
      if (tries.size > MOST_ACCOUNTS) tries.delete(tries.keys().next().value!)
      return before < FREE_TRIES ? 0 : Math.min(LONGEST_MS, 250 * 2 ** Math.min(before - FREE_TRIES, 30))
    },
    succeeded: (account) => void tries.delete(account),
  }
}
