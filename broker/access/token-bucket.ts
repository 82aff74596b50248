/** A token bucket: so much at once, then so much a second. Time is monotonic ms, given by the caller. Pure. */
export interface Rate {
  burst: number
  perS: number
}

export interface TokenBucket {
  /** Takes `count`, also where there is not as much, and gives how long to wait until nothing is owed, ms. */
  take(count: number, nowMs: number): number
  /** Takes one when there is one. */
  tryTake(nowMs: number): boolean
  /** as good as new */
  isFull(nowMs: number): boolean
}

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
    isFull(nowMs) {
      refill(nowMs)
      return tokens >= burst
    },
  }
}
