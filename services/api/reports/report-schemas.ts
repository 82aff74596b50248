/** The season report, and harvest loads. Yields are kg/ha on the stated basis; null is unknown. */
import Type, { type Static } from 'typebox'
import { loadForms, loadGrades, reportFormats } from '../../tables.ts'
import {
  AtMs,
  Day,
  Form,
  Id,
  IdempotencyKey,
  Line,
  Num,
  OneOf,
  OrNull,
  NonBlankLine,
  Text,
  YearText,
  AreaM2,
  Positive,
} from '../http/validation/schema-primitives.ts'
import { LonLat, MapTiles, ShapeView } from '../farms/shape-schemas.ts'
import { ServerClock } from '../http/validation/value-schemas.ts'

const LoadForm = OneOf(...loadForms)
// parts that a member may withhold; their figures are null
const Part = OneOf('yield', 'water', 'sprays')
const MissingKey = OneOf('yield', 'basis', 'volume', 'weather', 'record')
const Basis = Type.Object({ form: LoadForm, moisturePct: OrNull(Num), source: Text })
const Compared = {
  kgHa: OrNull(Num),
  usualKgHa: OrNull(Num), // mean of the five years before, of the compared fields
  change: OrNull(Num), // 0.04: 4 % more, of the compared fields
  comparedKgHa: OrNull(Num), // yield of the compared fields
  compared: Num, // fields with a yield and an earlier one
}
const Watered = { waterM3Ha: OrNull(Num), meteredShare: OrNull(Num) }

/** One field of a member, with earlier years on the same basis. */
export const FieldReport = Type.Object({
  fieldId: Text, // an alias, where no name is given
  field: Text,
  variety: OrNull(Text),
  areaM2: Num,
  loads: OrNull(Num),
  // forecast of the harvest, with the 90 % interval
  forecast: OrNull(Type.Object({ kgHa: Num, lowKgHa: Num, highKgHa: Num })),
  ...Compared,
  ...Watered,
  years: Type.Array(Type.Object({ year: Num, kgHa: Num })),
  diseaseDays: OrNull(Num),
  sprays: OrNull(Num),
  missing: Type.Array(MissingKey),
})
export type FieldReport = Static<typeof FieldReport>

export const MemberReport = Type.Object({
  farmId: Text, // an alias, where no name is given
  isOwn: Type.Boolean(), // false: a member's, whose fields open only in its own organisation
  withheld: Type.Array(Part),
  memberCode: OrNull(Text),
  name: Text,
  fields: Num,
  areaM2: Num,
  ...Compared,
  ...Watered,
  withYield: Num, // fields
  withLoads: Num,
  diseaseDays: OrNull(Num), // the maximum of one field
  sprays: OrNull(Num), // the maximum of one field
  // at most five fields are named each; `more`: the number of others
  missing: Type.Array(
    Type.Object({
      key: MissingKey,
      fields: Type.Array(Type.Object({ id: Text, name: Text })),
      more: Num,
    }),
  ),
  outliers: Type.Array(OneOf('yield-low', 'yield-high', 'water-low', 'water-high')),
})
export type MemberReport = Static<typeof MemberReport>

/**
 * GET /api/reports/season: missing data comes first. Long lists are cut, with the number of omitted entries.
 */
export const SeasonReportView = Type.Object({
  clock: ServerClock,
  year: Num,
  years: Type.Array(Num), // years with seasons
  crop: OrNull(Text), // null: no season of the year
  crops: Type.Array(Text),
  basis: OrNull(Basis),
  sievesMm: Type.Array(Num),
  fields: Num,
  areaM2: Num,
  memberCount: Num,
  membersToReview: Num, // members
  unshared: Num, // members that share nothing
  unlisted: Num, // members that share without a name, and too few of them to be listed
  mean: Type.Object({ ...Compared, ...Watered }),
  tooFew: Type.Array(Part), // parts from too few members to show a mean
  coverage: Type.Object({ withYield: Num, withLoads: Num, withWater: Num }), // fields
  members: Type.Array(MemberReport),
  // correlation of factors with yield between fields: Spearman's rank correlation with its 95 % interval
  correlations: Type.Array(
    Type.Object({
      factor: OneOf('water', 'stress', 'heat', 'disease', 'sprays'),
      fields: Num, // yield and factor are both known
      unknown: Num, // the factor is unknown
      rank: OrNull(Type.Object({ value: Num, low: Num, high: Num })), // null: undetermined
    }),
  ),
  strips: Type.Array(
    Type.Object({
      variety: OrNull(Text),
      fields: Num,
      q1: Num,
      median: Num,
      q3: Num,
      dots: Type.Array(Type.Object({ fieldId: Text, name: Text, kgHa: Num })),
    }),
  ),
  // of the requested member
  member: OrNull(
    Type.Object({ farmId: Text, isOwn: Type.Boolean(), name: Text, fields: Type.Array(FieldReport) }),
  ),
})
export type SeasonReportView = Static<typeof SeasonReportView>

