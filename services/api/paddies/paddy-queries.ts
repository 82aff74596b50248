/** Reads the settings and observations of a paddy; the defaults when there are none. */
import { defaultPaddyRow } from '../../domain/default-paddy.ts'
import type { State } from '../../ports.ts'
import type { FieldRow, PaddyRow } from '../../tables.ts'

/** The defaults are not stored: a paddy without a row has had no setting or observation yet. */
export const paddyRow = async (state: State, { id, org }: FieldRow): Promise<PaddyRow> =>
  (await state.selectFrom('paddy').selectAll().where('fieldId', '=', id).executeTakeFirst()) ??
  defaultPaddyRow(id, org)
