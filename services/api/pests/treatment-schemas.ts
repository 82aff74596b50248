/** Pest control: proposals, spraying hours, treatments and their records. */
import Type, { type Static } from 'typebox'
import { RecordPhoto } from '../photos/photo-schemas.ts'
import { Ingredient } from './product-schemas.ts'
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
  Params,
  NonBlankLine,
  Text,
  Instant,
  AreaM2,
  Positive,
  Share,
} from '../http/validation/schema-primitives.ts'

const CheckResult = OneOf('allowed', 'caution', 'forbidden', 'unknown')
const Check = Type.Object({ key: Text, result: CheckResult, params: Params })

const Term = Type.Object({ key: Text, verdict: OneOf('marginal', 'unsuitable', 'unknown'), params: Params })
const Window = Type.Object({
  fromMs: AtMs,
  toMs: AtMs,
  verdict: OneOf('allowed', 'marginal'),
  worst: OrNull(Term), // null: no objection
})

const DoseView = Type.Object({
  amount: Num,
  unit: Text,
  dilution: OrNull(Num),
  volumeL10a: OrNull(Num),
  areaM2: Num,
  totalProduct: Num, // in the unit without its area
  totalSprayL: OrNull(Num),
})

const LabelCopy = Type.Object({
  id: Id,
  name: Text,
  country: Text,
  registrationNumber: Text,
  ingredients: Type.Array(Ingredient),
  reiHours: OrNull(Num),
  rainFastHours: OrNull(Num),
  phiDays: OrNull(Num),
  use: Type.Optional(OrNull(Type.Object({ crop: Text, target: Text }))), // as registered
  isDemo: Type.Boolean(),
})

const Weather = Type.Object({
  device: Text,
  atMs: AtMs,
  tempC: OrNull(Num),
  humidityPct: OrNull(Num),
  windMps: OrNull(Num), // at 2 m
  windDirDeg: OrNull(Num),
  deltaTC: OrNull(Num),
  flag: Num,
})

const Part = { name: OrNull(Text), holds: OneOf('field', 'part') }
const Record = Type.Object({
  product: LabelCopy,
  crop: Text,
  variety: OrNull(Text),
  cropEppo: OrNull(Text),
  bbch: OrNull(Num),
  target: Text,
  field: Type.Object({ id: Id, name: Text, areaM2: Num, latDeg: OrNull(Num), lonDeg: OrNull(Num) }),
  part: OrNull(Type.Object({ ...Part, areaM2: Num })), // null: the whole field
  dose: DoseView,
  startMs: AtMs,
  endMs: AtMs,
  method: OrNull(Text),
  equipment: OrNull(Text),
  operator: Text,
  operatorCertificate: OrNull(Text),
  certifiedBy: Type.Optional(OrNull(Text)),
  customer: Type.Optional(OrNull(Text)),
  justification: OrNull(Text),
  lot: OrNull(Text),
  weather: OrNull(Weather),
  phiDays: OrNull(Num),
  earliestHarvestDay: OrNull(Day), // null: unknown
  daysToHarvest: Type.Optional(OrNull(Num)),
  reiHours: OrNull(Num),
  reentryMs: OrNull(AtMs), // null: unknown
  rules: Text,
})

export const TreatmentView = Type.Object({
  id: Id,
  fieldId: Id,
  target: Text,
  state: OneOf('planned', 'confirmed', 'done', 'recorded', 'void'),
  fromMs: AtMs,
  toMs: AtMs,
  plan: Type.Object({
    product: LabelCopy,
    dose: DoseView,
    operator: Text,
    flowering: OrNull(Type.Boolean()),
    proposal: OrNull(Type.Object({ action: Text, key: Text, params: Params })),
    checks: Type.Array(Check),
    accepted: Type.Array(Text),
    rules: Text,
    part: OrNull(Type.Object(Part)),
  }),
  record: OrNull(Record),
  createdBy: Text,
  createdAtMs: AtMs,
  confirmedBy: OrNull(Text),
  confirmedAtMs: OrNull(AtMs),
  recordedBy: OrNull(Text),
  recordedAtMs: OrNull(AtMs),
  voidedBy: OrNull(Text),
  voidedAtMs: OrNull(AtMs),
  voidReason: OrNull(Text),
  photos: Type.Optional(Type.Array(RecordPhoto)), // in lists of treatments
  batch: Type.Optional(OrNull(Text)), // planned for several fields together; null: for this one
  /** of a draft: the same on the other fields of its batch */
  also: Type.Optional(
    Type.Array(Type.Object({ id: Id, fieldId: Id, dose: DoseView, checks: Type.Array(Check) })),
  ),
})
export type TreatmentView = Static<typeof TreatmentView>
export const TreatmentList = Type.Object({ treatments: Type.Array(TreatmentView) })

