/** The state store on SQLite, through Kysely. */
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'
import { migrate } from '../migrations.ts'
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
    dialect: new SqliteDialect({ database }),
    plugins: [new CamelCasePlugin()],
  })
  await migrate(state)
  return { state, database, close: () => state.destroy() }
}
