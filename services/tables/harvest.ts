/** Weighed harvest loads, one row each. */
import type { AtMs, Day } from '../../broker/contract/time.ts'

/** Form of a load. `fresh`: fruit, bolls and the like, as weighed. */
export const loadForms = ['grain', 'rough-rice', 'brown-rice', 'fresh'] as const
export type LoadForm = (typeof loadForms)[number]
/** By inspection; `low`: below grade 3 or sieved out (kuzu). Reported separately, not part of the yield. */
export const loadGrades = ['1', '2', '3', 'low'] as const
export type LoadGrade = (typeof loadGrades)[number]

/** One weighed load, as on its ticket. Immutable: a wrong one is voided and entered again. */
export interface HarvestLoadRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  seasonId: string
  day: Day
  ticket: string | null
  form: LoadForm
  grossKg: number
  batch?: string | null | undefined // the client's idempotency key; null: entered without one
  batchKg?: number | null | undefined // of all fields weighed together, split by area; null: of this field only
  moisturePct: number | null // wet basis; null: not measured
  foreignPct: number | null // by mass; null: not measured
  grade: LoadGrade | null
  sieveMm: number | null
  destination: string | null
  meter: string | null // of moisture
  meterDay: Day | null // on which it was last calibrated
  preHarvestState?: 'elapsed' | 'unknown' | null | undefined // whether the pre-harvest interval was known to be over; null: not checked
  enteredBy: string
  enteredAtMs: AtMs
  voidedBy: string | null
  voidedAtMs: AtMs | null
  voidReason: string | null
}
