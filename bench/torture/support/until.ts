/** Polling, in real time. */
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 20

/** Polls until the result is neither null nor false; fails after `withinMs` with `description`. */
export async function until<T>(
  description: string,
  withinMs: number,
  probe: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const result = await probe()
    if (result !== null && result !== false) return result
    if (performance.now() > endMs) throw new Error(`not within ${withinMs / 1000} s: ${description}`)
    await pause(LOOK_EVERY_MS)
  }
}

/** Time until true, ms of real time; NaN when it did not happen. */
export async function timeUntil(withinMs: number, probe: () => Promise<boolean> | boolean): Promise<number> {
  const startMs = performance.now()
  while (performance.now() - startMs < withinMs) {
    if (await probe()) return performance.now() - startMs
    await pause(LOOK_EVERY_MS)
  }
  return Number.NaN
}
