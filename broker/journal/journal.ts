/**
 * The durable log of everything a field has said: PUBACK is sent after `append` is on the disk. Readers follow it
 * with a cursor and keep their notes beside it, in the same transaction. What can never be stored lies here too, as
 * dead letters with the reason, to be seen and replayed.
 */
import type { Clock } from '../contract/time.ts'
import { MAX_PAYLOAD_BYTES } from '../contract/messages.ts'
import {
  deadLetters,
  isReplayable,
  type DeadLetter,
  type DeadLetterGroup,
  type DeadLetterQuery,
} from './dead-letters.ts'
import type { DiskSpace } from './disk-space.ts'
import { groupCommit } from './group-commit.ts'
import { openJournalFile, type JournalDatabase, type JournalFile } from './journal-file.ts'
import { journalRecords, type Arrival, type JournalRecord } from './journal-records.ts'
import { monitorCapacity, type JournalCapacity } from './journal-capacity.ts'
import { journalTrim } from './journal-trim.ts'
import type { Log } from '../log.ts'

/** The `Journal` port of the services, and what the broker itself needs. */
export interface BrokerJournal {
  /** Resolves with the sequence number after the commit. STORE_UNAVAILABLE: not kept, must not be acknowledged. */
  append(record: Arrival): Promise<number>
  isFull(): boolean
  onDrain(run: () => void): void
  /** Nothing can be written now. */
  isFailing(): boolean
  /** Called when it writes again after it could not. */
  onRecovered(run: () => void): void
  capacity(): JournalCapacity
  read(afterSeq: number, limit: number): JournalRecord[]
  onCommit(run: (headSeq: number) => void): () => void
  head(): number
  cursor(reader: string): number
  checkpoint(reader: string, seq: number, notes: Iterable<readonly [key: string, text: string]>): void
  notes(reader: string): Map<string, string>
  trim(): void
  deadLetter(letter: Omit<DeadLetter, 'id'>): Promise<void>
  deadLetters(query: DeadLetterQuery): DeadLetter[]
  countDeadLetters(): number
  /** The letters of an organisation by reason, the newest first. */
  deadLetterGroups(org: string): DeadLetterGroup[]
  /** Throws one away; false: there is none. */
  discard(id: number, org: string): Promise<boolean>
  /** Throws away those for a reason, up to one that a person has seen; how many. */
  discardAll(query: { org: string; reason: string; upToId: number }): Promise<number>
  replay(id: number, org: string): Promise<boolean>
  replayAll(query: { org: string; device?: string; reason?: string; afterId?: number }): Promise<Replayed>
  /** Erases for good what it holds of these devices and every reader has passed: records, notes, dead letters. */
  erase(org: string, devices: readonly string[]): Promise<void>
  onErase(run: (org: string, device: string) => void): () => void
  /** How long the oldest record that a reader has not passed has been waiting, ms; 0 when it has passed all. */
  lagMs(reader: string): number
  /** Commits what is held and closes the file. */
  close(): void
}

/** `left`: not kept whole, so they stay. `nextAfterId`: from where to go on; null: that were all. */
export interface Replayed {
  replayed: number
  left: number
  nextAfterId: number | null
}

const REPLAYED_PER_STEP = 100
// a commit that throws away holds up no message for long, and is as good as nothing to write
const DISCARDED_PER_STEP = 500
const DISCARD_BYTES = 100
// about a second of writing, so that whoever asked is answered
const REPLAYED_PER_CALL = 5_000

