/**
 * The rows of the state store. Portable column types only: text, integer (ms), double, JSON as text; booleans are
 * 0 or 1. The migrations in adapters/sqlite/migrations.ts make exactly these tables. In SQL the names are snake_case.
 *
 * `org` is the organisation's name in topics (better-auth's organization.slug). Farms never share a row.
 */
import type { AtMs, Day } from '../broker/contract/time.ts'
import type { OwnBands } from './agronomy/paddy-depths.ts'
import type { LossTrend } from './agronomy/paddy-loss.ts'
import type { PaddySeason } from './agronomy/paddy-season.ts'
import type { PaddyStage } from './agronomy/paddy-stages.ts'

/** JSON kept as text; `T` says what is inside. */
export type Json<T> = string & { readonly __json?: T }
export const toJson = <T>(value: T): Json<T> => JSON.stringify(value) as Json<T>
export const fromJson = <T>(text: Json<T>): T => JSON.parse(text) as T

export interface FarmRow {
  id: string
  org: string
  name: string
  memberCode: string | null
  timeZone: string
  latDeg: number
  lonDeg: number
  elevationM: number
  createdAtMs: AtMs
}

/** One crop, one soil, one season. */
export interface FieldRow {
  id: string
  org: string
  farmId: string
  name: string
  kind: 'upland' | 'paddy'
  areaM2: number
  soilTexture: string // a texture of FAO-56 Table 19, 'loam' and so on
  fieldCapacity: number // m3/m3
  wiltingPoint: number // m3/m3
  saturation: number // m3/m3
  stationId: string | null // the weather station this field follows; null: the nearest of its farm, then of its org
  geojson: Json<unknown> | null
}

export interface SeasonRow {
  id: string
  org: string
  fieldId: string
  year: number // crop year
  crop: string // a crop of services/agronomy/crops.ts
  variety: string | null
  plantedDay: Day // sowing, transplanting or bud break
  harvestPlannedDay: Day | null // as the grower means it; null: unknown
  harvestedDay: Day | null
  yieldKg: number | null
  yieldBasis: string | null // 'brown rice, 15 % moisture'
}

/** What is counted towards an insect or a stage: a heat sum from a biofix. */
export interface HeatWatchRow {
  fieldId: string
  subject: string // a pest of agronomy/pests.ts
  org: string
  biofixDay: Day
  sumCd: number // °C·d up to and including `throughDay`
  throughDay: Day | null
  missingDays: number
  nextEvent: Json<{ key: string; needCd: number; fromDay: Day; toDay: Day }> | null
  outlook: Json<PestOutlook> | null
}
/** What comes next of an insect, and whether its catches ask for action. */
export interface PestOutlook {
  next: PestDates | null // null: nothing can be dated
  threshold: { count: number; perDays: number; caught: number | null; isReached: boolean | null } | null // null: unknown
  paramsVersion: string // of the pest's row
}
/** The date of an event by its heat sum, its catches or both. */
export interface PestDates {
  key: string // the event, or 'flight-half' where catches speak of the flight itself
  fromDay: Day
  midDay: Day
  toDay: Day // 80 % interval
  from: 'sum' | 'catches' | 'both'
}

export type ZoneMode = 'off' | 'advise' | 'approve' | 'auto'

/** What one valve wets. */
export interface ZoneRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  name: string
  areaM2: number
  method: 'sprinkler' | 'drip' | 'flood' | 'outlet' // outlet: what flows through its valve leaves the field
  applicationRateMmH: number // gross depth an hour
  efficiency: number // 0-1, net = gross * efficiency
  wettedFraction: number // 0-1
  mode: ZoneMode
  madFraction: number | null // of TAW; null: the crop's own p
  maxDepthMm: number // gross, one run
  minMinutes: number
  maxMinutes: number
  windowFromMin: number // minutes after local midnight
  windowToMin: number // may be smaller than windowFromMin: the window then passes midnight
  controllerId: string | null
  valve: string | null
  pumpId: string | null
  adjustPercent: number // a person's correction of every depth, -50 to +50
  pausedUntilMs: AtMs | null
  dailyMaxLitres: number | null
  schedule?: Json<ZoneSchedule> | null | undefined
}

