/** The state store on SQLite, through Kysely. */
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely'
import type { Database } from '../../../sqlite/database.ts'
import type { TerminationLock } from '../../runtime/worker-entry.ts'
import type { State } from '../../ports.ts'
import { ERASED_ORG_KEY, ERASED_SUBJECT, type Tables } from '../../tables.ts'
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
  // deleted rows are overwritten: an erased farm must not remain in free space of the file
  database.exec('pragma secure_delete = on')
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

/**
 * Triggers that make the audit append-only for every part of the program. Exceptions: an erasure may empty subject and
 * detail of a line, and delete the chain of an organisation while it is erased as a whole.
 */
function protectAudit(database: Database): void {
  const kept = ['id', 'org', 'at_ms', 'actor', 'action', 'n', 'digest', 'hash']
  const isRedaction = [
    `new.salt = '' and new.subject = '${ERASED_SUBJECT}' and new.detail = '{}'`,
    ...kept.map((column) => `new.${column} = old.${column}`),
  ].join(' and ')
  const isErasedOrg = `exists (select 1 from setting where key = '${ERASED_ORG_KEY}' || old.org)`
  for (const [change, isAllowed] of [
    ['update', isRedaction],
    ['delete', isErasedOrg],
  ] as const) {
    database.exec(`drop trigger if exists audit_no_${change}`)
    database.exec(
      `create trigger audit_no_${change} before ${change} on audit when not (${isAllowed})
       begin select raise(abort, 'the audit is append-only'); end`,
    )
  }
}
