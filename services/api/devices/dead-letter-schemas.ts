/** Rejected messages (dead letters). */
import Type, { type Static } from 'typebox'
import { Form, OrNull, Num, Text, AtMs, Id } from '../http/validation/schema-primitives.ts'

export const DeadLetterView = Type.Object({
  id: Num,
  receivedMs: AtMs,
  device: Text,
  topic: Text,
  reason: Text,
  bytes: Num,
  payload: Text, // as text, cut to 2,000 characters
})
export type DeadLetterView = Static<typeof DeadLetterView>

/** Rejected messages with one reason. `newestId`: the newest one that the person has seen. */
export const DeadLetterGroup = Type.Object({
  reason: Text,
  count: Num,
  devices: Num,
  newestId: Num,
  newestMs: AtMs,
})
export type DeadLetterGroup = Static<typeof DeadLetterGroup>

/** The rejected messages to discard: those with this reason, up to this id. Later ones have not been seen. */
export const DiscardDeadLetters = Form({
  reason: Type.String({ minLength: 1, maxLength: 1_000 }),
  upToId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
})

export const Discarded = Type.Object({ discarded: Num })

/** The rejected messages to replay: those of one device, those with one reason, or all. */
/** `afterId`: only newer messages, from the response of the previous call. */
export const ReplayDeadLetters = Form({
  device: Type.Optional(Id),
  reason: Type.Optional(Type.String({ maxLength: 1_000 })),
  afterId: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
})

/**
 * `left`: only their beginning is stored, so they stay. `nextAfterId`: call again with it; null: complete.
 */
export const Replayed = Type.Object({ replayed: Num, left: Num, nextAfterId: OrNull(Num) })
