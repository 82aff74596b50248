/**
 * Long work of plain computation, written as a generator that yields wherever it may be left for a while: done at once
 * where nobody waits, or in turns of a few milliseconds between which messages, leases and timers are served.
 */
import { breath } from '../breath.ts'

export type Turns<T> = Generator<void, T>

const TURN_MS = 2

export async function inTurns<T>(work: Turns<T>): Promise<T> {
  let beganMs = performance.now()
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - beganMs < TURN_MS) continue
    await breath()
    beganMs = performance.now()
  }
}

export function atOnce<T>(work: Turns<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
