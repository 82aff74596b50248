/** The forms with which a farm is set up, and what is given back; the daily wire is schemas.ts. */
import Type, { type Static } from 'typebox'
import {
  Form,
  Line,
  OrNull,
  OneOf,
  NonBlankLine,
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
} from '../http/schema-primitives.ts'
import { FeedsFrom, PumpScheduleForm } from './schedule-schemas.ts'
import { Outline } from './shape-schemas.ts'

/** POST /api/auth/sign-in/email; the session is a cookie. `rememberMe` false: it ends with the browser. */
export const SignIn = Form({
  email: Type.String({ minLength: 1, maxLength: 200 }),
  password: Type.String({ minLength: 1, maxLength: 128 }),
  rememberMe: Type.Optional(Type.Boolean()),
})

/** POST /api/auth/organization/set-active: which of their organisations a person acts for. */
export const ActiveOrg = Form({ orgId: TopicName })

/** The answer to the first run's one-time link, POST /api/setup; the answer is Me, with the session's cookie. */
export const Setup = Form({
  token: Type.String({ minLength: 1, maxLength: 200 }),
  name: Name,
  email: Type.String({ format: 'email', maxLength: 200 }),
  password: Password,
  orgName: Name,
  orgId: TopicName,
})
export type Setup = Static<typeof Setup>

export const NewFarm = Form({
  name: Name,
  memberCode: Type.Optional(OrNull(Line(40))),
  timeZone: NonBlankLine(60), // IANA, Asia/Tokyo
  latDeg: Type.Number({ minimum: -90, maximum: 90 }),
  lonDeg: Type.Number({ minimum: -180, maximum: 180 }),
  elevationM: Type.Number({ minimum: -450, maximum: 6000 }),
})

/** POST /api/farms/:id/warn-at: what is left out is as usual (services/domain/weather-thresholds.ts). */
export const WeatherThresholdsForm = Form({
  frostC: Type.Optional(OrNull(Type.Number({ minimum: -10, maximum: 10 }))),
  gustMps: Type.Optional(OrNull(Type.Number({ minimum: 5, maximum: 60 }))),
  rainMm: Type.Optional(OrNull(Type.Number({ minimum: 5, maximum: 500 }))),
})
export type WeatherThresholdsForm = Static<typeof WeatherThresholdsForm>

/** POST /api/fields/:id/fixed-schedule: how the field was watered before, and what its water costs. */
export const FixedScheduleForm = Form({
  depthMm: Type.Number({ minimum: 1, maximum: 200 }),
  everyDays: Type.Integer({ minimum: 1, maximum: 60 }),
  waterPricePerM3: Type.Optional(OrNull(Type.Number({ minimum: 0, maximum: 1e6 }))),
  currency: Type.Optional(OrNull(Type.String({ pattern: '^[A-Z]{3}$' }))), // ISO 4217
})

export const NewField = Form({
  farmId: Id,
  name: Name,
  kind: OneOf('upland', 'paddy'),
  areaM2: Type.Number({ exclusiveMinimum: 0, maximum: 1e8 }),
  soilTexture: NonBlankLine(40),
  // absent: the middle of the texture's range; wiltingPoint < fieldCapacity < saturation
  fieldCapacity: Type.Optional(Vwc),
  wiltingPoint: Type.Optional(Vwc),
  saturation: Type.Optional(Vwc),
  stationId: Type.Optional(OrNull(Id)),
  geojson: Type.Optional(Outline),
})

/** A new texture brings its limits but those that a person has entered; null: as the texture has it. */
const SoilLimitPatch = Type.Optional(OrNull(Vwc))
export const FieldPatch = Form(
  {
    name: Type.Optional(Name),
    areaM2: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e8 })),
    soilTexture: Type.Optional(NonBlankLine(40)),
    fieldCapacity: SoilLimitPatch,
    wiltingPoint: SoilLimitPatch,
    saturation: SoilLimitPatch,
  },
  { minProperties: 1 },
)
export type FieldPatch = Static<typeof FieldPatch>

/** Of a season that is not harvested; the crop year moves with the day. */
export const SeasonPatch = Form(
  {
    crop: Type.Optional(NonBlankLine(40)),
    variety: Type.Optional(OrNull(Line(80))),
    plantedDay: Type.Optional(Day),
  },
  { minProperties: 1 },
)

export const NewSeason = Form({
  fieldId: Id,
  year: Type.Integer({ minimum: 1900, maximum: 2200 }),
  crop: NonBlankLine(40),
  variety: Type.Optional(OrNull(Line(80))),
  plantedDay: Day,
})

