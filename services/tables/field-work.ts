/** Fertiliser and field work, as people enter and confirm it. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export const workKinds = [
  ...(['fertiliser', 'organic', 'tillage', 'puddling', 'planting', 'drainage', 'weeding'] as const),
  ...(['mowing', 'harvest-aid', 'other'] as const),
] as const
export type WorkKind = (typeof workKinds)[number]

/** In which an amount is told: by area, or as bags for everything that was entered at once. */
export const amountUnits = ['kg/10a', 'kg/ha', 'bag'] as const

/** What was brought out. Its grade is per cent by mass, as the bag states it; null is unknown. */
export interface WorkMaterial {
  name: string
  nPct: number | null
  p2o5Pct: number | null
  k2oPct: number | null
}

/** As a person said it. `bagKg`: of one bag; null where the amount is by area. */
export interface WorkAmount {
  value: number
  unit: (typeof amountUnits)[number]
  bagKg: number | null
}

export type FieldWorkState =
  | 'draft'
  | 'confirmed' // by a person; from then on it never changes
  | 'void'

/** One piece of work on one field. What was done on several fields at once is one row each, of one batch. */
export interface FieldWorkRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  seasonId: string | null // that grew on the day; null: between two
  batch: string // the phone's own key: the same work sent twice is entered once
  state: FieldWorkState
  kind: WorkKind
  day: Day
  startMs: AtMs | null
  endMs: AtMs | null
  areaM2: number // worked on
  material: Json<WorkMaterial> | null
  amount: Json<WorkAmount> | null
  massKg: number | null // on this area; null: unknown
  method: string | null
  machine: string | null
  operator: string | null
  lot: string | null // of the material
  note: string | null
  enteredBy: string
  enteredAtMs: AtMs
  confirmedBy: string | null
  confirmedAtMs: AtMs | null
  voidedBy: string | null
  voidedAtMs: AtMs | null
  voidReason: string | null
}
