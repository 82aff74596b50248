/** The limits of a field's soil with where each came from: its texture, a person, or its probes. */
import { fromJson, type FieldRow, type FieldStateRow, type SoilUsed } from '../../tables.ts'
import type { FieldDetail, SoilLimit } from '../schemas.ts'
import { isTextureDefault } from './soil-form.ts'

export function soilView(field: FieldRow, state: FieldStateRow | null): FieldDetail['soil'] {
  // no curve of a paddy rests on them
  if (field.kind === 'paddy' || state === null || state.soil === null) return null
  const used = fromJson(state.soil)
  const view = (limit: keyof SoilUsed): SoilLimit => ({
    ...used[limit],
    from: used[limit].from === 'learned' ? 'learned' : isTextureDefault(field, limit) ? 'texture' : 'entered',
  })
  return { fieldCapacity: view('fieldCapacity'), wiltingPoint: view('wiltingPoint') }
}
