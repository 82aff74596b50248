/** The state store on SQLite, through Kysely. */
import { Kysely, sql, SqliteDialect } from 'kysely'
import { closeWhole, type Database } from '../../../broker/sqlite/database.ts'
import type { TerminationLock } from '../../runtime/worker-entry.ts'
import type { State, StoreFile } from '../../ports.ts'
import { ERASED_ORG_KEY, ERASED_SUBJECT, type Tables } from '../../tables.ts'
import { migrate } from '../migrations.ts'
import { readCopy, writeCopy } from '../state-copy.ts'
import type { OpenState } from '../open-state.ts'
import { CamelCaseNames } from '../row-objects.ts'
import { timeSlicedDialects } from './time-sliced-driver.ts'
import { fileThread, type FileThread } from './file-thread.ts'
import { kyselyDatabase } from './kysely-database.ts'
import { openSqlite, openSqliteToRead, type SqliteOptions } from './open.ts'
import { writeGate } from './write-gate.ts'

export interface OpenSqliteState extends OpenState {
  /** the connection itself */
  database: Database
}

// as long as another program may lock the file
const WRITES_WAIT_MS = 5_000

/** Opens or creates the file and migrates its tables. Errors as openSqlite. */
export async function openSqliteState(path: string, options?: SqliteOptions): Promise<OpenSqliteState> {
  const database = openSqlite(path, options)
  // deleted rows are overwritten: an erased farm must not remain in free space of the file
  database.exec('pragma secure_delete = on')
  const gate = writeGate('the state store', WRITES_WAIT_MS)
  const newDialect = timeSlicedDialects(kyselyDatabase(database), gate)
  const thread = fileThread(database, path)
  const handle = (): State => new Kysely<Tables>({ dialect: newDialect(), plugins: [new CamelCaseNames()] })
  const state = handle()
  await migrate(state)
  protectAudit(database)
  return {
    state,
    handle,
    database,
    file: stateFile(handle(), database, path, thread),
    rewrite: () =>
      gate.closeFor(async () => {
        await sql`select 1`.execute(state) // after a transaction that has begun
        await thread.rewrite()
      }),
    async close() {
      await thread.end()
      await state.destroy()
      closeWhole(database)
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
    plugins: [new CamelCaseNames()],
  })
  return {
    state,
    async close() {
      await state.destroy()
      withLock(() => file.close())
    },
  }
}

/** The copy of the manifest is a row of the table `setting`, written in turn with the queries of the other handles. */
function stateFile(state: State, database: Database, path: string, thread: FileThread): StoreFile {
  const changes = database.prepare('select total_changes() as n')
  return {
    path,
    readCopy: () => readCopy(state),
    writeCopy: (text) => writeCopy(state, text),
    changes: () => (changes.all() as { n: number }[])[0]!.n,
    compact: () => thread.emptyLog(),
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
    const trigger = `CREATE TRIGGER audit_no_${change} before ${change} on audit when not (${isAllowed})
       begin select raise(abort, 'the audit is append-only'); end`
    // a start that is refused has changed nothing
    const [present] = database
      .prepare('select sql from sqlite_schema where name = ?')
      .all(`audit_no_${change}`) as {
      sql: string
    }[]
    if (present?.sql === trigger) continue
    database.exec(`drop trigger if exists audit_no_${change}`)
    database.exec(trigger)
  }
}
