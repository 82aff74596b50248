/**
 * What the API says to the dashboard and to anyone's program: SI inside, mm for water, UTC epoch ms, the farm's zone
 * named. Every number says where it came from. Texts travel as key and params, never as sentences.
 * The dashboard imports the types of this file and nothing else of the services.
 */
import Type, { type Static } from 'typebox'
import {
  Form,
  OrNull,
  OneOf,
  Num,
  Text,
  AtMs,
  Day,
  Id,
  ModelId,
  ValveName,
  Idem,
  MinuteOfDay,
  Params,
  Until,
} from './schema-parts.ts'
import { ZoneScheduleForm } from './schedule-forms.ts'

export const Fresh = OneOf('ok', 'late', 'lost')

export const FieldStatus = OneOf('act', 'soon', 'ok', 'wet', 'unknown')
export type FieldStatus = Static<typeof FieldStatus>

export const Val = Type.Object({
  v: OrNull(Num),
  lo: Type.Optional(Num),
  hi: Type.Optional(Num),
  atMs: OrNull(AtMs),
  kind: OneOf('measured', 'estimated', 'predicted', 'entered'),
  fresh: Fresh,
})
export type Val = Static<typeof Val>

/** A text of the catalogue with what goes into it. */
export const Message = Type.Object({ key: Text, params: Params })
export type Message = Static<typeof Message>

/** One order to a valve as a person sees it: sent, gateway (the device answered), confirmed, unconfirmed, refused, ended. */
export const Cmd = Type.Object({
  id: Id,
  runId: OrNull(Id),
  zoneId: Id,
  fieldId: Id,
  fieldName: Text,
  zoneName: Text,
  valve: Text,
  do: OneOf('open', 'close'),
  state: OneOf('waiting', 'sent', 'gateway', 'confirmed', 'unconfirmed', 'refused', 'ended'),
  atMs: AtMs,
  confirmedAtMs: OrNull(AtMs),
  endsAtMs: OrNull(AtMs),
  boundMs: OrNull(AtMs), // shut at the latest by then
  litres: OrNull(Num),
  flowLpm: OrNull(Num),
  why: OrNull(Text), // catalogue key of how it ended or why it was refused
})
export type Cmd = Static<typeof Cmd>

/** "skips if 5 mm by 17:30"; once it was judged the key says what became of it, and `fellMm` how much fell. */
export const SkipCondition = Type.Object({ key: Text, mm: Num, byMs: AtMs, fellMm: OrNull(Num) })

export const NextRun = Type.Object({
  runId: Id,
  atMs: AtMs,
  mm: Num,
  minutes: Num,
  state: Text,
  skipIf: OrNull(SkipCondition),
})

export const FieldCard = Type.Object({
  id: Id,
  farmId: Id,
  farmName: Text,
  name: Text,
  crop: Text,
  stage: OrNull(Text),
  kind: OneOf('upland', 'paddy'),
  areaM2: Num,
  status: FieldStatus,
  verdict: Message,
  // upland: mm of water in the root zone above the wilting point, 0..tawMm. The crop takes freely what lies above
  // tawMm - rawMm, so what is readily left is left.v - (tawMm - rawMm), of rawMm; below 0 the crop is under stress
  left: OrNull(Val),
  rawMm: OrNull(Num),
  tawMm: OrNull(Num),
  level: OrNull(Val), // paddy: mm, 0 = soil surface
  aimMm: OrNull(Type.Tuple([Num, Num])),
  next: OrNull(NextRun),
  whyId: OrNull(Id),
})
export type FieldCard = Static<typeof FieldCard>

export const Alert = Type.Object({
  id: Id,
  cause: Text,
  severity: OneOf('act', 'soon', 'note'),
  params: Params,
  fieldId: OrNull(Id),
  deviceId: OrNull(Id),
  deviceName: OrNull(Text),
  fields: Type.Array(Type.Object({ id: Id, name: Text })), // that it concerns: those a controller or its valve waters
  zoneIds: Type.Array(Id), // of the valves that it names; none: it is of the whole device
  sinceMs: AtMs,
})
export type Alert = Static<typeof Alert>

/** How fast the server's clock runs: 1 on a real farm, more in a demonstration. */
export const ServerClock = Type.Object({ nowMs: AtMs, speed: Num })

export const ForecastBrief = Type.Object({
  source: Text,
  issuedMs: AtMs,
  days: Type.Array(
    Type.Object({
      day: Day,
      tempMinC: Num,
      tempMaxC: Num,
      rainMm: Type.Object({ lo: Num, mid: Num, hi: Num }),
      et0Mm: OrNull(Num),
    }),
  ),
})

