/**
 * Finds a row by its id within the caller's organisation: rows of other organisations do not exist for the
 * caller.
 */
import type { Kysely } from 'kysely'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { Tables } from '../../tables.ts'

type WithId =
  | ('farm' | 'field' | 'season' | 'zone' | 'pump' | 'device' | 'run' | 'request' | 'alert' | 'decision')
  | (
      | 'product'
      | 'treatment'
      | 'task'
      | 'auxOutput'
      | 'harvestLoad'
      | 'fieldWork'
      | 'recordPhoto'
      | 'scoutingCount'
      | 'irrigation'
      | 'integration'
    )

/** NOT_FOUND when the organisation has no row with this id. */
export async function ownRow<T extends WithId>(
  state: State,
  table: T,
  org: string,
  id: string,
): Promise<Tables[T]> {
  // a table chosen at run time is beyond Kysely's types; the signature above holds
  const row = await (state as unknown as Kysely<Record<WithId, { id: string; org: string }>>)
    .selectFrom(table as WithId)
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', id)
    .executeTakeFirst()
  return (
    (row as Tables[T] | undefined) ??
    fail('NOT_FOUND', `there is no ${table} ${id.slice(0, 64)} in this organisation`)
  )
}
