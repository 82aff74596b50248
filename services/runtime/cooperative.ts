/**
 * Long work of plain computation, written as a generator that yields wherever it may be left for a while: done at once
 * where nobody waits, or in turns of a few milliseconds between which messages, leases and timers are served.
 */
import { yieldToEventLoop } from '../breath.ts'

export type CooperativeTask<T> = Generator<void, T>

const SLICE_MS = 2

export async function runCooperatively<T>(work: CooperativeTask<T>): Promise<T> {
  let beganMs = performance.now()
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - beganMs < SLICE_MS) continue
    await yieldToEventLoop()
    beganMs = performance.now()
  }
}

export function runSync<T>(work: CooperativeTask<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
