/** The forms with which a farm is set up, and what is given back; the daily wire is schemas.ts. */
import Type, { type Static } from 'typebox'
import {
  OrNull,
  OneOf,
  Num,
  Text,
  AtMs,
  Day,
  Id,
  Name,
  TopicName,
  ValveName,
  Password,
  MinuteOfDay,
  Vwc,
} from './schema-parts.ts'

/** POST /api/auth/sign-in/email; the session is a cookie. `rememberMe` false: it ends with the browser. */
export const SignIn = Type.Object({
  email: Type.String({ minLength: 1, maxLength: 200 }),
  password: Type.String({ minLength: 1, maxLength: 128 }),
  rememberMe: Type.Optional(Type.Boolean()),
})

/** POST /api/auth/change-password; every other session of the person ends. */
export const NewPassword = Type.Object({
  currentPassword: Type.String({ minLength: 1, maxLength: 128 }),
  newPassword: Password,
})

/** POST /api/auth/organization/set-active: which of their organisations a person acts for. */
export const ActiveOrg = Type.Object({ orgId: TopicName })

/** The answer to the first run's one-time link, POST /api/setup; the answer is Me, with the session's cookie. */
export const Setup = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 200 }),
  name: Name,
  email: Type.String({ format: 'email', maxLength: 200 }),
  password: Password,
  orgName: Name,
  orgId: TopicName,
})
export type Setup = Static<typeof Setup>

export const NewFarm = Type.Object({
  name: Name,
  memberCode: Type.Optional(OrNull(Type.String({ maxLength: 40 }))),
  timeZone: Type.String({ maxLength: 60, description: 'IANA, Asia/Tokyo' }),
  latDeg: Type.Number({ minimum: -90, maximum: 90 }),
  lonDeg: Type.Number({ minimum: -180, maximum: 180 }),
  elevationM: Type.Number({ minimum: -450, maximum: 6000 }),
})

export const NewField = Type.Object({
  farmId: Id,
  name: Name,
  kind: OneOf('upland', 'paddy'),
  areaM2: Type.Number({ exclusiveMinimum: 0, maximum: 1e8 }),
  soilTexture: Type.String({ minLength: 1, maxLength: 40 }),
  // absent: the middle of the texture's range; wiltingPoint < fieldCapacity < saturation
  fieldCapacity: Type.Optional(Vwc),
  wiltingPoint: Type.Optional(Vwc),
  saturation: Type.Optional(Vwc),
  stationId: Type.Optional(OrNull(Id)),
  geojson: Type.Optional(Type.Unknown()),
})

export const NewSeason = Type.Object({
  fieldId: Id,
  year: Type.Integer({ minimum: 1900, maximum: 2200 }),
  crop: Type.String({ minLength: 1, maxLength: 40 }),
  variety: Type.Optional(OrNull(Type.String({ maxLength: 80 }))),
  plantedDay: Day,
})

export const NewPump = Type.Object({
  farmId: Id,
  name: Name,
  capacityLpm: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }),
  dailyM3: Type.Optional(OrNull(Type.Number({ exclusiveMinimum: 0 }))),
  maxOpenValves: Type.Integer({ minimum: 1, maximum: 64 }),
})

export const NewZone = Type.Object({
  fieldId: Id,
  name: Name,
  areaM2: Type.Number({ exclusiveMinimum: 0, maximum: 1e8 }),
  method: OneOf('sprinkler', 'drip', 'flood'),
  applicationRateMmH: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
  efficiency: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  wettedFraction: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  maxDepthMm: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
  minMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
  maxMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
  window: Type.Object({ fromMin: MinuteOfDay, toMin: MinuteOfDay }),
  controllerId: Type.Optional(OrNull(Id)),
  valve: Type.Optional(OrNull(ValveName)),
  pumpId: Type.Optional(OrNull(Id)),
})

/** `heatWatch` counts for one pest from its biofix; the same subject again moves the biofix. */
export const NewHeatWatch = Type.Object({
  subject: Type.String({ minLength: 1, maxLength: 40 }),
  biofixDay: Day,
})

