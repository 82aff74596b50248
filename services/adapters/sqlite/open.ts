/**
 * Opens a SQLite file with write-ahead log; every commit is on disk before it is acknowledged. A damaged file is
 * rejected and left unchanged.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorName, openDatabase, readPragma, type Database } from '../../../broker/sqlite/database.ts'
import { fail } from '../../errors.ts'

export interface SqliteOptions {
  /** FULL except in tests: OFF survives a crash of the program, not of the machine */
  synchronous?: 'FULL' | 'OFF'
}

// the check reads every page, 1 s for 200 MB: a season of readings is checked page by page as it is read
const MAX_CHECKED_BYTES = 64 * 2 ** 20

/**
 * `:memory:` or a path; folders are created. STORE_CORRUPT for a damaged file, DISK_FULL, STORE_UNAVAILABLE when it
 * cannot be opened otherwise.
 */
export function openSqlite(path: string, { synchronous = 'FULL' }: SqliteOptions = {}): Database {
  let db: Database
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    db = openDatabase(path)
  } catch (cause) {
    fail('STORE_UNAVAILABLE', `cannot open ${path}: ${(cause as Error).message}`, { cause })
  }
  try {
    db.exec(`pragma synchronous = ${synchronous}`)
    db.exec('pragma busy_timeout = 5000')
    db.exec('pragma foreign_keys = ON')
    // a large sort must not need the disk, which may be full
    db.exec('pragma temp_store = MEMORY')
    if (fileBytes(path) <= MAX_CHECKED_BYTES) {
      const check = readPragma(db, 'quick_check(1)')
      if (check !== 'ok') throw new Error(String(check))
    } else db.exec('SELECT count(*) FROM sqlite_schema')
    // after the check: it writes to a file that was closed whole
    db.exec('pragma journal_mode = WAL')
  } catch (cause) {
    db.close()
    const text = (cause as Error).message
    const name = errorName(cause)
    if (name === 'BUSY' || name === 'LOCKED')
      fail('STORE_UNAVAILABLE', `${path} is in use by another program`, { cause })
    if (name === 'FULL') fail('DISK_FULL', `the disk of ${path} is full`, { cause })
    if (name === 'IOERR' || name === 'READONLY' || name === 'CANTOPEN')
      fail('STORE_UNAVAILABLE', `cannot write ${path}: ${text}`, { cause })
    fail(
      'STORE_CORRUPT',
      `${path} is damaged (${text}); restore it from a backup, Tilth has not touched it`,
      { cause },
    )
  }
  return db
}

/**
 * A second, read-only connection for a worker thread to a file that this process has already opened; it checks nothing.
 * STORE_UNAVAILABLE when it cannot be opened.
 */
export function openSqliteToRead(path: string): Database {
  try {
    const db = openDatabase(path, { readOnly: true })
    db.exec('pragma busy_timeout = 5000')
    db.exec('pragma temp_store = MEMORY')
    return db
  } catch (cause) {
    fail('STORE_UNAVAILABLE', `cannot open ${path}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Takes an exclusive lock on a file, which is created empty and stays so. It holds until `close` or the end of the
 * process. Throws what SQLite reports: `database is locked` when another connection holds it.
 */
export function openLockFile(path: string): Database {
  const db = openDatabase(path)
  try {
    // no journal file, and no page is ever written: it works on a full disk
    db.exec('pragma journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
