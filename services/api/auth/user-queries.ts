/** Reads names of people by their ids, including people who have left since. */
import type { Kysely } from 'kysely'
import type { State } from '../../ports.ts'

/** Unknown ids are missing from the result. The table belongs to better-auth. */
export async function readUserNames(state: State, ids: readonly string[]): Promise<Map<string, string>> {
  const users = state.withoutPlugins() as unknown as Kysely<{ user: { id: string; name: string } }>
  const existing = [...new Set(ids)]
  const named =
    existing.length > 0 ? users.selectFrom('user').select(['id', 'name']).where('id', 'in', existing) : null
  return new Map((await named?.execute())?.map(({ id, name }) => [id, name]))
}
