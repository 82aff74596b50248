/** A piece of field work as it is shown, with the nutrients that its amount and grade come to. */
import { nutrientsKgHa } from '../../agronomy/crops/nutrients.ts'
import { fromJson, type FieldWorkRow } from '../../tables.ts'
import type { FieldWorkView } from './field-work-schemas.ts'
import type { RecordPhoto } from '../photos/photo-schemas.ts'

/** `batchFields`: how many fields of its batch stand. */
export function fieldWorkView(row: FieldWorkRow, batchFields: number, photos: RecordPhoto[]): FieldWorkView {
  const { org: _, farmId: _f, fieldId: _i, enteredBy: _e, confirmedBy: _c, voidedBy: _v, ...shown } = row
  const material = row.material === null ? null : fromJson(row.material)
  return {
    ...shown,
    batchFields,
    photos,
    material,
    amount: row.amount === null ? null : fromJson(row.amount),
    nutrients: material && nutrientsKgHa(row.massKg, row.areaM2, material),
  }
}
