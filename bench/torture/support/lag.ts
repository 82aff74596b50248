/**
 * How long this process was held up: a device that lives in it closes so much later than it would on hardware of its own.
 * What it delays is no fault of the protocol, so it is measured and allowed for.
 */
export interface Lag {
  /** the longest so far, in farm time */
  longestMs(): number
  stop(): void
}

const LOOK_EVERY_MS = 10

export function watchLag(speed: number): Lag {
  let longestMs = 0
  let lastMs = performance.now()
  const look = () => {
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs - LOOK_EVERY_MS)
    lastMs = nowMs
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return {
    longestMs() {
      look()
      return Math.ceil(longestMs * speed)
    },
    stop: () => clearInterval(timer),
  }
}
