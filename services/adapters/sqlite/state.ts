/** The state store on SQLite, through Kysely. */
import { CamelCasePlugin, Kysely, type SqliteDatabase as SqliteKyselyDatabase } from 'kysely'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'
import { migrate } from '../migrations.ts'
import { FairSqliteDialect } from './fair-driver.ts'
import { openSqlite, type SqliteDatabase } from './open.ts'

export interface OpenState {
  state: State
  /** the same file, for better-auth, which keeps its own tables beside ours */
  database: SqliteDatabase
  close(): Promise<void>
}

/** Opens (or makes) the file and brings its tables up to date. Errors as openSqlite. */
export async function openSqliteState(path: string): Promise<OpenState> {
  const database = openSqlite(path)
  const state = new Kysely<Tables>({
    dialect: new FairSqliteDialect({ database: withPreparedStatements(database) }),
    plugins: [new CamelCasePlugin()],
  })
  await migrate(state)
  keepAudit(database)
  return { state, database, close: () => state.destroy() }
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
    close: () => database.close(),
  }
}