/**
 * GET /api/reports/yields: the caller's own fields by yield, on the season's basis. Members do not share
 * locations.
 */
export const YieldMapView = Type.Object({
  steps: Type.Array(Num), // kg/ha, rising: the lower bounds of steps 2 to 5; fewer for similar yields, none without yields
  fields: Type.Array(
    Type.Object({
      id: Id,
      name: Text,
      kgHa: OrNull(Num),
      step: OrNull(Num), // null: unknown; 0 to 4
      shape: ShapeView,
      at: LonLat, // a point inside it, for its label
    }),
  ),
  unplaced: Num, // fields without a shape
  tiles: MapTiles,
})
export type YieldMapView = Static<typeof YieldMapView>

const Crop = Type.Optional(Type.String({ pattern: '^[a-z-]{1,40}$' }))
const Lang = Type.Optional(OneOf('en', 'ja'))
/** Default: the current year. */
export const SeasonQuery = Type.Object({
  year: Type.Optional(YearText),
  crop: Crop,
  farmId: Type.Optional(Id),
})
/** `farmId` of each file: one member only. */
export const CsvQuery = Type.Object({
  year: YearText,
  farmId: Type.Optional(Id),
  lang: Lang,
  encoding: Type.Optional(OneOf('utf-8', 'shift_jis')),
})
export const DrainageQuery = Type.Object({ year: YearText, lang: Lang })
/** EU 2023/564, US 7 CFR 110, or JGAP with GLOBALG.A.P. */
export const SpraysQuery = Type.Object({
  year: YearText,
  farmId: Type.Optional(Id),
  crop: Crop,
  lang: Lang,
  scheme: OneOf('eu', 'us', 'jgap'),
})
export const FileQuery = Type.Object({
  year: YearText,
  crop: Crop,
  lang: Lang,
  unit: Type.Optional(OneOf('kg/10a', 't/ha')),
  farmId: Type.Optional(Id),
})
/** POST /api/reports: orders the file. */
export const NewReport = Form({ format: OneOf(...reportFormats), ...FileQuery.properties })
export const ReportOrder = Type.Object({
  id: Id,
  format: OneOf(...reportFormats),
  year: Num,
  crop: OrNull(Text), // null: the one with the largest area, or all crops where the format has them
  farmId: OrNull(Text),
  requestedMs: AtMs,
  state: OneOf('waiting', 'running', 'done', 'failed'),
  share: Num, // progress, 0-1
  bytes: OrNull(Num), // null: not made yet
  code: OrNull(Text), // the error; CONFLICT: the consents of members have changed since
})
export type ReportOrder = Static<typeof ReportOrder>
/** GET /api/report-seal: hash and signature of a file, hex. */
export const SealQuery = Type.Object({
  sha256: Type.Optional(
    Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'hash of the file, with the digits of its seal as zeros',
    }),
  ),
  signature: Type.Optional(Type.String({ pattern: '^[0-9a-f]{128}$', description: 'signature in the seal' })),
})
/** `publicKey`: Ed25519, base64url. `isSigned`: by this key; null: nothing to check. */
export const SealView = Type.Object({ publicKey: Text, isSigned: OrNull(Type.Boolean()) })
export type SealView = Static<typeof SealView>
/** GET /api/reports: orders of the last day, newest first. */
export const ReportOrders = Type.Object({ orders: Type.Array(ReportOrder) })

