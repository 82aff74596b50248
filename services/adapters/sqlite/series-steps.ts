/** Transactions and snapshots of the series file. */
import { fail } from '../../errors.ts'
import type { SqliteDatabase } from './open.ts'

/** Runs `work` as one write transaction. Errors as throwStoreError. */
export function inTransaction<T>(db: SqliteDatabase, work: () => T): T {
  return within(db, 'BEGIN IMMEDIATE', work)
}

/**
 * Runs `work` on one snapshot of the file, inside the current transaction if there is one. Errors as throwStoreError.
 */
export function inSnapshot<T>(db: SqliteDatabase, work: () => T): T {
  return isWithin(db) ? work() : within(db, 'BEGIN', work)
}

// on a closed file, libsql 0.5 ends the whole process
const isWithin = (db: SqliteDatabase): boolean => db.open && db.inTransaction

function within<T>(db: SqliteDatabase, begin: string, work: () => T): T {
  if (!db.open) fail('STORE_UNAVAILABLE', 'the series file is closed')
  try {
    db.exec(begin)
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      if (isWithin(db)) db.exec('ROLLBACK')
      throw error
    }
  } catch (error) {
    throwStoreError(db, error)
  }
}

/** STORE_UNAVAILABLE for a file that cannot be used now, STORE_CORRUPT for a damaged one; other errors are rethrown. */
function throwStoreError(db: SqliteDatabase, error: unknown): never {
  const { code, message } = error as { code?: unknown; message?: string }
  if (typeof code !== 'string') throw error
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    fail('STORE_CORRUPT', `${pathOf(db)} is damaged (${message}); restore it from a backup`, { cause: error })
  if (/^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL)/.test(code))
    fail('STORE_UNAVAILABLE', `${pathOf(db)} cannot be used: ${message}`, { cause: error })
  throw error
}

function pathOf(db: SqliteDatabase): string {
  const [main] = db.pragma('database_list') as { file: string }[]
  return main?.file || 'the series file'
}
