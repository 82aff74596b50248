/**
 * The copy of the manifest in the state store (config/store-manifest.ts): a row of the table `setting`. Where several nodes
 * share the store, each has its own, because each has a journal of its own.
 */
import { copyPlace } from '../config/store-manifest.ts'
import type { State } from '../ports.ts'
import type { SettingRow } from '../tables.ts'

const keyOf = (node: string | undefined): string =>
  node === undefined ? copyPlace.settingKey : `${copyPlace.settingKey}:${node}`

/** null: there is none */
export async function readCopy(state: State, node?: string): Promise<string | null> {
  const row = await state
    .selectFrom('setting')
    .select('value')
    .where('key', '=', keyOf(node))
    .executeTakeFirst()
  return row?.value ?? null
}

/** After a restore: what the other files had reached is no measure any more. */
export async function forgetCopy(state: State): Promise<void> {
  await state.deleteFrom('setting').where('key', '=', copyPlace.settingKey).execute()
}

/** Durable when it resolves. */
export async function writeCopy(state: State, text: string, node?: string): Promise<void> {
  const value = text as SettingRow['value']
  await state
    .insertInto('setting')
    .values({ key: keyOf(node), value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
