/** The writes of the journal as data, so that another thread can make them, and their SQL. */
import { inTransaction, withSecureDelete, type Database } from '../sqlite/database.ts'
import type { AtMs } from '../contract/time.ts'
import { deadLetters, isReplayable, type DiscardQuery, type NewLetter } from './dead-letters.ts'
import { journalRecords, type Arrival } from './journal-records.ts'

/** One write and the type of its result. */
export interface JournalWrites {
  /** its sequence number */
  append: { write: { arrival: Arrival }; result: number }
  deadLetter: { write: { letter: NewLetter }; result: null }
  /** null deletes it */
  note: { write: { reader: string; key: string; text: string | null }; result: null }
  /** whether it existed */
  discard: { write: { id: number; org: string }; result: boolean }
  /** their number */
  discardAll: { write: DiscardQuery; result: number }
  /** those that were replayed */
  replay: { write: { ids: readonly number[]; org: string; atMs: AtMs }; result: number[] }
}
export type WriteKind = keyof JournalWrites
export type JournalWrite = { [K in WriteKind]: { kind: K } & JournalWrites[K]['write'] }[WriteKind]
export type WriteResult = JournalWrites[WriteKind]['result']

export interface Commit {
  /** of the writes, in the same order */
  results: WriteResult[]
  /** the highest sequence number ever assigned */
  headSeq: number
}

/** Everything that writes to the file. Errors are those of SQLite. */
export interface JournalWriter {
  /** All of them in one transaction. */
  commit(writes: readonly JournalWrite[]): Commit
  /**
   * Moves the cursor of a reader and stores its notes, in a transaction of its own: on a full disk it needs less than
   * records do, and lets the trim make room for them.
   */
  checkpoint(reader: string, seq: number, notes: readonly (readonly [key: string, text: string])[]): void
  /** Deletes the records up to a sequence number. */
  drop(upToSeq: number): void
  /** Returns up to this many freed pages to the disk. */
  vacuum(pages: number): void
  /** Moves the write-ahead log into the file; TRUNCATE also empties the log. */
  moveLog(mode: 'PASSIVE' | 'TRUNCATE'): void
  /** Deletes and overwrites the notes and dead letters of a device, and its records up to a sequence number. */
  erase(org: string, device: string, passedSeq: number): void
  /** Rewrites the file without free pages, and empties the write-ahead log: what was deleted is nowhere any more. */
  rewrite(): void
}

/** The one owner of the writes to a journal file. */
export function journalWriter(database: Database): JournalWriter {
  const records = journalRecords(database)
  const letters = deadLetters(database)
  let headSeq = records.headSeq()

  // numbers are assigned here: a second owner of the file violates the primary key, and acknowledges nothing
  function commit(writes: readonly JournalWrite[]): Commit {
    let draftSeq = headSeq
    const results = inTransaction(database, () => {
      const done: WriteResult[] = []
      for (let i = 0; i < writes.length;) {
        const arrivals = appendsFrom(writes, i)
        if (arrivals.length > 0) {
          records.insert(draftSeq + 1, arrivals)
          for (let n = 0; n < arrivals.length; n++) done.push(++draftSeq)
          i += arrivals.length
        } else done.push(writeOne(writes[i++]!))
      }
      return done
    })
    headSeq = draftSeq
    return { results, headSeq }

    function writeOne(write: JournalWrite): WriteResult {
      switch (write.kind) {
        case 'append':
          throw new Error('appends are written together')
        case 'deadLetter':
          letters.write(write.letter)
          return null
        case 'note':
          if (write.text === null) records.dropNote(write.reader, write.key)
          else records.setNote(write.reader, write.key, write.text)
          return null
        case 'discard': {
          const exists = letters.find(write.id, write.org) !== null
          if (exists) letters.drop(write.id)
          return exists
        }
        case 'discardAll':
          return letters.discard(write)
        case 'replay':
          return write.ids.filter((id) => replay(id, write.org, write.atMs))
      }
    }

    /** Appends it again, with its original receive time and the present one: the first may be from a wrong clock. */
    function replay(id: number, org: string, atMs: AtMs): boolean {
      // read inside the transaction: another request may have replayed it meanwhile
      const letter = letters.find(id, org)
      if (letter === null || !isReplayable(letter)) return false
      records.insertReplay(++draftSeq, letter, atMs)
      letters.drop(id)
      return true
    }
  }

  return {
    commit,
    checkpoint: (reader, seq, notes) =>
      inTransaction(database, () => {
        records.setCursor(reader, seq)
        for (const [key, text] of notes) records.setNote(reader, key, text)
      }),
    drop: (upToSeq) => records.dropUpTo(upToSeq),
    vacuum: (pages) => database.exec(`pragma incremental_vacuum(${pages})`),
    moveLog: (mode) => database.exec(`pragma wal_checkpoint(${mode})`),
    rewrite() {
      database.exec('vacuum')
      database.exec('pragma wal_checkpoint(TRUNCATE)')
    },
    erase: (org, device, passedSeq) =>
      withSecureDelete(database, () => {
        records.erase(org, device, passedSeq)
        letters.erase(org, device)
      }),
  }
}

function appendsFrom(writes: readonly JournalWrite[], start: number): Arrival[] {
  const arrivals: Arrival[] = []
  for (let i = start; i < writes.length; i++) {
    const write = writes[i]!
    if (write.kind !== 'append') break
    arrivals.push(write.arrival)
  }
  return arrivals
}
