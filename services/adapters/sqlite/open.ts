/**
 * Opens a SQLite file with write-ahead log; every commit is on disk before it is acknowledged. A damaged file is
 * rejected and left unchanged.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { fail } from '../../errors.ts'

export type SqliteDatabase = Database.Database

export interface SqliteOptions {
  /** FULL except in tests: OFF survives a crash of the program, not of the machine */
  synchronous?: 'FULL' | 'OFF'
}

// the check reads every page, 1 s for 200 MB: a season of readings is checked page by page as it is read
const MAX_CHECKED_BYTES = 64 * 2 ** 20

/**
 * `:memory:` or a path; folders are created. STORE_CORRUPT for a damaged file, STORE_UNAVAILABLE when it cannot be
 * opened.
 */
export function openSqlite(path: string, { synchronous = 'FULL' }: SqliteOptions = {}): SqliteDatabase {
  let db: SqliteDatabase
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    db = new Database(path)
  } catch (cause) {
    fail('STORE_UNAVAILABLE', `cannot open ${path}: ${(cause as Error).message}`, { cause })
  }
  try {
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${synchronous}`)
    db.pragma('busy_timeout = 5000')
    db.pragma('foreign_keys = ON')
    if (fileBytes(path) <= MAX_CHECKED_BYTES) {
      const [check] = db.pragma('quick_check(1)') as { quick_check: string }[]
      if (check && check.quick_check !== 'ok') throw new Error(check.quick_check)
    } else db.exec('SELECT count(*) FROM sqlite_schema')
  } catch (cause) {
    db.close()
    const text = (cause as Error).message
    if (/locked|busy/i.test(text))
      fail('STORE_UNAVAILABLE', `${path} is in use by another program`, { cause })
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
export function openSqliteToRead(path: string): SqliteDatabase {
  try {
    const db = new Database(path)
    db.pragma('busy_timeout = 5000')
    db.pragma('query_only = ON') // libsql 0.5 cannot open files read-only
    return db
  } catch (cause) {
    fail('STORE_UNAVAILABLE', `cannot open ${path}: ${(cause as Error).message}`, { cause })
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
