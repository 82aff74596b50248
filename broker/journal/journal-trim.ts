/** Deletes records that every reader has passed, in small steps, and returns freed pages to the disk. */
import { readPragma, type Database } from '../../sqlite/database.ts'
import type { Records } from './journal-records.ts'
import type { JournalCapacity } from './journal-capacity.ts'
import type { Log } from '../log.ts'

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
  database: Database
  records: Pick<Records, 'minCursorSeq' | 'firstSeq' | 'dropUpTo'>
  headSeq: () => number
  capacity: () => JournalCapacity
  /** a step could not be written */
  onFault: () => void
  log: Log
}): { soon(): void; stop(): void } {
  const { database, records, headSeq, capacity, onFault, log } = deps
  let isDue = false
  let isStopped = false
  let hasReleased = false
  let timer: NodeJS.Timeout | undefined

  /** True if there is more to delete. */
  function dropSome(): boolean {
    const passedSeq = records.minCursorSeq()
    const firstSeq = records.firstSeq()
    if (passedSeq === null || firstSeq === null) return false
    // the newest record stays: the next sequence number is read from it
    const lastSeq = Math.min(passedSeq, headSeq() - 1)
    const upTo = Math.min(lastSeq, firstSeq + RECORDS_PER_STEP - 1)
    if (upTo < firstSeq) return false
    records.dropUpTo(upTo)
    return upTo < lastSeq
  }

  function releasePages(): void {
    timer = undefined
    if (isStopped) return
    const freePages = readPragma(database, 'freelist_count') as number
    const reserved = capacity().level === 'ok' ? RESERVED_FREE_PAGES : PAGES_PER_STEP
    if (freePages <= reserved) return finish()
    hasReleased = true
    const isFull = capacity().level === 'full'
    database.exec(`pragma incremental_vacuum(${isFull ? PAGES_PER_STEP_FULL : PAGES_PER_STEP})`)
    const left = readPragma(database, 'freelist_count') as number
    // a file without incremental vacuum keeps its free pages
    if (left === freePages || isFull) finish()
    if (left < freePages) timer = setTimeout(() => guarded(releasePages), BETWEEN_STEPS_MS)
  }

  /** Only a checkpoint shrinks the file, and there may be no writes that would cause one. */
  function finish(): void {
    if (hasReleased) database.exec('pragma wal_checkpoint(TRUNCATE)')
    hasReleased = false
  }

  function guarded(step: () => void): void {
    try {
      step()
    } catch (error) {
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
    setImmediate(() => {
      isDue = false
      if (isStopped) return
      guarded(() => {
        if (dropSome()) schedule()
        else if (timer === undefined) releasePages()
      })
    })
  }

  return {
    soon: schedule,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
