/**
 * From publish to queryable: a sent message waits here until a query returns an instant of its device that is as late.
 * Both pipelines are measured with it, each through its own store's query.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { AtMs } from '../../broker/contract/time.ts'

/** The newest instant of each device that a query returns now, by device id. */
export type ReadNewest = () => Promise<Iterable<readonly [device: string, atMs: AtMs]>>

export interface Visibility {
  sent(device: string, atMs: AtMs): void
  /** publish to visible of messages seen, ms, ascending */
  seenMs(): number[]
  /** when a message was last seen, on the watch's clock, ms */
  lastSeenMs(): number
  waiting(): number
  /** Resolves when every sent message has been seen, or after `forMs`; returns the number missing. */
  drained(forMs: number): Promise<number>
  /** Ends the polling; rejects when a query failed. */
  stop(): Promise<void>
}

const EVERY_MS = 2

/** Polls until stopped, one poll after another. */
export function watchVisibility(readNewest: ReadNewest, nowMs = () => performance.now()): Visibility {
  const queues = new Map<string, { atMs: AtMs; sentMs: number }[]>()
  const visibleMs: number[] = []
  let waitingCount = 0
  let lastSeenMs = Number.NaN
  let isStopped = false
  let failure: unknown = null

  async function poll(): Promise<void> {
    const newest = await readNewest()
    const seenMs = nowMs()
    for (const [device, atMs] of newest) {
      const queue = queues.get(device)
      if (!queue) continue
      let count = 0
      while (count < queue.length && queue[count]!.atMs <= atMs)
        visibleMs.push(seenMs - queue[count++]!.sentMs)
      if (count === 0) continue
      queue.splice(0, count)
      lastSeenMs = seenMs
      waitingCount -= count
    }
  }
  const polling = (async () => {
    while (!isStopped) {
      await poll()
      await pause(EVERY_MS)
    }
  })().catch((error: unknown) => void (failure = error))

  return {
    sent(device, atMs) {
      const queue = queues.get(device)
      const entry = { atMs, sentMs: nowMs() }
      if (queue) queue.push(entry)
      else queues.set(device, [entry])
      waitingCount++
    },
    seenMs: () => [...visibleMs].sort((a, b) => a - b),
    lastSeenMs: () => lastSeenMs,
    waiting: () => waitingCount,
    async drained(forMs) {
      const untilMs = performance.now() + forMs
      while (waitingCount > 0 && failure === null && performance.now() < untilMs) await pause(5)
      return waitingCount
    },
    async stop() {
      isStopped = true
      await polling
      if (failure !== null) throw failure
    },
  }
}
