/**
 * Long work of plain computation, written as a generator that yields wherever it may be left for a while: done at once
 * where nobody waits, or in turns of a few milliseconds between which messages, leases and timers are served.
 */
import { setImmediate } from 'node:timers/promises'

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

const TURNS = 3

/**
 * What long work awaits now and then, so that everything else goes first. One turn of the event loop would not do: a
 * message is read in one, committed in the next and acknowledged in a third, and would stand behind the work each time.
 */
export async function yieldToEventLoop(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate()
}
