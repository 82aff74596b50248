/** The record of water on the wire: what was given by hand, and what a person says of a run. Null is unknown, never 0. */
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
} from '../http/schema-primitives.ts'
import { Message } from '../http/value-schemas.ts'

const Instant = Type.Integer({ minimum: 0, maximum: 4_102_444_800_000, description: 'UTC epoch ms' })

/** What a person may know of it: a volume of all the fields together, the depth on each, or how long it ran. */
export const manualUnits = ['L', 'm3', 'mm', 'min'] as const

/**
 * POST /api/irrigations: water that was given by hand, or with a valve that is not ordered from here. A field without
 * `zoneId` was watered whole: each zone that waters it has a record of its own.
 */
export const NewIrrigation = Form({
  idem: IdempotencyKey,
  fields: Type.Array(Form({ fieldId: Id, zoneId: Type.Optional(OrNull(Id)) }), {
    minItems: 1,
    maxItems: 200,
  }),
  atMs: Instant, // when it began
  amount: OrNull(
    Form({ value: Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }), unit: OneOf(...manualUnits) }),
  ),
})
export type NewIrrigation = Static<typeof NewIrrigation>

export const VoidIrrigation = Form({ reason: NonBlankLine(200) })

/** POST /api/irrigations/confirm: every run of the field that began by then and was neither confirmed nor taken back. */
export const ConfirmIrrigations = Form({ fieldId: Id, untilMs: Instant })

export const IrrigationView = Type.Object({
  id: Id,
  message: Message, // what it was, as in what happened
  zoneId: OrNull(Id), // null: the whole field
  cause: Text,
  atMs: AtMs,
  minutes: OrNull(Num), // null: unknown
  litres: OrNull(Num),
  grossMm: OrNull(Num),
  volumeSource: OneOf('metered', 'rate', 'reported', 'unknown'),
  state: OneOf('draft', 'confirmed', 'void'),
  actorName: OrNull(Text), // by hand: who wrote it down
  confirmedByName: OrNull(Text),
  confirmedAtMs: OrNull(AtMs),
  voidedByName: OrNull(Text),
  voidedAtMs: OrNull(AtMs),
  voidReason: OrNull(Text),
})
export type IrrigationView = Static<typeof IrrigationView>

/** GET /api/fields/:id/irrigations: the newest first, the voided ones too. `drafts`: all that wait to be confirmed. */
export const IrrigationList = Type.Object({ drafts: Num, runs: Type.Array(IrrigationView) })
export type IrrigationList = Static<typeof IrrigationList>
