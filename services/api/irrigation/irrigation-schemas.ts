/** The irrigation record: water applied by hand, and confirmations. Null is unknown, never 0. */
import Type, { type Static } from 'typebox'
import {
  AtMs,
  Form,
  Id,
  IdempotencyKey,
  Num,
  OneOf,
  OrNull,
  NonBlankLine,
  Text,
  Instant,
  Positive,
} from '../http/validation/schema-primitives.ts'
import { Message } from '../http/validation/value-schemas.ts'

/** The known amount: the total volume of all fields, the depth on each, or the duration. */
export const manualUnits = ['L', 'm3', 'mm', 'min'] as const

/**
 * POST /api/irrigations: water applied by hand, or by a valve that Tilth does not control. A field without
 * `zoneId` was irrigated as a whole: each of its irrigated zones gets a record.
 */
export const NewIrrigation = Form({
  idem: IdempotencyKey,
  fields: Type.Array(Form({ fieldId: Id, zoneId: Type.Optional(OrNull(Id)) }), {
    minItems: 1,
    maxItems: 200,
  }),
  atMs: Instant, // start
  amount: OrNull(Form({ value: Positive(1e9), unit: OneOf(...manualUnits) })),
})
export type NewIrrigation = Static<typeof NewIrrigation>

export const VoidIrrigation = Form({ reason: NonBlankLine(200) })

/**
 * POST /api/irrigations/confirm: every run of the field that started by then and is neither confirmed nor
 * voided.
 */
export const ConfirmIrrigations = Form({ fieldId: Id, untilMs: Instant })

export const IrrigationView = Type.Object({
  id: Id,
  message: Message, // as in the log of the field
  zoneId: OrNull(Id), // null: the whole field
  cause: Text,
  atMs: AtMs,
  minutes: OrNull(Num), // null: unknown
  litres: OrNull(Num),
  grossMm: OrNull(Num),
  volumeSource: OneOf('metered', 'rate', 'reported', 'unknown'),
  state: OneOf('draft', 'confirmed', 'void'),
  actorName: OrNull(Text), // by hand: its author
  confirmedByName: OrNull(Text),
  confirmedAtMs: OrNull(AtMs),
  voidedByName: OrNull(Text),
  voidedAtMs: OrNull(AtMs),
  voidReason: OrNull(Text),
})
export type IrrigationView = Static<typeof IrrigationView>

/** GET /api/fields/:id/irrigations: newest first, including voided ones. `drafts`: the number to confirm. */
export const IrrigationList = Type.Object({ drafts: Num, runs: Type.Array(IrrigationView) })
export type IrrigationList = Static<typeof IrrigationList>
