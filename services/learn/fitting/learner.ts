/**
 * What every learned model of Tilth has in common. A model is one file here: pure functions that fit, judge and look
 * ahead, and a `load` that reads what they need. `learners.ts` lists them; the nightly job runs them.
 *
 * The rule of all of them: a model is used only where it beats physics and persistence on held-out time; everywhere
 * else it steps back, by itself, to the better of those two.
 *
 * Keys are of the catalogue: `model.reason.KEY`, `model.term.KEY`, `model.skill.KEY`, each in every language.
 */
import type { Day } from '../../../broker/contract/time.ts'
import type { Forecast, SeriesStore, State } from '../../ports.ts'
import type { ReasonKey } from '../message-keys.ts'
import type { FarmRow, ModelKind, ModelRow, ModelSkill, ModelTerm, PredictionRow } from '../../tables.ts'

/** A fit as it is stored: everything that is needed to judge it, to show it, and to look ahead with it. */
export interface Fit {
  state: ModelRow['state']
  reason: Reason
  rows: number // that it was fitted on; 0 with 'too-little'
  fromDay: Day
  throughDay: Day // of the data
  terms: ModelTerm[]
  skill: ModelSkill[] // one a horizon, or one in all
}
export interface Reason {
  key: ReasonKey
  params: Record<string, string | number | null>
}

/** What is said of an instant ahead, by the model or by what it stepped back to. 80 % interval. */
export type Prediction = Pick<PredictionRow, 'atMs' | 'value' | 'lo' | 'hi' | 'method'>

/** One line of a kind of model: a probe at a depth, a station, a field and its pest, a valve ... */
export interface Subject<Data> {
  subject: string // unique within org and kind; stays the same from night to night
  fieldId: string | null
  deviceId: string | null
  data: Data // plain data: it crosses to a worker thread
}

export interface Learner<Data> {
  kind: ModelKind
  /** a fit stands for so many days; in between it only looks ahead */
  refitDays: number
  /** What there is to learn from on a farm, up to the end of `throughDay`. Reads only. */
  load(stores: Stores, farm: FarmRow, throughDay: Day): Promise<Subject<Data>[]>
  /** Pure: the same data gives the same fit. Never throws for poor data: the state says so. */
  fit(data: Data): Fit
  /** Pure: from the stored fit alone and the newest data. Empty where nothing can be said. */
  predict(fit: Fit, data: Data): Prediction[]
  /** Pure: how far a stored fit was off on the days since it was fitted; left out where a model is not watched. */
  monitor?(fit: Fit, data: Data): MonitoredError[]
}

export interface Stores {
  state: State
  series: SeriesStore
  forecast: Forecast
}

/** One value that a fit had foretold: its error, and the RMSE that it was fitted with. */
export interface MonitoredError {
  origin: number // when it was said: the same number for all that was said at one time
  error: number // of who is used
  expected: number
  /** what the model itself was off by, used or not, and the better of physics and persistence */
  modelError: number
  baselineError: number
}

/** A fit that could not be made. */
export const insufficientData = (reason: Reason, fromDay: Day, throughDay: Day): Fit => ({
  state: 'too-little',
  reason,
  rows: 0,
  fromDay,
  throughDay,
  terms: [],
  skill: [],
})

/** By so much an error must be smaller to be better: a difference below that is the luck of the days held out. */
const MARGIN = 0.05

/** Who is used: what knows less steps forward only for what is clearly better on held-out time. */
export function bestMethod({ rmse, persistence, physics }: ModelSkill): Prediction['method'] {
  const baseline = Math.min(persistence ?? Infinity, physics ?? Infinity)
  return rmse < (1 - MARGIN) * baseline ? 'model' : baselineMethod({ persistence, physics })
}

/** The better of physics and persistence. */
export function baselineMethod({
  persistence,
  physics,
}: Pick<ModelSkill, 'persistence' | 'physics'>): 'persistence' | 'physics' {
  if (physics === null) return 'persistence'
  return persistence === null || physics < (1 - MARGIN) * persistence ? 'physics' : 'persistence'
}

/** Who is used by a fit: one that has stepped back since it drifted uses no model, however good it once was. */
export const methodUsed = ({ state }: Pick<Fit, 'state'>, skill: ModelSkill): Prediction['method'] =>
  state === 'stepped-back' ? baselineMethod(skill) : bestMethod(skill)

/** RMSE on held-out time of a method. */
export const errorOfMethod = (skill: ModelSkill, method: Prediction['method']): number =>
  method === 'model' ? skill.rmse : skill[method]!

/** RMSE on held-out time of who is used. */
export function errorOfBest(skill: ModelSkill): number {
  return errorOfMethod(skill, bestMethod(skill))
}

/** Used where at least one horizon beats its rivals; the horizons that do not are stepped back one by one. */
export function decideState(skill: readonly ModelSkill[]): Pick<Fit, 'state' | 'reason'> {
  const used = skill.filter((horizon) => bestMethod(horizon) === 'model')
  const params = { used: used.length, of: skill.length }
  if (used.length === 0) return { state: 'stepped-back', reason: { key: 'no-better', params } }
  const gain = used.reduce((sum, horizon) => sum + horizon.skill, 0) / used.length
  return { state: 'used', reason: { key: 'better', params: { ...params, gainPct: Math.round(100 * gain) } } }
}
