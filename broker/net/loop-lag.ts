/** Event loop lag: how late a timer of this process runs, ms. */
const CHECK_EVERY_MS = 100

export interface LoopLag {
  lagMs(): number
  stop(): void
}

/** Measures until it is stopped. */
export function watchLag(): LoopLag {
  let dueMs = performance.now() + CHECK_EVERY_MS
  let lastMs = 0
  const timer = setInterval(() => {
    const nowMs = performance.now()
    lastMs = Math.max(0, nowMs - dueMs)
    dueMs = nowMs + CHECK_EVERY_MS
  }, CHECK_EVERY_MS)
  timer.unref()
  return {
    // an overdue timer counts before it has run
    lagMs: () => Math.max(lastMs, performance.now() - dueMs),
    stop: () => clearInterval(timer),
  }
}
