/** Entry of the thread of `nightly-backup.ts`: takes one backup at each request. */
import { serveRequests, terminationLock } from '../runtime/worker-entry.ts'
import type { BackupRequest } from './nightly-backup.ts'
import { takeBackup } from './take-backup.ts'

serveRequests(({ settings, file, details }: BackupRequest) => {
  terminationLock.acquire()
  try {
    takeBackup(settings, file, details, () => {})
  } finally {
    terminationLock.release()
  }
})
