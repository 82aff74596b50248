/** Fertiliser and field work, entered and confirmed by people. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

export const workKinds = [
  ...(['fertiliser', 'organic', 'tillage', 'puddling', 'planting', 'drainage', 'weeding'] as const),
  ...(['mowing', 'harvest-aid', 'other'] as const),
] as const
export type WorkKind = (typeof workKinds)[number]

/** Units of an amount: per area, or bags for everything entered together. */
export const amountUnits = ['kg/10a', 'kg/ha', 'bag'] as const

/** The applied material. Its grade is per cent by mass, as on the bag; null is unknown. */
const WorkMaterial = Type.Object({
  name: Type.String(),
  nPct: OrNull(Type.Number()),
  p2o5Pct: OrNull(Type.Number()),
  k2oPct: OrNull(Type.Number()),
})
export type WorkMaterial = Static<typeof WorkMaterial>
export const readWorkMaterial = jsonColumn('fieldWork.material', WorkMaterial)

/** The entered amount. `bagKg`: of one bag; null for an amount per area. */
const WorkAmount = Type.Object({
  value: Type.Number(),
  unit: Type.Enum(amountUnits),
  bagKg: OrNull(Type.Number()),
})
export type WorkAmount = Static<typeof WorkAmount>
export const readWorkAmount = jsonColumn('fieldWork.amount', WorkAmount)

export type FieldWorkState =
  | 'draft'
  | 'confirmed' // by a person; immutable from then on
  | 'void'

/** One piece of work on one field. Work on several fields is one row each, with the same batch. */
export interface FieldWorkRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  seasonId: string | null // growing on the day; null: between two seasons
  batch: string // the client's idempotency key: the same work sent twice is entered once
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
