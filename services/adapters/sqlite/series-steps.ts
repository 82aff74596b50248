/** Transactions and snapshots of the series file. */
import * as sqlite from '../../../broker/sqlite/database.ts'
import { fail } from '../../errors.ts'

type Database = sqlite.Database

/** Runs `work` as one write transaction. Errors as throwStoreError. */
export const inTransaction = <T>(db: Database, work: () => T): T =>
  withStoreErrors(db, () => sqlite.inTransaction(db, work))

/** Runs `work` as one write transaction that overwrites what it deletes. Errors as throwStoreError. */
export const withSecureDelete = <T>(db: Database, work: () => T): T =>
  withStoreErrors(db, () => sqlite.withSecureDelete(db, work))

/**
 * Runs `work` on one snapshot of the file, inside the current transaction if there is one. Errors as throwStoreError.
 */
export const inSnapshot = <T>(db: Database, work: () => T): T =>
  withStoreErrors(db, () => (db.isTransaction ? work() : sqlite.inTransaction(db, work, 'begin')))

function withStoreErrors<T>(db: Database, run: () => T): T {
  if (!db.isOpen) fail('STORE_UNAVAILABLE', 'the series file is closed')
  try {
    return run()
  } catch (error) {
    throwStoreError(db, error)
  }
}

/** STORE_UNAVAILABLE for a file that cannot be used now, STORE_CORRUPT for a damaged one; other errors are rethrown. */
function throwStoreError(db: Database, error: unknown): never {
  const name = sqlite.errorName(error)
  if (name === null) throw error
  const { message } = error as Error
  if (name === 'CORRUPT' || name === 'NOTADB')
    fail('STORE_CORRUPT', `${pathOf(db)} is damaged (${message}); restore it from a backup`, { cause: error })
  fail('STORE_UNAVAILABLE', `${pathOf(db)} cannot be used: ${message}`, { cause: error })
}

function pathOf(db: Database): string {
  const { file } = db.prepare('pragma database_list').get() as { file: string }
  return file || 'the series file'
}
