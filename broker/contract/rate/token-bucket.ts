/** Token bucket: a burst at once, then a steady rate. Time is monotonic ms, given by the caller. Pure. */
export interface Rate {
  burst: number
  perS: number
}

export interface TokenBucket {
  /** Takes `count` tokens, also more than available, and returns the wait until the debt is paid, ms. */
  take(count: number, nowMs: number): number
  /** Takes a token if one is available. */
  tryTake(nowMs: number): boolean
  /** Time until a token is available, ms; 0: now. */
  waitMs(nowMs: number): number
  /** Whether the bucket is in the state of a new one. */
  isFull(nowMs: number): boolean
}

/** A full bucket. */
export function tokenBucket({ burst, perS }: Rate, startMs: number): TokenBucket {
  let tokens = burst
  let atMs = startMs
  function refill(nowMs: number): void {
    if (nowMs <= atMs) return
    tokens = Math.min(burst, tokens + ((nowMs - atMs) / 1_000) * perS)
    atMs = nowMs
  }
  return {
    take(count, nowMs) {
      refill(nowMs)
      tokens -= count
      return tokens >= 0 ? 0 : (-tokens / perS) * 1_000
    },
    tryTake(nowMs) {
      refill(nowMs)
      if (tokens < 1) return false
      tokens--
      return true
    },
    waitMs(nowMs) {
      refill(nowMs)
      return tokens >= 1 ? 0 : ((1 - tokens) / perS) * 1_000
    },
    isFull(nowMs) {
      refill(nowMs)
      return tokens >= burst
    },
  }
}
