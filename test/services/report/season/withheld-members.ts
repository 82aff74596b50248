/** A co-operative of 20 members, four of whom withhold something. */
import { memberId } from '../../../../firmware-sim/demo/members/members.ts'
import type { MembersOptions } from '../../../../firmware-sim/demo/members/types.ts'
import type { FileQuery } from '../../../../services/report/jobs/file-query.ts'
import type { State } from '../../../../services/ports.ts'

export const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
export const of: MembersOptions = { coop: 'midori', members: 20, fields: 40, year: 2026, yearsBack: 1 }
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
