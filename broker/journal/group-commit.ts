/**
 * Group commit: writes that arrive while the disk is busy are committed together. A write resolves after the commit that
 * contains it, never before. While the disk fails, writes are queued and retried for a while, so that a short fault
 * costs no connection; beyond the limits they are rejected.
 */
import { errorName, rollback, type Database } from '../../sqlite/database.ts'
import { brokerError } from '../errors.ts'
import type { Log } from '../log.ts'

const MAX_PENDING = 20_000
const MAX_PENDING_BYTES = 16 * 1024 * 1024
const MAX_PENDING_MS = 10_000
// one commit of this many small records blocks the event loop for about 6 ms
const MAX_GROUP = 1_000
// the most that one commit may need on a disk that is nearly full
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
  /** Runs `write` inside the next commit; resolves with its result after that commit. STORE_UNAVAILABLE if it is not stored. */
  add<T>(bytes: number, write: () => T): Promise<T>
  /** From three quarters of the queue limits: time to stop reading from the network. */
  isFull(): boolean
  /** Called when the queue has drained after isFull. */
  onDrain(run: () => void): void
  /** The last commit failed: nothing is acknowledged until one succeeds. */
  isFailing(): boolean
  /** Called when a commit succeeds after failures. */
  onRecovered(run: () => void): void
  /** Commits the queue; nothing can be added afterwards. */
  close(): void
}

/**
 * `add` rejects with STORE_UNAVAILABLE at once when the queue is full or closed, after 10 s of transient faults, and
 * after any other fault of the disk. A failed commit is retried every 250 ms.
 */
export function groupCommit(deps: {
  database: Database
  log: Log
  /** false: the disk is full, so a commit is not attempted and counts as failed */
  mayWrite?: () => boolean
  /** before the first write of a group, also on a retry */
  onBegin: () => void
  onCommit: () => void
  /** a commit failed */
  onFault?: () => void
}): GroupCommit {
  const { database, log, mayWrite = () => true, onBegin, onCommit, onFault } = deps
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  let pending: PendingWrite[] = []
  let pendingBytes = 0
  let isScheduled = false
  let isFailing = false
  let isClosed = false
  let wasFull = false
  let lastEndMs = 0
  let lastTookMs = 0
  const drainListeners: (() => void)[] = []
  const recoveryListeners: (() => void)[] = []

  const fillLevel = () => Math.max(pending.length / MAX_PENDING, pendingBytes / MAX_PENDING_BYTES)

  function schedule(): void {
    if (isScheduled || pending.length === 0) return
    isScheduled = true
    // pause as long as the last commit took, so that a slow disk gets larger groups instead of a queue
    const pauseMs = Math.min(LONGEST_WAIT_MS, lastTookMs) - (performance.now() - lastEndMs)
    const waitMs = isFailing ? RETRY_MS : pauseMs
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
    const results: unknown[] = []
    try {
      if (!mayWrite()) throw diskFullError()
      begin.run()
      onBegin()
      for (const { write } of group) results.push(write())
      commit.run()
    } catch (error) {
      rollback(database)
      onBegin()
      retryOrReject(group, error)
      return
    }
    lastEndMs = performance.now()
    lastTookMs = lastEndMs - startMs
    removePending(group.length)
    const hasRecovered = isFailing
    isFailing = false
    group.forEach(({ resolve }, i) => resolve(results[i]))
    onCommit()
    notifyDrained()
    if (hasRecovered) notifyRecovered()
  }

  function nextGroup(): PendingWrite[] {
    let bytes = 0
    const end = pending.findIndex((write, i) => {
      bytes += write.bytes
      return i > 0 && (i >= MAX_GROUP || bytes > MAX_GROUP_BYTES)
    })
    return pending.slice(0, end < 0 ? pending.length : end)
  }

  function retryOrReject(group: PendingWrite[], error: unknown): void {
    if (!isFailing) log.error({ error }, 'journal cannot write: nothing is acknowledged until it can')
    isFailing = true
    onFault?.()
    const count = isTransient(error) ? countExpired() : group.length
    const refused = pending.slice(0, count)
    removePending(count)
    const reason = brokerError('STORE_UNAVAILABLE', 'the journal cannot write', { cause: error })
    for (const { reject } of refused) reject(reason)
    notifyDrained()
  }

  /** Over the whole queue, not one group: no write waits longer than the limit because many wait. */
  function countExpired(): number {
    const oldestMs = performance.now() - MAX_PENDING_MS
    const firstInTime = pending.findIndex(({ sinceMs }) => sinceMs > oldestMs)
    return firstInTime < 0 ? pending.length : firstInTime
  }

  function notifyRecovered(): void {
    log.info({}, 'journal writes again')
    for (const listener of recoveryListeners) listener()
  }

  function removePending(count: number): void {
    for (let i = 0; i < count; i++) pendingBytes -= pending[i]!.bytes
    pending = count === pending.length ? [] : pending.slice(count)
  }

  function notifyDrained(): void {
    if (!wasFull || fillLevel() >= 0.5) return
    wasFull = false
    for (const listener of drainListeners) listener()
  }

  return {
    add<T>(bytes: number, write: () => T): Promise<T> {
      if (isClosed) return Promise.reject(brokerError('STORE_UNAVAILABLE', 'the journal is closed'))
      if (fillLevel() >= 1)
        return Promise.reject(
          brokerError('STORE_UNAVAILABLE', `the journal has ${pending.length} unwritten records`),
        )
      return new Promise((resolve, reject) => {
        pending.push({
          write,
          bytes,
          sinceMs: performance.now(),
          resolve: resolve as PendingWrite['resolve'],
          reject,
        })
        pendingBytes += bytes
        schedule()
      })
    },
    isFull() {
      if (fillLevel() >= 0.75) wasFull = true
      return wasFull
    },
    onDrain: (listener) => void drainListeners.push(listener),
    isFailing: () => isFailing,
    onRecovered: (listener) => void recoveryListeners.push(listener),
    close() {
      while (pending.length > 0 && !isFailing) commitOnce()
      isClosed = true
      for (const { reject } of pending) reject(brokerError('STORE_UNAVAILABLE', 'the journal was closed'))
      pending = []
      pendingBytes = 0
    },
  }
}

const SQLITE_FULL = 13
const transient = new Set<string | null>(['FULL', 'BUSY', 'LOCKED', 'IOERR', 'CANTOPEN', 'READONLY'])

const diskFullError = () =>
  Object.assign(new Error('no space on the disk except the reserve'), { errcode: SQLITE_FULL })

/** Faults of the disk are transient; faults of a statement are not. */
const isTransient = (error: unknown): boolean => transient.has(errorName(error))
