/** The records of the journal and the cursors of its readers: their SQL, without any decision. */
import { prepareArrays, prepareInsert, type Database, type SqlValue } from '../sqlite/database.ts'
import type { ForeignOrigin, JournalRecord } from '../contract/journal.ts'
import type { AtMs } from '../contract/time.ts'

/** A message before it has its place in the journal; without `foreign` it is telemetry of the contract. */
export type Arrival = Omit<JournalRecord, 'seq' | 'replayedMs' | 'foreign'> & {
  foreign?: ForeignOrigin | null
}

export interface Records {
  /** the highest number ever assigned */
  headSeq(): number
  /** with consecutive numbers */
  insert(firstSeq: number, arrivals: readonly Arrival[]): void
  insertReplay(seq: number, arrival: Arrival, replayedMs: AtMs): void
  read(afterSeq: number, limit: number): JournalRecord[]
  cursor(reader: string): number
  setCursor(reader: string, seq: number): void
  notes(reader: string): Map<string, string>
  setNote(reader: string, key: string, text: string): void
  dropNote(reader: string, key: string): void
  /** the lowest cursor; null without readers */
  minCursorSeq(): number | null
  firstSeq(): number | null
  dropUpTo(seq: number): void
  /** Deletes the notes about a device, and its records that every reader has passed. */
  erase(org: string, device: string, passedSeq: number): void
}

/** The key of a reader's note about a device. */
const noteKeyOf = (org: string, device: string): string => `${org}/${device}`

type RecordColumns = [
  seq: number,
  receivedMs: number,
  org: string,
  device: string,
  payload: Uint8Array,
  replayedMs: number | null,
  foreignTopic: string | null,
  isRetained: number,
]
const RECORD = 'seq, received_ms, org, device, payload, replayed_ms, foreign_topic, is_retained'
// Node 22 stores an empty Buffer as null
const RECORD_ROW = "(?, ?, ?, ?, coalesce(?, x''), ?, ?, ?)"

/** The prepared statements of a journal file. */
export function journalRecords(database: Database): Records {
  const prepare = (text: string) => database.prepare(text)
  const head = prepare(
    'select max((select coalesce(max(seq), 0) from record), (select coalesce(max(seq), 0) from cursor)) as head',
  )
  const insertRows = prepareInsert(database, { into: `record (${RECORD})`, row: RECORD_ROW })
  const read = prepareArrays(database, `select ${RECORD} from record where seq > ? order by seq limit ?`)
  const cursor = prepare('select seq from cursor where reader = ?')
  const setCursor = prepare(
    'insert into cursor (reader, seq) values (?, ?) on conflict (reader) do update set seq = excluded.seq',
  )
  const notes = prepare('select key, text from note where reader = ?')
  const setNote = prepare(
    'insert into note (reader, key, text) values (?, ?, ?) on conflict (reader, key) do update set text = excluded.text',
  )
  const dropNote = prepare('delete from note where reader = ? and key = ?')
  const passed = prepare('select min(seq) as passed from cursor')
  const first = prepare('select min(seq) as first from record')
  const drop = prepare('delete from record where seq <= ?')
  const eraseNotes = prepare('delete from note where key = ?')
  const eraseRecords = prepare('delete from record where seq <= ? and org = ? and device = ?')

  return {
    headSeq: () => (head.all() as { head: number }[])[0]!.head,
    insert(firstSeq, arrivals) {
      const values: SqlValue[] = []
      for (const [i, arrival] of arrivals.entries()) values.push(...toColumns(firstSeq + i, arrival, null))
      insertRows(values)
    },
    insertReplay: (seq, arrival, replayedMs) => void insertRows(toColumns(seq, arrival, replayedMs)),
    read: (afterSeq, limit) => (read.all(afterSeq, limit) as RecordColumns[]).map(toRecord),
    cursor: (reader) => (cursor.all(reader) as { seq: number }[])[0]?.seq ?? 0,
    setCursor: (reader, seq) => void setCursor.run(reader, seq),
    notes(reader) {
      const rows = notes.all(reader) as { key: string; text: string }[]
      return new Map(rows.map(({ key, text }) => [key, text]))
    },
    setNote: (reader, key, text) => void setNote.run(reader, key, text),
    dropNote: (reader, key) => void dropNote.run(reader, key),
    minCursorSeq: () => (passed.all() as { passed: number | null }[])[0]!.passed,
    firstSeq: () => (first.all() as { first: number | null }[])[0]!.first,
    dropUpTo: (seq) => void drop.run(seq),
    erase(org, device, passedSeq) {
      eraseNotes.run(noteKeyOf(org, device))
      eraseRecords.run(passedSeq, org, device)
    },
  }
}

const toColumns = (
  seq: number,
  { receivedMs, org, device, payload, foreign = null }: Arrival,
  replayedMs: AtMs | null,
): RecordColumns => [
  seq,
  receivedMs,
  org,
  device,
  payload,
  replayedMs,
  foreign === null ? null : foreign.topic,
  foreign?.isRetained === true ? 1 : 0,
]

const toRecord = ([
  seq,
  receivedMs,
  org,
  device,
  payload,
  replayedMs,
  foreignTopic,
  isRetained,
]: RecordColumns): JournalRecord => ({
  seq,
  receivedMs,
  org,
  device,
  payload,
  replayedMs,
  foreign:
    foreignTopic === null ? null : { integration: device, topic: foreignTopic, isRetained: isRetained === 1 },
})
