/** The state store on SQLite, through Kysely. */
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely'
import type { Database } from '../../../sqlite/database.ts'
import type { TerminationLock } from '../../runtime/worker-entry.ts'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'
import { migrate } from '../migrations.ts'
import { timeSlicedDialects } from './time-sliced-driver.ts'
import { kyselyDatabase } from './kysely-database.ts'
import { openSqlite, openSqliteToRead, type SqliteOptions } from './open.ts'

export interface OpenState {
  state: State
  /**
   * Another handle on the same connection with its own time slice: its queries do not wait for those of other handles.
   */
  handle(): State
  /** the same file, for better-auth, which has its own tables in it */
  database: Database
  close(): Promise<void>
}

/** Opens or creates the file and migrates its tables. Errors as openSqlite. */
export async function openSqliteState(path: string, options?: SqliteOptions): Promise<OpenState> {
  const database = openSqlite(path, options)
  const newDialect = timeSlicedDialects(kyselyDatabase(database))
  const handle = (): State => new Kysely<Tables>({ dialect: newDialect(), plugins: [new CamelCasePlugin()] })
  const state = handle()
  await migrate(state)
  protectAudit(database)
  return {
    state,
    handle,
    database,
    async close() {
      await state.destroy()
      database.close()
    },
  }
}

/**
 * The same rows for a worker thread, on its own connection to an already open file; nothing is created or migrated. The
 * termination lock is held in each call (see isTerminationSafe). STORE_UNAVAILABLE when it cannot be opened.
 */
export function openStateToRead(
  path: string,
  hold: TerminationLock,
): { state: State; close(): Promise<void> } {
  const withLock = <T>(call: () => T): T => {
    hold.acquire()
    try {
      return call()
    } finally {
      hold.release()
    }
  }
  const file = withLock(() => openSqliteToRead(path))
  const database = kyselyDatabase(file, withLock)
  const state = new Kysely<Tables>({
    dialect: new SqliteDialect({ database }),
    plugins: [new CamelCasePlugin()],
  })
  return {
    state,
    async close() {
      await state.destroy()
      withLock(() => file.close())
    },
  }
}

/** Triggers that make the audit append-only for every part of the program. */
function protectAudit(database: Database): void {
  for (const change of ['update', 'delete'])
    database.exec(
      `create trigger if not exists audit_no_${change} before ${change} on audit
       begin select raise(abort, 'the audit is append-only'); end`,
    )
}
