/**
 * Work on a whole database file: a thread does it on a connection of its own, because it takes seconds for a large file
 * and the event loop carries leases and acknowledgements. What is small is done here, in less than a start of a thread.
 */
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readPragma, type Database } from '../../../broker/sqlite/database.ts'
import { createWorkerClient } from '../../runtime/worker-thread.ts'
import { storeFault } from './store-fault.ts'

export interface FileRequest {
  path: string
  work: 'rewrite' | 'copy-log'
}

export interface FileThread {
  /**
   * Rewrites the file and empties its log: what was deleted is nowhere any more. Overwriting deleted rows is not enough,
   * because SQLite leaves copies of rows that it once moved to another page. Readers go on; nobody else may write until
   * it resolves. DISK_FULL, STORE_UNAVAILABLE.
   */
  rewrite(): Promise<void>
  /**
   * Moves the write-ahead log into the file and empties it, unless a reader needs it for longer than `waitMs`. Writers
   * go on.
   */
  emptyLog(waitMs?: number): Promise<void>
  end(): Promise<void>
}

const SMALL_BYTES = 2 ** 20
const POLL_MS = 50
const READERS_MS = 5_000

/** `database`: the connection of this thread to the file at `path`. */
export function fileThread(database: Database, path: string): FileThread {
  const client = createWorkerClient<FileRequest, void>(import.meta.url, `the thread of ${path}`)
  const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

  async function emptyLog(waitMs = 0): Promise<void> {
    if (bytesOf(`${path}-wal`) > SMALL_BYTES) await client.request({ path, work: 'copy-log' })
    for (const untilMs = performance.now() + waitMs; ; await sleep(POLL_MS))
      if (truncateLog(database) || performance.now() >= untilMs) return
  }

  return {
    async rewrite() {
      if (bytesOf(path) + bytesOf(`${path}-wal`) > SMALL_BYTES)
        await client.request({ path, work: 'rewrite' })
      else rewriteHere(database, path)
      await emptyLog(READERS_MS)
    },
    emptyLog,
    end: client.end,
  }
}

function rewriteHere(database: Database, path: string): void {
  try {
    database.exec('vacuum')
  } catch (error) {
    throw storeFault(error, path) ?? error
  }
}

/** What is left in the log since the thread has copied it. False while another connection needs the log. */
function truncateLog(database: Database): boolean {
  const timeoutMs = readPragma(database, 'busy_timeout') as number
  database.exec('pragma busy_timeout = 0') // the event loop waits for nobody
  try {
    return readPragma(database, 'wal_checkpoint(TRUNCATE)') === 0
  } finally {
    database.exec(`pragma busy_timeout = ${timeoutMs}`)
  }
}
