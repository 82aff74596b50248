/** Entry of the thread of `file-thread.ts`: each request has its own connection, which is closed at its end. */
import { openDatabase } from '../../../broker/sqlite/database.ts'
import { serveRequests, terminationLock } from '../../runtime/worker-entry.ts'
import type { FileRequest } from './file-thread.ts'
import { storeFault } from './store-fault.ts'

serveRequests(({ path, work }: FileRequest) => {
  terminationLock.acquire()
  try {
    const database = openDatabase(path)
    try {
      database.exec('pragma busy_timeout = 5000')
      if (work === 'rewrite') database.exec('vacuum')
      // never waits for another connection, and none waits for it
      database.exec('pragma wal_checkpoint(PASSIVE)')
    } finally {
      database.close()
    }
  } catch (error) {
    throw storeFault(error, path) ?? error
  } finally {
    terminationLock.release()
  }
})