/** Wall-clock hours of a day, minutes after local midnight; `toMin` at or before `fromMin`: on the next day. */
export interface DayHours {
  fromMin: number
  toMin: number
}
/** When the valve of a zone may be open beside its window. What is absent limits nothing. */
export interface ZoneSchedule {
  windows?: DayHours[] // further windows of each day
  turns?: (DayHours & { fromDay: Day; everyDays: number })[] // the water is this field's in these hours alone
  personHours?: DayHours[] // a person opens or watches it
  windMostMps?: number // sprinklers: no run in an hour whose forecast is over it, at 2 m
  frostBelowC?: number // sprinklers: nor in an hour that is forecast colder
  cycle?: { mostMinutes: number; soakMinutes: number } // a dose in parts, with a pause that lets it soak in
  dosing?: { unit: string; order: number | null; leadMinutes: number; flushMinutes: number } // null: takes none of it
}
/** What a pump or pipe is beside its capacity. */
export interface PumpSchedule {
  feedsFrom?: string // the pump or main that this one hangs on
  changeoverMinutes?: number // between runs that cannot flow together; absent: 2
  tariff?: (DayHours & { perM3: number })[] // other hours cost nothing
  season?: { m3: number; fromDay: Day } // what the source may give from that day on
}

/** Shared water: what a pump or a turn-out can give. */
export interface PumpRow {
  id: string
  org: string
  farmId: string
  name: string
  capacityLpm: number
  dailyM3: number | null
  maxOpenValves: number
  schedule?: Json<PumpSchedule> | null | undefined
}

export type DeviceKindName = 'probe' | 'station' | 'trap' | 'gauge' | 'controller'

export interface DeviceRow {
  id: string
  org: string
  farmId: string | null
  fieldId: string | null
  kind: DeviceKindName
  name: string
  secretHash: string // HMAC-SHA-256 with the server's pepper, hex
  previousSecretHash: string | null // still valid while a secret is being changed
  commandKey: string | null // hex, controllers only
  windHeightM: number | null
  everyS: number // how often it is expected to speak
  counterModulus: Json<Record<string, number>> | null // by quantity: where its counters roll over
  calibration: Json<Record<string, Calibration>> | null // by quantity and depth, 'soil.raw@30', or by quantity
  createdAtMs: AtMs
  revokedAtMs: AtMs | null
  lastHeardMs: AtMs | null
  batteryV: number | null
  batteryLowV: number | null // below it the battery wants changing; null: as usual for its voltage
}

/** The one code with which a device gets its credentials. A new code takes the place of the one before. */
export interface ClaimRow {
  deviceId: string
  org: string
  codeHash: string // HMAC-SHA-256 with the server's pepper, hex
  expiresMs: AtMs
  usedMs: AtMs | null
  nonceHash: string | null // of the device's own text: with it the same device may ask again after a lost answer
}

/** How a raw reading becomes soil moisture; `temp`: what a degree adds to it, m³/m³, to be taken away. */
export type Calibration = { temp?: { perC: number; refC: number } } & (
  | { kind: 'topp' | 'hydra' } // from permittivity
  | { kind: '10hs' | 'ec5' } // from mV, from counts; unconfirmed
  | { kind: 'two-point'; rawDry: number; rawWet: number; vwcDry: number; vwcWet: number } // m³/m³
)

/** What a controller last reported of one valve. */
export interface ValveStateRow {
  deviceId: string
  valve: string
  org: string
  pos: 'open' | 'closed'
  feedback: 'open' | 'closed' | null
  seq: number
  ranMs: number
  litres: number | null
  why: string
  sess: string
  reportedAtMs: AtMs
  heartbeatAtMs: AtMs | null
  boundMs: AtMs | null // closed at the latest by then, whatever happens
  capMs: number | null // the longest opening that the controller allows
  isTimed: 0 | 1 | null // 1: it sleeps, and is not expected to be heard every few seconds; null: not known
}

