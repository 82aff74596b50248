/** Writes the members of a co-operative to the state store, one transaction a member. */
import { sql } from 'kysely'
import type { State } from '../../../services/ports.ts'
import { inAllOrgs } from '../../../services/runtime/transactions.ts'
import { ownOrganisations } from './members.ts'
import type { MemberRows, MembersOptions, Row } from './types.ts'

// one statement for this many rows and one for a single row: each size is prepared separately
const ROWS_AT_ONCE = 50

/** Existing members stay unchanged. `onProgress` receives the number of members written so far. */
export async function writeMembers(
  state: State,
  options: MembersOptions,
  onProgress: (members: number) => void = () => {},
): Promise<void> {
  const existingIds = new Set(
    (await state.selectFrom('membership').select('id').where('coop', '=', options.coop).execute()).map(
      ({ id }) => id,
    ),
  )
  let count = 0
  const hasOrganisations = (await state.introspection.getTables()).some(({ name }) => name === 'organization')
  for (const rows of ownOrganisations(options)) {
    if (!existingIds.has(rows.membership[0]!.id)) await writeRows(state, rows)
    if (hasOrganisations) await nameOrganisation(state, rows.farm[0]!)
    onProgress(++count)
  }
}

/** The organisation of a member under its farm's name. */
async function nameOrganisation(state: State, { org, name }: Row<'farm'>): Promise<void> {
  await sql`insert into organization (id, name, slug, "createdAt") select ${`${org}-org`}, ${name}, ${org}, ${NAMED_AT}
    where not exists (select 1 from organization where slug = ${org})`.execute(state)
}
const NAMED_AT = '2026-01-01T00:00:00.000Z'

/** All or nothing. */
export async function writeRows(state: State, rows: MemberRows): Promise<void> {
  await inAllOrgs(state, async (transaction) => {
    for (const table of Object.keys(rows) as (keyof MemberRows)[]) {
      const tableRows = rows[table]
      for (let from = 0; from < tableRows.length;) {
        const count = tableRows.length - from >= ROWS_AT_ONCE ? ROWS_AT_ONCE : 1
        await transaction
          .insertInto(table)
          .values(tableRows.slice(from, from + count) as never)
          .execute()
        from += count
      }
    }
  })
}