const temp = Type.Optional(
  Type.Object({ perC: Type.Number({ minimum: -0.05, maximum: 0.05 }), refC: Type.Number() }),
)
/** How raw readings become soil moisture, by quantity or by quantity and depth in cm: 'soil.raw', 'soil.raw@30'. */
const Calibrations = Type.Record(
  Type.String({ pattern: '^soil\\.(raw|permittivity)(@[0-9.]+)?$' }),
  Type.Union([
    Type.Object({ kind: OneOf('topp', 'hydra', '10hs', 'ec5'), temp }),
    Type.Object({
      kind: Type.Literal('two-point'),
      rawDry: Type.Number(),
      rawWet: Type.Number(),
      vwcDry: Vwc,
      vwcWet: Vwc,
      temp,
    }),
  ]),
  { additionalProperties: false },
)

/** Below it the battery wants changing; null: as usual for its voltage. */
const BatteryLowV = Type.Number({ minimum: 0.5, maximum: 60 })

export const NewDevice = Type.Object({
  id: TopicName,
  name: Name,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  farmId: Type.Optional(OrNull(Id)),
  fieldId: Type.Optional(OrNull(Id)),
  everyS: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, description: 'default 1200' })),
  windHeightM: Type.Optional(OrNull(Type.Number({ minimum: 0.2, maximum: 200 }))), // FAO-56 Eq. 47
  counterModulus: Type.Optional(OrNull(Type.Record(Text, Type.Number({ exclusiveMinimum: 0 })))),
  calibration: Type.Optional(OrNull(Calibrations)),
  batteryLowV: Type.Optional(OrNull(BatteryLowV)),
})

/** Moving a probe needs no new credentials: naming a field places it there, null takes it out. */
export const DevicePatch = Type.Object(
  {
    name: Type.Optional(Name),
    farmId: Type.Optional(OrNull(Id)),
    fieldId: Type.Optional(OrNull(Id)),
    everyS: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800 })),
    windHeightM: Type.Optional(OrNull(Type.Number({ minimum: 0.2, maximum: 200 }))), // FAO-56 Eq. 47
    counterModulus: Type.Optional(OrNull(Type.Record(Text, Type.Number({ exclusiveMinimum: 0 })))),
    calibration: Type.Optional(OrNull(Calibrations)),
    batteryLowV: Type.Optional(OrNull(BatteryLowV)),
  },
  { additionalProperties: false, minProperties: 1 },
)

/** DELETE /api/farms/:id erases for good: the farm's own name is asked for. */
export const EraseFarm = Type.Object({ name: Text })

export const Created = Type.Object({ id: Id })

/** What was harvested, with the base it is stated on: 'brown rice, 15 % moisture, 1.85 mm sieve'. */
export const Yield = Type.Object({
  kg: Type.Number({ minimum: 0, maximum: 1e9 }),
  basis: Type.String({ minLength: 1, maxLength: 120 }),
  harvestedDay: Type.Optional(Day),
})

export const DeadLetterView = Type.Object({
  id: Num,
  receivedMs: AtMs,
  device: Text,
  topic: Text,
  reason: Text,
  bytes: Num,
  payload: Text, // as text, cut to 2,000 characters
})

/** Which dead letters to replay: those of one device, or all. */
export const ReplayLetters = Type.Object({ device: Type.Optional(Type.String({ maxLength: 60 })) })
/** `left`: only their beginning was kept, so they stay. */
export const Replayed = Type.Object({ replayed: Num, left: Num })

export const NewMember = Type.Object({
  name: Name,
  email: Type.String({ format: 'email', maxLength: 200 }),
  password: Password,
  role: OneOf('viewer', 'operator', 'agronomist', 'admin'),
})

export const MemberView = Type.Object({
  id: Id,
  name: Text,
  email: Text,
  role: OneOf('viewer', 'operator', 'agronomist', 'admin'),
})
export type MemberView = Static<typeof MemberView>
