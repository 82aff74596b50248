/** A piece of field work as shown, with the nutrients from its amount and grade. */
import { nutrientsKgHa } from '../../agronomy/crops/nutrients.ts'
import { readWorkAmount, readWorkMaterial, type FieldWorkRow } from '../../tables.ts'
import type { FieldWorkView } from './field-work-schemas.ts'
import type { RecordPhoto } from '../photos/photo-schemas.ts'

/** `batchFields`: the fields of its batch that are not voided. */
export function fieldWorkView(row: FieldWorkRow, batchFields: number, photos: RecordPhoto[]): FieldWorkView {
  const { org: _, farmId: _f, fieldId: _i, enteredBy: _e, confirmedBy: _c, voidedBy: _v, ...visible } = row
  const material = row.material === null ? null : readWorkMaterial(row.material)
  return {
    ...visible,
    batchFields,
    photos,
    material,
    amount: row.amount === null ? null : readWorkAmount(row.amount),
    nutrients: material && nutrientsKgHa(row.massKg, row.areaM2, material),
  }
}
