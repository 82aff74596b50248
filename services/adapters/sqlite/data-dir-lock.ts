/**
 * The lock of DATA_DIR: one Tilth, or one restore, at a time. An exclusive lock on an open file: the kernel releases it
 * when the process ends, however it ends, and no process id has to be compared.
 */
import { join } from 'node:path'
import { errorName } from '../../../broker/sqlite/database.ts'
import { fail } from '../../errors.ts'
import { openLockFile } from './open.ts'

export const LOCK_FILE = 'lock.db'

/** CONFLICT when another process holds it; INVALID_CONFIG when the folder is not writable. */
export function lockDataDir(dataDir: string): { release(): void } {
  const path = join(dataDir, LOCK_FILE)
  try {
    const db = openLockFile(path)
    return { release: () => db.close() }
  } catch (cause) {
    const { message } = cause as Error
    if (errorName(cause) === 'BUSY' || errorName(cause) === 'LOCKED')
      fail(
        'CONFLICT',
        `a Tilth is already running on DATA_DIR ${dataDir}; stop it, or set DATA_DIR to another folder`,
        { cause },
      )
    return fail(
      'INVALID_CONFIG',
      `DATA_DIR must be a folder that Tilth may write to, got ${dataDir} (${path}: ${message})`,
      {
        cause,
      },
    )
  }
}
