/**
 * Many small writes, one commit: what arrives while the disk is busy goes to it together. A write is answered after
 * the commit that holds it, never before. While the disk fails, writes are held for a while and tried again, so that
 * a short fault costs nobody a connection; beyond the limits they are refused.
 */
import type Database from 'libsql'
import { brokerError } from './broker-error.ts'
import type { Log } from '../log.ts'

const MAX_PENDING = 20_000
const MAX_PENDING_BYTES = 16 * 1024 * 1024
const MAX_PENDING_MS = 10_000
// one commit of this many small records keeps the event loop for about 6 ms
const MAX_GROUP = 1_000
// what one commit may need of a disk that is nearly full
const MAX_GROUP_BYTES = 1024 * 1024
const LONGEST_WAIT_MS = 2
const RETRY_MS = 250

interface PendingWrite {
  write: () => unknown
  bytes: number
  sinceMs: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

export interface GroupCommit {
  /** Runs `write` inside the next commit; its answer comes after that commit. STORE_UNAVAILABLE when it cannot be kept. */
  add<T>(bytes: number, write: () => T): Promise<T>
  /** From three quarters of what may be held: time to read no more from the network. */
  isFull(): boolean
  /** Called when there is room again after isFull. */
  onDrain(run: () => void): void
  /** The last commit failed: nothing is acknowledged until one succeeds. */
  isFailing(): boolean
  /** Called when a commit has succeeded after failures. */
  onRecovered(run: () => void): void
  /** Commits what is held; nothing can be added afterwards. */
  close(): void
}

export function groupCommit(deps: {
  database: Database.Database
  log: Log
  /** false: the disk has no room, so a commit is not even tried; it counts as one that failed */
  mayWrite?: () => boolean
  /** before the first write of a group, also when the group is tried again */
  onBegin: () => void
  onCommit: () => void
  /** the disk has refused a commit */
  onFault?: () => void
}): GroupCommit {
  const { database, log, mayWrite = () => true, onBegin, onCommit, onFault } = deps
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  let held: PendingWrite[] = []
  let heldBytes = 0
  let isScheduled = false
  let isFailing = false
  let isClosed = false
  let wasFull = false
  let lastEndMs = 0
  let lastTookMs = 0
  const drainListeners: (() => void)[] = []
  const recoveryListeners: (() => void)[] = []

  const fillLevel = () => Math.max(held.length / MAX_PENDING, heldBytes / MAX_PENDING_BYTES)

  function schedule(): void {
    if (isScheduled || held.length === 0) return
    isScheduled = true
    // rest as long as the last commit took, so that a slow disk gets larger groups instead of a queue
    const restMs = Math.min(LONGEST_WAIT_MS, lastTookMs) - (performance.now() - lastEndMs)
    const waitMs = isFailing ? RETRY_MS : restMs
    if (waitMs < 0.5) setImmediate(run)
    else setTimeout(run, waitMs)
  }

  function run(): void {
    isScheduled = false
    if (!isClosed) commitOnce()
    schedule()
  }

  function commitOnce(): void {
    const group = nextGroup()
    const startMs = performance.now()
    const answers: unknown[] = []
    try {
      if (!mayWrite()) throw diskFullError()
      begin.run()
      onBegin()
      for (const { write } of group) answers.push(write())
      commit.run()
    } catch (error) {
      rollback()
      retryOrReject(group, error)
      return
    }
    lastEndMs = performance.now()
    lastTookMs = lastEndMs - startMs
    removePending(group.length)
    const isMended = isFailing
    isFailing = false
    group.forEach(({ resolve }, i) => resolve(answers[i]))
    onCommit()
    notifyDrained()
    if (isMended) notifyRecovered()
  }

  function nextGroup(): PendingWrite[] {
    let bytes = 0
    const end = held.findIndex((each, i) => {
      bytes += each.bytes
      return i > 0 && (i >= MAX_GROUP || bytes > MAX_GROUP_BYTES)
    })
    return held.slice(0, end < 0 ? held.length : end)
  }

  function rollback(): void {
    try {
      database.exec('rollback')
    } catch {
      // SQLite has rolled back by itself: it does so when the disk is full
    }
    onBegin()
  }

  function retryOrReject(group: PendingWrite[], error: unknown): void {
    if (!isFailing) log.error({ error }, 'journal cannot write: nothing is acknowledged until it can')
    isFailing = true
    onFault?.()
    const count = isTransient(error) ? countExpired() : group.length
    const refused = held.slice(0, count)
    removePending(count)
    const reason = brokerError('STORE_UNAVAILABLE', 'the journal cannot write', { cause: error })
    for (const { reject } of refused) reject(reason)
    notifyDrained()
  }

  /** Of all that is held, not of one group alone: nobody waits longer than the limit because many wait. */
  function countExpired(): number {
    const oldestMs = performance.now() - MAX_PENDING_MS
    const young = held.findIndex(({ sinceMs }) => sinceMs > oldestMs)
    return young < 0 ? held.length : young
  }

  function notifyRecovered(): void {
    log.info({}, 'journal writes again')
    for (const tell of recoveryListeners) tell()
  }

  function removePending(count: number): void {
    for (let i = 0; i < count; i++) heldBytes -= held[i]!.bytes
    held = count === held.length ? [] : held.slice(count)
  }

  function notifyDrained(): void {
    if (!wasFull || fillLevel() >= 0.5) return
    wasFull = false
    for (const tell of drainListeners) tell()
  }

  return {
    add<T>(bytes: number, write: () => T): Promise<T> {
      if (isClosed) return Promise.reject(brokerError('STORE_UNAVAILABLE', 'the journal is closed'))
      if (fillLevel() >= 1)
        return Promise.reject(
          brokerError('STORE_UNAVAILABLE', `the journal holds ${held.length} unwritten records`),
        )
      return new Promise((resolve, reject) => {
        held.push({
          write,
          bytes,
          sinceMs: performance.now(),
          resolve: resolve as PendingWrite['resolve'],
          reject,
        })
        heldBytes += bytes
        schedule()
      })
    },
    isFull() {
      if (fillLevel() >= 0.75) wasFull = true
      return wasFull
    },
    onDrain: (tell) => void drainListeners.push(tell),
    isFailing: () => isFailing,
    onRecovered: (tell) => void recoveryListeners.push(tell),
    close() {
      while (held.length > 0 && !isFailing) commitOnce()
      isClosed = true
      for (const { reject } of held) reject(brokerError('STORE_UNAVAILABLE', 'the journal was closed'))
      held = []
      heldBytes = 0
    },
  }
}

const diskFullError = () =>
  Object.assign(new Error('no room on the disk beyond the reserve'), { code: 'SQLITE_FULL' })

/** Faults of the disk pass; faults of a statement do not. */
const isTransient = (error: unknown): boolean =>
  /^SQLITE_(FULL|BUSY|LOCKED|IOERR|CANTOPEN|READONLY)/.test(String((error as { code?: unknown })?.code))
