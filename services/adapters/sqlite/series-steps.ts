/** Work on the series file in steps: each a transaction of its own, and a breath for the event loop between two. */
import { setImmediate } from 'node:timers/promises'
import { fail } from '../../errors.ts'
import type { SqliteDatabase } from './open.ts'

/** Lets everything else that waits have its turn. */
export const breathe = (): Promise<void> => setImmediate()

/** Runs `work` as one write transaction, all or nothing. Errors as throwStoreError. */
export function inTransaction<T>(db: SqliteDatabase, work: () => T): T {
  return within(db, 'BEGIN IMMEDIATE', work)
}

/** Runs `work` on one state of the file, inside the transaction if there is one. Errors as throwStoreError. */
export function inSnapshot<T>(db: SqliteDatabase, work: () => T): T {
  return db.inTransaction ? work() : within(db, 'BEGIN', work)
}

function within<T>(db: SqliteDatabase, begin: string, work: () => T): T {
  try {
    db.exec(begin)
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  } catch (error) {
    throwStoreError(error)
  }
}

/** STORE_UNAVAILABLE for a file that cannot be used now, STORE_CORRUPT for a damaged one; a bug passes unchanged. */
export function throwStoreError(error: unknown): never {
  const { code, message } = error as { code?: unknown; message?: string }
  if (typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code))
    fail('STORE_CORRUPT', `the series file is damaged: ${message}`, { cause: error })
  if (
    typeof code === 'string' &&
    /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL)/.test(code)
  )
    fail('STORE_UNAVAILABLE', `the series file cannot be used: ${message}`, { cause: error })
  if (/not open|closed/i.test(message ?? ''))
    fail('STORE_UNAVAILABLE', 'the series file is closed', { cause: error })
  throw error
}
