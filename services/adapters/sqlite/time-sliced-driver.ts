/**
 * Kysely's SQLite driver, shared fairly by several handles. SQLite responds synchronously, so a caller with many
 * queries in a row would block messages and timers until its last one. After a few milliseconds of queries the driver
 * yields to the event loop. Each handle has its own time slice, so that a valve command does not wait for a plan.
 *
 * While a thread rewrites the file (file-thread.ts), writes and transactions wait at a gate, and reads go on.
 */
import {
  SqliteDialect,
  SqliteDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type SqliteDatabase as SqliteKyselyDatabase,
} from 'kysely'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import type { WriteGate } from './write-gate.ts'

const TIME_SLICE_MS = 2

/** Creates dialects on one connection; its owner closes the database. */
export function timeSlicedDialects(database: SqliteKyselyDatabase, gate: WriteGate): () => SqliteDialect {
  const shared: Shared = { driver: new SqliteDriver({ database }), gate }
  const ready = shared.driver.init()
  return () => new TimeSlicedDialect(database, () => new TimeSlicedDriver(shared, ready))
}

interface Shared {
  driver: SqliteDriver
  gate: WriteGate
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
  readonly #shared: Shared
  readonly #ready: Promise<void>
  #sliceBeganMs: number | null = null // null: no query yet in this turn of the event loop

  constructor(shared: Shared, ready: Promise<void>) {
    this.#shared = shared
    this.#ready = ready
  }

  init = (): Promise<void> => this.#ready

  /** Called once per query, and once per transaction, which is never interrupted. */
  async acquireConnection(): Promise<GatedConnection> {
    if (this.#sliceBeganMs === null) {
      this.#sliceBeganMs = performance.now()
      setImmediate(() => (this.#sliceBeganMs = null))
    } else if (performance.now() - this.#sliceBeganMs > TIME_SLICE_MS) await yieldToEventLoop()
    return new GatedConnection(this.#shared)
  }

  releaseConnection = (connection: GatedConnection): Promise<void> => connection.release()
  beginTransaction = (connection: GatedConnection): Promise<void> => connection.begin()
  commitTransaction = (connection: GatedConnection): Promise<void> => connection.end('commitTransaction')
  rollbackTransaction = (connection: GatedConnection): Promise<void> => connection.end('rollbackTransaction')
  destroy = async (): Promise<void> => {}
}

/** Holds the one connection during a transaction, and otherwise for each query. */
class GatedConnection implements DatabaseConnection {
  readonly #shared: Shared
  #inTransaction: DatabaseConnection | null = null

  constructor(shared: Shared) {
    this.#shared = shared
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#inTransaction !== null) return this.#inTransaction.executeQuery<Row>(query)
    const connection = await this.#acquire(isRead(query))
    try {
      return await connection.executeQuery<Row>(query)
    } finally {
      await this.#shared.driver.releaseConnection()
    }
  }

  async *streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    if (this.#inTransaction !== null) return yield* this.#inTransaction.streamQuery<Row>(query, chunkSize)
    const connection = await this.#acquire(true)
    try {
      yield* connection.streamQuery<Row>(query, chunkSize)
    } finally {
      await this.#shared.driver.releaseConnection()
    }
  }

  async begin(): Promise<void> {
    this.#inTransaction = await this.#acquire(false)
    await this.#shared.driver.beginTransaction(this.#inTransaction)
  }

  async end(how: 'commitTransaction' | 'rollbackTransaction'): Promise<void> {
    if (this.#inTransaction !== null) await this.#shared.driver[how](this.#inTransaction)
  }

  async release(): Promise<void> {
    if (this.#inTransaction === null) return
    this.#inTransaction = null
    await this.#shared.driver.releaseConnection()
  }

  async #acquire(isReading: boolean): Promise<DatabaseConnection> {
    const { driver, gate } = this.#shared
    for (;;) {
      if (!isReading) await gate.opened()
      const connection = await driver.acquireConnection()
      if (isReading || !gate.isClosed()) return connection
      await driver.releaseConnection() // closed while this query waited for its turn
    }
  }
}

const isRead = ({ sql }: CompiledQuery): boolean => /^\s*select\b/i.test(sql)
