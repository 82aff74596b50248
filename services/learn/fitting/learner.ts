/**
 * The common interface of every learned model of Tilth. A model consists of pure functions that fit, evaluate and
 * predict, and a `load` that reads its inputs. `learners.ts` lists them; the nightly job runs them.
 *
 * The common rule: a model is used only where it beats physics and persistence on held-out time; everywhere else it
 * falls back to the better of those two.
 *
 * Keys are of the catalogue: `model.reason.KEY`, `model.term.KEY`, `model.skill.KEY`, each in every language.
 */
import type { Day } from '../../../broker/contract/time.ts'
import type { SeriesStore, State } from '../../ports.ts'
import type { Forecast } from '../../ports/forecast.ts'
import { sumBy } from '../../runtime/math.ts'
import type { ReasonKey } from '../message-keys.ts'
import type { FarmRow, ModelKind, ModelRow, ModelSkill, ModelTerm, PredictionRow } from '../../tables.ts'

/** A fit as it is stored: sufficient to evaluate it, to show it, and to predict with it. */
export interface Fit {
  state: ModelRow['state']
  reason: Reason
  rows: number // rows it was fitted on; 0 with 'insufficient-data'
  fromDay: Day
  throughDay: Day // of the data
  terms: ModelTerm[]
  skill: ModelSkill[] // one per horizon, or a single one
}
export interface Reason {
  key: ReasonKey
  params: Record<string, string | number | null>
}

/** A value predicted for a future instant, by the model or its fallback. 80 % interval. */
export type Prediction = Pick<PredictionRow, 'atMs' | 'value' | 'lo' | 'hi' | 'method'>

/** One subject of a kind of model: a probe at a depth, a station, a field and its pest, a valve ... */
export interface Subject<Data> {
  subject: string // unique within organisation and kind; stable from night to night
  fieldId: string | null
  deviceId: string | null
  data: Data // plain data: it is passed to a worker thread
}

export interface Learner<Data> {
  kind: ModelKind
  /** a fit is valid for this many days; in between it is only used to predict */
  refitDays: number
  /** The training data of a farm, up to the end of `throughDay`. Read-only. */
  load(stores: Stores, farm: FarmRow, throughDay: Day): Promise<Subject<Data>[]>
  /** Pure: the same data gives the same fit. Never throws for poor data: the state reports it. */
  fit(data: Data): Fit
  /** Pure: from the stored fit and the newest data. Empty where no prediction is possible. */
  predict(fit: Fit, data: Data): Prediction[]
  /** Pure: errors of a stored fit on the days since it was fitted; absent where a model is not monitored. */
  monitor?(fit: Fit, data: Data): MonitoredError[]
}

export interface Stores {
  state: State
  series: SeriesStore
  forecast: Forecast
}

/** Error of one predicted value, and the RMSE of its fit. */
export interface MonitoredError {
  origin: number // issue time of the prediction: the same number for all that were issued together
  error: number // of the method in use
  expected: number
  /** error of the model itself, used or not, and of the better of physics and persistence */
  modelError: number
  baselineError: number
}

/** The result for insufficient data. */
export const insufficientData = (reason: Reason, fromDay: Day, throughDay: Day): Fit => ({
  state: 'insufficient-data',
  reason,
  rows: 0,
  fromDay,
  throughDay,
  terms: [],
  skill: [],
})

/**
 * The error of a model must be smaller by this share to count as better: a smaller difference is due to the choice of
 * held-out days.
 */
const MARGIN = 0.05

/** The method in use: the method with more parameters only where it is clearly better on held-out time. */
export function bestMethod({ rmse, persistence, physics }: ModelSkill): Prediction['method'] {
  const baseline = Math.min(persistence ?? Infinity, physics ?? Infinity)
  return rmse < (1 - MARGIN) * baseline ? 'model' : baselineMethod({ persistence, physics })
}

/**
 * The better of physics and persistence on held-out time, however small the difference: a margin would keep the mean
 * of a yield that rises slowly.
 */
export function baselineMethod({
  persistence,
  physics,
}: Pick<ModelSkill, 'persistence' | 'physics'>): 'persistence' | 'physics' {
  if (physics === null) return 'persistence'
  return persistence === null || physics < persistence ? 'physics' : 'persistence'
}

/** The method that a fit uses: one that fell back because of drift uses no model, whatever its overall skill. */
export const methodUsed = ({ state }: Pick<Fit, 'state'>, skill: ModelSkill): Prediction['method'] =>
  state === 'fallback' ? baselineMethod(skill) : bestMethod(skill)

/** RMSE on held-out time of a method. */
export const errorOfMethod = (skill: ModelSkill, method: Prediction['method']): number =>
  method === 'model' ? skill.rmse : skill[method]!

/** RMSE on held-out time of the best method. */
export function errorOfBest(skill: ModelSkill): number {
  return errorOfMethod(skill, bestMethod(skill))
}

/** Used where at least one horizon beats its baselines; the other horizons fall back individually. */
export function decideState(skill: readonly ModelSkill[]): Pick<Fit, 'state' | 'reason'> {
  const used = skill.filter((horizon) => bestMethod(horizon) === 'model')
  const params = { used: used.length, of: skill.length }
  if (used.length === 0) return { state: 'fallback', reason: { key: 'no-better', params } }
  const gain = sumBy(used, (horizon) => horizon.skill) / used.length
  return { state: 'used', reason: { key: 'better', params: { ...params, gainPct: Math.round(100 * gain) } } }
}