export const NewPump = Form({
  farmId: Id,
  name: Name,
  capacityLpm: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }),
  dailyM3: Type.Optional(OrNull(Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }))),
  maxOpenValves: Type.Integer({ minimum: 1, maximum: 64 }),
  feedsFromId: Type.Optional(FeedsFrom),
  schedule: Type.Optional(OrNull(PumpScheduleForm)),
})

export const NewZone = Form({
  fieldId: Id,
  name: Name,
  areaM2: Type.Number({ exclusiveMinimum: 0, maximum: 1e8 }),
  method: OneOf('sprinkler', 'drip', 'flood', 'outlet'),
  applicationRateMmH: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
  efficiency: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  wettedFraction: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  maxDepthMm: Type.Number({ exclusiveMinimum: 0, maximum: 1000 }),
  minMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
  maxMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
  window: Form({ fromMin: MinuteOfDay, toMin: MinuteOfDay }),
  controllerId: Type.Optional(OrNull(Id)),
  valve: Type.Optional(OrNull(ValveName)),
  pumpId: Type.Optional(OrNull(Id)),
})

/** `degreeDayTracker` counts for one pest from its biofix; the same subject again moves the biofix. */
export const NewDegreeDayTracker = Form({
  subject: NonBlankLine(40),
  biofixDay: Day,
})

const temp = Type.Optional(
  Form({
    perC: Type.Number({ minimum: -0.05, maximum: 0.05 }),
    refC: Type.Number({ minimum: -50, maximum: 100 }),
  }),
)
const Raw = Type.Number({ minimum: -1e9, maximum: 1e9 })
/** How raw readings become soil moisture, by quantity or by quantity and depth in cm: 'soil.raw', 'soil.raw@30'. */
const Calibrations = Type.Record(
  Type.String({ pattern: '^soil\\.(raw|permittivity)(@[0-9.]{1,8})?$' }),
  Type.Union([
    Form({ kind: OneOf('topp', 'hydra', '10hs', 'ec5'), temp }),
    Form({
      kind: Type.Literal('two-point'),
      rawDry: Raw,
      rawWet: Raw,
      vwcDry: Vwc,
      vwcWet: Vwc,
      temp,
    }),
  ]),
  { additionalProperties: false, maxProperties: 64 },
)
/** Where a counter of a device begins again, by quantity: 'rain.total', 'water.total/V1'. */
const Moduli = Type.Record(
  Type.String({ pattern: '^[\\w./-]{1,80}$' }),
  Type.Number({ exclusiveMinimum: 0, maximum: 1e15 }),
  { additionalProperties: false, maxProperties: 64 },
)

/** Below it the battery wants changing; null: as usual for its voltage. */
const BatteryLowV = Type.Number({ minimum: 0.5, maximum: 60 })

export const NewDevice = Form({
  id: TopicName,
  name: Name,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  farmId: Type.Optional(OrNull(Id)),
  fieldId: Type.Optional(OrNull(Id)),
  everyS: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, description: 'default 1200' })),
  windHeightM: Type.Optional(OrNull(Type.Number({ minimum: 0.2, maximum: 200 }))), // FAO-56 Eq. 47
  counterModulus: Type.Optional(OrNull(Moduli)),
  calibration: Type.Optional(OrNull(Calibrations)),
  batteryLowV: Type.Optional(OrNull(BatteryLowV)),
})

/** Moving a probe needs no new credentials: naming a field places it there, null takes it out. */
export const DevicePatch = Form(
  {
    name: Type.Optional(Name),
    farmId: Type.Optional(OrNull(Id)),
    fieldId: Type.Optional(OrNull(Id)),
    everyS: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800 })),
    windHeightM: Type.Optional(OrNull(Type.Number({ minimum: 0.2, maximum: 200 }))), // FAO-56 Eq. 47
    counterModulus: Type.Optional(OrNull(Moduli)),
    calibration: Type.Optional(OrNull(Calibrations)),
    batteryLowV: Type.Optional(OrNull(BatteryLowV)),
  },
  { minProperties: 1 },
)

/** DELETE /api/farms/:id erases for good: the farm's own name is asked for. */
export const EraseFarm = Form({ name: Line(120) })

export const Created = Type.Object({ id: Id })

/** What was harvested, with the base it is stated on: 'brown rice, 15 % moisture, 1.85 mm sieve'. */
export const Yield = Form({
  kg: Type.Number({ minimum: 0, maximum: 1e9 }),
  basis: NonBlankLine(120),
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

export const NewMember = Form({
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