/** What is known of a valve's numbers beside its orders. */
export interface ValveMarkRow {
  deviceId: string
  valve: string
  org: string
  usedSeq: number // used up at the device though no order stands here: an older backup was restored, or another server
  forgivenSeq: number // failures up to this number count no more: a person has looked
}

/** One civil day of one field: the measured balance. It is never written from a forecast. */
export interface FieldDayRow {
  fieldId: string
  day: Day
  org: string
  et0Mm: number | null
  et0Method: string // 'fao56-pm', 'hargreaves', 'climatology' ...
  et0SdMm: number | null // what the method may be off by, one standard deviation
  tempMinC: number | null
  tempMaxC: number | null
  kc: number | null
  ks: number | null
  etcMm: number | null
  etaMm: number | null
  rainMm: number | null
  irrigationMm: number // net, from metered water
  irrigationSource: 'metered' | 'rate' | 'none' | 'unknown'
  deepPercolationMm: number | null
  depletionMm: number | null // at the end of the day
  depletionSdMm: number | null
  tawMm: number | null
  rawMm: number | null
  rootDepthM: number | null
  probeDepletionMm: number | null // what the probe alone says
  levelMm: number | null // paddy, at the end of the day
  heatSumCd: number | null // of the crop, since planting
  stage: string | null
  // the evaporating layer of the dual crop coefficient; null where the single one was used
  kcb: number | null
  ke: number | null
  evaporationMm: number | null // of etaMm, from bare soil
  surfaceDepletionMm: number | null // De, at the end of the day
  wettedFraction: number | null // fw of the last wetting, 0-1
  runoffMm: number | null
  capillaryMm: number | null
  // limits of the soil that the day was worked out with, m3/m3
  fieldCapacity: number | null
  wiltingPoint: number | null
  // lasting error of the field's probes against the balance, m3/m3, above 0: they read too wet
  probeBias: number | null
  probeBiasSd: number | null
  probeBiasShared: number | null // its covariance with the depletion, mm · m3/m3
  notes: Json<{ key: string; params: Record<string, string | number> }[]>
  paddy?: Json<PaddyDay> | null | undefined // null: no paddy, or no season
}
/** What a day has shown of a paddy beside its level. */
export interface PaddyDay extends PaddySeason {
  nightLossMmD: number | null // what sank and leaked; null: no quiet night with standing water
  inletMmH: number | null // shown by a run of the day
  outletMmH: number | null
}

/** How a field is now: the last midnight, brought forward by what was measured since. */
export interface FieldStateRow {
  fieldId: string
  org: string
  atMs: AtMs
  crop: string
  stage: string | null
  depletionMm: number | null
  depletionSdMm: number | null
  tawMm: number | null
  rawMm: number | null
  rootDepthM: number | null
  kc: number | null // of the days ahead if no water comes: a wet surface fades
  etcTodayMm: number | null // so far
  etcWholeDayMm: number | null // what today is expected to use
  rainTodayMm: number | null
  irrigationTodayMm: number
  levelMm: number | null
  levelAtMs: AtMs | null
  heatSumCd: number | null
  heatNext: Json<{ stage: string; needCd: number; fromDay: Day; toDay: Day }> | null
  freshness: 'ok' | 'late' | 'lost' | 'none' // of the worst input the status rests on
  inputs: Json<StateInput[]>
  soil: Json<SoilUsed> | null
  paddy?: Json<PaddyNow> | null | undefined
}
/** A paddy's season up to today, and what its last days have shown. */
export interface PaddyNow extends PaddySeason {
  loss: LossTrend | null
  inletMmH: number | null
  outletMmH: number | null
  recent: { minC: number | null; meanC: number | null }[] // of the last two days
  levelDay: Day | null // when a gauge or a person last told the level; the level of today is worked out from then
}
/** The limits of the soil that the balance used, and where they came from. m³/m³. */
export interface SoilUsed {
  fieldCapacity: SoilLimit
  wiltingPoint: SoilLimit
}
export interface SoilLimit {
  v: number
  sd: number
  from: 'field' | 'learned' // the field's own row (texture or entered); learned by its probes
  events: number // learned from so many
}
export interface StateInput {
  key: string // 'soil.moisture', 'rain', 'weather', 'soil'
  value: number | null
  unit: string
  atMs: AtMs | null
  depthCm?: number
  device?: string
  kind: 'measured' | 'estimated' | 'predicted' | 'entered'
  fresh: 'ok' | 'late' | 'lost'
  method?: string
}

