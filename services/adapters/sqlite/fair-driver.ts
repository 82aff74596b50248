/**
 * Kysely's SQLite driver, and fair: SQLite answers within the call, so one who asks many questions in a row would keep
 * messages and timers waiting until the last. After a few milliseconds of questions everything else has its turn first.
 */
import { setImmediate } from 'node:timers'
import { SqliteDialect, SqliteDriver, type DatabaseConnection, type Driver } from 'kysely'

const TURN_MS = 2

export class FairSqliteDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDialect>[0]

  constructor(config: ConstructorParameters<typeof SqliteDialect>[0]) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new FairDriver(this.#config)
  }
}

class FairDriver extends SqliteDriver {
  #turnBeganMs: number | null = null // null: nothing was asked yet in this turn of the event loop

  /** Asked once for each query, and once for a whole transaction: that one is never interrupted. */
  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#turnBeganMs === null) {
      this.#turnBeganMs = performance.now()
      setImmediate(() => (this.#turnBeganMs = null))
    } else if (performance.now() - this.#turnBeganMs > TURN_MS) await new Promise(setImmediate)
    return super.acquireConnection()
  }
}
