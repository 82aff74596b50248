/** Names of people by their ids, of those too who have left since. */
import type { Kysely } from 'kysely'
import type { State } from '../../ports.ts'

/** Without whoever is not known, or is no person. The table is better-auth's. */
export async function readUserNames(state: State, ids: readonly string[]): Promise<Map<string, string>> {
  const users = state.withoutPlugins() as unknown as Kysely<{ user: { id: string; name: string } }>
  const known = [...new Set(ids)]
  const named =
    known.length > 0 ? users.selectFrom('user').select(['id', 'name']).where('id', 'in', known) : null
  return new Map((await named?.execute())?.map(({ id, name }) => [id, name]))
}