/** GET /api/fields/:id/pest-control; its keys are those of services/plan/pest/message-keys.ts. */
const Offer = Type.Object({
  productId: Id,
  name: Text,
  registrationNumber: Text,
  country: Text,
  isDemo: Type.Boolean(),
  result: CheckResult,
  checks: Type.Array(Check),
  windows: Type.Array(Window),
  dose: OrNull(DoseView),
})

export const PestControlView = Type.Object({
  fieldId: Id,
  fieldName: Text,
  timeZone: Text,
  crop: OrNull(Text),
  seasonId: OrNull(Id),
  harvestPlannedDay: OrNull(Day),
  areaM2: Num,
  // hours: each hour was forecast; days: derived from daily values; none: unknown
  weather: Type.Object({
    from: OneOf('hours', 'days', 'none'),
    issuedMs: OrNull(AtMs),
    station: OrNull(Text), // name
  }),
  hours: Type.Array(
    Type.Object({
      atMs: AtMs,
      verdict: OneOf('allowed', 'marginal', 'unsuitable', 'unknown'),
      source: OneOf('measured', 'hour', 'day'),
      terms: Type.Array(Term), // worst first
    }),
  ),
  windows: Type.Array(Window),
  /** whether the field may be harvested today */
  preHarvest: Type.Object({
    state: OneOf('elapsed', 'active', 'unknown'),
    earliestDay: OrNull(Day),
    treatmentId: OrNull(Id),
    /** the product, when the day is known */
    by: Type.Optional(OrNull(Type.Object({ product: Text, phiDays: Num }))),
    /** parts with their own interval that may not be harvested yet */
    parts: Type.Optional(
      Type.Array(Type.Object({ treatmentId: Id, name: OrNull(Text), earliestDay: OrNull(Day) })),
    ),
  }),
  proposals: Type.Array(
    Type.Object({
      target: Text,
      kind: OneOf('insect', 'disease'),
      action: OneOf('treat', 'scout', 'wait', 'cannot-judge'),
      key: Text,
      params: Params,
      fromDay: OrNull(Day),
      toDay: OrNull(Day),
      threshold: OrNull(Type.Object({ source: Text, confirmed: Type.Boolean(), check: OrNull(Text) })),
      /** by a person's own figures; level null: one of them is unknown */
      economics: OrNull(
        Type.Object({
          level: OrNull(Num),
          actAt: OrNull(Num),
          missing: Type.Array(Text),
          count: OrNull(Num),
          isReached: OrNull(Type.Boolean()),
        }),
      ),
      options: Type.Array(Offer),
    }),
  ),
  /** other targets that the labels name for the crop, such as weeds */
  otherTargets: Type.Optional(Type.Array(Type.Object({ target: Text, options: Type.Array(Offer) }))),
  /** what to look for now without a trap or a model, with the published figure that decides */
  lookFor: Type.Optional(
    Type.Array(
      Type.Object({ target: Text, key: Text, params: Params, source: Text, confirmed: Type.Boolean() }),
    ),
  ),
  treatments: Type.Array(TreatmentView),
})
export type PestControlView = Static<typeof PestControlView>

const dose = {
  amount: Type.Optional(OrNull(Positive(1e6))),
  dilution: Type.Optional(OrNull(Type.Number({ minimum: 0.1, maximum: 1e6 }))),
  volumeL10a: Type.Optional(OrNull(Positive(1e5))),
  areaM2: Type.Optional(AreaM2),
}