export type FieldStatus = 'act' | 'soon' | 'ok' | 'wet' | 'unknown'

/** What Tilth says of a field at this moment; written by plan. */
export interface AdviceRow {
  fieldId: string
  org: string
  atMs: AtMs
  status: FieldStatus
  key: string // catalogue key of the one-line verdict
  params: Json<Record<string, string | number | null>>
  whyId: string
  nextRunId: string | null
}

/** The reasons of one decision, stored with it and never computed again for display. */
export interface Why {
  key: string // the verdict: 'irrigate', 'wait', 'rain-coming', 'paddy-fill', 'paddy-hold', 'cannot-judge' ...
  params: Record<string, string | number | null>
  terms: WhyTerm[] // six at the most, in the order they are added up
  inputs: StateInput[]
  flips: { key: string; params: Record<string, string | number | null> } | null // what would change the decision
  planVersion: string
}
export interface WhyTerm {
  key: string
  mm: number | null
  lo?: number
  hi?: number
  params?: Record<string, string | number | null>
}
export interface WhyRow {
  id: string
  org: string
  fieldId: string
  atMs: AtMs
  body: Json<Why>
}

export type RunState =
  | 'proposed' // waits for a person
  | 'approved' // dispatch opens it at its time
  | 'sent'
  | 'running'
  | 'done'
  | 'skipped' // by a stated condition, or its window was missed
  | 'failed'
  | 'cancelled' // by a person, or by a newer plan

/** A run is skipped when at least `mm` of rain are measured by `byMs`, counted from `baseMm` of `sinceDay`'s rain on. */
export interface SkipIf {
  key: string
  mm: number
  byMs: AtMs
  sinceDay?: Day
  baseMm?: number
  /** what had fallen when it was judged, and when that was: by the time of the run, or when it was reached */
  fellMm?: number
  judgedMs?: AtMs
}

/** One intended run of one zone. */
export interface RunRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  zoneId: string
  day: Day
  startMs: AtMs
  minutes: number
  netMm: number
  grossMm: number
  litres: number | null // dose, if the controller has a meter
  state: RunState
  cause: 'balance' | 'paddy' | 'manual'
  skipIf: Json<SkipIf> | null
  whyId: string | null
  planVersion: string
  actor: string // 'plan' or a user id
  approvedBy: string | null
  endedWhy: string | null
  updatedAtMs: AtMs
  doseId?: string | null | undefined // the first run of a dose that is given in parts; each part is a run of its own
}

/** What a person asks for; dispatch and plan carry it out under the same interlocks as the plan's own runs. */
export interface RequestRow {
  id: string // the phone's idempotency key
  org: string
  kind: 'start' | 'stop' | 'stop-all' | 'approve' | 'skip-run' | 'clear-fault' | 'unlock'
  zoneId: string | null
  runId: string | null
  deviceId: string | null // clear-fault: the controller
  alertId: string | null // clear-fault: what is cleared; null: whatever the controller is held for
  minutes: number | null
  actor: string
  atMs: AtMs
  state: 'new' | 'accepted' | 'refused'
  reason: string | null // catalogue key when refused
  resultId: string | null // the run or command that came of it
}

