/** Reads the display preferences of a person. */
import type { State } from '../../ports.ts'
import { fromJson, type PersonPreferences } from '../../tables.ts'

/** Null until the person has set any. */
export async function readChoices(
  state: State,
  { org, userId }: { org: string; userId: string },
): Promise<PersonPreferences | null> {
  const row = await state
    .selectFrom('person')
    .select('preferences')
    .where('org', '=', org)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row ? fromJson(row.preferences) : null
}