/** Two of amount, dilution and volume are enough; the amount alone for an undiluted product. */
const newTreatment = {
  fieldId: Id,
  /** fields sprayed together: each a treatment of its own, all confirmed together */
  alsoIn: Type.Optional(Type.Array(Form({ fieldId: Id }), { maxItems: 50 })),
  target: NonBlankLine(60),
  productId: Id,
  fromMs: Instant,
  toMs: Instant,
  unit: NonBlankLine(10),
  ...dose,
  operator: NonBlankLine(120),
  flowering: Type.Optional(OrNull(Type.Boolean())),
  /** covers only areaM2 of the field; hasOwnIntervals: intervals apply to this part only */
  part: Type.Optional(
    OrNull(Form({ name: NonBlankLine(60), hasOwnIntervals: Type.Optional(Type.Boolean()) })),
  ),
}
export const NewTreatment = Form(newTreatment)

/** POST /api/treatments/past. `idem`: the phone's key; a repeat is recorded once. */
export const PastTreatment = Form({ idem: IdempotencyKey, ...newTreatment })
export type PastTreatment = Static<typeof PastTreatment>

/**
 * PATCH /api/treatments/:id, of a draft: absent fields stay. A dose is given whole, or its area alone.
 * `alsoIn`: all other fields from now on; `reason`: why drafts of other fields are voided, if any.
 */
export const EditTreatment = Form(
  {
    productId: Type.Optional(Id),
    fromMs: Type.Optional(Instant),
    toMs: Type.Optional(Instant),
    unit: Type.Optional(NonBlankLine(10)),
    ...dose,
    operator: Type.Optional(NonBlankLine(120)),
    alsoIn: Type.Optional(Type.Array(Form({ fieldId: Id }), { maxItems: 50 })),
    reason: Type.Optional(NonBlankLine(200)),
  },
  { minProperties: 1 },
)

/** Names of the checks with caution or unknown that the person takes responsibility for. */
export const ConfirmTreatment = Form({ accepts: Type.Array(NonBlankLine(40), { maxItems: 30 }) })

export const TreatmentDone = Form({
  startMs: Instant,
  endMs: Instant,
  unit: Type.Optional(NonBlankLine(10)),
  ...dose,
  operator: Type.Optional(NonBlankLine(120)),
  operatorCertificate: Type.Optional(OrNull(Line(60))),
  certifiedBy: Type.Optional(OrNull(Line(120))),
  customer: Type.Optional(OrNull(Line(120))),
  method: Type.Optional(OrNull(Line(120))),
  equipment: Type.Optional(OrNull(Line(120))),
  justification: Type.Optional(OrNull(Line(200))),
  lot: Type.Optional(OrNull(Line(60))),
  bbch: Type.Optional(OrNull(Type.Integer({ minimum: 0, maximum: 99 }))),
  cropEppo: Type.Optional(OrNull(Line(10))),
})

export const VoidTreatment = Form({ reason: NonBlankLine(200) })
/** null: not known yet. */
export const PlannedHarvest = Form({ day: OrNull(Day) })

const Figure = Type.Optional(OrNull(Type.Number({ minimum: 1e-6, maximum: 1e9 })))
/**
 * The economics of a pest in a field: EIL = C / (V I D K) in the unit of the insect counts. `isUsed`:
 * replaces the threshold of the table. Null clears a figure; absent fields stay.
 */
export const PestEconomicsForm = Form(
  {
    target: NonBlankLine(40),
    isUsed: Type.Optional(Type.Boolean()),
    costPerHa: Figure,
    valuePerT: Figure,
    injuryPerCount: Figure,
    lossPerInjury: Figure,
    shareSaved: Type.Optional(OrNull(Share(0.01))),
    actionShare: Type.Optional(Share(0.01)),
    seen: Type.Optional(OrNull(Form({ count: Type.Number({ minimum: 0, maximum: 1e9 }), day: Day }))),
  },
  { minProperties: 2 },
)
export type PestEconomicsForm = Static<typeof PestEconomicsForm>