export const Today = Type.Object({
  clock: ServerClock,
  asOfMs: AtMs, // of the newest state
  timeZone: Text,
  org: Type.Object({ id: Text, name: Text }),
  counts: Type.Object({ act: Num, soon: Num, ok: Num, wet: Num, unknown: Num }),
  fields: Type.Array(FieldCard), // sorted: act, unknown, soon, wet, ok
  running: Type.Array(Cmd),
  nextRun: OrNull(Type.Object({ fieldId: Id, fieldName: Text, run: NextRun })),
  alerts: Type.Array(Alert),
  forecast: OrNull(ForecastBrief),
})
export type Today = Static<typeof Today>

export const ZoneView = Type.Object({
  id: Id,
  name: Text,
  mode: OneOf('off', 'advise', 'approve', 'auto'),
  valve: OrNull(Text),
  controllerId: OrNull(Id),
  applicationRateMmH: Num,
  efficiency: Num,
  maxMinutes: Num,
  capMinutes: OrNull(Num), // the controller's own limit, as it reports it
  pausedUntilMs: OrNull(AtMs),
  adjustPercent: Num,
  // as the controller reported it; 'unknown' when older than two heartbeats
  position: OneOf('open', 'closed', 'unknown', 'none'),
  reportedAtMs: OrNull(AtMs),
  boundMs: OrNull(AtMs),
})
export type ZoneView = Static<typeof ZoneView>

const Column = Type.Array(OrNull(Num))

/** A limit of the soil, m³/m³: that of its texture, entered for the field, or learned by its probes from so many events. */
export const SoilLimit = Type.Object({
  v: Num,
  sd: Num,
  from: OneOf('texture', 'entered', 'learned'),
  events: Num,
})
export type SoilLimit = Static<typeof SoilLimit>

const RiskLevel = OneOf('low', 'moderate', 'high', 'unknown')

const ModelKind = OneOf(
  ...(['soil-moisture', 'et0', 'pest-flight', 'yield', 'valve-flow', 'application-rate'] as const),
)
const ModelState = OneOf('used', 'stepped-back', 'too-little')
/** What a model is, whether it is used, and why. */
const ModelBrief = Type.Object({
  id: ModelId,
  kind: ModelKind,
  subject: Text,
  deviceId: OrNull(Id),
  depthCm: OrNull(Num),
  state: ModelState,
  reason: Message,
})

const ModelDrift = Type.Object({
  throughDay: Day,
  n: Num,
  rmse: Num,
  expected: Num,
  isDrifting: Type.Boolean(),
})

/** A fit in plain words and figures. GET /api/models and /api/models/:id. */
export const ModelCard = Type.Object({
  id: ModelId,
  kind: ModelKind,
  subject: Text,
  fieldId: OrNull(Id),
  fieldName: OrNull(Text),
  deviceId: OrNull(Id),
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
  replaced: OrNull(ModelDrift), // the fit before this one, where it drifted and was made anew
  limits: Type.Array(Message), // what it must not be asked
})
export type ModelCard = Static<typeof ModelCard>
export const ModelCards = Type.Object({ models: Type.Array(ModelCard) })

/** Everything of one field for one span; at most 300 points a series, cut on the server. */
const SpanWater = Type.Object({ m3: Num, runs: Num, stressDays: Num, drainedMm: Num })
/** What the valve gave beside what Tilth and the habit would have given, by one balance; sentences of section 'compare'. */
export const ComparisonView = Type.Object({
  throughDay: Day,
  timer: Type.Object({ mm: Num, days: Num }),
  waterPricePerM3: OrNull(Num),
  currency: OrNull(Text),
  spans: Type.Array(
    Type.Object({
      key: OneOf('week', 'season'),
      ...{ fromDay: Day, throughDay: Day, days: Num, missingDays: Num },
      given: Type.Intersect([SpanWater, Type.Object({ isMetered: Type.Boolean() })]),
      ...{ tilth: SpanWater, timer: SpanWater },
    }),
  ),
  messages: Type.Array(Message),
})
export type ComparisonView = Static<typeof ComparisonView>

