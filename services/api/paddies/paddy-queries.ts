/** Reads the settings and observations of a paddy; the defaults when there are none. */
import { defaultPaddy } from '../../agronomy/paddy/defaults.ts'
import type { State } from '../../ports.ts'
import type { FieldRow, PaddyRow } from '../../tables.ts'

export const paddyRow = async (state: State, { id: fieldId, org }: FieldRow): Promise<PaddyRow> =>
  (await state.selectFrom('paddy').selectAll().where('fieldId', '=', fieldId).executeTakeFirst()) ?? {
    fieldId,
    org,
    ...defaultPaddy,
  }
