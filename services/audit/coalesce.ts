/**
 * Repeated events become few lines: the first event of a key at once, those of the next ten minutes as one line with
 * a count, so that repeated attempts cannot fill the disk.
 */
import { MINUTE_MS, type Clock } from '../../broker/contract/time.ts'
import type { Logger } from '../ports.ts'
import { serialQueue } from '../runtime/serial-queue.ts'

const WINDOW_MS = 10 * MINUTE_MS

export interface EventCoalescer<T> {
  /** The newest event of the current window of a key. */
  pending(key: string): T | undefined
  /** The newest event of a window is the one that is written. */
  add(key: string, event: T, times?: number): void
  /** Writes the counted events of a key; its next event starts a new window. */
  flush(key: string): Promise<void>
  /** Writes everything that is counted and not written yet. */
  stop(): Promise<void>
}

/** `write` is never called concurrently. */
export function eventCoalescer<T>(deps: {
  clock: Clock
  log: Logger
  write: (event: T, times: number) => Promise<void>
}): EventCoalescer<T> {
  const { clock, log } = deps
  const gathering = new Map<string, { it: T; times: number; cancel: () => void }>() // not written yet
  const writes = serialQueue()

  function write(event: T, times: number): void {
    writes
      .enqueue(() => deps.write(event, times))
      .catch((error: unknown) => log.error({ error }, 'an event could not be audited'))
  }

  function end(key: string): Promise<void> {
    const gathered = gathering.get(key)
    gathered?.cancel()
    gathering.delete(key)
    if (gathered !== undefined && gathered.times > 0) write(gathered.it, gathered.times)
    return writes.settled()
  }

  return {
    pending: (key) => gathering.get(key)?.it,
    add(key, event, times = 1) {
      const current = gathering.get(key)
      if (current !== undefined) {
        current.it = event
        current.times += times
        return
      }
      const cancel = clock.at(clock.now() + WINDOW_MS, () => void end(key))
      gathering.set(key, { it: event, times: times - 1, cancel })
      write(event, 1)
    },
    flush: end,
    async stop() {
      for (const key of [...gathering.keys()]) void end(key)
      await writes.settled()
    },
  }
}
