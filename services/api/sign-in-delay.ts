/**
 * Wrong passwords cost time, more each time, and nobody is ever locked out: an attacker waits, the owner waits too but
 * gets in. Counted per account, in memory.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'

const FREE_TRIES = 3
const LONGEST_MS = 8_000
const FORGET_MS = 15 * MINUTE_MS
const MOST_ACCOUNTS = 10_000

export interface SignInDelay {
  /** How long to wait before the password is looked at, ms. */
  waitMs(account: string): number
  failed(account: string): void
  succeeded(account: string): void
}

/** `now` is any monotonic clock in ms. */
export function signInDelay(now: () => number): SignInDelay {
  const failures = new Map<string, { count: number; lastMs: AtMs }>()
  const recent = (account: string) => {
    const known = failures.get(account)
    return known && now() - known.lastMs < FORGET_MS ? known.count : 0
  }
  return {
    waitMs(account) {
      const count = recent(account)
      return count < FREE_TRIES ? 0 : Math.min(LONGEST_MS, 250 * 2 ** (count - FREE_TRIES))
    },
    failed(account) {
      const count = recent(account) + 1
      failures.delete(account)
      failures.set(account, { count, lastMs: now() })
      // a guesser of names must not fill the memory: the oldest is forgotten
      if (failures.size > MOST_ACCOUNTS) failures.delete(failures.keys().next().value!)
    },
    succeeded: (account) => void failures.delete(account),
  }
}