/** One order to one valve, and its whole life. */
export interface CommandRow {
  id: string
  org: string
  deviceId: string
  valve: string
  seq: number
  op: 'open' | 'close'
  ofSeq: number | null
  runId: string | null
  requestId: string | null
  durMs: number | null
  litres: number | null
  state: string // of command-life.ts
  life: Json<unknown> // of command-life.ts, whole
  outcome: string | null // why it ended
  actor: string // 'plan:<version>', a user id, or 'fence'
  reason: string
  notAfterMs: AtMs
  createdAtMs: AtMs
  sentAtMs: AtMs | null
  confirmedAtMs: AtMs | null
  endedAtMs: AtMs | null
  ranMs: number | null
  ranLitres: number | null
}

/** One run as commanded, confirmed and metered. */
export interface IrrigationRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  zoneId: string
  runId: string
  commandId: string
  cause: string
  whyId: string | null
  actor: string
  commandedAtMs: AtMs
  commandedMinutes: number
  openedAtMs: AtMs | null
  closedAtMs: AtMs | null
  ranMs: number
  litres: number | null
  volumeSource: 'metered' | 'rate' | 'unknown'
  grossMm: number | null
  netMm: number | null
  endedWhy: string
  failure: string | null
}

export interface AlertRow {
  id: string
  org: string
  cause: string // catalogue key
  severity: 'act' | 'soon' | 'note'
  fieldId: string | null
  deviceId: string | null
  params: Json<Record<string, string | number | null>>
  sinceMs: AtMs
  clearedMs: AtMs | null
}

export interface AuditRow {
  id: string
  org: string
  atMs: AtMs
  actor: string
  action: string
  subject: string
  detail: Json<unknown>
  n: number // place in its organisation's chain, from 1
  hash: string // over this line and the hash before it (services/audit.ts)
}

/** What one probe at one depth has taught of its soil: from peaks after wetting and from dry-downs. m³/m³. */
export interface SoilLearnedRow {
  deviceId: string
  depthCm: number
  org: string
  fieldId: string
  fieldCapacity: number | null
  fieldCapacitySd: number | null
  peaks: number // events seen; a value needs three
  wiltingPoint: number | null
  wiltingPointSd: number | null
  dryDowns: number
  bias: number | null // of the sensor against the balance, to subtract
  biasSd: number | null
  throughDay: Day
  version: string
  atMs: AtMs
}

export type ModelKind = 'soil-moisture' | 'et0' | 'pest-flight' | 'yield' | 'valve-flow' | 'application-rate'

/** One fit, kept for good: what it was made of, how good it was on held-out time, and whether it is used. */
export interface ModelRow {
  org: string
  kind: ModelKind
  subject: string // device@depth, farm, field and pest, valve ...: one line of the card says which
  version: number // 1, 2, ... of this subject
  fieldId: string | null
  deviceId: string | null
  fittedAtMs: AtMs
  fromDay: Day
  throughDay: Day
  state: 'used' | 'stepped-back' | 'too-little'
  reason: Json<{ key: string; params: Record<string, string | number | null> }>
  rows: number // that it was fitted on
  terms: Json<ModelTerm[]>
  skill: Json<ModelSkill[]>
  drift: Json<ModelDrift> | null // watched nightly since the fit
}
export interface ModelTerm {
  key: string // catalogue key of the feature
  unit: string
  coefficient: number // per unit, after the scaling is undone
  sd: number | null
}
/** Error on held-out time beside what it must beat; skill = 1 - rmse / the best of the others. */
export interface ModelSkill {
  key: string // 'days-1' ... 'days-7', 'flight-half', 'leave-one-year-out' ...
  unit: string
  n: number // held-out cases
  rmse: number
  persistence: number | null // RMSE of it
  physics: number | null
  skill: number
}
export interface ModelDrift {
  throughDay: Day
  n: number // forecasts since the fit; all that was said at one time is one
  rmse: number // of them
  expected: number // at the fit
  isDrifting: boolean
}

