/**
 * The durable log of all telemetry and of all foreign messages: PUBACK is sent after `append` is on the disk. Readers
 * follow it with a cursor and store their notes in the same file and transaction. Messages that can never be stored are
 * here too, as dead letters with the reason, for a person to inspect and replay.
 */
import { closeWhole } from '../sqlite/database.ts'
import type { DeadLetter, DeadLetterGroup, DeadLetterQuery, JournalRecord } from '../contract/journal.ts'
import type { Clock } from '../contract/time.ts'
import { MAX_PAYLOAD_BYTES } from '../contract/messages.ts'
import { deadLetters, type NewLetter, type ReplayQuery } from './dead-letters.ts'
import type { DiskSpace } from './disk-space.ts'
import { groupCommit } from './group-commit.ts'
import { openJournalFile, type JournalFile } from './journal-file.ts'
import { journalRecords, type Arrival } from './journal-records.ts'
import { monitorCapacity, type JournalCapacity } from './journal-capacity.ts'
import { journalTrim } from './journal-trim.ts'
import { recentRecords } from './recent-records.ts'
import { journalWriter } from './journal-writes.ts'
import { callWriter, inlineWriter, threadWriter } from './writer-client.ts'
import type { Log } from '../log.ts'

/** The `Journal` port of the services, and what the broker itself needs. */
export interface BrokerJournal {
  /** Resolves with the sequence number after the commit. STORE_UNAVAILABLE: not stored, must not be acknowledged. */
  append(record: Arrival): Promise<number>
  isFull(): boolean
  onDrain(run: () => void): () => void
  /** Nothing can be written now. */
  isFailing(): boolean
  /** Called when it writes again after it could not. */
  onRecovered(run: () => void): void
  capacity(): JournalCapacity
  read(afterSeq: number, limit: number): JournalRecord[]
  onCommit(run: (headSeq: number) => void): () => void
  head(): number
  cursor(reader: string): number
  checkpoint(
    reader: string,
    seq: number,
    notes: Iterable<readonly [key: string, text: string]>,
  ): Promise<void>
  notes(reader: string): Map<string, string>
  /** Stores one note of a reader with the next commit, or deletes it (null). STORE_UNAVAILABLE: not stored. */
  putNote(reader: string, key: string, text: string | null): Promise<void>
  /** Writes the write-ahead log into the file, which is then complete by itself. */
  compact(): Promise<void>
  trim(): void
  deadLetter(letter: NewLetter): Promise<void>
  deadLetters(query: DeadLetterQuery): DeadLetter[]
  countDeadLetters(): number
  /** The letters of an organisation by reason, the newest first. */
  deadLetterGroups(org: string): DeadLetterGroup[]
  /** Deletes one; false: it does not exist. */
  discard(id: number, org: string): Promise<boolean>
  /** Deletes those for a reason, up to one that a person has seen; returns their number. */
  discardAll(query: { org: string; reason: string; upToId: number }): Promise<number>
  replay(id: number, org: string): Promise<boolean>
  replayAll(
    query: Omit<ReplayQuery, 'afterId' | 'upToId' | 'limit'> & { afterId?: number },
  ): Promise<Replayed>
  /** Erases the data of these devices that every reader has passed: records, notes, dead letters. */
  erase(org: string, devices: readonly string[]): Promise<void>
  onErase(run: (org: string, device: string) => void): () => void
  /** How long the oldest record that a reader has not passed has been waiting, ms; 0 when it has passed all. */
  lagMs(reader: string): number
  /** Commits pending records before it returns; resolves when the file is closed. */
  close(): Promise<void>
}

/** `left`: not stored completely, so they stay. `nextAfterId`: where the next call continues; null: all done. */
export interface Replayed {
  replayed: number
  left: number
  nextAfterId: number | null
}

const REPLAYED_PER_STEP = 100
// a commit that discards delays no message for long, and writes almost nothing
const DISCARDED_PER_STEP = 500
const DISCARD_BYTES = 100
// about a second of writing, so that the request is answered in time
const REPLAYED_PER_CALL = 5_000

