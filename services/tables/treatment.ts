/** Plant protection: products from their labels, treatments and their records. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

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

export interface Ingredient {
  name: string
  group: string | null // of resistance: 'IRAC 28', 'FRAC 11', 'HRAC 9'; null: unknown
}

/** Weather limits of a label. Wind at 2 m. */
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

export type CheckResult = 'allowed' | 'caution' | 'forbidden' | 'unknown'

/** The result of one rule for a treatment: `key` of plan/pest/keys.ts. */
export interface TreatmentCheck {
  key: string
  result: CheckResult
  params: Record<string, string | number | null>
}

/** Dose per area and total. One of dilution and volume is null for an undiluted product. */
export interface Dose {
  amount: number
  unit: string // of plan/pest/dose.ts
  dilution: number | null
  volumeL10a: number | null
  areaM2: number
  totalProduct: number // in the unit without its area
  totalSprayL: number | null
}

/** Plan of a treatment; the product is copied from its label as it was then. */
export interface TreatmentPlan {
  product: LabelCopy
  dose: Dose
  operator: string
  flowering: boolean | null
  proposal: { action: string; key: string; params: Record<string, string | number | null> } | null
  checks: TreatmentCheck[]
  accepted: string[] // checks that a person accepted: with the result caution or unknown
  rules: string // version
  part?: FieldPart | null | undefined // null: the whole field
}

/** A part of a field treated separately. Its area is that of the dose. */
export interface FieldPart {
  name: string | null // "the edge"; null: not named
  /** scope of the pre-harvest and re-entry intervals: the field, unless a person sets otherwise */
  holds: 'field' | 'part'
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
  use?: { crop: string; target: string } | null // as registered; null: not on the label
  isDemo: boolean
}

/**
 * A plant-protection record with the fields of EU 2023/564, US 7 CFR 110, JGAP C5.3.4 and GLOBALG.A.P. together. Null
 * is unknown, never not applicable.
 */
export interface SprayRecord {
  product: LabelCopy
  crop: string
  variety: string | null
  cropEppo: string | null
  bbch: number | null
  target: string
  field: { id: string; name: string; areaM2: number; latDeg: number | null; lonDeg: number | null } // null: without its place
  part?: (FieldPart & { areaM2: number }) | null | undefined // null: the whole field
  dose: Dose
  startMs: AtMs
  endMs: AtMs
  method: string | null // foliar, granules by hand ...
  equipment: string | null // which sprayer
  operator: string
  operatorCertificate: string | null
  certifiedBy?: string | null // the certified applicator for an operator without a certificate (40 CFR 171.303)
  customer?: string | null // the customer of a commercial application
  justification: string | null
  lot: string | null // of the stock
  weather: SprayWeather | null
  phiDays: number | null
  earliestHarvestDay: Day | null // null: unknown
  daysToHarvest?: number | null // until the harvest planned at the time (JGAP); null: none
  reiHours: number | null
  reentryMs: AtMs | null // null: unknown
  rules: string // version of the rules
}

/** At the start, from the farm's station. */
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
