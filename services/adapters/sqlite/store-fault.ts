/** Faults of a database file or its disk as errors of Tilth. */
import { errorName } from '../../../broker/sqlite/database.ts'
import { TilthError } from '../../errors.ts'

/** DISK_FULL, or STORE_UNAVAILABLE with what SQLite reports; null: another error. `store`: its name or its path. */
export function storeFault(cause: unknown, store: string): TilthError | null {
  switch (errorName(cause)) {
    case 'FULL':
      return new TilthError('DISK_FULL', `the disk of ${store} is full`, { cause })
    case 'IOERR':
    case 'READONLY':
    case 'BUSY':
    case 'CANTOPEN':
      return new TilthError('STORE_UNAVAILABLE', `${store}: ${(cause as Error).message}`, { cause })
    default:
      return null
  }
}