/** Opens (or makes) the journal. Without `disk` nobody looks at the room on it. STORE_CORRUPT, STORE_UNAVAILABLE. */
export function openJournal(deps: JournalFile & { clock: Clock; log: Log; disk?: DiskSpace }): BrokerJournal {
  const { clock, log, disk } = deps
  const database = openJournalFile(deps)
  const records = journalRecords(database)
  const letters = deadLetters(database)
  const { capacity, mayWrite, onCommit, onFault } = monitorCapacity({
    database,
    maxBytes: deps.maxBytes,
    disk,
    log,
  })
  let headSeq = records.headSeq()
  let draftSeq = headSeq
  let told = headSeq
  let isClosed = false
  const listeners = new Set<(headSeq: number) => void>()
  const eraseListeners = new Set<(org: string, device: string) => void>()

  const group = groupCommit({
    database,
    log,
    mayWrite,
    onBegin: () => void (draftSeq = headSeq),
    onCommit() {
      headSeq = draftSeq
      onCommit()
      if (headSeq === told) return
      told = headSeq
      for (const run of listeners) notify(() => run(headSeq))
    },
    onFault,
  })
  const trim = journalTrim({ database, records, headSeq: () => headSeq, room: capacity, onFault, log })

  function notify(run: () => void): void {
    try {
      run()
    } catch (error) {
      log.error({ error }, 'a reader of the journal failed')
    }
  }

  // numbers are given out here: a second owner of the file meets its primary key, and acknowledges nothing
  function writeRecord(arrival: Arrival, replayedMs: number | null = null): number {
    records.insert(++draftSeq, arrival, replayedMs)
    return draftSeq
  }

  /** Back to the end of the journal, with its own receive time and with now: the first may be of a wrong clock. */
  function writeReplay(letter: DeadLetter | null): boolean {
    if (letter === null || !isReplayable(letter)) return false
    writeRecord(letter, clock.now())
    letters.drop(letter.id)
    return true
  }

  return {
    append: (record) => group.add(record.payload.length + 200, () => writeRecord(record)),
    isFull: group.isFull,
    onDrain: group.onDrain,
    isFailing: group.isFailing,
    onRecovered: group.onRecovered,
    capacity,
    read: records.read,
    onCommit(run) {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
    head: () => headSeq,
    cursor: records.cursor,
    checkpoint(reader, seq, notes) {
      inTransaction(database, () => {
        records.setCursor(reader, seq)
        for (const [key, text] of notes) records.setNote(reader, key, text)
      })
    },
    notes: records.notes,
    trim: trim.soon,
    deadLetter: (letter) =>
      group.add(Math.min(letter.payload.length, MAX_PAYLOAD_BYTES) + 400, () => letters.write(letter)),
    deadLetters: letters.list,
    countDeadLetters: letters.count,
    deadLetterGroups: letters.groups,
    discard: (id, org) =>
      group.add(DISCARD_BYTES, () => {
        const isThere = letters.find(id, org) !== null
        if (isThere) letters.drop(id)
        return isThere
      }),
    async discardAll(query) {
      for (let discarded = 0; ;) {
        const limit = DISCARDED_PER_STEP
        const some = await group.add(DISCARD_BYTES, () => letters.discard({ ...query, limit }))
        discarded += some
        if (some < limit) return discarded
      }
    },
    replay: (id, org) => group.add(MAX_PAYLOAD_BYTES, () => writeReplay(letters.find(id, org))),
    async replayAll({ org, device, reason, afterId = 0 }) {
      // one that fails again becomes a new letter, behind these
      const upToId = letters.newestId()
      let replayed = 0
      let left = 0
      for (let lastId = afterId; ;) {
        const query = {
          org,
          afterId: lastId,
          upToId,
          limit: REPLAYED_PER_STEP,
          ...(device === undefined ? {} : { device }),
          ...(reason === undefined ? {} : { reason }),
        }
        const some = letters.forReplay(query)
        if (some.length === 0) return { replayed, left, nextAfterId: null }
        if (replayed + left >= REPLAYED_PER_CALL) return { replayed, left, nextAfterId: lastId }
        const bytes = some.reduce((sum, { payload }) => sum + payload.length, 0)
        // read again inside the commit: meanwhile one may have been replayed by somebody else
        const done = await group.add(bytes, () => some.filter(({ id }) => writeReplay(letters.find(id, org))))
        replayed += done.length
        left += some.length - done.length
        lastId = some.at(-1)!.id
      }
    },
    async erase(org, devices) {
      for (const device of devices) {
        withSecureDelete(database, () => {
          records.erase(org, device, Math.min(headSeq, records.minCursorSeq() ?? 0))
          letters.erase(org, device)
        })
        for (const run of eraseListeners) notify(() => run(org, device))
        // acknowledgements come first
        await new Promise(setImmediate)
        if (isClosed) return
      }
      // the write-ahead log holds what was erased until then
      database.exec('pragma wal_checkpoint(TRUNCATE)')
    },
    onErase(run) {
      eraseListeners.add(run)
      return () => void eraseListeners.delete(run)
    },
    lagMs(reader) {
      const [waiting] = records.read(records.cursor(reader), 1)
      return waiting === undefined ? 0 : Math.max(0, clock.now() - waiting.receivedMs)
    },
    close() {
      if (isClosed) return
      group.close()
      trim.stop()
      isClosed = true
      listeners.clear()
      eraseListeners.clear()
      database.close()
    },
  }
}

/** What is deleted is overwritten in the file, not only forgotten. */
function withSecureDelete(database: JournalDatabase, run: () => void): void {
  database.pragma('secure_delete = ON')
  try {
    inTransaction(database, run)
  } finally {
    database.pragma('secure_delete = OFF')
  }
}

function inTransaction(database: JournalDatabase, run: () => void): void {
  database.exec('begin immediate')
  try {
    run()
    database.exec('commit')
  } catch (error) {
    try {
      database.exec('rollback')
    } catch {
      // already rolled back by SQLite itself
    }
    throw error
  }
}
