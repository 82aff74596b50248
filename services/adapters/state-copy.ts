/** The copy of the manifest in the state store (config/store-manifest.ts): a row of the table `setting`. */
import { copyPlace } from '../config/store-manifest.ts'
import type { State } from '../ports.ts'
import type { SettingRow } from '../tables.ts'

/** null: there is none */
export async function readCopy(state: State): Promise<string | null> {
  const row = await state
    .selectFrom('setting')
    .select('value')
    .where('key', '=', copyPlace.settingKey)
    .executeTakeFirst()
  return row?.value ?? null
}

/** After a restore: what the other files had reached is no measure any more. */
export async function forgetCopy(state: State): Promise<void> {
  await state.deleteFrom('setting').where('key', '=', copyPlace.settingKey).execute()
}

/** Durable when it resolves. */
export async function writeCopy(state: State, text: string): Promise<void> {
  const value = text as SettingRow['value']
  await state
    .insertInto('setting')
    .values({ key: copyPlace.settingKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
