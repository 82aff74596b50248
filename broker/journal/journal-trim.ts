/** Drops what every reader has passed, in small steps, and gives the freed pages back to the disk where it needs them. */
import type { JournalDatabase } from './journal-file.ts'
import type { Records } from './journal-records.ts'
import type { JournalRoom } from './journal-capacity.ts'
import type { Log } from '../log.ts'

const RECORDS_A_STEP = 2_000
const PAGES_A_STEP = 256
// so much is kept for what comes next; more than that is left behind by an outage
const KEPT_FREE_PAGES = 16_384
const BETWEEN_STEPS_MS = 20
// a page moved takes a page of the log first: on a full disk only the reserve is there for that
const PAGES_A_STEP_FULL = 32
const AGAIN_MS = 1_000

export function journalTrim(deps: {
  database: JournalDatabase
  records: Pick<Records, 'passedSeq' | 'firstSeq' | 'dropUpTo'>
  headSeq: () => number
  room: () => JournalRoom
  /** a step could not be written */
  onFault: () => void
  log: Log
}): { soon(): void; stop(): void } {
  const { database, records, headSeq, room, onFault, log } = deps
  let isDue = false
  let isStopped = false
  let hasGiven = false
  let timer: NodeJS.Timeout | undefined

  /** Gives true when there is more to drop. */
  function dropSome(): boolean {
    const passedSeq = records.passedSeq()
    const firstSeq = records.firstSeq()
    if (passedSeq === null || firstSeq === null) return false
    // the newest record stays: the next sequence number is read from it
    const lastSeq = Math.min(passedSeq, headSeq() - 1)
    const upTo = Math.min(lastSeq, firstSeq + RECORDS_A_STEP - 1)
    if (upTo < firstSeq) return false
    records.dropUpTo(upTo)
    return upTo < lastSeq
  }

  function giveBack(): void {
    timer = undefined
    if (isStopped) return
    const [{ freelist_count: freePages }] = database.pragma('freelist_count') as [{ freelist_count: number }]
    const kept = room().level === 'ok' ? KEPT_FREE_PAGES : PAGES_A_STEP
    if (freePages <= kept) return finish()
    hasGiven = true
    const isFull = room().level === 'full'
    database.exec(`pragma incremental_vacuum(${isFull ? PAGES_A_STEP_FULL : PAGES_A_STEP})`)
    const [{ freelist_count: left }] = database.pragma('freelist_count') as [{ freelist_count: number }]
    // a file from before it could shrink keeps its free pages
    if (left === freePages || isFull) finish()
    if (left < freePages) timer = setTimeout(() => safely(giveBack), BETWEEN_STEPS_MS)
  }

  /** The file is cut only by a checkpoint, and nobody may be writing who would bring one about. */
  function finish(): void {
    if (hasGiven) database.exec('pragma wal_checkpoint(TRUNCATE)')
    hasGiven = false
  }

  function safely(step: () => void): void {
    try {
      step()
    } catch (error) {
      log.warn({ error }, 'journal could not be trimmed; tried again')
      onFault()
      timer ??= setTimeout(() => {
        timer = undefined
        soon()
      }, AGAIN_MS)
    }
  }

  function soon(): void {
    if (isDue || isStopped) return
    isDue = true
    setImmediate(() => {
      isDue = false
      if (isStopped) return
      safely(() => {
        if (dropSome()) soon()
        else if (timer === undefined) giveBack()
      })
    })
  }

  return {
    soon,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
