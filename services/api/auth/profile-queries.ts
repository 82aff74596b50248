/** Reads the display preferences of a person. */
import type { State } from '../../ports.ts'
import { fromJson, type PersonChoices } from '../../tables.ts'

/** Null until the person has set any. */
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
