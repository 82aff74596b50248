/** One subject on one night: a fit that is due is made, drift is watched, and the days ahead are foretold. Pure. */
import { daysBetween } from '../../broker/contract/time.ts'
import type { ModelDrift } from '../tables.ts'
import type { Prediction, Fit, Learner, MonitoredError } from './fitting/learner.ts'
import type { Day } from '../../broker/contract/time.ts'

export interface NightlyFit {
  fit: Fit
  /** false: the stored one stands */
  isNew: boolean
  /** of the stored fit, also where a new one takes its place */
  drift: ModelDrift | null
  predictions: Prediction[]
}

/** Fewer forecasts say nothing of drift, and half as much again is no chance. Unconfirmed. */
const DRIFT = { least: 7, factor: 1.5 }

export function learnSubject<Data>(
  learner: Pick<Learner<Data>, 'fit' | 'predict' | 'monitor' | 'refitDays'>,
  stored: Fit | null,
  data: Data,
  throughDay: Day,
): NightlyFit {
  const watched = stored && stored.state !== 'too-little' ? (learner.monitor?.(stored, data) ?? []) : []
  const drift = driftOf(watched, throughDay)
  if (stored && !isDue(learner.refitDays, stored, drift, throughDay))
    return { fit: stored, isNew: false, drift, predictions: learner.predict(stored, data) }
  const newFit = learner.fit(data)
  const fit = drift?.isDrifting ? afterDrift(newFit, drift, watched) : newFit
  return { fit, isNew: true, drift, predictions: learner.predict(fit, data) }
}

/** A fit that drifts is made anew at once; one that could not be made is tried every night. */
const isDue = (refitDays: number, stored: Fit, drift: ModelDrift | null, throughDay: Day): boolean =>
  stored.state === 'too-little' ||
  drift?.isDrifting === true ||
  daysBetween(stored.throughDay, throughDay) >= refitDays

/**
 * Where the days that the model drifted on were foretold no worse without it, the record as a whole does not count: it
 * steps back until its next fit.
 */
function afterDrift(newFit: Fit, { n }: ModelDrift, watched: readonly MonitoredError[]): Fit {
  const isBetter = rms(watched.map((error) => error.modelError)) < rms(watched.map((error) => error.baselineError))
  return newFit.state !== 'used' || isBetter
    ? newFit
    : { ...newFit, state: 'stepped-back', reason: { key: 'drifted', params: { n } } }
}

const rms = (values: number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

function driftOf(watched: readonly MonitoredError[], throughDay: Day): ModelDrift | null {
  if (watched.length === 0) return null
  const rmse = rms(watched.map(({ error }) => error))
  const expected = rms(watched.map((error) => error.expected))
  // what was said at one time of several days ahead is wrong together: one case
  const n = new Set(watched.map(({ origin }) => origin)).size
  const isDrifting = n >= DRIFT.least && rmse > DRIFT.factor * expected
  return { throughDay, n, rmse, expected, isDrifting }
}
