/** Deletes records that every reader has passed, in small steps, and returns freed pages to the disk. */
import type { Records } from './journal-records.ts'
import type { JournalCapacity } from './journal-capacity.ts'
import type { Log } from '../log.ts'
import { callWriter, type WriterClient } from './writer-client.ts'

const RECORDS_PER_STEP = 2_000
const PAGES_PER_STEP = 256
// freed pages that stay for the next records; more than that are left over from an outage
const RESERVED_FREE_PAGES = 16_384
const BETWEEN_STEPS_MS = 20
// a moved page needs a page of the log first: on a full disk only the reserve is available for that
const PAGES_PER_STEP_FULL = 32
const RETRY_MS = 1_000

/**
 * `soon` returns at once; repeated calls are merged. The newest record is never deleted, and a step that fails is
 * retried after a second.
 */
export function journalTrim(deps: {
  writer: WriterClient
  records: Pick<Records, 'minCursorSeq' | 'firstSeq'>
  freePages: () => number
  headSeq: () => number
  capacity: () => JournalCapacity
  /** a step could not be written */
  onFault: () => void
  log: Log
}): { soon(): void; stop(): void } {
  const { writer, records, freePages, headSeq, capacity, onFault, log } = deps
  let isDue = false
  let isStopped = false
  let hasReleased = false
  let timer: NodeJS.Timeout | undefined

  /** True if there is more to delete. */
  async function dropSome(): Promise<boolean> {
    const passedSeq = records.minCursorSeq()
    const firstSeq = records.firstSeq()
    if (passedSeq === null || firstSeq === null) return false
    // the newest record stays: the next sequence number is read from it
    const lastSeq = Math.min(passedSeq, headSeq() - 1)
    const upTo = Math.min(lastSeq, firstSeq + RECORDS_PER_STEP - 1)
    if (upTo < firstSeq) return false
    await callWriter(writer, 'drop', upTo)
    return upTo < lastSeq
  }

  async function releasePages(): Promise<void> {
    timer = undefined
    if (isStopped) return
    const pages = freePages()
    const reserved = capacity().level === 'ok' ? RESERVED_FREE_PAGES : PAGES_PER_STEP
    if (pages <= reserved) return finish()
    hasReleased = true
    const isFull = capacity().level === 'full'
    await callWriter(writer, 'vacuum', isFull ? PAGES_PER_STEP_FULL : PAGES_PER_STEP)
    if (isStopped) return
    const left = freePages()
    // a file without incremental vacuum keeps its free pages
    if (left === pages || isFull) await finish()
    if (left < pages && !isStopped) timer = setTimeout(() => void guarded(releasePages), BETWEEN_STEPS_MS)
  }

  /** Only moving the write-ahead log shrinks the file, and there may be no writes that would cause it. */
  async function finish(): Promise<void> {
    if (hasReleased) await callWriter(writer, 'moveLog', 'TRUNCATE')
    hasReleased = false
  }

  async function guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      if (isStopped) return
      log.warn({ error }, 'the journal could not be trimmed; it will be tried again')
      onFault()
      timer ??= setTimeout(() => {
        timer = undefined
        schedule()
      }, RETRY_MS)
    }
  }

  function schedule(): void {
    if (isDue || isStopped) return
    isDue = true
    setImmediate(
      () =>
        void guarded(async () => {
          try {
            if (isStopped) return
            const isMore = await dropSome()
            isDue = false
            if (isStopped) return
            if (isMore) schedule()
            else if (timer === undefined) await releasePages()
          } finally {
            isDue = false
          }
        }),
    )
  }

  return {
    soon: schedule,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
