/**
 * The state store on PostgreSQL, through Kysely: the tables and queries of the one on SQLite. Its rules of writing, for
 * one process or several, are in runtime/transactions.ts.
 */
import {
  HandleEmptyInListsPlugin,
  Kysely,
  PostgresDialect,
  replaceWithNoncontingentExpression,
  sql,
} from 'kysely'
import { fail, isTilthError } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { ERASED_ORG_KEY, ERASED_SUBJECT, type Tables } from '../../tables.ts'
import { migrate } from '../migrations.ts'
import { readCopy, writeCopy } from '../state-copy.ts'
import type { OpenState, StateOptions } from '../open-state.ts'
import { CamelCaseNames } from '../row-objects.ts'
import { postgresName } from './address.ts'
import { openPool, type PoolOptions } from './pool.ts'
import { epochOption, fenceWrites } from './write-fence.ts'

const MIN_VERSION = 15
// people read several things at a time; valves and calculations have pools of their own
const CONNECTIONS = 8
const CONNECTIONS_OF_HANDLE = 4

const stateOn = (url: string, options: PoolOptions): State =>
  new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: openPool(url, options) }),
    // SQLite takes an empty list
    plugins: [
      new CamelCaseNames(),
      new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression }),
    ],
  })

/**
 * Opens the database and migrates its tables; with `epoch`, its writes end when another engine takes over. INVALID_CONFIG
 * where the server refuses the user or the database, or cannot be used; STORE_UNAVAILABLE while it does not respond.
 */
export async function openPostgresState(url: string, { node, epoch }: StateOptions = {}): Promise<OpenState> {
  const store = postgresName('STATE', url)
  let changes = 0
  const onWrite = () => void changes++
  const opened: State[] = []
  const open = (connections: number): State => {
    const options = epoch === undefined ? {} : { options: epochOption(epoch) }
    const state = stateOn(url, { store, connections, onWrite, ...options })
    opened.push(state)
    return state
  }
  const close = async () => void (await Promise.all(opened.map((state) => state.destroy())))
  const state = open(CONNECTIONS)
  try {
    await checkServer(state, store)
    await migrate(state)
    await protectAudit(state)
    if (epoch !== undefined) await fenceWrites(state)
  } catch (error) {
    await close()
    throw error
  }
  return {
    state,
    handle: () => open(CONNECTIONS_OF_HANDLE),
    file: {
      path: null,
      readCopy: () => readCopy(state, node),
      writeCopy: (text) => writeCopy(state, text, node),
      changes: () => changes,
      compact: async () => {},
    },
    rewrite: async () => {},
    close,
  }
}

/** Whether the server responds and can be used; changes nothing. Errors as `openPostgresState`. */
export async function checkPostgresState(url: string): Promise<void> {
  const store = postgresName('STATE', url)
  const state = stateOn(url, { store, connections: 1 })
  await checkServer(state, store).finally(() => state.destroy())
}

/** One connection of its own, which changes nothing, for a worker thread. */
export function openPostgresStateToRead(url: string): { state: State; close(): Promise<void> } {
  const state = stateOn(url, { store: postgresName('STATE', url), connections: 1 })
  return { state, close: () => state.destroy() }
}

/** Whether a server can be used: INVALID_CONFIG with what to change, STORE_UNAVAILABLE. */
async function checkServer(state: State, store: string): Promise<void> {
  const { rows } = await sql<{ version: number; encoding: string; first: string }>`
    select current_setting('server_version_num')::int / 10000 as version,
      current_setting('server_encoding') as encoding,
      (select min(n) from (values ('a'), ('B')) as name(n)) as first`
    .execute(state)
    .catch((cause: Error) => {
      if (!isTilthError(cause, 'STORE_UNAVAILABLE')) throw cause
      fail('STORE_UNAVAILABLE', `${cause.message}; start it, or change STATE`, { cause })
    })
  const { version, encoding, first } = rows[0]!
  if (version < MIN_VERSION)
    fail('INVALID_CONFIG', `${store} is PostgreSQL ${version}; Tilth needs ${MIN_VERSION} or newer`)
  // paths through pages and exports compare texts as SQLite and JavaScript do
  if (encoding !== 'UTF8' || first !== 'B')
    fail(
      'INVALID_CONFIG',
      `${store} sorts names in another order; make the database with: CREATE DATABASE ... ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0`,
    )
}

/**
 * The triggers of the audit, as on SQLite: it is append-only, but an erasure may empty subject and detail of a line, and
 * delete the chain of an organisation that is erased as a whole.
 */
async function protectAudit(state: State): Promise<void> {
  const kept = ['id', 'org', 'at_ms', 'actor', 'action', 'n', 'digest', 'hash']
  const isRedaction = [
    `new.salt = '' and new.subject = '${ERASED_SUBJECT}' and new.detail = '{}'`,
    ...kept.map((column) => `new.${column} = old.${column}`),
  ].join(' and ')
  const isErasedOrg = `exists (select 1 from setting where key = '${ERASED_ORG_KEY}' || old.org)`
  await state.transaction().execute(async (rows) => {
    await sql`select pg_advisory_xact_lock(4712)`.execute(rows)
    await sql
      .raw(
        `create or replace function audit_is_append_only() returns trigger language plpgsql as $$
         begin
           if tg_op = 'UPDATE' then
             if ${isRedaction} then return new; end if;
           elsif tg_op = 'DELETE' then
             if ${isErasedOrg} then return old; end if;
           end if;
           raise exception 'the audit is append-only';
         end $$`,
      )
      .execute(rows)
    await sql
      .raw(
        `create or replace trigger audit_is_append_only before update or delete on audit
         for each row execute function audit_is_append_only()`,
      )
      .execute(rows)
    await sql
      .raw(
        `create or replace trigger audit_is_not_truncated before truncate on audit
         for each statement execute function audit_is_append_only()`,
      )
      .execute(rows)
  })
}
