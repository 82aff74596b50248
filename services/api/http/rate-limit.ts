/** Rate limits by key: a burst of one minute's requests, then a steady rate. In memory, and bounded. */
import { boundedMap } from '../../../broker/contract/rate/bounded-map.ts'
import { tokenBucket, type TokenBucket } from '../../../broker/contract/rate/token-bucket.ts'

const MAX_KEYS = 10_000

export interface Rate {
  /** Takes a token of `key`; returns 0, or the whole seconds until there is one. */
  take(key: string): number
}

/** `now` is any monotonic clock in ms. */
export function rate(perMinute: number, now: () => number): Rate {
  if (perMinute === Infinity) return { take: () => 0 }
  const buckets = boundedMap<string, TokenBucket>(MAX_KEYS)
  return {
    take(key) {
      const nowMs = now()
      const bucket = buckets.get(key) ?? tokenBucket({ burst: perMinute, perS: perMinute / 60 }, nowMs)
      buckets.set(key, bucket)
      return bucket.tryTake(nowMs) ? 0 : Math.ceil(bucket.waitMs(nowMs) / 1_000)
    },
  }
}
