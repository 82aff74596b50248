/** Treatments and products as shown, from their rows. */
import {
  readIngredients,
  readLabelLimits,
  readMaxPerIngredient,
  readSprayRecord,
  readTreatmentPlan,
  type ProductRow,
  type ProductUseRow,
  type TreatmentRow,
} from '../../tables.ts'
import type { TreatmentView } from './treatment-schemas.ts'
import type { ProductView } from './product-schemas.ts'
import type { RecordPhoto } from '../photos/photo-schemas.ts'

/** `photos`: when they were read. */
export function treatmentView(row: TreatmentRow, photos?: RecordPhoto[]): TreatmentView {
  const { org: _, farmId: _f, seasonId: _s, productId: _p, plan, record, ...rest } = row
  const planned = readTreatmentPlan(plan)
  const created = record === null ? null : readSprayRecord(record)
  return {
    ...rest,
    batch: row.batch ?? null,
    ...(photos ? { photos } : {}),
    plan: { ...planned, part: planned.part ?? null },
    record: created && { ...created, part: created.part ?? null },
  }
}

/** `uses` may contain those of other products. `isBeeHazard` is null when the label does not state it. */
export const productView = (row: ProductRow, uses: readonly ProductUseRow[]): ProductView => ({
  id: row.id,
  name: row.name,
  country: row.country,
  registrationNumber: row.registrationNumber,
  kind: row.kind,
  ingredients: readIngredients(row.ingredients),
  authorisedUntil: row.authorisedUntil,
  reiHours: row.reiHours,
  rainFastHours: row.rainFastHours,
  isBeeHazard: row.beeHazard === null ? null : row.beeHazard === 1,
  limits: row.limits === null ? null : readLabelLimits(row.limits),
  isDemo: row.isDemo === 1,
  retiredAtMs: row.retiredAtMs,
  uses: uses
    .filter(({ productId }) => productId === row.id)
    .map(({ id: _, org: _o, productId: _p, maxPerIngredient, ...use }) => ({
      ...use,
      maxPerIngredient: maxPerIngredient === null ? null : readMaxPerIngredient(maxPerIngredient),
    })),
})