/** What a model (or what it stepped back to) says of an instant ahead. 80 % interval. */
export interface PredictionRow {
  org: string
  kind: ModelKind
  subject: string
  atMs: AtMs // for then
  issuedMs: AtMs
  value: number
  lo: number
  hi: number
  method: 'model' | 'physics' | 'persistence'
  modelVersion: number | null
}

/** The risk of one disease on one field on one civil day. 'unknown' says what is missing; never "no risk" instead. */
export interface DiseaseDayRow {
  fieldId: string
  disease: string // of agronomy/disease/diseases.ts
  day: Day
  org: string
  level: 'low' | 'moderate' | 'high' | 'unknown'
  value: number | null // of the model, in its own unit
  unit: string
  why: Json<{ key: string; params: Record<string, string | number | null> }>
  wetness: 'measured' | 'estimated' | 'none'
  paramsVersion: string
}

/** A plant-protection product as its label has it. Null is unknown, and stays unknown in every check. */
export interface ProductRow {
  id: string
  org: string
  country: string // ISO 3166, two letters: an authorisation holds in one country
  registrationNumber: string
  name: string
  kind: 'insecticide' | 'fungicide' | 'herbicide' | 'other'
  ingredients: Json<Ingredient[]> // none: unknown
  authorisedUntil: Day | null // the last day
  reiHours: number | null // nobody enters before
  rainFastHours: number | null // without rain or sprinklers after spraying
  beeHazard: 0 | 1 | null // must not meet foraging bees
  limits: Json<LabelLimits> | null // of the weather, where the label names them
  isDemo: 0 | 1 // fictitious
  importedBy: string
  importedAtMs: AtMs
  retiredAtMs: AtMs | null // offered no longer; what was sprayed keeps its own copy
}
export interface Ingredient {
  name: string
  group: string | null // of resistance: 'IRAC 28', 'FRAC 11', 'HRAC 9'; null: unknown
}
/** Weather that a label asks for. Wind at 2 m. */
export interface LabelLimits {
  windMinMps?: number
  windMaxMps?: number
  tempMinC?: number
  tempMaxC?: number
  deltaTMaxC?: number
}

/** One crop and one pest on the label of a product. */
export interface ProductUseRow {
  id: string
  org: string
  productId: string
  crop: string // of crops.ts, or as the label names it
  target: string // a pest or a disease, or as the label names it
  doseLo: number | null
  doseHi: number | null
  doseUnit: string | null // of plan/pest/dose.ts: 'mL/10a', 'kg/ha' ...
  dilutionLo: number | null // times; the lower one is the stronger spray
  dilutionHi: number | null
  volumeLoL10a: number | null // of spray
  volumeHiL10a: number | null
  maxPerSeason: number | null // of the product
  maxPerIngredient: Json<Record<string, number>> | null // by name of the ingredient
  phiDays: number | null // from treatment to harvest
  intervalDays: number | null // between two treatments
  bufferM: number | null // to water
}

export type TreatmentState =
  | 'planned' // drafted, not agreed to
  | 'confirmed' // a person will spray
  | 'done' // sprayed; the record is a draft
  | 'recorded' // the record is confirmed and never changes
  | 'void'

/** One treatment of one field: a task that a person confirms, and the record that comes of it. */
export interface TreatmentRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  seasonId: string
  target: string
  productId: string
  state: TreatmentState
  fromMs: AtMs // as planned; as sprayed, once it is done
  toMs: AtMs
  plan: Json<TreatmentPlan>
  record: Json<SprayRecord> | null
  createdBy: string
  createdAtMs: AtMs
  confirmedBy: string | null
  confirmedAtMs: AtMs | null
  recordedBy: string | null
  recordedAtMs: AtMs | null
  voidedBy: string | null
  voidedAtMs: AtMs | null
  voidReason: string | null
}

