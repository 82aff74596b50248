/**
 * What happens again and again becomes few lines: the first of a key at once, the others of the next ten minutes as one
 * that counts them, so that nobody fills the disk by trying.
 */
import { MINUTE_MS, type Clock } from '../../broker/contract/time.ts'
import type { Logger } from '../ports.ts'
import { serialQueue } from '../runtime/serial-queue.ts'

const WINDOW_MS = 10 * MINUTE_MS

export interface EventCoalescer<T> {
  /** What is being gathered under a key. */
  pending(key: string): T | undefined
  /** `it` takes the place of the one before: the newest is what is written. */
  add(key: string, it: T, times?: number): void
  /** Writes what has been counted of a key; its next one is a first one again. */
  flush(key: string): Promise<void>
  /** Writes what has been counted and not written. */
  stop(): Promise<void>
}

/** `write` is never called twice at once. */
export function eventCoalescer<T>(deps: {
  clock: Clock
  log: Logger
  write: (it: T, times: number) => Promise<void>
}): EventCoalescer<T> {
  const { clock, log } = deps
  const gathering = new Map<string, { it: T; times: number; cancel: () => void }>() // times: not written yet
  const writes = serialQueue()

  function write(it: T, times: number): void {
    writes
      .enqueue(() => deps.write(it, times))
      .catch((error: unknown) => log.error({ error }, 'a refusal could not be audited'))
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
    add(key, it, times = 1) {
      const known = gathering.get(key)
      if (known !== undefined) {
        known.it = it
        known.times += times
        return
      }
      const cancel = clock.at(clock.now() + WINDOW_MS, () => void end(key))
      gathering.set(key, { it, times: times - 1, cancel })
      write(it, 1)
    },
    flush: end,
    async stop() {
      for (const key of [...gathering.keys()]) void end(key)
      await writes.settled()
    },
  }
}
