/**
 * Kysely's SQLite driver, shared fairly by several handles. SQLite responds synchronously, so a caller with many
 * queries in a row would block messages and timers until its last one. After a few milliseconds of queries the driver
 * yields to the event loop. Each handle has its own time slice, so that a valve command does not wait for a plan.
 */
import {
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase as SqliteKyselyDatabase,
} from 'kysely'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'

const TIME_SLICE_MS = 2

/** Creates dialects on one connection; its owner closes the database. */
export function timeSlicedDialects(database: SqliteKyselyDatabase): () => SqliteDialect {
  const shared = new SqliteDriver({ database })
  const ready = shared.init()
  return () => new TimeSlicedDialect(database, () => new TimeSlicedDriver(shared, ready))
}

class TimeSlicedDialect extends SqliteDialect {
  readonly #newDriver: () => Driver

  constructor(database: SqliteKyselyDatabase, newDriver: () => Driver) {
    super({ database })
    this.#newDriver = newDriver
  }

  override createDriver(): Driver {
    return this.#newDriver()
  }
}

class TimeSlicedDriver implements Driver {
  readonly #shared: SqliteDriver
  readonly #ready: Promise<void>
  #sliceBeganMs: number | null = null // null: no query yet in this turn of the event loop

  constructor(shared: SqliteDriver, ready: Promise<void>) {
    this.#shared = shared
    this.#ready = ready
  }

  init = (): Promise<void> => this.#ready

  /** Called once per query, and once per transaction, which is never interrupted. */
  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#sliceBeganMs === null) {
      this.#sliceBeganMs = performance.now()
      setImmediate(() => (this.#sliceBeganMs = null))
    } else if (performance.now() - this.#sliceBeganMs > TIME_SLICE_MS) await yieldToEventLoop()
    return this.#shared.acquireConnection()
  }

  releaseConnection = (): Promise<void> => this.#shared.releaseConnection()
  beginTransaction = (connection: DatabaseConnection): Promise<void> =>
    this.#shared.beginTransaction(connection)
  commitTransaction = (connection: DatabaseConnection): Promise<void> =>
    this.#shared.commitTransaction(connection)
  rollbackTransaction = (connection: DatabaseConnection): Promise<void> =>
    this.#shared.rollbackTransaction(connection)
  destroy = async (): Promise<void> => {}
}
