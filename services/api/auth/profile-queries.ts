/** What a person has chosen for themselves. */
import type { State } from '../../ports.ts'
import { fromJson, type PersonChoices } from '../../tables.ts'

/** Null until they have chosen anything. */
export async function readChoices(
  state: State,
  { org, userId }: { org: string; userId: string },
): Promise<PersonChoices | null> {
  const row = await state
    .selectFrom('person')
    .select('choices')
    .where('org', '=', org)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row ? fromJson(row.choices) : null
}