export type Vote = 'allowed' | 'guarded' | 'forbidden' | 'unknown'
/** What one rule says of a treatment: `key` of plan/pest/keys.ts. */
export interface TreatmentCheck {
  key: string
  vote: Vote
  params: Record<string, string | number | null>
}
/** What is sprayed, by area and in all. One of dilution and volume is null where the product is spread undiluted. */
export interface Dose {
  amount: number
  unit: string // of plan/pest/dose.ts
  dilution: number | null
  volumeL10a: number | null
  areaM2: number
  totalProduct: number // in the unit without its area
  totalSprayL: number | null
}
/** Why, when and with what; the product as its label stood when the task was made. */
export interface TreatmentPlan {
  product: LabelCopy
  dose: Dose
  operator: string
  flowering: boolean | null
  proposal: { action: string; key: string; params: Record<string, string | number | null> } | null
  checks: TreatmentCheck[]
  accepted: string[] // checks that a person answers for: they were guarded or unknown
  rules: string // version
}
export interface LabelCopy {
  id: string
  name: string
  country: string
  registrationNumber: string
  ingredients: Ingredient[]
  reiHours: number | null
  rainFastHours: number | null
  phiDays: number | null
  isDemo: boolean
}

/**
 * A record of plant protection: the fields of EU 2023/564, US 7 CFR 110, JGAP C5.3.4 and GLOBALG.A.P. together. Null is
 * not known, never not applicable.
 */
export interface SprayRecord {
  product: LabelCopy
  crop: string
  variety: string | null
  cropEppo: string | null
  bbch: number | null
  target: string
  field: { id: string; name: string; areaM2: number; latDeg: number; lonDeg: number }
  dose: Dose
  startMs: AtMs
  endMs: AtMs
  method: string | null // foliar, granules by hand ...
  equipment: string | null // which sprayer
  operator: string
  operatorCertificate: string | null
  justification: string | null
  lot: string | null // of the stock
  weather: SprayWeather | null
  phiDays: number | null
  earliestHarvestDay: Day | null // null: unknown
  reiHours: number | null
  reentryMs: AtMs | null // null: unknown
  rules: string // version that worked these out
}
/** At the start, by the farm's station. */
export interface SprayWeather {
  device: string
  atMs: AtMs
  tempC: number | null
  humidityPct: number | null
  windMps: number | null // at 2 m
  windDirDeg: number | null
  deltaTC: number | null
  flag: number // of the worst reading
}

/** What a person has said of a paddy. A day that lies before the season's transplanting is of another season. */
export interface PaddyRow {
  fieldId: string
  org: string
  bundMm: number // top of the bund above the soil
  freeboardMm: number // kept free below it, whatever comes
  outlet: 'board' | 'gate' | 'none' // gate: a zone of method 'outlet' drives it
  boardMm: number | null // where the outlet's board stands above the soil; null: nobody has said
  bands: Json<OwnBands> | null
  headingCd: number | null // heat from transplanting to heading; null: a usual variety
  stageSaid: PaddyStage | null
  stageSaidDay: Day | null // on which it began
  dryDays: number | null // wanted of mid-season drainage; null: as usual
  baselineDays: number | null // mean length of the last years' drainage; null: no credit is claimed
  tillersDay: Day | null // the tillers aimed at were counted
  crackedDay: Day | null // small cracks were seen
  herbicideDay: Day | null
  holdDays: number // of its label: nothing flows out
  seenLevelMm: number | null // by a person
  seenLevelMs: AtMs | null
  storm: 'off' | 'ask' | 'auto' // makes room for a storm: never, after a person's yes, by itself
  mayCoolAtNight: 0 | 1 // there is water to spare for hot nights
  flushUntilMs: AtMs | null // running water is asked for: inlet and outlet may both stand open until then
}

/** Work that only a person can do. One of a kind stands open for a field at a time. */
export interface TaskRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  kind: string // a key of plan's `taskKeys`
  params: Json<Record<string, string | number | null>>
  state: 'open' | 'done' | 'dropped'
  whyId: string | null
  dueMs: AtMs | null
  createdAtMs: AtMs
  endedAtMs: AtMs | null
  endedBy: string | null // 'plan' or a user id
}

