/** Fertiliser and field work. Nutrients are calculated, never entered; null is unknown. */
import Type, { type Static } from 'typebox'
import { amountUnits, workKinds } from '../../tables.ts'
import { RecordPhoto } from '../photos/photo-schemas.ts'
import {
  AtMs,
  Day,
  Form,
  Id,
  IdempotencyKey,
  Line,
  Num,
  OneOf,
  OrNull,
  NonBlankLine,
  Text,
  Instant,
  Positive,
} from '../http/validation/schema-primitives.ts'

const Maybe = <T extends Type.TSchema>(schema: T) => Type.Optional(OrNull(schema))
const Percent = OrNull(Type.Number({ minimum: 0, maximum: 100 }))

/** A field and the worked area; null: the whole field. */
export const FieldShare = Form({ fieldId: Id, areaM2: Maybe(Positive(1e8)) })

/** POST /api/field-work: one piece of work on one field or several; each gets a record of the same batch. */
export const NewFieldWork = Form({
  idem: IdempotencyKey,
  fields: Type.Array(FieldShare, { minItems: 1, maxItems: 200 }),
  kind: OneOf(...workKinds),
  day: Day,
  startMs: Maybe(Instant),
  endMs: Maybe(Instant),
  // the grade as stated on the bag
  material: Maybe(Form({ name: NonBlankLine(80), nPct: Percent, p2o5Pct: Percent, k2oPct: Percent })),
  /** by area, or bags of `bagKg` for all fields together, split by area */
  amount: Maybe(Form({ value: Positive(1e6), unit: OneOf(...amountUnits), bagKg: OrNull(Positive(2000)) })),
  method: Maybe(Line(120)),
  machine: Maybe(Line(120)),
  operator: Maybe(Line(120)),
  lot: Maybe(Line(60)),
  note: Maybe(Line(280)),
})
export type NewFieldWork = Static<typeof NewFieldWork>

export const VoidFieldWork = Form({ reason: NonBlankLine(200) })

export const FieldWorkView = Type.Object({
  id: Id,
  batch: Text,
  batchFields: Num, // fields of the batch that are not voided
  seasonId: OrNull(Id),
  state: OneOf('draft', 'confirmed', 'void'),
  kind: OneOf(...workKinds),
  day: Day,
  startMs: OrNull(AtMs),
  endMs: OrNull(AtMs),
  areaM2: Num,
  material: OrNull(Type.Object({ name: Text, nPct: OrNull(Num), p2o5Pct: OrNull(Num), k2oPct: OrNull(Num) })),
  amount: OrNull(Type.Object({ value: Num, unit: OneOf(...amountUnits), bagKg: OrNull(Num) })),
  massKg: OrNull(Num), // on this area
  // null: no material
  nutrients: OrNull(Type.Object({ nKgHa: OrNull(Num), p2o5KgHa: OrNull(Num), k2oKgHa: OrNull(Num) })),
  method: OrNull(Text),
  machine: OrNull(Text),
  operator: OrNull(Text),
  lot: OrNull(Text),
  note: OrNull(Text),
  enteredAtMs: AtMs,
  confirmedAtMs: OrNull(AtMs),
  voidedAtMs: OrNull(AtMs),
  voidReason: OrNull(Text),
  photos: Type.Array(RecordPhoto),
})
export type FieldWorkView = Static<typeof FieldWorkView>

/** GET /api/fields/:id/work: newest first, including voided ones. */
export const FieldWorkList = Type.Object({ work: Type.Array(FieldWorkView) })
export type FieldWorkList = Static<typeof FieldWorkList>
