/** Auxiliary outputs (bird scarers, sirens, fans): settings and display. */
import Type, { type Static } from 'typebox'
import { outputKinds } from '../../tables.ts'
import {
  AtMs,
  Form,
  Id,
  MinuteOfDay,
  Name,
  Num,
  OneOf,
  OrNull,
  Params,
  NonBlankLine,
  Text,
  ValveName,
} from '../http/validation/schema-primitives.ts'

const Hours = Form({ fromMin: MinuteOfDay, toMin: MinuteOfDay })
const DegreeDays = Type.Number({ minimum: 0, maximum: 10_000, description: '°C·d after the biofix' })

export const OutputRuleForm = Type.Union([
  Form({ by: Type.Literal('hours') }),
  // without sums the flight period of the pest table is used, where it has one
  Form({
    by: Type.Literal('flight'),
    pest: NonBlankLine(40),
    fromCd: Type.Optional(DegreeDays),
    toCd: Type.Optional(DegreeDays),
  }),
  Form({ by: Type.Literal('frost'), belowC: Type.Number({ minimum: -10, maximum: 5 }) }),
  Form({ by: Type.Literal('birds') }),
])

/** The controller reports the load of the output; a form cannot set it. */
export const NewOutput = Form({ name: Name, deviceId: Id, valve: ValveName })

/** `isOn`: enabled by a person. The bounds of its kind always apply. */
export const OutputPatch = Form(
  {
    name: Type.Optional(Name),
    isOn: Type.Optional(Type.Boolean()),
    rule: Type.Optional(OutputRuleForm),
    hours: Type.Optional(Type.Array(Hours, { minItems: 1, maxItems: 8 })),
    quietHours: Type.Optional(OrNull(Hours)),
    onMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 60 })),
    everyMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
    maxDailyMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
    maxWindMps: Type.Optional(OrNull(Type.Number({ minimum: 0.1, maximum: 30 }))),
  },
  { minProperties: 1 },
)
export type OutputPatch = Static<typeof OutputPatch>

const Reason = Type.Object({ key: Text, params: Params })
export const OutputView = Type.Object({
  id: Id,
  fieldId: Id,
  name: Text,
  kind: OneOf(...outputKinds),
  deviceId: Id,
  valve: Text,
  isOn: Type.Boolean(),
  rule: OrNull(Type.Unknown()),
  hours: Type.Array(Type.Object({ fromMin: Num, toMin: Num })),
  quietHours: OrNull(Type.Object({ fromMin: Num, toMin: Num })),
  onMinutes: Num,
  everyMinutes: Num,
  maxDailyMinutes: Num,
  maxWindMps: OrNull(Num),
  bounds: Type.Object({
    rules: Type.Array(Text),
    maxOnMinutes: Num,
    minEveryMinutes: Num,
    maxDailyMinutes: Num,
  }),
  position: OneOf('open', 'closed', 'unknown'),
  reason: OrNull(Reason), // of the last evaluation; null: never evaluated, or off
  runs: Type.Array(
    Type.Object({
      id: Id,
      fromMs: AtMs,
      minutes: Num,
      state: OneOf('due', 'sent', 'ending', 'done', 'skipped', 'failed'),
      reason: Reason,
      ranMs: OrNull(Num),
      endReason: OrNull(Text),
    }),
  ),
})
export type OutputView = Static<typeof OutputView>

/** The outputs of a field, and unassigned auxiliary outputs of the farm's controllers. */
export const OutputList = Type.Object({
  outputs: Type.Array(OutputView),
  free: Type.Array(Type.Object({ deviceId: Id, device: Text, valve: Text, kind: OneOf(...outputKinds) })),
})
export type OutputList = Static<typeof OutputList>
