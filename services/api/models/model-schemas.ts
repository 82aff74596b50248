/** Fitted models in plain text and figures. */
import Type, { type Static } from 'typebox'
import { OrNull, OneOf, Num, Text, AtMs, Day, Id, ModelId } from '../http/validation/schema-primitives.ts'
import { Message } from '../http/validation/value-schemas.ts'

const ModelKind = OneOf(
  ...([
    'soil-moisture',
    'et0',
    'pest-flight',
    'yield',
    'valve-flow',
    'application-rate',
    'water-rule',
  ] as const),
)

const ModelState = OneOf('used', 'fallback', 'insufficient-data')

/** A model, whether it is in use, and why. */
export const ModelBrief = Type.Object({
  id: ModelId,
  kind: ModelKind,
  subject: Text,
  deviceId: OrNull(Id),
  deviceName: OrNull(Text), // null: no device, or one that was deleted
  depthCm: OrNull(Num),
  state: ModelState,
  reason: Message,
})
export type ModelBrief = Static<typeof ModelBrief>

const ModelDrift = Type.Object({
  throughDay: Day,
  n: Num,
  rmse: Num,
  expected: Num,
  isDrifting: Type.Boolean(),
})

/** A fit in plain text and figures. GET /api/models and /api/models/:id. */
export const ModelCard = Type.Object({
  id: ModelId,
  kind: ModelKind,
  subject: Text,
  fieldId: OrNull(Id),
  fieldName: OrNull(Text),
  deviceId: OrNull(Id),
  deviceName: OrNull(Text), // null: no device, or one that was deleted
  depthCm: OrNull(Num),
  state: ModelState,
  reason: Message,
  version: Num,
  fittedAtMs: AtMs,
  fromDay: Day,
  throughDay: Day,
  rows: Num,
  terms: Type.Array(Type.Object({ key: Text, unit: Text, coefficient: Num, sd: OrNull(Num) })),
  skill: Type.Array(
    Type.Object({
      key: Text,
      unit: Text,
      n: Num,
      rmse: Num,
      persistence: OrNull(Num),
      physics: OrNull(Num),
      skill: Num,
    }),
  ),
  drift: OrNull(ModelDrift), // since it was fitted
  replaced: OrNull(ModelDrift), // of the previous fit, when it was refitted because of drift
  limits: Type.Array(Message), // its limits
})
export type ModelCard = Static<typeof ModelCard>

export const ModelCards = Type.Object({ models: Type.Array(ModelCard) })
