/** Learned soil properties, fitted models and their predictions. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { jsonColumn, Message, OrNull, type Json } from './json.ts'

/** Soil properties learned by one probe at one depth, from peaks after wetting and from dry-downs. m³/m³. */
export interface SoilCalibrationRow {
  deviceId: string
  depthCm: number
  org: string
  fieldId: string
  fieldCapacity: number | null
  fieldCapacitySd: number | null
  peaks: number // events observed; a value needs three
  wiltingPoint: number | null
  wiltingPointSd: number | null
  dryDowns: number
  bias: number | null // of the sensor against the balance, to subtract
  biasSd: number | null
  throughDay: Day
  version: string
  atMs: AtMs
}

export type ModelKind =
  | 'soil-moisture'
  | 'et0'
  | 'pest-flight'
  | 'yield'
  | 'valve-flow'
  | 'application-rate'
  | 'water-rule'

/** One fit, stored permanently: its data, its skill on held-out time, and whether it is in use. */
export interface ModelRow {
  org: string
  kind: ModelKind
  subject: string // device@depth, farm, field and pest, valve ...
  version: number // 1, 2, ... of this subject
  fieldId: string | null
  deviceId: string | null
  fittedAtMs: AtMs
  fromDay: Day
  throughDay: Day
  state: 'used' | 'fallback' | 'insufficient-data'
  reason: Json<Static<typeof Message>>
  rows: number // in the training data
  terms: Json<ModelTerm[]>
  skill: Json<ModelSkill[]>
  drift: Json<ModelDrift> | null // checked nightly since the fit
}

export const readModelReason = jsonColumn('model.reason', Message)

const ModelTerm = Type.Object({
  key: Type.String(), // catalogue key of the feature
  unit: Type.String(),
  coefficient: Type.Number(), // per unit, after the scaling is undone
  sd: OrNull(Type.Number()),
})
export type ModelTerm = Static<typeof ModelTerm>
export const readModelTerms = jsonColumn('model.terms', Type.Array(ModelTerm))

/** Error on held-out time next to its baselines; skill = 1 - rmse / the best baseline. */
const ModelSkill = Type.Object({
  key: Type.String(), // 'days-1' ... 'days-7', 'flight-half', 'leave-one-year-out' ...
  unit: Type.String(),
  n: Type.Number(), // held-out cases
  rmse: Type.Number(),
  persistence: OrNull(Type.Number()), // RMSE of it
  physics: OrNull(Type.Number()),
  skill: Type.Number(),
})
export type ModelSkill = Static<typeof ModelSkill>
export const readModelSkills = jsonColumn('model.skill', Type.Array(ModelSkill))

const ModelDrift = Type.Object({
  throughDay: Type.String(),
  n: Type.Number(), // forecasts since the fit; those issued at one time count as one
  rmse: Type.Number(), // of them
  expected: Type.Number(), // at the fit
  isDrifting: Type.Boolean(),
})
export type ModelDrift = Static<typeof ModelDrift>
export const readModelDrift = jsonColumn('model.drift', ModelDrift)

/** A prediction of a model, or of its fallback, for a future instant. 80 % interval. */
export interface PredictionRow {
  org: string
  kind: ModelKind
  subject: string
  atMs: AtMs // the predicted instant
  issuedMs: AtMs
  value: number
  lo: number
  hi: number
  method: 'model' | 'physics' | 'persistence'
  modelVersion: number | null
}
