/** One subject on one night: a due fit is computed, drift is monitored, and the days ahead are predicted. Pure. */
import { daysBetween } from '../../broker/contract/time.ts'
import { sumBy } from '../runtime/math.ts'
import type { ModelDrift } from '../tables.ts'
import type { Prediction, Fit, Learner, MonitoredError } from './fitting/learner.ts'
import type { Day } from '../../broker/contract/time.ts'

export interface NightlyFit {
  fit: Fit
  /** false: the stored one is still valid */
  isNew: boolean
  /** of the stored fit, also where a new one replaces it */
  drift: ModelDrift | null
  predictions: Prediction[]
}

/**
 * Fewer predictions are not sufficient to detect drift, and 1.5 times the expected error is not due to chance.
 * Unconfirmed.
 */
const DRIFT = { minDays: 7, factor: 1.5 }

/** Returns the stored fit while it is valid, else a new one; with its drift and its predictions. */
export function learnSubject<Data>(
  learner: Pick<Learner<Data>, 'fit' | 'predict' | 'monitor' | 'refitDays'>,
  stored: Fit | null,
  data: Data,
  throughDay: Day,
): NightlyFit {
  const watched =
    stored && stored.state !== 'insufficient-data' ? (learner.monitor?.(stored, data) ?? []) : []
  const drift = driftOf(watched, throughDay)
  if (stored && !isDue(learner.refitDays, stored, drift, throughDay))
    return { fit: stored, isNew: false, drift, predictions: learner.predict(stored, data) }
  const newFit = learner.fit(data)
  const fit = drift?.isDrifting ? afterDrift(newFit, drift, watched) : newFit
  return { fit, isNew: true, drift, predictions: learner.predict(fit, data) }
}

/** A drifting fit is refitted at once; a failed one is retried every night. */
const isDue = (refitDays: number, stored: Fit, drift: ModelDrift | null, throughDay: Day): boolean =>
  stored.state === 'insufficient-data' ||
  drift?.isDrifting === true ||
  daysBetween(stored.throughDay, throughDay) >= refitDays

/**
 * Where the baselines predicted the days of the drift at least as well, the skill on the whole record does not count:
 * the model falls back until its next fit.
 */
function afterDrift(newFit: Fit, { n }: ModelDrift, watched: readonly MonitoredError[]): Fit {
  const isBetter =
    rms(watched.map((error) => error.modelError)) < rms(watched.map((error) => error.baselineError))
  return newFit.state !== 'used' || isBetter
    ? newFit
    : { ...newFit, state: 'fallback', reason: { key: 'drifted', params: { n } } }
}

const rms = (values: number[]): number => Math.sqrt(sumBy(values, (value) => value * value) / values.length)

function driftOf(watched: readonly MonitoredError[], throughDay: Day): ModelDrift | null {
  if (watched.length === 0) return null
  const rmse = rms(watched.map(({ error }) => error))
  const expected = rms(watched.map((error) => error.expected))
  // predictions of several days that were issued together have correlated errors: one case
  const n = new Set(watched.map(({ origin }) => origin)).size
  const isDrifting = n >= DRIFT.minDays && rmse > DRIFT.factor * expected
  return { throughDay, n, rmse, expected, isDrifting }
}
