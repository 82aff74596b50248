/** The screen "Pests and diseases": hazards, traps, recent sprays, and scouting entries. */
import Type, { type Static } from 'typebox'
import {
  AtMs,
  Day,
  Form,
  Id,
  IdempotencyKey,
  Num,
  OneOf,
  OrNull,
  NonBlankLine,
  Text,
  Instant,
} from '../http/validation/schema-primitives.ts'
import { Message, RiskLevel, ServerClock } from '../http/validation/value-schemas.ts'

const Dates = OrNull(Type.Object({ fromDay: Day, toDay: Day }))

/** One insect or disease over all fields. Null is unknown, never none. */
export const Hazard = Type.Object({
  target: Text,
  kind: OneOf('insect', 'disease'),
  action: OneOf('treat', 'scout', 'cannot-judge', 'wait'), // the most urgent of its fields
  level: RiskLevel, // the worst of its fields
  fields: Type.Array(Type.Object({ id: Id, name: Text })), // for which that action is proposed
  otherFields: Num, // with a less urgent action
  fieldId: Id, // the most urgent of these, with the reason in `reason`
  reason: Message, // of plan/pest/message-keys.ts
  look: Dates,
  spray: Dates,
  throughDay: OrNull(Day), // the last assessed day
  // a disease: the days up to now, and a few unassessed days ahead. `sign`: of BLASTAM
  days: Type.Array(
    Type.Object({
      day: Day,
      level: OrNull(RiskLevel),
      sign: OrNull(OneOf('favourable', '1', '2', '3', '4', 'none', 'unknown')),
    }),
  ),
  heat: OrNull(Type.Object({ sumCd: Num, needCd: Num, event: Text, fromDay: Day, toDay: Day })),
  modelId: OrNull(Text), // the model of its flight
})
export type Hazard = Static<typeof Hazard>

const Counted = OrNull(Type.Object({ count: Num, atMs: AtMs }))

/** Where an insect is counted: by the trap itself, by a person in a trap, or by a person on the plants. */
export const TrapView = Type.Object({
  fieldId: Id,
  fieldName: Text,
  subject: Text,
  countedBy: OneOf('trap', 'person-in-trap', 'person-on-plants'),
  deviceName: OrNull(Text),
  last: Counted, // null: never
  before: Counted, // the previous one
  isLate: Type.Boolean(), // a trap that missed two intervals
})
export type TrapView = Static<typeof TrapView>

export const SprayView = Type.Object({
  id: Id,
  fieldId: Id,
  fieldName: Text,
  atMs: AtMs,
  target: Text,
  product: Text,
  isDemo: Type.Boolean(),
  dilution: OrNull(Num),
  isPart: Type.Boolean(),
  partName: OrNull(Text),
  phiDays: OrNull(Num), // of the spray that sets `notBefore`
  notBefore: OrNull(Day), // of the harvest, by all sprays of the field; of a part with its own interval, by this one
  usesLeft: OrNull(Num), // after this spray
  maxUses: OrNull(Num),
})

export type SprayView = Static<typeof SprayView>

/** GET /api/pests: the whole organisation, worst first. */
export const PestsView = Type.Object({
  clock: ServerClock,
  timeZone: Text,
  fieldCount: Num,
  hazards: Type.Array(Hazard),
  traps: Type.Array(TrapView),
  seriesUnavailable: Type.Boolean(), // automatic trap counts are unavailable now
  sprays: Type.Array(SprayView), // of this season, the newest first
})
export type PestsView = Static<typeof PestsView>

const observation = { idem: IdempotencyKey, atMs: Instant }
/** POST /api/fields/:id/scouting-counts: insects since the trap was last emptied, or on the plants. */
export const NewCount = Form({
  ...observation,
  subject: NonBlankLine(40),
  where: OneOf('trap', 'plants'),
  count: Type.Integer({ minimum: 0, maximum: 100_000 }),
})
/** POST /api/fields/:id/notes */
export const NewNote = Form({ ...observation, text: NonBlankLine(280) })
/** Confirms that the server has stored the entry; a repeat with the same key gets the same response. */
export const Receipt = Type.Object({ id: IdempotencyKey, receivedMs: AtMs })
export type Receipt = Static<typeof Receipt>
