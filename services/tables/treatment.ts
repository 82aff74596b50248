/** Plant protection: products from their labels, treatments and their records. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { jsonColumn, Message, OrNull, Params, type Json } from './json.ts'

/** A plant-protection product, from its label. Null is unknown, and stays unknown in every check. */
export interface ProductRow {
  id: string
  org: string
  country: string // ISO 3166, two letters: an authorisation is valid in one country
  registrationNumber: string
  name: string
  kind: 'insecticide' | 'fungicide' | 'herbicide' | 'other'
  ingredients: Json<Ingredient[]> // none: unknown
  authorisedUntil: Day | null // the last day
  reiHours: number | null // no re-entry before
  rainFastHours: number | null // without rain or sprinklers after spraying
  beeHazard: 0 | 1 | null // must not be applied to foraging bees
  limits: Json<LabelLimits> | null // of the weather, where the label names them
  isDemo: 0 | 1 // fictitious
  importedBy: string
  importedAtMs: AtMs
  retiredAtMs: AtMs | null // no longer offered; records keep their own copy
}

const Ingredient = Type.Object({
  name: Type.String(),
  group: OrNull(Type.String()), // of resistance: 'IRAC 28', 'FRAC 11', 'HRAC 9'; null: unknown
})
export type Ingredient = Static<typeof Ingredient>
export const readIngredients = jsonColumn('product.ingredients', Type.Array(Ingredient))

/** Weather limits of a label. Wind at 2 m. */
const LabelLimits = Type.Object({
  windMinMps: Type.Optional(Type.Number()),
  windMaxMps: Type.Optional(Type.Number()),
  tempMinC: Type.Optional(Type.Number()),
  tempMaxC: Type.Optional(Type.Number()),
  deltaTMaxC: Type.Optional(Type.Number()),
})
export type LabelLimits = Static<typeof LabelLimits>
export const readLabelLimits = jsonColumn('product.limits', LabelLimits)

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

export const readMaxPerIngredient = jsonColumn(
  'productUse.maxPerIngredient',
  Type.Record(Type.String(), Type.Number()),
)

export type TreatmentState =
  | 'planned' // drafted, not confirmed
  | 'confirmed' // scheduled by a person
  | 'done' // applied; the record is a draft
  | 'recorded' // the record is confirmed and immutable
  | 'void'

/** One treatment of one field: a task that a person confirms, and its record. */
export interface TreatmentRow {
  id: string
  org: string
  farmId: string
  fieldId: string
  seasonId: string
  target: string
  productId: string
  state: TreatmentState
  fromMs: AtMs // planned; actual once it is done
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
  batch?: string | null | undefined // planned and confirmed for several fields together; null: for this one
}

const CheckResult = Type.Enum(['allowed', 'caution', 'forbidden', 'unknown'])
export type CheckResult = Static<typeof CheckResult>

/** The result of one rule for a treatment: `key` of plan/pest/keys.ts. */
const TreatmentCheck = Type.Object({ key: Type.String(), result: CheckResult, params: Params })
export type TreatmentCheck = Static<typeof TreatmentCheck>

/** Dose per area and total. One of dilution and volume is null for an undiluted product. */
const Dose = Type.Object({
  amount: Type.Number(),
  unit: Type.String(), // of plan/pest/dose.ts
  dilution: OrNull(Type.Number()),
  volumeL10a: OrNull(Type.Number()),
  areaM2: Type.Number(),
  totalProduct: Type.Number(), // in the unit without its area
  totalSprayL: OrNull(Type.Number()),
})
export type Dose = Static<typeof Dose>

const LabelCopy = Type.Object({
  id: Type.String(),
  name: Type.String(),
  country: Type.String(),
  registrationNumber: Type.String(),
  ingredients: Type.Array(Ingredient),
  reiHours: OrNull(Type.Number()),
  rainFastHours: OrNull(Type.Number()),
  phiDays: OrNull(Type.Number()),
  // as registered; null: not on the label
  use: Type.Optional(OrNull(Type.Object({ crop: Type.String(), target: Type.String() }))),
  isDemo: Type.Boolean(),
})
export type LabelCopy = Static<typeof LabelCopy>

