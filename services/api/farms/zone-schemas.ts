/** A zone: its state, and the fields that a person may change. */
import Type, { type Static } from 'typebox'
import { ZoneScheduleForm } from './schedule-schemas.ts'
import {
  Form,
  OrNull,
  OneOf,
  Num,
  Text,
  AtMs,
  Id,
  Name,
  ValveName,
  MinuteOfDay,
  FutureInstant,
  AreaM2,
  Positive,
  Share,
} from '../http/validation/schema-primitives.ts'

const methods = ['sprinkler', 'drip', 'flood', 'outlet'] as const

export const ZoneView = Type.Object({
  id: Id,
  name: Text,
  mode: OneOf('off', 'advise', 'approve', 'auto'),
  valve: OrNull(Text),
  controllerId: OrNull(Id),
  method: OneOf(...methods),
  areaM2: Num,
  applicationRateMmH: Num,
  efficiency: Num,
  wettedFraction: Num,
  maxDepthMm: Num, // gross, one run
  minMinutes: Num,
  maxMinutes: Num,
  window: Type.Object({ fromMin: Num, toMin: Num }), // minutes after local midnight; equal: the whole day
  capMinutes: OrNull(Num), // the controller's own limit, as it reports it
  pausedUntilMs: OrNull(AtMs),
  adjustPercent: Num,
  // as the controller reported it; 'unknown' when older than two heartbeats
  position: OneOf('open', 'closed', 'unknown', 'none'),
  reportedAtMs: OrNull(AtMs),
  boundMs: OrNull(AtMs),
  schedule: OrNull(ZoneScheduleForm),
})
export type ZoneView = Static<typeof ZoneView>

/** Changes of a zone. `pause`: hours from now, an instant, or null to resume. */
export const ZonePatch = Form(
  {
    name: Type.Optional(Name),
    areaM2: Type.Optional(AreaM2),
    applicationRateMmH: Type.Optional(Positive(1000)),
    efficiency: Type.Optional(Share(0.05)),
    wettedFraction: Type.Optional(Share(0.01)),
    maxDepthMm: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1000 })),
    mode: Type.Optional(OneOf('off', 'advise', 'approve', 'auto')),
    adjustPercent: Type.Optional(Type.Number({ minimum: -50, maximum: 50 })),
    pause: Type.Optional(
      OrNull(Type.Union([Form({ hours: Positive(24 * 366) }), Form({ untilMs: FutureInstant })])),
    ),
    window: Type.Optional(Form({ fromMin: MinuteOfDay, toMin: MinuteOfDay })),
    schedule: Type.Optional(OrNull(ZoneScheduleForm)),
    madFraction: Type.Optional(OrNull(Share(0.01))),
    minMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
    maxMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
    dailyMaxLitres: Type.Optional(OrNull(Positive(1e9))),
    controllerId: Type.Optional(OrNull(Id)),
    valve: Type.Optional(OrNull(ValveName)),
    pumpId: Type.Optional(OrNull(Id)),
  },
  { minProperties: 1 },
)
export type ZonePatch = Static<typeof ZonePatch>

export const NewZone = Form({
  fieldId: Id,
  name: Name,
  areaM2: AreaM2,
  method: OneOf(...methods),
  applicationRateMmH: Positive(1000),
  efficiency: Share(0.05),
  wettedFraction: Share(0.01),
  maxDepthMm: Type.Number({ minimum: 0.1, maximum: 1000 }),
  minMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
  maxMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
  window: Form({ fromMin: MinuteOfDay, toMin: MinuteOfDay }),
  controllerId: Type.Optional(OrNull(Id)),
  valve: Type.Optional(OrNull(ValveName)),
  pumpId: Type.Optional(OrNull(Id)),
})