/** GET /api/forecast-skill: a row a farm and source, in it a row for days ahead that are judged together. */
export const ForecastSkillView = Type.Object({
  farmId: Id,
  farmName: Text,
  source: Text,
  throughDay: Day,
  messages: Type.Array(Message), // of section 'forecast'
  leads: Type.Array(
    Type.Object({
      fromLead: Num, // days ahead; 0: issued on the day itself
      toLead: Num,
      days: Num, // of which rain was forecast and measured
      biasMm: OrNull(Num), // said less seen, a day
      maeMm: OrNull(Num),
      ...{ hits: Num, misses: Num, falseAlarms: Num }, // of 5 mm or more
      hitRate: OrNull(Num),
      falseAlarmShare: OrNull(Num),
      brier: OrNull(Num),
      brierUsual: OrNull(Num), // of always saying how often it came
      inRange: OrNull(Num), // 0.8 is what the range promises
      ...{ tempMinMaeC: OrNull(Num), tempMaxMaeC: OrNull(Num), et0MaeMm: OrNull(Num) },
      believed: Type.Object({ lo: Num, mid: Num, hi: Num }), // what the next range is multiplied by
    }),
  ),
})
export type ForecastSkillView = Static<typeof ForecastSkillView>

export const FieldDetail = Type.Object({
  clock: ServerClock,
  timeZone: Text,
  field: FieldCard,
  variety: OrNull(Text),
  plantedDay: OrNull(Day),
  zones: Type.Array(ZoneView),
  running: Type.Array(Cmd),
  fromMs: AtMs,
  toMs: AtMs, // the right end of the charts: what is predicted is included
  // water left (as FieldCard.left) over the span, then ahead: estimated up to and with nowIndex, predicted after it
  // as if neither rain nor irrigation came; null is a gap
  water: OrNull(Type.Object({ atMs: Type.Array(Num), left: Column, lo: Column, hi: Column, nowIndex: Num })),
  levels: OrNull(Type.Object({ fullMm: Num, refillMm: Num, stressMm: Num })), // of water left
  paddy: OrNull(Type.Object({ atMs: Type.Array(Num), levelMm: Column, aimLoMm: Column, aimHiMm: Column })),
  // bars by day; a day that is absent is not known
  rain: Type.Array(Type.Object({ day: Day, atMs: AtMs, mm: Num, countedMm: OrNull(Num) })),
  irrigation: Type.Array(
    Type.Object({
      atMs: AtMs,
      runId: Id,
      plannedMm: OrNull(Num),
      confirmedMm: OrNull(Num),
      meteredMm: OrNull(Num),
      minutes: Num,
      state: Text,
    }),
  ),
  heat: OrNull(
    Type.Object({
      sumCd: Num,
      next: OrNull(Type.Object({ stage: Text, needCd: Num, fromDay: Day, toDay: Day })),
    }),
  ),
  pests: Type.Array(
    Type.Object({
      subject: Text,
      // null: traps count it, nobody sums its heat
      biofixDay: OrNull(Day),
      sumCd: OrNull(Num),
      throughDay: OrNull(Day),
      missingDays: Num,
      next: OrNull(Type.Object({ key: Text, needCd: Num, fromDay: Day, toDay: Day })),
      confirmed: Type.Boolean(), // false: at least one of its figures needs a second source
      source: Text,
      outlook: OrNull(
        Type.Object({
          key: Text,
          fromDay: Day,
          midDay: Day,
          toDay: Day,
          from: OneOf('sum', 'catches', 'both'),
        }),
      ),
      threshold: OrNull(
        Type.Object({ count: Num, perDays: Num, caught: OrNull(Num), isReached: OrNull(Type.Boolean()) }),
      ),
      catches: Type.Array(Type.Object({ day: Day, count: Num })),
    }),
  ),
  diseases: Type.Array(
    Type.Object({
      disease: Text,
      level: RiskLevel,
      value: OrNull(Num),
      unit: Text,
      why: Message, // of an unknown level: what is missing, and since when
      wetness: OneOf('measured', 'estimated', 'none'),
      throughDay: Day,
      days: Type.Array(Type.Object({ day: Day, level: RiskLevel })), // the last fortnight
      confirmed: Type.Boolean(),
      source: Text,
    }),
  ),
  // limits of the root zone that the water curve stands on
  soil: OrNull(Type.Object({ fieldCapacity: SoilLimit, wiltingPoint: SoilLimit })),
  // the season's shortage of water so far and the share of the full yield it leaves, if it went on so (FAO-56 Eq. 90)
  comparison: OrNull(ComparisonView),
  waterYield: OrNull(
    Type.Object({ ky: Num, etaMm: Num, etcMm: Num, share: Num, missingDays: Num }), // share: 0-1
  ),
  models: Type.Array(ModelBrief),
  sensors: Type.Array(
    Type.Object({
      // what its model, or what it stepped back to, says of the days ahead
      ahead: OrNull(
        Type.Object({
          atMs: Type.Array(Num),
          mid: Type.Array(Num),
          lo: Type.Array(Num),
          hi: Type.Array(Num),
          method: Type.Array(OneOf('model', 'physics', 'persistence')), // of each instant: who was best so far ahead
          modelId: OrNull(ModelId),
        }),
      ),
      quantity: Text,
      unit: Text,
      depthCm: OrNull(Num),
      device: Text,
      latest: Val,
      suspect: Type.Boolean(), // quality control doubts the latest: the balance leaves it out
      atMs: Type.Array(Num),
      mean: Column,
    }),
  ),
  // true: the series store does not answer, and what rests on it (sensors, paddy, catches) is unknown, not none
  seriesAway: Type.Optional(Type.Boolean()),
  // what the figures of the span rest on: each kind of note as it was last said, and on how many days it was
  notes: Type.Array(Type.Object({ message: Message, days: Num, lastDay: Day })),
  log: Type.Array(Type.Object({ atMs: AtMs, message: Message })), // newest first; the keys are in services/api/keys.ts
})
export type FieldDetail = Static<typeof FieldDetail>

