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
import { fairDialects } from './fair-driver.ts'
import { openSqlite, openSqliteToRead, type SqliteDatabase, type SqliteOptions } from './open.ts'

export interface OpenState {
  state: State
  /** Another handle on the same connection, with a turn of its own: what it asks does not wait for what others ask. */
  handle(): State
  /** the same file, for better-auth, which keeps its own tables beside ours */
  database: SqliteDatabase
  close(): Promise<void>
}

/** Opens (or makes) the file and brings its tables up to date. Errors as openSqlite. */
export async function openSqliteState(path: string, options?: SqliteOptions): Promise<OpenState> {
  const database = openSqlite(path, options)
  const newDialect = fairDialects(
    withPreparedStatements((sql) => database.prepare(sql) as unknown as SqliteStatement),
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
 * The same rows for a thread, on a connection of its own to a file that is open already: nothing is made or brought up to
 * date in it. The thread is held in each call, since libsql 0.5 ends the whole process when its thread is ended meanwhile.
 * STORE_UNAVAILABLE when it cannot be opened.
 */
export function openStateToRead(
  path: string,
  hold: TerminationLock,
): { state: State; close(): Promise<void> } {
  const held = <T>(call: () => T): T => {
    hold.acquire()
    try {
      return call()
    } finally {
      hold.release()
    }
  }
  const file = held(() => openSqliteToRead(path))
  const database = withPreparedStatements((sql) => {
    const statement = held(() => file.prepare(sql) as unknown as SqliteStatement)
    return {
      reader: held(() => statement.reader),
      all: (values) => held(() => statement.all(values)),
      run: (values) => held(() => statement.run(values)),
      iterate: (values) => held(() => statement.all(values)).values() as IterableIterator<unknown>,
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
      held(() => file.close())
    },
  }
}

/** Lines of the audit are added, never changed or taken out, by whatever part of the program. */
function protectAudit(database: SqliteDatabase): void {
  for (const change of ['update', 'delete'])
    database.exec(
      `create trigger if not exists audit_no_${change} before ${change} on audit
       begin select raise(abort, 'the audit is only added to'); end`,
    )
}

const MAX_STATEMENTS = 500

/**
 * Kysely prepares a query each time it runs; most of ours are asked thousands of times a day. One connection and one
 * query at a time, so a statement is never in use twice.
 */
function withPreparedStatements(prepare: (sql: string) => SqliteStatement): SqliteKyselyDatabase {
  const kept = new Map<string, SqliteStatement>()
  return {
    prepare(sql) {
      let statement = kept.get(sql)
      if (statement) kept.delete(sql)
      else statement = prepare(sql)
      kept.set(sql, statement) // the one used last stands last
      if (kept.size > MAX_STATEMENTS) kept.delete(kept.keys().next().value!)
      return statement
    },
    close: () => {}, // its owner does
  }
}
