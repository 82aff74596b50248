/** The fields of one entry: each once, of the caller's organisation, with the area that the entry covers. */
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { FieldRow } from '../../tables.ts'

export interface SelectedField {
  field: FieldRow
  areaM2: number
  timeZone: string
}

/**
 * In the given order. NOT_FOUND for an unknown field, BAD_REQUEST for a duplicate or an area larger than the
 * field.
 */
export async function selectFields(
  state: State,
  org: string,
  named: readonly { fieldId: string; areaM2?: number | null | undefined }[],
): Promise<SelectedField[]> {
  const ids = named.map(({ fieldId }) => fieldId)
  if (new Set(ids).size < ids.length)
    fail('BAD_REQUEST', 'fields: must name each field once, got a field twice')
  const fields = await state
    .selectFrom('field')
    .selectAll()
    .where('org', '=', org)
    .where('id', 'in', ids)
    .execute()
  const farms = await state.selectFrom('farm').select(['id', 'timeZone']).where('org', '=', org).execute()
  return named.map(({ fieldId, areaM2 = null }) => {
    const field =
      fields.find(({ id }) => id === fieldId) ??
      fail('NOT_FOUND', `fieldId: there is no field ${fieldId} in this organisation`)
    if (areaM2 !== null && areaM2 > field.areaM2)
      fail('BAD_REQUEST', `areaM2: must be at most the area of the field (${field.areaM2}), got ${areaM2}`)
    const timeZone = farms.find(({ id }) => id === field.farmId)?.timeZone ?? 'UTC'
    return { field, areaM2: areaM2 ?? field.areaM2, timeZone }
  })
}