const part = {
  name: OrNull(Type.String()), // "the edge"; null: not named
  /** scope of the pre-harvest and re-entry intervals: the field, unless a person sets otherwise */
  holds: Type.Enum(['field', 'part']),
}
/** A part of a field treated separately. Its area is that of the dose. */
const FieldPart = Type.Object(part)
export type FieldPart = Static<typeof FieldPart>

/** Plan of a treatment; the product is copied from its label as it was then. */
const TreatmentPlan = Type.Object({
  product: LabelCopy,
  dose: Dose,
  operator: Type.String(),
  flowering: OrNull(Type.Boolean()),
  proposal: OrNull(Type.Object({ action: Type.String(), ...Message.properties })),
  checks: Type.Array(TreatmentCheck),
  accepted: Type.Array(Type.String()), // checks that a person accepted: with the result caution or unknown
  rules: Type.String(), // version
  part: Type.Optional(Type.Union([FieldPart, Type.Null(), Type.Undefined()])), // null: the whole field
})
export type TreatmentPlan = Static<typeof TreatmentPlan>
export const readTreatmentPlan = jsonColumn('treatment.plan', TreatmentPlan)

/** At the start, from the farm's station. */
const SprayWeather = Type.Object({
  device: Type.String(),
  atMs: Type.Number(),
  tempC: OrNull(Type.Number()),
  humidityPct: OrNull(Type.Number()),
  windMps: OrNull(Type.Number()), // at 2 m
  windDirDeg: OrNull(Type.Number()),
  deltaTC: OrNull(Type.Number()),
  flag: Type.Number(), // of the worst reading
})
export type SprayWeather = Static<typeof SprayWeather>

/**
 * A plant-protection record with the fields of EU 2023/564, US 7 CFR 110, JGAP C5.3.4 and GLOBALG.A.P. together. Null
 * is unknown, never not applicable.
 */
const SprayRecord = Type.Object({
  product: LabelCopy,
  crop: Type.String(),
  variety: OrNull(Type.String()),
  cropEppo: OrNull(Type.String()),
  bbch: OrNull(Type.Number()),
  target: Type.String(),
  field: Type.Object({
    id: Type.String(),
    name: Type.String(),
    areaM2: Type.Number(),
    latDeg: OrNull(Type.Number()), // null: without its place
    lonDeg: OrNull(Type.Number()),
  }),
  // null: the whole field
  part: Type.Optional(
    Type.Union([Type.Object({ ...part, areaM2: Type.Number() }), Type.Null(), Type.Undefined()]),
  ),
  dose: Dose,
  startMs: Type.Number(),
  endMs: Type.Number(),
  method: OrNull(Type.String()), // foliar, granules by hand ...
  equipment: OrNull(Type.String()), // which sprayer
  operator: Type.String(),
  operatorCertificate: OrNull(Type.String()),
  certifiedBy: Type.Optional(OrNull(Type.String())), // the certified applicator for an operator without a certificate (40 CFR 171.303)
  customer: Type.Optional(OrNull(Type.String())), // the customer of a commercial application
  justification: OrNull(Type.String()),
  lot: OrNull(Type.String()), // of the stock
  weather: OrNull(SprayWeather),
  phiDays: OrNull(Type.Number()),
  earliestHarvestDay: OrNull(Type.String()), // null: unknown
  daysToHarvest: Type.Optional(OrNull(Type.Number())), // until the harvest planned at the time (JGAP); null: none
  reiHours: OrNull(Type.Number()),
  reentryMs: OrNull(Type.Number()), // null: unknown
  rules: Type.String(), // version of the rules
})
export type SprayRecord = Static<typeof SprayRecord>
export const readSprayRecord = jsonColumn('treatment.record', SprayRecord)
