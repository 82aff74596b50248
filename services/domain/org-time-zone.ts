/** The time zone an organisation lives in: the one that most of its fields are in, as its Today has it. */
import type { State } from '../ports.ts'

/** Of organisations without a farm nothing is said: UTC is meant. */
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
  return new Map(rows.map(({ org, timeZone }) => [org, timeZone])) // the last one stands: most fields
}
