/** The fields that a person names for one entry: their own organisation's, each once, with the area that each gets. */
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { FieldRow } from '../../tables.ts'

export interface SelectedField {
  field: FieldRow
  areaM2: number
  timeZone: string
}

/** In the order given. NOT_FOUND for a field that is not there, BAD_REQUEST for one named twice or an area too large. */
export async function selectFields(
  state: State,
  org: string,
  named: readonly { fieldId: string; areaM2?: number | null | undefined }[],
): Promise<SelectedField[]> {
  const ids = named.map(({ fieldId }) => fieldId)
  if (new Set(ids).size < ids.length) fail('BAD_REQUEST', 'fields: must name each field once')
  const fields = await state
    .selectFrom('field')
    .selectAll()
    .where('org', '=', org)
    .where('id', 'in', ids)
    .execute()
  const farms = await state.selectFrom('farm').select(['id', 'timeZone']).where('org', '=', org).execute()
  return named.map(({ fieldId, areaM2 = null }) => {
    const field =
      fields.find(({ id }) => id === fieldId) ?? fail('NOT_FOUND', `there is no field ${fieldId} here`)
    if (areaM2 !== null && areaM2 > field.areaM2)
      fail('BAD_REQUEST', `areaM2: must be at most the field's ${field.areaM2}, got ${areaM2}`)
    const timeZone = farms.find(({ id }) => id === field.farmId)?.timeZone ?? 'UTC'
    return { field, areaM2: areaM2 ?? field.areaM2, timeZone }
  })
}
