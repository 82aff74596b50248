/** The soil of a field from a form: entered limits, and otherwise the middle of the texture's range. */
import { soilOf } from '../../agronomy/water/soils.ts'
import { fail } from '../../errors.ts'
import type { FieldRow } from '../../tables.ts'

/** Water content, m³/m³. */
export const soilLimits = ['fieldCapacity', 'wiltingPoint', 'saturation'] as const
export type SoilLimitName = (typeof soilLimits)[number]
export type FieldSoil = Pick<FieldRow, 'soilTexture' | SoilLimitName>
type SoilForm = { soilTexture: string } & { [limit in SoilLimitName]?: number | undefined }

/** BAD_REQUEST for an unknown texture without limits, and for limits in the wrong order. */
export function soilFromForm({ soilTexture, ...limits }: SoilForm): FieldSoil {
  const table = soilOf(soilTexture)
  const fieldCapacity = limits.fieldCapacity ?? table?.fieldCapacity
  const wiltingPoint = limits.wiltingPoint ?? table?.wiltingPoint
  const saturation = limits.saturation ?? table?.saturation
  if (fieldCapacity === undefined || wiltingPoint === undefined || saturation === undefined)
    fail(
      'BAD_REQUEST',
      `soilTexture: must be in the soil table or come with fieldCapacity, wiltingPoint and saturation, got ${soilTexture}`,
    )
  if (!(wiltingPoint < fieldCapacity && fieldCapacity < saturation))
    fail(
      'BAD_REQUEST',
      `wiltingPoint, fieldCapacity, saturation: must rise in this order, got ${wiltingPoint}, ${fieldCapacity}, ${saturation}`,
    )
  return { soilTexture, fieldCapacity, wiltingPoint, saturation }
}

/** Whether a field has the value of the soil table. */
export const isTextureDefault = (field: FieldSoil, limit: SoilLimitName): boolean =>
  Math.abs((soilOf(field.soilTexture)?.[limit] ?? NaN) - field[limit]) < 1e-6
