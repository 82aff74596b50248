/** Learned soil properties, fitted models and their predictions. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

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
  'soil-moisture' | 'et0' | 'pest-flight' | 'yield' | 'valve-flow' | 'application-rate' | 'water-rule'

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
  reason: Json<{ key: string; params: Record<string, string | number | null> }>
  rows: number // in the training data
  terms: Json<ModelTerm[]>
  skill: Json<ModelSkill[]>
  drift: Json<ModelDrift> | null // checked nightly since the fit
}

export interface ModelTerm {
  key: string // catalogue key of the feature
  unit: string
  coefficient: number // per unit, after the scaling is undone
  sd: number | null
}

/** Error on held-out time next to its baselines; skill = 1 - rmse / the best baseline. */
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
  n: number // forecasts since the fit; those issued at one time count as one
  rmse: number // of them
  expected: number // at the fit
  isDrifting: boolean
}

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
