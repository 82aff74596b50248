/**
 * Transactions of the state store. SQLite has one writer, so nothing runs next to a transaction. On PostgreSQL they run next
 * to each other, and what they read must not change before they write: each takes the lock of its organisation first.
 */
import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely'
import type { State } from '../ports.ts'
import { isPostgres } from './sql-dialect.ts'

/** Locks of Tilth in PostgreSQL: of one organisation; of all of them, which the others share. */
const lock = { org: 4711, all: 4712 }

// each lock takes memory of the server
const MAX_ORGS = 200

type Tables = State extends Kysely<infer T> ? T : never
type Work<T> = (rows: Transaction<Tables>) => Promise<T>

/** In one transaction, with nobody else in a transaction of this organisation. Within one it is a part of that. */
export const inOrg = <T>(state: State, org: string, work: Work<T>): Promise<T> => inOrgs(state, [org], work)

/** The same for several organisations. */
export function inOrgs<T>(state: State, orgs: readonly string[], work: Work<T>): Promise<T> {
  // in one order, or two of them would wait for each other
  const sorted = [...new Set(orgs)].sort()
  if (sorted.length > MAX_ORGS) return inAllOrgs(state, work)
  const own = sorted.map((org) => sql`pg_advisory_xact_lock(${sql.lit(lock.org)}, hashtext(${org}))`)
  const all = sql`pg_advisory_xact_lock_shared(${sql.lit(lock.all)})`
  return locked(state, sql`select ${sql.join([all, ...own])}`, work)
}

/** In one transaction, with nobody else in any other. */
export const inAllOrgs = <T>(state: State, work: Work<T>): Promise<T> =>
  locked(state, sql`select pg_advisory_xact_lock(${sql.lit(lock.all)})`, work)

/** Reads in one transaction: all that `work` reads is of one instant. It locks nothing and writes nothing. */
export const atOneInstant = <T>(state: State, work: Work<T>): Promise<T> =>
  isPostgres(state)
    ? state.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
    : state.transaction().execute(work)

function locked<T>(state: State, take: RawBuilder<unknown>, work: Work<T>): Promise<T> {
  if (state.isTransaction) return work(state as Transaction<Tables>)
  return state.transaction().execute(async (rows) => {
    if (isPostgres(rows)) await take.execute(rows)
    return work(rows)
  })
}
