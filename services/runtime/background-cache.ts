/** A value that is refreshed rarely in the background and read often: a reader never waits. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Clock } from '../ports.ts'

export interface BackgroundCache<T> {
  /** The last value; refreshed in the background when it is old. Null: not read yet. */
  latest(): T | null
  settled(): Promise<void>
}

/** `failed` receives the error; the previous value stays, and the next refresh comes after the usual interval. */
export function backgroundCache<T>(how: {
  everyMs: number
  clock: Clock
  read(): Promise<T>
  failed(error: unknown): void
}): BackgroundCache<T> {
  const { everyMs, clock, read, failed } = how
  let latestValue: T | null = null
  let readMs: AtMs | null = null
  let reading = Promise.resolve()

  return {
    latest() {
      const nowMs = clock.now()
      // a clock that was set back makes the value old
      if (readMs === null || nowMs - readMs >= everyMs || nowMs < readMs) {
        readMs = nowMs
        reading = reading.then(read).then((value) => void (latestValue = value), failed)
      }
      return latestValue
    },
    settled: () => reading,
  }
}
