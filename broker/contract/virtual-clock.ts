/**
 * A clock that moves only on request: for tests and for the fast-forward of the simulator. `advanceTo` fires due timers
 * in time order, waits for each, and then waits until every registered party has settled. A callback must not itself
 * wait for this clock (use `every`, not a loop of `sleep`): time does not move until the callback has returned.
 */
import type { AtMs, Clock } from './time.ts'

export interface VirtualClock extends Clock {
  /** Moves to `atMs`, running every timer on the way at its own instant. */
  advanceTo(atMs: AtMs): Promise<void>
  /** The instant of the next timer, or null. */
  nextAt(): AtMs | null
  /** `settle` is awaited after each instant at which a timer ran, so that messages arrive before time moves on. */
  onSettle(settle: () => Promise<void>): void
}

type Timer = { atMs: AtMs; order: number; run: () => void | Promise<void>; isCancelled: boolean }

/** A clock at `startMs`. */
export function virtualClock(startMs: AtMs): VirtualClock {
  let nowMs = startMs
  let order = 0
  const timers = new TimerHeap()
  const settlers: (() => Promise<void>)[] = []

  return {
    now: () => nowMs,
    at(atMs, run) {
      const timer: Timer = { atMs: Math.max(atMs, nowMs), order: order++, run, isCancelled: false }
      timers.push(timer)
      return () => void (timer.isCancelled = true)
    },
    nextAt: () => timers.peek()?.atMs ?? null,
    onSettle: (settle) => void settlers.push(settle),
    async advanceTo(atMs) {
      for (let next = timers.peek(); next && next.atMs <= atMs; next = timers.peek()) {
        nowMs = Math.max(nowMs, next.atMs)
        const running: Promise<void>[] = []
        for (let timer = timers.peek(); timer && timer.atMs <= nowMs; timer = timers.peek()) {
          timers.pop()
          running.push(Promise.resolve(timer.run()))
        }
        // the parties settle while the callbacks run: a callback may wait for a message that another party must handle
        await Promise.all(running)
        for (const settle of settlers) await settle()
      }
      nowMs = Math.max(nowMs, atMs)
    },
  }
}

/** Binary heap by instant, then by the order of setting. */
class TimerHeap {
  private readonly heap: Timer[] = []

  push(timer: Timer): void {
    const heap = this.heap
    let i = heap.push(timer) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(timer, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = timer
  }

  peek(): Timer | undefined {
    while (this.heap[0]?.isCancelled) this.pop()
    return this.heap[0]
  }

  pop(): void {
    const heap = this.heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