const Moisture = Type.Number({ minimum: 0, maximum: 60 })
const ForeignMatter = Type.Number({ minimum: 0, maximum: 50 })
/**
 * POST /api/fields/:id/loads, as on the weigh ticket. Null is not measured, never 0. `idem`: a repeat is
 * entered once. `alsoIn`: fields weighed together with this one; the mass is split by harvested area.
 */
export const NewLoad = Form({
  idem: Type.Optional(IdempotencyKey),
  alsoIn: Type.Optional(Type.Array(Form({ fieldId: Id }), { maxItems: 200 })),
  seasonId: Id,
  day: Day,
  ticket: Type.Optional(OrNull(Line(40))),
  form: LoadForm,
  grossKg: Positive(1e6),
  moisturePct: OrNull(Moisture),
  foreignPct: OrNull(ForeignMatter),
  grade: Type.Optional(OrNull(OneOf(...loadGrades))),
  sieveMm: Type.Optional(OrNull(Type.Number({ minimum: 0.5, maximum: 10 }))),
  destination: Type.Optional(OrNull(Line(80))),
  meter: Type.Optional(OrNull(Line(40))),
  meterDay: Type.Optional(OrNull(Day)),
})
export type NewLoad = Static<typeof NewLoad>

/** POST /api/loads/:id/correct: what was wrong, and why. Absent values are as entered; null is not measured. */
export const LoadCorrection = Form(
  {
    reason: NonBlankLine(200),
    day: Type.Optional(Day),
    ticket: Type.Optional(OrNull(Line(40))),
    grossKg: Type.Optional(Positive(1e6)),
    moisturePct: Type.Optional(OrNull(Moisture)),
    foreignPct: Type.Optional(OrNull(ForeignMatter)),
    grade: Type.Optional(OrNull(OneOf(...loadGrades))),
  },
  { minProperties: 2 },
)

/** POST /api/loads/:id/void. */
export const VoidLoad = Form({ reason: NonBlankLine(200) })

/**
 * POST /api/seasons/:id/harvest: harvest figures of the whole season. Absent fields stay, null is unknown.
 */
export const SeasonHarvest = Form(
  {
    harvestedDay: Type.Optional(OrNull(Day)),
    harvestedM2: Type.Optional(OrNull(AreaM2)),
    hullShare: Type.Optional(OrNull(Type.Number({ minimum: 0.4, maximum: 1 }))),
  },
  { minProperties: 1 },
)

const LoadView = Type.Object({
  id: Id,
  day: Day,
  ticket: OrNull(Text),
  form: LoadForm,
  grossKg: Num,
  batchKg: OrNull(Num), // weighed together with other fields; grossKg is the share by area
  moisturePct: OrNull(Num),
  foreignPct: OrNull(Num),
  grade: OrNull(OneOf(...loadGrades)),
  standardKg: OrNull(Num), // on the base
  missing: OrNull(OneOf('moisture', 'foreign', 'form')), // why it is null
  preHarvestState: OrNull(OneOf('elapsed', 'unknown')), // the pre-harvest interval at entry; null: not checked
  voidReason: OrNull(Text), // null: not voided
})

/** The pre-harvest interval. `unknown`: a label states none; `earliestDay`: the latest known. */
const PreHarvest = Type.Object({ state: OneOf('elapsed', 'active', 'unknown'), earliestDay: OrNull(Day) })

/** GET /api/fields/:id/loads: the last seasons of a field, newest first, with their loads. */
export const FieldHarvests = Type.Object({
  preHarvest: OrNull(PreHarvest), // of the newest season, today; null: no season
  seasons: Type.Array(
    Type.Object({
      id: Id,
      year: Num,
      crop: Text,
      variety: OrNull(Text),
      plantedDay: Day,
      harvestedDay: OrNull(Day),
      areaM2: Num, // harvested
      hullShare: OrNull(Num), // measured
      forms: Type.Array(LoadForm), // allowed for its loads
      basis: Basis,
      from: OrNull(OneOf('loads', 'entered')),
      kg: OrNull(Num), // on the base
      lowKg: OrNull(Num),
      loads: Type.Array(LoadView), // newest first, including voided ones
    }),
  ),
})
export type FieldHarvests = Static<typeof FieldHarvests>
/** `id`: the key of the request, otherwise of the load. */
export const LoadEntered = Type.Object({ id: Id, receivedMs: AtMs })
