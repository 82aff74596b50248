/** The soil of a field as a form gives it: its own figures, and of the others the middle of its texture's range. */
import { soilOf } from '../../agronomy/water/soils.ts'
import { fail } from '../../errors.ts'
import type { FieldRow } from '../../tables.ts'

/** Water held, m³/m³. */
export const soilLimits = ['fieldCapacity', 'wiltingPoint', 'saturation'] as const
export type SoilLimitName = (typeof soilLimits)[number]
export type FieldSoil = Pick<FieldRow, 'soilTexture' | SoilLimitName>
type SoilForm = { soilTexture: string } & { [limit in SoilLimitName]?: number | undefined }

/** BAD_REQUEST for a texture of no table whose figures are not given, and for limits that are not in order. */
export function soilFromForm({ soilTexture, ...own }: SoilForm): FieldSoil {
  const table = soilOf(soilTexture)
  const fieldCapacity = own.fieldCapacity ?? table?.fieldCapacity
  const wiltingPoint = own.wiltingPoint ?? table?.wiltingPoint
  const saturation = own.saturation ?? table?.saturation
  if (fieldCapacity === undefined || wiltingPoint === undefined || saturation === undefined)
    fail(
      'BAD_REQUEST',
      `soilTexture: no table has ${soilTexture}; give fieldCapacity, wiltingPoint, saturation`,
    )
  if (!(wiltingPoint < fieldCapacity && fieldCapacity < saturation))
    fail(
      'BAD_REQUEST',
      `must be wiltingPoint < fieldCapacity < saturation, got ${wiltingPoint}, ${fieldCapacity}, ${saturation}`,
    )
  return { soilTexture, fieldCapacity, wiltingPoint, saturation }
}

/** Whether a field's row holds what the table of textures says. */
export const isTextureDefault = (field: FieldSoil, limit: SoilLimitName): boolean =>
  Math.abs((soilOf(field.soilTexture)?.[limit] ?? NaN) - field[limit]) < 1e-6
