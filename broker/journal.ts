/**
 * The durable log of everything a field has said: PUBACK is sent after `append` is on the disk. Readers follow it
 * with a cursor and keep their notes beside it, in the same transaction. What can never be stored lies here too, as
 * dead letters with the reason, to be seen and replayed.
 */
import { createHash } from 'node:crypto'
import type { AtMs, Clock } from './contract/time.ts'
import { MAX_PAYLOAD_BYTES } from './contract/messages.ts'
import { parseTopic } from './contract/topics.ts'
import { groupCommit } from './group-commit.ts'
import { openJournalFile, type JournalFile } from './journal-file.ts'
import type { Log } from './log.ts'

export interface JournalRecord {
  seq: number
  receivedMs: AtMs
  org: string
  device: string
  payload: Uint8Array
  replayedMs: AtMs | null // when a person put it back from the dead letters; null for what came from a device
}

/** What came from a device, before it has its place in the journal. */
type Arrival = Omit<JournalRecord, 'seq' | 'replayedMs'>

export interface DeadLetter {
  id: number
  receivedMs: AtMs
  org: string
  device: string
  topic: string
  reason: string
  payload: Uint8Array // cut to 64 KiB
  bytes: number // what came
}

/** The `Journal` port of the services, and what the broker itself needs. */
export interface BrokerJournal {
  /** Resolves with the sequence number after the commit. STORE_UNAVAILABLE: not kept, must not be acknowledged. */
  append(record: Arrival): Promise<number>
  isFull(): boolean
  onRoom(run: () => void): void
  read(afterSeq: number, limit: number): JournalRecord[]
  onCommit(run: (headSeq: number) => void): () => void
  head(): number
  cursor(reader: string): number
  checkpoint(reader: string, seq: number, notes: Iterable<readonly [key: string, text: string]>): void
  notes(reader: string): Map<string, string>
  trim(): void
  bury(letter: Omit<DeadLetter, 'id'>): Promise<void>
  deadLetters(query: { org?: string; afterId?: number; limit?: number }): DeadLetter[]
  countDeadLetters(): number
  replay(id: number, org: string): Promise<boolean>
  /** How long the oldest record that a reader has not passed has been waiting, ms; 0 when it has passed all. */
  lagMs(reader: string): number
  /** Commits what is held and closes the file. */
  close(): void
}

const TRIM_STEP = 2_000
// one broken device must not push the others' letters out
const LETTERS_PER_DEVICE = 1_000