/** GET /api/fields/:id/series: one quantity as columns, at most 300 points each; null is a gap. */
export const SeriesColumns = Type.Object({
  series: Type.Array(
    Type.Object({ device: Text, depthCm: OrNull(Num), atMs: Type.Array(Num), value: Column }),
  ),
})

// the dashboard reads this file alone
export type { PestControlView, TreatmentView } from './pest-schemas.ts'

export const WhyView = Type.Object({
  id: Id,
  fieldId: Id,
  fieldName: Text,
  timeZone: Text,
  atMs: AtMs,
  verdict: Message,
  after: OrNull(Message), // what became of its condition: a key of 'skip'
  terms: Type.Array(
    Type.Object({
      key: Text,
      mm: OrNull(Num),
      lo: Type.Optional(Num),
      hi: Type.Optional(Num),
      params: Type.Optional(Params),
    }),
  ),
  inputs: Type.Array(
    Type.Object({
      key: Text,
      value: OrNull(Num),
      unit: Text,
      atMs: OrNull(AtMs),
      depthCm: Type.Optional(Num),
      device: Type.Optional(Text),
      kind: OneOf('measured', 'estimated', 'predicted', 'entered'),
      fresh: Fresh,
      method: Type.Optional(Text),
    }),
  ),
  flips: OrNull(Message),
  history: Type.Array(Type.Object({ id: Id, atMs: AtMs, verdict: Message })), // earlier decisions, newest first
})
export type WhyView = Static<typeof WhyView>

export const PlanView = Type.Object({
  clock: ServerClock,
  timeZone: Text,
  day: Day,
  pumps: Type.Array(
    Type.Object({ id: Id, name: Text, capacityLpm: Num, dailyM3: OrNull(Num), plannedM3: Num, usedM3: Num }),
  ),
  runs: Type.Array(
    Type.Object({
      id: Id,
      fieldId: Id,
      fieldName: Text,
      zoneId: Id,
      zoneName: Text,
      atMs: AtMs,
      minutes: Num,
      netMm: Num,
      grossMm: Num,
      state: Text,
      cause: OneOf('balance', 'paddy', 'manual'),
      skipIf: OrNull(SkipCondition),
      endedWhy: OrNull(Text),
      // how long it was open in all, and how much flowed; null: it has not ended, or nobody knows
      ranMinutes: OrNull(Num),
      isRanBound: Type.Boolean(), // at most so long
      litres: OrNull(Num),
      volumeSource: OrNull(OneOf('metered', 'rate', 'unknown')),
      restMinutes: OrNull(Num), // of a run that was cut short: offered to a person, and opened by nobody else
      meteredLitres: OrNull(Num),
      whyId: OrNull(Id),
    }),
  ),
})
export type PlanView = Static<typeof PlanView>

/** What a phone asks for. `idem` is its own key: the same key twice is one request. */
export const StartRequest = Form({
  idem: Idem,
  zoneId: Id,
  minutes: Type.Number({ minimum: 1, maximum: 1440 }),
})

export const StopRequest = Form({
  idem: Idem,
  zoneId: Type.Optional(Id), // absent: every valve of the organisation
})

export const RequestAnswer = Type.Object({
  id: Id,
  state: OneOf('new', 'accepted', 'refused'),
  reason: OrNull(Text),
  cmd: OrNull(Cmd),
})
export type RequestAnswer = Static<typeof RequestAnswer>

