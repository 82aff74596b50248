/** Rejected messages (dead letters). */
import Type, { type Static } from 'typebox'
import { Form, OrNull, Num, Text, AtMs, Id } from '../http/schema-primitives.ts'

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

/** Dead letters for one reason. `newestId`: until where a person has seen them. */
export const DeadLetterGroup = Type.Object({
  reason: Text,
  letters: Num,
  devices: Num,
  newestId: Num,
  newestMs: AtMs,
})
export type DeadLetterGroup = Static<typeof DeadLetterGroup>

/** Which letters to throw away: those for this reason, up to this one. What came later nobody has seen. */
export const DiscardDeadLetters = Form({
  reason: Type.String({ minLength: 1, maxLength: 1_000 }),
  upToId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
})

export const Discarded = Type.Object({ discarded: Num })

/** Which dead letters to replay: those of one device, those for one reason, or all. */
/** `afterId`: only newer letters, as the answer to the call before has it. */
export const ReplayDeadLetters = Form({
  device: Type.Optional(Id),
  reason: Type.Optional(Type.String({ maxLength: 1_000 })),
  afterId: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
})

/** `left`: only their beginning was kept, so they stay. `nextAfterId`: ask again with it; null: that were all. */
export const Replayed = Type.Object({ replayed: Num, left: Num, nextAfterId: OrNull(Num) })
