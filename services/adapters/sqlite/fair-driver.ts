/**
 * Kysely's SQLite driver, shared by several handles, and fair: SQLite answers within the call, so one who asks many
 * questions in a row would keep messages and timers waiting until the last. After a few milliseconds of questions
 * everything else has its turn first. Each handle has a turn of its own, so that a valve does not wait for a plan.
 */
import {
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase as SqliteKyselyDatabase,
} from 'kysely'
import { yieldToEventLoop } from '../../breath.ts'

const TURN_MS = 2

/** Makes dialects on one connection; the database stays its owner's to close. */
export function fairDialects(database: SqliteKyselyDatabase): () => SqliteDialect {
  const shared = new SqliteDriver({ database })
  const ready = shared.init()
  return () => new FairDialect(database, () => new FairDriver(shared, ready))
}

class FairDialect extends SqliteDialect {
  readonly #newDriver: () => Driver

  constructor(database: SqliteKyselyDatabase, newDriver: () => Driver) {
    super({ database })
    this.#newDriver = newDriver
  }

  override createDriver(): Driver {
    return this.#newDriver()
  }
}

class FairDriver implements Driver {
  readonly #shared: SqliteDriver
  readonly #ready: Promise<void>
  #turnBeganMs: number | null = null // null: nothing was asked yet in this turn of the event loop

  constructor(shared: SqliteDriver, ready: Promise<void>) {
    this.#shared = shared
    this.#ready = ready
  }

  init = (): Promise<void> => this.#ready

  /** Asked once for each query, and once for a whole transaction: that one is never interrupted. */
  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#turnBeganMs === null) {
      this.#turnBeganMs = performance.now()
      setImmediate(() => (this.#turnBeganMs = null))
    } else if (performance.now() - this.#turnBeganMs > TURN_MS) await yieldToEventLoop()
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
