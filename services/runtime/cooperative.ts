/**
 * Long computations, written as a generator that yields wherever it may be interrupted: run synchronously where
 * nothing else waits, or in slices of a few milliseconds between which messages, leases and timers are handled.
 */
import { setImmediate } from 'node:timers/promises'

export type CooperativeTask<T> = Generator<void, T>

const SLICE_MS = 2

/** Runs a task in slices; other work of the event loop runs in between. */
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

/** Runs a task to its end without interruption. */
export function runSync<T>(work: CooperativeTask<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** For a computation of many parts: await the function between two of them. It yields when a slice is used up. */
export function timeSlices(): () => Promise<void> {
  let beganMs = performance.now()
  return async () => {
    if (performance.now() - beganMs < SLICE_MS) return
    await yieldToEventLoop()
    beganMs = performance.now()
  }
}

const TURNS = 3

/**
 * Long computations await this between slices, so that everything else runs first. One turn of the event loop is not
 * enough: a message is read in one turn, committed in the next and acknowledged in a third, and would wait for a
 * slice each time.
 */
export async function yieldToEventLoop(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate()
}
