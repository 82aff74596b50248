/** A table that refuses writes, as a full disk does: a trigger of the test's own, on SQLite and on PostgreSQL. */
import { sql, type QueryExecutorProvider } from 'kysely'
import { isPostgres } from '../../services/runtime/sql-dialect.ts'

type Change = 'insert' | 'update' | 'delete'

/** Until the function that it returns is called. `message`: of the error. */
export async function breakTable(
  state: QueryExecutorProvider,
  table: string,
  changes: readonly Change[],
  message = 'disk',
): Promise<() => Promise<void>> {
  const run = (text: string) => sql.raw(text).execute(state)
  const nameOf = (change: Change) => `broken_${table}_${change}`
  for (const change of changes)
    if (isPostgres(state)) {
      await run(
        `create or replace function ${nameOf(change)}() returns trigger language plpgsql as $$
         begin raise exception '${message}'; end $$`,
      )
      await run(
        `create trigger ${nameOf(change)} before ${change} on "${table}"
         for each row execute function ${nameOf(change)}()`,
      )
    } else
      await run(
        `create trigger ${nameOf(change)} before ${change} on "${table}" begin select raise(abort, '${message}'); end`,
      )
  return async () => {
    for (const change of changes)
      await run(`drop trigger ${nameOf(change)}${isPostgres(state) ? ` on "${table}"` : ''}`)
  }
}

/** Ends the protection of the audit, so that a test may change its lines. */
export async function unprotectAudit(state: QueryExecutorProvider): Promise<void> {
  if (isPostgres(state)) await sql`drop trigger audit_is_append_only on audit`.execute(state)
  else
    for (const change of ['update', 'delete'])
      await sql.raw(`drop trigger if exists audit_no_${change}`).execute(state)
}
