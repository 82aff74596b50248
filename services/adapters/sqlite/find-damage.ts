/** Whether SQLite can read a whole database file, for a check before a start. */
import { bindingName, openDatabase, readPragma } from '../../../broker/sqlite/database.ts'

/** The binding that this Node uses. */
export const sqliteBinding = bindingName

/** The damage that SQLite finds in a closed database; null: none. Reads the whole file and writes nothing. */
export function findDamage(path: string): string | null {
  try {
    const database = openDatabase(path, { readOnly: true })
    try {
      const result = String(readPragma(database, 'quick_check'))
      return result === 'ok' ? null : result
    } finally {
      database.close()
    }
  } catch (error) {
    return (error as Error).message
  }
}