/** Opens or creates the journal. Without `disk` its free space is not checked. Errors as openJournalFile. */
export function openJournal(deps: JournalFile & { clock: Clock; log: Log; disk?: DiskSpace }): BrokerJournal {
  const { clock, log, disk } = deps
  const database = openJournalFile(deps)
  const records = journalRecords(database)
  const letters = deadLetters(database)
  const writer = deps.hasThread === true ? threadWriter(fileOf(deps)) : inlineWriter(journalWriter(database))
  const { capacity, mayWrite, onCommit, onFault, freePages } = monitorCapacity({
    database,
    writer,
    maxBytes: deps.maxBytes,
    disk,
    log,
  })
  const recent = recentRecords()
  let headSeq = records.headSeq()
  let isClosed = false
  const listeners = new Set<(headSeq: number) => void>()
  const eraseListeners = new Set<(org: string, device: string) => void>()

  const group = groupCommit({
    writer,
    log,
    mayWrite,
    onCommit(commit, writes) {
      const isNew = commit.headSeq !== headSeq
      headSeq = commit.headSeq
      for (const [i, write] of writes.entries())
        if (write.kind === 'append') recent.add(recordOf(write.arrival, commit.results[i] as number))
        else if (write.kind === 'replay') recent.forget()
      onCommit()
      if (isNew) for (const run of listeners) notify(() => run(headSeq))
    },
    onFault,
  })
  const trim = journalTrim({ writer, records, freePages, headSeq: () => headSeq, capacity, onFault, log })

  function notify(run: () => void): void {
    try {
      run()
    } catch (error) {
      log.error({ error }, 'a reader of the journal failed')
    }
  }

  return {
    append: (arrival) =>
      group.add(arrival.payload.length + (arrival.foreign?.topic.length ?? 0) + 200, {
        kind: 'append',
        arrival,
      }),
    isFull: group.isFull,
    onDrain: group.onDrain,
    isFailing: group.isFailing,
    onRecovered: group.onRecovered,
    capacity,
    read: (afterSeq, limit) => recent.read(afterSeq, limit) ?? records.read(afterSeq, limit),
    onCommit(run) {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
    head: () => headSeq,
    cursor: records.cursor,
    checkpoint: (reader, seq, notes) => callWriter(writer, 'checkpoint', reader, seq, [...notes]),
    notes: records.notes,
    async putNote(reader, key, text) {
      await group.add((text?.length ?? 0) + 100, { kind: 'note', reader, key, text })
    },
    async compact() {
      if (!isClosed) await callWriter(writer, 'moveLog', 'TRUNCATE')
    },
    trim: trim.soon,
    async deadLetter(letter) {
      await group.add(Math.min(letter.payload.length, MAX_PAYLOAD_BYTES) + 400, {
        kind: 'deadLetter',
        letter,
      })
    },
    deadLetters: letters.list,
    countDeadLetters: letters.count,
    deadLetterGroups: letters.groups,
    discard: (id, org) => group.add(DISCARD_BYTES, { kind: 'discard', id, org }),
    async discardAll(query) {
      for (let discarded = 0; ;) {
        const limit = DISCARDED_PER_STEP
        const deleted = await group.add(DISCARD_BYTES, { kind: 'discardAll', ...query, limit })
        discarded += deleted
        if (deleted < limit) return discarded
      }
    },
    replay: async (id, org) =>
      (await group.add(MAX_PAYLOAD_BYTES, { kind: 'replay', ids: [id], org, atMs: clock.now() })).length > 0,
    async replayAll({ afterId = 0, ...of }) {
      // one that fails again becomes a new dead letter with a higher id
      const upToId = letters.newestId()
      let replayed = 0
      let left = 0
      for (let lastId = afterId; ;) {
        const batch = letters.forReplay({ ...of, afterId: lastId, upToId, limit: REPLAYED_PER_STEP })
        if (batch.length === 0) return { replayed, left, nextAfterId: null }
        if (replayed + left >= REPLAYED_PER_CALL) return { replayed, left, nextAfterId: lastId }
        const bytes = batch.reduce((sum, { payload }) => sum + payload.length, 0)
        const ids = batch.map(({ id }) => id)
        const done = await group.add(bytes, { kind: 'replay', ids, org: of.org, atMs: clock.now() })
        replayed += done.length
        left += batch.length - done.length
        lastId = batch.at(-1)!.id
      }
    },
    async erase(org, devices) {
      for (const device of devices) {
        // first, so that no later checkpoint of a reader contains a note about the device
        for (const run of eraseListeners) notify(() => run(org, device))
        recent.forget()
        const passedSeq = Math.min(headSeq, records.minCursorSeq() ?? 0)
        await callWriter(writer, 'erase', org, device, passedSeq)
        if (isClosed) return
      }
      // free pages hold messages that were trimmed earlier, and the write-ahead log the erased ones
      await callWriter(writer, 'rewrite')
    },
    onErase(run) {
      eraseListeners.add(run)
      return () => void eraseListeners.delete(run)
    },
    lagMs(reader) {
      const [waiting] = records.read(records.cursor(reader), 1)
      return waiting === undefined ? 0 : Math.max(0, clock.now() - waiting.receivedMs)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      group.close()
      trim.stop()
      listeners.clear()
      eraseListeners.clear()
      const ended = writer.close()
      // the file is whole only when its last connection closes it
      if (ended !== null) await ended
      closeWhole(database)
    },
  }
}

// each field by its name: a spread takes several times as long
const recordOf = (
  { receivedMs, org, device, payload, foreign = null }: Arrival,
  seq: number,
): JournalRecord => ({ seq, receivedMs, org, device, payload, replayedMs: null, foreign })

const fileOf = ({ path, maxBytes, isDurable }: JournalFile): JournalFile => ({
  path,
  ...(maxBytes === undefined ? {} : { maxBytes }),
  ...(isDurable === undefined ? {} : { isDurable }),
})