export const DeviceView = Type.Object({
  id: Id,
  name: Text,
  kind: OneOf('probe', 'station', 'trap', 'gauge', 'controller'),
  fieldId: OrNull(Id),
  fieldName: OrNull(Text),
  lastHeardMs: OrNull(AtMs),
  everyS: Num,
  fresh: OneOf('ok', 'late', 'lost', 'never'),
  batteryV: OrNull(Num),
  batteryLow: Type.Boolean(), // an alert of it stands
  revoked: Type.Boolean(),
  claimableUntilMs: OrNull(AtMs), // a claim code waits for it until then
})
export type DeviceView = Static<typeof DeviceView>

/** Shown once: a device's credentials. */
export const DeviceCredentials = Type.Object({
  id: Id,
  org: Text,
  secret: Text,
  commandKey: OrNull(Text),
})
export type DeviceCredentials = Static<typeof DeviceCredentials>

export const Me = Type.Object({
  user: Type.Object({ id: Id, name: Text, email: Text }),
  org: Type.Object({ id: Text, name: Text }),
  role: OneOf('viewer', 'operator', 'agronomist', 'admin'),
  can: Type.Object({
    openValve: Type.Boolean(),
    stop: Type.Boolean(),
    approve: Type.Boolean(),
    admin: Type.Boolean(),
  }),
  demo: Type.Boolean(),
})
export type Me = Static<typeof Me>

/** What a person may change of a zone. `pause`: hours from now, an instant, or null to go on. */
export const ZonePatch = Form(
  {
    mode: Type.Optional(OneOf('off', 'advise', 'approve', 'auto')),
    adjustPercent: Type.Optional(Type.Number({ minimum: -50, maximum: 50 })),
    pause: Type.Optional(
      OrNull(
        Type.Union([
          Form({ hours: Type.Number({ exclusiveMinimum: 0, maximum: 24 * 366 }) }),
          Form({ untilMs: Until }),
        ]),
      ),
    ),
    window: Type.Optional(Form({ fromMin: MinuteOfDay, toMin: MinuteOfDay })),
    schedule: Type.Optional(OrNull(ZoneScheduleForm)),
    madFraction: Type.Optional(OrNull(Type.Number({ exclusiveMinimum: 0, maximum: 1 }))),
    maxMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
    dailyMaxLitres: Type.Optional(OrNull(Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }))),
    controllerId: Type.Optional(OrNull(Id)),
    valve: Type.Optional(OrNull(ValveName)),
    pumpId: Type.Optional(OrNull(Id)),
  },
  { minProperties: 1 },
)
export type ZonePatch = Static<typeof ZonePatch>

/** POST /api/runs/:id/approve and /skip; without `idem` each call is a request of its own. */
export const RunRequest = Form({ idem: Type.Optional(Idem) })
/** `alertId`: what the person has seen and put right; nothing else is cleared with it. */
export const ClearRequest = Form({ idem: Type.Optional(Idem), alertId: Type.Optional(Id) })

/** GET /api/farms: the organisation as it is set up, for the forms of Settings. */
export const Holding = Type.Object({
  farms: Type.Array(
    Type.Object({
      id: Id,
      name: Text,
      memberCode: OrNull(Text),
      timeZone: Text,
      latDeg: Num,
      lonDeg: Num,
      elevationM: Num,
    }),
  ),
  fields: Type.Array(
    Type.Object({
      id: Id,
      farmId: Id,
      name: Text,
      kind: OneOf('upland', 'paddy'),
      areaM2: Num,
      soilTexture: Text,
    }),
  ),
  seasons: Type.Array(
    Type.Object({
      id: Id,
      fieldId: Id,
      year: Num,
      crop: Text,
      variety: OrNull(Text),
      plantedDay: Day,
      harvestedDay: OrNull(Day),
      yieldKg: OrNull(Num),
      yieldBasis: OrNull(Text),
    }),
  ),
  zones: Type.Array(
    Type.Object({ id: Id, fieldId: Id, name: Text, valve: OrNull(Text), controllerId: OrNull(Id) }),
  ),
  pumps: Type.Array(
    Type.Object({
      id: Id,
      farmId: Id,
      name: Text,
      capacityLpm: Num,
      dailyM3: OrNull(Num),
      maxOpenValves: Num,
    }),
  ),
})
export type Holding = Static<typeof Holding>

/** Data of one message of GET /api/events; the message's event name is `event`. */
export const EventData = Type.Object({
  event: OneOf('reading', 'cmd', 'plan', 'alert', 'device', 'field'),
  atMs: AtMs,
  fields: Type.Optional(Type.Array(Id)),
  id: Type.Optional(Text),
})

/** Every error the API answers. `error` is a code of services/errors.ts. */
export const ApiError = Type.Object({ error: Text, message: Text })
