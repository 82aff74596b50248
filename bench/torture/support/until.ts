/** Waiting for something to come about, in real time. */
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 20

/** Asks until the answer is neither null nor false; an error that names it after `withinMs`. */
export async function until<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== false) return answer
    if (performance.now() > endMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}

/** How long it took, ms of real time; NaN when it did not come about. */
export async function timeUntil(withinMs: number, ask: () => Promise<boolean> | boolean): Promise<number> {
  const startMs = performance.now()
  while (performance.now() - startMs < withinMs) {
    if (await ask()) return performance.now() - startMs
    await pause(LOOK_EVERY_MS)
  }
  return Number.NaN
}