/** Opens (or makes) the journal. STORE_CORRUPT, STORE_UNAVAILABLE. */
export function openJournal(deps: JournalFile & { clock: Clock; log: Log }): BrokerJournal {
  const { clock, log } = deps
  const database = openJournalFile(deps)
  const sql = statements(database)
  let headSeq = (sql.head.all() as { head: number }[])[0]!.head
  let draftSeq = headSeq
  let told = headSeq
  let isClosed = false
  let isTrimming = false
  const listeners = new Set<(headSeq: number) => void>()

  const group = groupCommit({
    database,
    log,
    onBegin: () => void (draftSeq = headSeq),
    onCommit() {
      headSeq = draftSeq
      if (headSeq === told) return
      told = headSeq
      for (const run of listeners) tell(run)
    },
  })

  function tell(run: (headSeq: number) => void): void {
    try {
      run(headSeq)
    } catch (error) {
      log.error({ error }, 'a reader of the journal failed')
    }
  }

  // numbers are given out here: a second owner of the file meets its primary key, and acknowledges nothing
  function writeRecord(arrival: Arrival, replayedMs: AtMs | null = null): number {
    const { receivedMs, org, device, payload } = arrival
    sql.insert.run(++draftSeq, receivedMs, org, device, payload, replayedMs)
    return draftSeq
  }

  function writeLetter(letter: Omit<DeadLetter, 'id'>): void {
    const { receivedMs, org, device, topic, reason, bytes } = letter
    const payload = letter.payload.subarray(0, MAX_PAYLOAD_BYTES)
    const sha1 = createHash('sha1').update(payload).digest('hex')
    sql.bury.run(receivedMs, org, device, topic, reason, payload, bytes, sha1)
    sql.dropOldLetters.run(org, device, org, device, LETTERS_PER_DEVICE)
  }

  /** Back to the end of the journal, with its own receive time and with now: the first may be of a wrong clock. */
  function writeReplay(id: number, org: string): boolean {
    const [row] = sql.letter.all(id, org) as LetterColumns[]
    const letter = row && letterOf(row)
    const address = letter && parseTopic(letter.topic)
    const isWhole = letter !== undefined && letter.payload.length === letter.bytes
    if (!isWhole || !address?.ok || address.value.kind !== 'telemetry') return false
    writeRecord(letter, clock.now())
    sql.dropLetter.run(id)
    return true
  }

  function trimStep(): void {
    isTrimming = false
    if (isClosed) return
    const [{ passed }] = sql.passed.all() as [{ passed: number | null }]
    const [{ first }] = sql.first.all() as [{ first: number | null }]
    if (passed === null || first === null) return
    // the newest record stays: the next sequence number is read from it
    const upTo = Math.min(passed, headSeq - 1, first + TRIM_STEP - 1)
    if (upTo < first) return
    sql.trim.run(upTo)
    if (upTo < Math.min(passed, headSeq - 1)) trimSoon()
  }

  function trimSoon(): void {
    if (isTrimming) return
    isTrimming = true
    setImmediate(() => {
      try {
        trimStep()
      } catch (error) {
        log.warn({ error }, 'journal could not be trimmed; tried again later')
      }
    })
  }

  const cursorOf = (reader: string): number => (sql.cursor.all(reader) as { seq: number }[])[0]?.seq ?? 0

  return {
    append: (record) => group.add(record.payload.length + 200, () => writeRecord(record)),
    isFull: group.isFull,
    onRoom: group.onRoom,
    read: (afterSeq, limit) => (sql.read.all(afterSeq, limit) as RecordColumns[]).map(recordOf),
    onCommit(run) {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
    head: () => headSeq,
    cursor: cursorOf,
    checkpoint(reader, seq, notes) {
      inTransaction(database, () => {
        sql.setCursor.run(reader, seq)
        for (const [key, text] of notes) sql.setNote.run(reader, key, text)
      })
    },
    notes(reader) {
      const rows = sql.notes.all(reader) as { key: string; text: string }[]
      return new Map(rows.map(({ key, text }) => [key, text]))
    },
    trim: trimSoon,
    bury: (letter) =>
      group.add(Math.min(letter.payload.length, MAX_PAYLOAD_BYTES) + 400, () => writeLetter(letter)),
    deadLetters({ org, afterId = 0, limit = 100 }) {
      const rows =
        org === undefined ? sql.letters.all(afterId, limit) : sql.lettersOf.all(org, afterId, limit)
      return (rows as LetterColumns[]).map(letterOf)
    },
    countDeadLetters: () => (sql.countLetters.all() as { count: number }[])[0]!.count,
    lagMs(reader) {
      const [waiting] = sql.read.all(cursorOf(reader), 1) as RecordColumns[]
      return waiting === undefined ? 0 : Math.max(0, clock.now() - recordOf(waiting).receivedMs)
    },
    replay: (id, org) => group.add(MAX_PAYLOAD_BYTES, () => writeReplay(id, org)),
    close() {
      if (isClosed) return
      group.close()
      isClosed = true
      listeners.clear()
      database.close()
    },
  }
}

type JournalDatabase = ReturnType<typeof openJournalFile>

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

// rows are read as columns: faster, and blobs come as bytes (as objects, libsql gives ArrayBuffers)
type RecordColumns = [
  seq: number,
  receivedMs: number,
  org: string,
  device: string,
  payload: Buffer,
  replayedMs: number | null,
]
const RECORD = 'seq, received_ms, org, device, payload, replayed_ms'
const recordOf = ([seq, receivedMs, org, device, payload, replayedMs]: RecordColumns): JournalRecord => ({
  seq,
  receivedMs,
  org,
  device,
  payload,
  replayedMs,
})

type LetterColumns = [
  id: number,
  receivedMs: number,
  org: string,
  device: string,
  topic: string,
  reason: string,
  payload: Buffer,
  bytes: number,
]
const LETTER = 'id, received_ms, org, device, topic, reason, payload, bytes'
const letterOf = ([
  id,
  receivedMs,
  org,
  device,
  topic,
  reason,
  payload,
  bytes,
]: LetterColumns): DeadLetter => ({
  id,
  receivedMs,
  org,
  device,
  topic,
  reason,
  payload,
  bytes,
})

function statements(database: JournalDatabase) {
  const prepare = (text: string) => database.prepare(text)
  return {
    head: prepare(
      `select max((select coalesce(max(seq), 0) from record), (select coalesce(max(seq), 0) from cursor)) as head`,
    ),
    insert: prepare(
      'insert into record (seq, received_ms, org, device, payload, replayed_ms) values (?, ?, ?, ?, ?, ?)',
    ),
    read: prepare(`select ${RECORD} from record where seq > ? order by seq limit ?`).raw(),
    cursor: prepare('select seq from cursor where reader = ?'),
    setCursor: prepare(
      'insert into cursor (reader, seq) values (?, ?) on conflict (reader) do update set seq = excluded.seq',
    ),
    notes: prepare('select key, text from note where reader = ?'),
    setNote: prepare(
      'insert into note (reader, key, text) values (?, ?, ?) on conflict (reader, key) do update set text = excluded.text',
    ),
    passed: prepare('select min(seq) as passed from cursor'),
    first: prepare('select min(seq) as first from record'),
    trim: prepare('delete from record where seq <= ?'),
    bury: prepare(
      `insert into dead_letter (received_ms, org, device, topic, reason, payload, bytes, payload_sha1)
       values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    ),
    dropOldLetters: prepare(
      `delete from dead_letter where org = ? and device = ? and id <=
       (select id from dead_letter where org = ? and device = ? order by id desc limit 1 offset ?)`,
    ),
    dropLetter: prepare('delete from dead_letter where id = ?'),
    letter: prepare(`select ${LETTER} from dead_letter where id = ? and org = ?`).raw(),
    letters: prepare(`select ${LETTER} from dead_letter where id > ? order by id limit ?`).raw(),
    lettersOf: prepare(
      `select ${LETTER} from dead_letter where org = ? and id > ? order by id limit ?`,
    ).raw(),
    countLetters: prepare('select count(*) as count from dead_letter'),
  }
}
