/**
 * Group commit: writes that arrive while the disk is busy are committed together. A write resolves after the commit that
 * contains it, never before. While the disk fails, writes are queued and retried for a while, so that a short fault
 * costs no connection; beyond the limits they are rejected.
 */
import { errorName } from '../sqlite/database.ts'
import { brokerError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Commit, JournalWrite, JournalWrites, WriteKind } from './journal-writes.ts'
import type { WriterClient } from './writer-client.ts'

const MAX_PENDING = 20_000
const MAX_PENDING_BYTES = 16 * 1024 * 1024
const MAX_PENDING_MS = 10_000
// one commit of this many small records takes about 6 ms
const MAX_GROUP = 1_000
// the most that one commit may need on a disk that is nearly full
const MAX_GROUP_BYTES = 1024 * 1024
// under load commits begin so far apart: a commit costs as much as dozens of messages in it
const APART_MS = 5
// at a few hundred messages a second that would delay them and gather none
const APART_PER_WRITE_MS = 2
// a group of this size is committed without a pause
const WORTH_A_COMMIT = 250
const RETRY_MS = 250

interface PendingWrite {
  write: JournalWrite
  bytes: number
  sinceMs: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

export interface GroupCommit {
  /** Makes the write in the next commit; resolves with its result after that commit. STORE_UNAVAILABLE if it is not stored. */
  add<K extends WriteKind>(
    bytes: number,
    write: { kind: K } & JournalWrites[K]['write'],
  ): Promise<JournalWrites[K]['result']>
  /** From three quarters of the queue limits: time to stop reading from the network. */
  isFull(): boolean
  /** Called when the queue has drained after isFull. Returns what ends it. */
  onDrain(run: () => void): () => void
  /** The last commit failed: nothing is acknowledged until one succeeds. */
  isFailing(): boolean
  /** Called when a commit succeeds after failures. */
  onRecovered(run: () => void): void
  /** Commits the queue, without the event loop; nothing can be added afterwards. */
  close(): void
}

/**
 * `add` rejects with STORE_UNAVAILABLE at once when the queue is full or closed, after 10 s of transient faults, and
 * after any other fault of the disk. A failed commit is retried every 250 ms.
 */
export function groupCommit(deps: {
  writer: WriterClient
  log: Log
  /** false: the disk is full, so a commit is not attempted and counts as failed */
  mayWrite?: () => boolean
  onCommit: (commit: Commit, writes: readonly JournalWrite[]) => void
  /** a commit failed */
  onFault?: () => void
}): GroupCommit {
  const { writer, log, mayWrite = () => true, onCommit, onFault } = deps
  let pending: PendingWrite[] = []
  let pendingBytes = 0
  let isScheduled = false
  let pause: NodeJS.Timeout | null = null
  let isCommitting = false
  let isFailing = false
  let isClosed = false
  let wasFull = false
  let lastStartMs = 0
  let lastCount = 0
  const drainListeners = new Set<() => void>()
  const recoveryListeners: (() => void)[] = []

  const fillLevel = () => Math.max(pending.length / MAX_PENDING, pendingBytes / MAX_PENDING_BYTES)

  function schedule(): void {
    if (isScheduled || isCommitting || pending.length === 0) return
    isScheduled = true
    const waitMs = isFailing ? RETRY_MS : pauseMs()
    if (waitMs < 0.5) setImmediate(run)
    else pause = setTimeout(run, waitMs)
  }

  /** Until the next commit may begin: a lone message waits for none, nor does simulated time. */
  function pauseMs(): number {
    if (!writer.isThread || pending.length >= WORTH_A_COMMIT) return 0
    const apartMs = Math.min(APART_MS, APART_PER_WRITE_MS * lastCount)
    return apartMs - (performance.now() - lastStartMs)
  }

  function run(): void {
    isScheduled = false
    pause = null
    if (!isClosed && !isCommitting) commitOnce()
  }

  function endPause(): void {
    if (pause === null || isFailing) return
    clearTimeout(pause)
    pause = null
    setImmediate(run)
  }

  /** One commit is in progress at a time: the next one takes what has arrived meanwhile. */
  function commitOnce(): void {
    const group = nextGroup()
    if (!mayWrite()) return failed(group, diskFullError())
    isCommitting = true
    lastStartMs = performance.now()
    lastCount = group.length
    writer.call('commit', [group.map(({ write }) => write)], (outcome) => {
      isCommitting = false
      if ('error' in outcome) return failed(group, outcome.error)
      committed(group, outcome.result)
    })
  }

  function committed(group: PendingWrite[], commit: Commit): void {
    removePending(group.length)
    const hasRecovered = isFailing
    isFailing = false
    group.forEach(({ resolve }, i) => resolve(commit.results[i]))
    onCommit(
      commit,
      group.map(({ write }) => write),
    )
    notifyDrained()
    if (hasRecovered) notifyRecovered()
    schedule()
  }

  function failed(group: PendingWrite[], error: unknown): void {
    retryOrReject(group, error)
    schedule()
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
    for (const listener of [...drainListeners]) listener()
  }

  return {
    add(bytes, write) {
      if (isClosed) return Promise.reject(brokerError('STORE_UNAVAILABLE', 'the journal is closed'))
      if (fillLevel() >= 1)
        return Promise.reject(
          brokerError('STORE_UNAVAILABLE', `the journal has ${pending.length} unwritten records`),
        )
      return new Promise((resolve, reject) => {
        pending.push({
          write: write as JournalWrite,
          bytes,
          sinceMs: performance.now(),
          resolve: resolve as PendingWrite['resolve'],
          reject,
        })
        pendingBytes += bytes
        schedule()
        if (pending.length === WORTH_A_COMMIT) endPause()
      })
    },
    isFull() {
      if (fillLevel() >= 0.75) wasFull = true
      return wasFull
    },
    onDrain(listener) {
      drainListeners.add(listener)
      return () => void drainListeners.delete(listener)
    },
    isFailing: () => isFailing,
    onRecovered: (listener) => void recoveryListeners.push(listener),
    close() {
      writer.settle()
      while (pending.length > 0 && !isFailing) {
        commitOnce()
        writer.settle()
      }
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
