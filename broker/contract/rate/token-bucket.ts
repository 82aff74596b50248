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
export const tokenBucket = (rate: Rate, startMs: number): TokenBucket => new Bucket(rate, startMs)

// a class: each device has two, and closures of its own for each would take four times the memory
class Bucket implements TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #atMs: number

  constructor(rate: Rate, startMs: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#atMs = startMs
  }

  take(count: number, nowMs: number): number {
    this.#refill(nowMs)
    this.#tokens -= count
    return this.#debtMs(0)
  }

  tryTake(nowMs: number): boolean {
    this.#refill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  waitMs(nowMs: number): number {
    this.#refill(nowMs)
    return this.#debtMs(1)
  }

  isFull(nowMs: number): boolean {
    this.#refill(nowMs)
    return this.#tokens >= this.#rate.burst
  }

  #refill(nowMs: number): void {
    if (nowMs <= this.#atMs) return
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.#rate.perS)
    this.#atMs = nowMs
  }

  /** Time until there are `count` tokens, ms. */
  #debtMs(count: number): number {
    return this.#tokens >= count ? 0 : ((count - this.#tokens) / this.#rate.perS) * 1_000
  }
}
