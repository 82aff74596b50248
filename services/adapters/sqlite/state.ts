/** The state store on SQLite, through Kysely. */
import {
  CamelCasePlugin,
  Kysely,
  SqliteDialect,
  type SqliteDatabase as SqliteKyselyDatabase,
  type SqliteStatement,
} from 'kysely'
import type { TerminationLock } from '../../runtime/worker-entry.ts'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'
import { migrate } from '../migrations.ts'
import { timeSlicedDialects } from './time-sliced-driver.ts'
import { openSqlite, openSqliteToRead, type SqliteDatabase, type SqliteOptions } from './open.ts'

export interface OpenState {
  state: State
  /**
   * Another handle on the same connection with its own time slice: its queries do not wait for those of other handles.
   */
  handle(): State
  /** the same file, for better-auth, which has its own tables in it */
  database: SqliteDatabase
  close(): Promise<void>
}

/** Opens or creates the file and migrates its tables. Errors as openSqlite. */
export async function openSqliteState(path: string, options?: SqliteOptions): Promise<OpenState> {
  const database = openSqlite(path, options)
  const newDialect = timeSlicedDialects(
    withPreparedStatements((sql) => {
      const statement = database.prepare(sql) as unknown as SqliteStatement
      // libsql calculates it again at each access
      const { reader } = statement
      return {
        reader,
        all: (values) => statement.all(values),
        run: (values) => statement.run(values),
        iterate: (values) => statement.iterate(values),
      }
    }),
  )
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
 * termination lock is held in each call, since libsql 0.5 ends the whole process when its thread is terminated
 * meanwhile. STORE_UNAVAILABLE when it cannot be opened.
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
  const database = withPreparedStatements((sql) => {
    const statement = withLock(() => file.prepare(sql) as unknown as SqliteStatement)
    return {
      reader: withLock(() => statement.reader),
      all: (values) => withLock(() => statement.all(values)),
      run: (values) => withLock(() => statement.run(values)),
      iterate: (values) => withLock(() => statement.all(values)).values() as IterableIterator<unknown>,
    }
  })
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
function protectAudit(database: SqliteDatabase): void {
  for (const change of ['update', 'delete'])
    database.exec(
      `create trigger if not exists audit_no_${change} before ${change} on audit
       begin select raise(abort, 'the audit is append-only'); end`,
    )
}

const MAX_STATEMENTS = 500

/**
 * Caches prepared statements: Kysely prepares a query each time it runs, and most of ours run thousands of times a day.
 * There is one connection and one query at a time, so a statement is never in use twice.
 */
function withPreparedStatements(prepare: (sql: string) => SqliteStatement): SqliteKyselyDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    prepare(sql) {
      let statement = statements.get(sql)
      if (statement) statements.delete(sql)
      else statement = prepare(sql)
      statements.set(sql, statement) // the most recently used is last
      if (statements.size > MAX_STATEMENTS) statements.delete(statements.keys().next().value!)
      return statement
    },
    close: () => {}, // its owner closes it
  }
}
