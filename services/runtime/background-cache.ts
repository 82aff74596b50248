/** Something that is asked seldom and looked at often: whoever looks waits for nobody. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Clock } from '../ports.ts'

export interface BackgroundCache<T> {
  /** As it was read last; it is read again in the background when that is long ago. Null: not read yet. */
  latest(): T | null
  settled(): Promise<void>
}

/** `failed`: is told why; what was read before stays, and it is tried again as late as if it had gone well. */
export function backgroundCache<T>(how: {
  everyMs: number
  clock: Clock
  read(): Promise<T>
  failed(error: unknown): void
}): BackgroundCache<T> {
  const { everyMs, clock, read, failed } = how
  let found: T | null = null
  let readMs: AtMs | null = null
  let reading = Promise.resolve()

  return {
    latest() {
      const nowMs = clock.now()
      // a clock that was set back counts as long ago
      if (readMs === null || nowMs - readMs >= everyMs || nowMs < readMs) {
        readMs = nowMs
        reading = reading.then(read).then((value) => void (found = value), failed)
      }
      return found
    },
    settled: () => reading,
  }
}
