/** Retries until it works: an unavailable store loses nothing, it only delays the queue. */
import { SECOND_MS } from '../../broker/contract/time.ts'
import { isTilthError } from '../errors.ts'
import type { Clock, Logger } from '../ports.ts'

export interface Retrier {
  /**
   * Returns the result of `work`, however long it takes. Rejects with STORE_REFUSED, and with RetryStopped after
   * `stop`.
   */
  retryForever<T>(description: string, work: () => Promise<T> | T): Promise<T>
  /** Waits as long as after a first failure. */
  pause(): Promise<void>
  isWaiting(): boolean
  /** Resolves when `work` is done or has failed, or when it starts to wait. Its owner handles the failure. */
  untilBlocked(work: Promise<void>): Promise<void>
  failures(): number
  stop(): void
}

export class RetryStopped extends Error {}

const FIRST_WAIT_MS = SECOND_MS
const LONGEST_WAIT_MS = 30 * SECOND_MS

/** Waits 1 s after the first failure, then twice as long each time, at most 30 s by `clock`. */
export function createRetrier(deps: { clock: Clock; log: Logger }): Retrier {
  const { clock, log } = deps
  let isStopped = false
  let failures = 0
  let wake: (() => void) | null = null
  const watchers = new Set<() => void>()

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        cancel()
        wake = null
        resolve()
      }
      const cancel = clock.at(clock.now() + ms, goOn)
      wake = goOn
      for (const watch of [...watchers]) watch()
    })
  }

  return {
    async retryForever(description, work) {
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
        if (isStopped) throw new RetryStopped()
        try {
          const result = await work()
          if (waitMs > FIRST_WAIT_MS) log.info({ what: description }, 'works again')
          return result
        } catch (error) {
          if (isTilthError(error, 'STORE_REFUSED')) throw error
          failures++
          log.warn({ what: description, error, waitMs }, 'failed; nothing is lost, retrying')
        }
        if (!isStopped) await pause(waitMs)
      }
    },
    pause: () => (isStopped ? Promise.resolve() : pause(FIRST_WAIT_MS)),
    isWaiting: () => wake !== null,
    untilBlocked: (work) =>
      new Promise((resolve) => {
        const watch = () => {
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        work.then(watch, watch)
      }),
    failures: () => failures,
    stop() {
      isStopped = true
      wake?.()
    },
  }
}
