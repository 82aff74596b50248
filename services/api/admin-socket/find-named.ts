/** Rows by the names that a person at the keyboard types. */
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'

/**
 * Finds a row by name or id, ignoring case; without a name, the only row. BAD_REQUEST when several rows
 * match.
 */
export async function findNamed(
  state: State,
  table: 'farm' | 'field' | 'zone',
  within: { org?: string; farmId?: string },
  name: string | undefined,
): Promise<{ id: string; org: string; name: string }> {
  let query = state.selectFrom(table).select(['id', 'org', 'name']).orderBy('name')
  if (within.org !== undefined) query = query.where('org', '=', within.org)
  const rows =
    within.farmId === undefined || table === 'farm'
      ? await query.execute()
      : await query.where(state.dynamic.ref<'farmId'>('farmId'), '=', within.farmId).execute()
  const isMatch = (row: { id: string; name: string }) =>
    name === undefined || row.id === name || row.name.toLowerCase() === name.toLowerCase()
  const fitting = rows.filter(isMatch)
  if (fitting.length === 1) return fitting[0]!
  const fieldNames = rows
    .map((row) => `${row.name}${within.org === undefined ? ` (${row.org})` : ''}`)
    .join(', ')
  if (rows.length === 0) fail('NOT_FOUND', `${table}: there is none yet; add one on the dashboard first`)
  if (fitting.length === 0) fail('NOT_FOUND', `${table}: there is no ${name}; expected one of: ${fieldNames}`)
  return fail(
    'BAD_REQUEST',
    `${table}: several match; give a name, an id or --org; expected one of: ${fieldNames}`,
  )
}