/** What a source said of a day, as it stood on the morning `lead` days before; kept to see how good it was. */
export interface ForecastDayRow {
  org: string
  farmId: string
  source: string
  day: Day
  lead: number // days ahead; 0: issued on the day itself
  issuedMs: AtMs
  tempMinC: number
  tempMaxC: number
  rainLoMm: number
  rainMidMm: number
  rainHiMm: number
  rainChance: number | null // 0-1
  et0Mm: number | null
}

/** How good a source has been at one farm, against its own gauge and thermometer. */
export interface ForecastSkillRow {
  farmId: string
  source: string
  org: string
  throughDay: Day
  atMs: AtMs
  leads: Json<LeadSkill[]>
}
/** Of some days ahead that are judged together. */
export interface LeadSkill {
  fromLead: number
  toLead: number
  rain: ForecastMiss & {
    // of days with 5 mm or more, said as more likely than not
    hits: number
    misses: number
    falseAlarms: number
    brier: number | null // of the chance of 5 mm; 0 is perfect
    brierUsual: number | null // of always saying how often it came
    inRange: number | null // share of days within lo..hi; 0.8 is what lo and hi promise
  }
  tempMinC: ForecastMiss
  tempMaxC: ForecastMiss
  et0Mm: ForecastMiss
  trust: ForecastTrust
}
/** One number of many days; null with none. */
export interface ForecastMiss {
  days: number
  bias: number | null // mean of said - seen
  mae: number | null
}
/** By how much the next forecast's rain is moved; 1 and 0 until enough days are known. */
export interface ForecastTrust {
  lo: number
  mid: number
  hi: number
  dryHiMm: number // what nine days in ten stay below that were forecast dry
}

/** How a field was watered before Tilth, and what its water costs: what a saving is counted against. */
export interface HabitRow {
  fieldId: string
  org: string
  timerMm: number // gross depth
  timerDays: number // every so many days
  waterPricePerM3: number | null
  currency: string | null // ISO 4217
}

/** What the valve gave beside what Tilth and the habit would have given, by the same balance. */
export interface ComparisonRow {
  fieldId: string
  org: string
  throughDay: Day
  atMs: AtMs
  body: Json<Comparison>
}
export interface Comparison {
  timer: { mm: number; days: number }
  spans: ComparisonSpan[] // the last seven days, then the season
}
export interface ComparisonSpan {
  key: 'week' | 'season'
  fromDay: Day
  throughDay: Day
  days: number // that could be compared
  missingDays: number
  given: SpanWater & { isMetered: boolean } // what the valve did, whoever opened it
  tilth: SpanWater
  timer: SpanWater
}
export interface SpanWater {
  m3: number
  runs: number
  stressDays: number
  drainedMm: number // beyond the roots
}

/** A job at an instant, done at most once. */
export interface JobRunRow {
  job: string
  dueAtMs: AtMs
  startedAtMs: AtMs
  finishedAtMs: AtMs | null
  note: string | null
}

export interface SettingRow {
  key: string
  value: Json<unknown>
}

export interface Tables {
  farm: FarmRow
  field: FieldRow
  season: SeasonRow
  heatWatch: HeatWatchRow
  zone: ZoneRow
  pump: PumpRow
  device: DeviceRow
  claim: ClaimRow
  valveState: ValveStateRow
  valveMark: ValveMarkRow
  fieldDay: FieldDayRow
  fieldState: FieldStateRow
  advice: AdviceRow
  why: WhyRow
  run: RunRow
  request: RequestRow
  command: CommandRow
  irrigation: IrrigationRow
  alert: AlertRow
  audit: AuditRow
  soilLearned: SoilLearnedRow
  model: ModelRow
  prediction: PredictionRow
  diseaseDay: DiseaseDayRow
  paddy: PaddyRow
  task: TaskRow
  product: ProductRow
  productUse: ProductUseRow
  treatment: TreatmentRow
  forecastDay: ForecastDayRow
  forecastSkill: ForecastSkillRow
  habit: HabitRow
  comparison: ComparisonRow
  jobRun: JobRunRow
  setting: SettingRow
}
