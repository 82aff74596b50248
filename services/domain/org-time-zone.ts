/** The time zone of an organisation: the one of most of its fields, as on its Today page. */
import type { State } from '../ports.ts'

/** An organisation without a farm has no entry: use UTC. */
export async function orgTimeZones(state: State, orgs: readonly string[]): Promise<Map<string, string>> {
  if (orgs.length === 0) return new Map()
  const rows = await state
    .selectFrom('farm')
    .leftJoin('field', 'field.farmId', 'farm.id')
    .select(['farm.org', 'farm.timeZone'])
    .select(({ fn }) => fn.count<number>('field.id').as('fields'))
    .where('farm.org', 'in', orgs)
    .groupBy(['farm.org', 'farm.timeZone'])
    .orderBy('fields')
    .orderBy('farm.timeZone', 'desc')
    .execute()
  return new Map(rows.map(({ org, timeZone }) => [org, timeZone])) // the last row counts: most fields
}
