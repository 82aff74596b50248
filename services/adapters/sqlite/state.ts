/** The state store on SQLite, through Kysely. */
import { CamelCasePlugin, Kysely, type SqliteDatabase as SqliteKyselyDatabase } from 'kysely'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'
import { migrate } from '../migrations.ts'
import { fairDialects } from './fair-driver.ts'
import { openSqlite, type SqliteDatabase } from './open.ts'

export interface OpenState {
  state: State
  /** Another handle on the same connection, with a turn of its own: what it asks does not wait for what others ask. */
  handle(): State
  /** the same file, for better-auth, which keeps its own tables beside ours */
  database: SqliteDatabase
  close(): Promise<void>
}

/** Opens (or makes) the file and brings its tables up to date. Errors as openSqlite. */
export async function openSqliteState(path: string): Promise<OpenState> {
  const database = openSqlite(path)
  const newDialect = fairDialects(withPreparedStatements(database))
  const handle = (): State => new Kysely<Tables>({ dialect: newDialect(), plugins: [new CamelCasePlugin()] })
  const state = handle()
  await migrate(state)
  keepAudit(database)
  return {
    ...{ state, handle, database },
    async close() {
      await state.destroy()
      database.close()
    },
  }
}

/** Lines of the audit are added, never changed or taken out, by whatever part of the program. */
function keepAudit(database: SqliteDatabase): void {
  for (const change of ['update', 'delete'])
    database.exec(
      `create trigger if not exists audit_no_${change} before ${change} on audit
       begin select raise(abort, 'the audit is only added to'); end`,
    )
}

const STATEMENTS_KEPT = 500

/**
 * Kysely prepares a query each time it runs; most of ours are asked thousands of times a day. One connection and one
 * query at a time, so a statement is never in use twice.
 */
function withPreparedStatements(database: SqliteDatabase): SqliteKyselyDatabase {
  const kept = new Map<string, ReturnType<SqliteKyselyDatabase['prepare']>>()
  return {
    prepare(sql) {
      let statement = kept.get(sql)
      if (statement) kept.delete(sql)
      else statement = database.prepare(sql) as ReturnType<SqliteKyselyDatabase['prepare']>
      kept.set(sql, statement) // the one used last stands last
      if (kept.size > STATEMENTS_KEPT) kept.delete(kept.keys().next().value!)
      return statement
    },
    close: () => {}, // its owner does
  }
}
