/** A co-operative of 60 members; of each 20 four withhold something, two of them their name. */
import { memberId } from '../../../../firmware-sim/demo/members/members.ts'
import type { MembersOptions } from '../../../../firmware-sim/demo/members/types.ts'
import type { FileQuery } from '../../../../services/report/jobs/file-query.ts'
import type { State } from '../../../../services/ports.ts'
import { readSources, withAliasesOf } from '../../../../services/report/season/sharing.ts'

export const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
export const of: MembersOptions = { coop: 'midori', members: 60, fields: 80, year: 2026, yearsBack: 1 }
// by what members.ts lets them say, in turn
export const NAMELESS = 3
export const WITHOUT_WATER = 5
export const SILENT = 10
export const WITHOUT_YIELD = 17

export const query: FileQuery = {
  org: 'midori',
  coop: 'Midori',
  year: 2026,
  crop: null,
  lang: 'en',
  unit: 't/ha',
  farmId: null,
}

export const farmName = async (state: State, m: number): Promise<string> =>
  (await state.selectFrom('farm').select('name').where('id', '=', memberId(of, m)).executeTakeFirstOrThrow())
    .name

/** The alias of a member in the reports of the year. */
export async function aliasOf(state: State, m: number): Promise<string> {
  const { sources } = await readSources(state, 'midori', NOW_MS)
  const source = withAliasesOf(sources, query.year).find(({ org }) => org === memberId(of, m))
  return source!.share!.alias
}
