/**
 * The SQLite file of the journal: its tables, and how it is opened. Every commit is on the disk when it returns
 * (write-ahead log, synchronous FULL). A damaged file is an error that names it, and stays unchanged.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorName, openDatabase, readPragma, type Database } from '../sqlite/database.ts'
import { brokerError, type BrokerError } from '../errors.ts'

/** of the tables; 0 in files from before it was written */
const VERSION = 1
// the check reads the whole file: above this size it would delay the start by seconds
const MAX_CHECKED_BYTES = 256 * 1024 * 1024

export interface JournalFile {
  /** `:memory:` or a path; its folder is created */
  path: string
  /** limit of the file; default: none */
  maxBytes?: number
  /** false for a simulated season in a temporary folder: commits do not wait for the disk. Default true. */
  isDurable?: boolean
  /** true: writes are made by a thread of their own. Default: in this one. */
  hasThread?: boolean
}

/** Opens or creates the file with its tables. STORE_CORRUPT, STORE_NEWER, DISK_FULL, STORE_UNAVAILABLE. */
export function openJournalFile(file: JournalFile): Database {
  const { path } = file
  let database: Database
  let sizeBytes = 0
  try {
    if (path !== ':memory:') {
      mkdirSync(dirname(path), { recursive: true })
      sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    }
    database = openDatabase(path)
  } catch (cause) {
    throw brokerError('STORE_UNAVAILABLE', `cannot open ${path}: ${(cause as Error).message}`, { cause })
  }
  try {
    configure(database, file)
    if (sizeBytes <= MAX_CHECKED_BYTES) {
      const check = readPragma(database, 'quick_check(1)')
      if (check !== 'ok') throw new Error(String(check))
    }
    rejectLaterVersion(database, path)
    // pages trimmed after a long outage return to the disk in steps (only a new file can have this setting)
    database.exec('pragma auto_vacuum = INCREMENTAL')
    // after the check: it writes to a file that was closed whole
    database.exec('pragma journal_mode = WAL')
    database.exec(TABLES)
    if (sizeBytes === 0) database.exec(`pragma user_version = ${VERSION}`)
    return database
  } catch (cause) {
    database.close()
    throw isNewer(cause) ? cause : openError(path, cause as Error)
  }
}

function rejectLaterVersion(database: Database, path: string): void {
  const version = Number(readPragma(database, 'user_version'))
  if (version > VERSION)
    throw brokerError(
      'STORE_NEWER',
      `${path} was written by a later version of Tilth (format ${version}, this one reads ${VERSION}): install that version, or restore a backup from before the upgrade`,
    )
}

const isNewer = (cause: unknown): boolean => (cause as Partial<BrokerError>).code === 'STORE_NEWER'

/** One more connection to a file that this process has opened. Errors of SQLite. */
export function connectJournalFile(file: JournalFile): Database {
  const database = openDatabase(file.path)
  configure(database, file)
  return database
}

function configure(database: Database, { maxBytes, isDurable = true }: JournalFile): void {
  database.exec('pragma busy_timeout = 1000')
  // a large sort must not need the disk, which may be full
  database.exec('pragma temp_store = MEMORY')
  database.exec(`pragma synchronous = ${isDurable ? 'FULL' : 'OFF'}`)
  if (maxBytes !== undefined) limitSize(database, maxBytes)
}

function limitSize(database: Database, maxBytes: number): void {
  const pageBytes = readPragma(database, 'page_size') as number
  database.exec(`pragma max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`)
}

function openError(path: string, cause: Error): Error {
  const name = errorName(cause)
  if (name === 'LOCKED' || name === 'BUSY')
    return brokerError('STORE_UNAVAILABLE', `${path} is in use by another program`, { cause })
  if (name === 'FULL') return brokerError('DISK_FULL', `the disk of ${path} is full`, { cause })
  if (name === 'IOERR' || name === 'READONLY' || name === 'CANTOPEN')
    return brokerError('STORE_UNAVAILABLE', `cannot write ${path}: ${cause.message}`, { cause })
  return brokerError(
    'STORE_CORRUPT',
    `${path} is damaged (${cause.message}); restore it from a backup, Tilth has not touched it`,
    { cause },
  )
}

const TABLES = `
  create table if not exists record (
    seq integer primary key,
    received_ms integer not null,
    org text not null,
    device text not null,
    payload blob not null,
    replayed_ms integer,
    foreign_topic text,
    is_retained integer not null
  );
  create table if not exists cursor (reader text primary key, seq integer not null) without rowid;
  create table if not exists note (
    reader text not null,
    key text not null,
    text text not null,
    primary key (reader, key)
  ) without rowid;
  create table if not exists dead_letter (
    id integer primary key autoincrement,
    received_ms integer not null,
    org text not null,
    device text not null,
    topic text not null,
    reason text not null,
    payload blob not null,
    bytes integer not null,
    payload_sha1 text not null,
    is_foreign integer not null,
    is_retained integer not null
  );
  create unique index if not exists dead_letter_once
    on dead_letter (org, device, received_ms, topic, bytes, payload_sha1);
  create index if not exists dead_letter_by_device on dead_letter (org, device, id);
  create index if not exists dead_letter_by_org on dead_letter (org, id);
`
