/** The series store in one SQLite file: the default, without a server. */
import { closeWhole, type Database } from '../../../broker/sqlite/database.ts'
import type { TerminationLock } from '../../runtime/worker-entry.ts'
import type { Reading, SeriesStore, SeriesReader, StoreFile } from '../../ports.ts'
import { fail } from '../../errors.ts'
import { checkReadings } from '../readings.ts'
import { fileThread, type FileThread } from './file-thread.ts'
import { openSqlite, openSqliteToRead } from './open.ts'
import { seriesAppender } from './series-append.ts'
import { seriesDictionary } from './series-dictionary.ts'
import { eraseSeries, finishErasing } from './series-erase.ts'
import { readLatest } from './series-latest.ts'
import { moveToCold } from './series-move.ts'
import { pageReader } from './series-pages.ts'
import { readRange, streamReadings, type Reader } from './series-range.ts'
import { rollDirty } from './series-roll.ts'
import { readMeans, readRolled } from './series-rolled.ts'
import { createSeriesTables } from './series-schema.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { inSnapshot, inTransaction } from './series-steps.ts'
import { readSummaries } from './series-summary.ts'
import { storeFault } from './store-fault.ts'
import { writeGate, type WriteGate } from './write-gate.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'

// a larger batch is written in several commits, to free the event loop in between
const READINGS_PER_COMMIT = 2_000

/** Opens or creates the file. Errors as openSqlite; STORE_REFUSED for a file of a later version. */
export async function openSqliteSeries(path: string): Promise<SeriesStore> {
  const db = openSqlite(path)
  try {
    createSeriesTables(db)
    return seriesStore(db, path)
  } catch (error) {
    db.close()
    throw storeFault(error, path) ?? error
  }
}

/**
 * Reads an already open file in a worker thread, on its own connection; the termination lock is held in each call.
 * Errors as openSqliteToRead.
 */
export async function openSqliteSeriesToRead(path: string, hold: TerminationLock): Promise<SeriesReader> {
  async function withLock<T>(work: () => T | Promise<T>): Promise<T> {
    hold.acquire()
    try {
      return await work()
    } finally {
      hold.release()
    }
  }
  const { db, reader } = await withLock(() => {
    const file = openSqliteToRead(path)
    return { db: file, reader: { dictionary: seriesDictionary(file), pages: pageReader(file) } }
  })
  return {
    summaries: (query) => withLock(() => readSummaries(db, reader, query)),
    close: () => withLock(() => void db.close()),
  }
}

function seriesStore(db: Database, path: string): SeriesStore {
  const dictionary = seriesDictionary(db)
  const pages = pageReader(db)
  const reader: Reader = { dictionary, pages }
  const appender = seriesAppender(db, dictionary)
  const housekeeping = serialQueue()
  const thread = fileThread(db, path)
  // readings wait in the journal meanwhile
  const gate = writeGate('the series store', null)
  const rewrite = () => gate.closeFor(() => thread.rewrite())
  let maintenance: Promise<void> | null = null
  let isOpen = true

  function mustBeOpen(): void {
    if (!isOpen) fail('STORE_UNAVAILABLE', 'the series file is closed')
  }

  async function maintain(nowMs: number): Promise<void> {
    mustBeOpen()
    await finishErasing(db, rewrite)
    await rollDirty(db, { pages, appender }, nowMs)
    await moveToCold(db, nowMs)
  }

  return {
    async append(readings: readonly Reading[]) {
      mustBeOpen()
      checkReadings(readings)
      for (let i = 0; i < readings.length; i += READINGS_PER_COMMIT) {
        if (i > 0) await yieldToEventLoop()
        await gate.opened()
        appender.append(readings.slice(i, i + READINGS_PER_COMMIT))
      }
    },
    async range(query) {
      mustBeOpen()
      return readRange(reader, query)
    },
    async rolled(query) {
      mustBeOpen()
      return readRolled(db, reader, query)
    },
    async means(query) {
      mustBeOpen()
      return readMeans(db, reader, query)
    },
    async summaries(query) {
      mustBeOpen()
      return readSummaries(db, reader, query)
    },
    async latest(query) {
      mustBeOpen()
      return inSnapshot(db, () => readLatest(db, query))
    },
    async *stream(query) {
      mustBeOpen()
      yield* streamReadings(db, reader, query)
    },
    erase: (query) =>
      housekeeping.enqueue(async () => {
        mustBeOpen()
        return eraseSeries(db, dictionary, { filter: query, rewrite })
      }),
    maintain(nowMs) {
      maintenance ??= housekeeping.enqueue(() => maintain(nowMs)).finally(() => (maintenance = null))
      return maintenance
    },
    async isReady() {
      try {
        return isOpen && inSnapshot(db, () => true)
      } catch {
        return false
      }
    },
    file: seriesFile(db, path, { thread, gate }),
    async close() {
      if (!isOpen) return
      isOpen = false
      await housekeeping.enqueue(async () => {
        await thread.end()
        closeWhole(db)
      })
    },
  }
}

/** The copy of the manifest is in a table of its own, made with the first copy. */
function seriesFile(
  db: Database,
  path: string,
  { thread, gate }: { thread: FileThread; gate: WriteGate },
): StoreFile {
  const changes = db.prepare('SELECT total_changes() AS n')
  return {
    path,
    async readCopy() {
      const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name = 'manifest'").all()
      if (tables.length === 0) return null
      const [row] = db.prepare('SELECT text FROM manifest').all() as { text: string }[]
      return row?.text ?? null
    },
    async writeCopy(text) {
      await gate.opened()
      inTransaction(db, () => {
        db.exec(
          'CREATE TABLE IF NOT EXISTS manifest (id INTEGER PRIMARY KEY CHECK (id = 1), text TEXT NOT NULL) STRICT',
        )
        db.prepare('INSERT OR REPLACE INTO manifest VALUES (1, ?)').run(text)
      })
    },
    changes: () => (changes.all() as { n: number }[])[0]!.n,
    compact: () => thread.emptyLog(),
  }
}
