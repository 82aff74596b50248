/** What was weighed at harvest: one row a load. */
import type { AtMs, Day } from '../../broker/contract/time.ts'

/** What is in a load. `fresh`: fruit, bolls and the like, as they are weighed. */
export const loadForms = ['grain', 'rough-rice', 'brown-rice', 'fresh'] as const
export type LoadForm = (typeof loadForms)[number]
/** By inspection; `low`: below grade 3, or sieved out (kuzu). It is told apart and is no part of the yield. */
export const loadGrades = ['1', '2', '3', 'low'] as const
export type LoadGrade = (typeof loadGrades)[number]

/** One weighed load, as its ticket has it. It never changes: a wrong one is voided and entered again. */
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
  batch?: string | null | undefined // the phone's own key; null: entered without one
  batchKg?: number | null | undefined // of all the fields that were weighed together, split by area; null: of this field alone
  moisturePct: number | null // wet basis; null: not measured
  foreignPct: number | null // by mass; null: not measured
  grade: LoadGrade | null
  sieveMm: number | null
  destination: string | null
  meter: string | null // of moisture
  meterDay: Day | null // on which it was last calibrated
  gate?: 'open' | 'unknown' | null | undefined // whether the days to harvest were known to be over; null: not judged
  enteredBy: string
  enteredAtMs: AtMs
  voidedBy: string | null
  voidedAtMs: AtMs | null
  voidReason: string | null
}
