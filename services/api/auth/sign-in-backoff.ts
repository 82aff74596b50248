/**
 * Wrong passwords are delayed, more each time, and nobody is ever locked out: attacker and owner wait equally, at most
 * 8 s. An attempt counts from its start, so that parallel attempts gain nothing. Counted per account, existing or not.
 */
import { failureBackoff } from '../../../broker/contract/rate/failure-backoff.ts'

export interface SignInDelay {
  /** Records an attempt and returns its delay, ms. */
  tried(account: string): number
  succeeded(account: string): void
}

/** `now` is any monotonic clock in ms. */
export function signInDelay(now: () => number): SignInDelay {
  const backoff = failureBackoff({ firstMs: 250, longestMs: 8_000, freeFailures: 3 })
  return {
    tried: (account) => backoff.failed(account, now()),
    succeeded: (account) => backoff.succeeded(account),
  }
}
