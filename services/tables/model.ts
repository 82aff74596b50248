/** What was learned: soils, fits and their predictions. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

/** What one probe at one depth has taught of its soil: from peaks after wetting and from dry-downs. m³/m³. */
export interface SoilCalibrationRow {
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

export type ModelKind =
  'soil-moisture' | 'et0' | 'pest-flight' | 'yield' | 'valve-flow' | 'application-rate' | 'water-rule'

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
