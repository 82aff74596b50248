/**
 * A rate that should be the same in every run: the flow of a valve, the application rate of a zone. Estimated as the
 * median of the last runs, so that one outlier has no effect; evaluated on later runs, against the run before and the
 * entered rate. Pure.
 */
import { DAY_MS, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { medianOf, robustSd } from '../../agronomy/math.ts'
import type { ModelTerm } from '../../tables.ts'
import {
  baselineMethod,
  insufficientData,
  decideState,
  type Fit,
  type MonitoredError,
} from '../fitting/learner.ts'
import { rollingOrigin, computeSkill, type HeldOutCase } from '../fitting/rolling-origin.ts'

export interface RateRuns {
  runs: RateRun[] // in order
  entered: number | null // as entered; null: not entered
  key: 'flow' | 'application-rate'
  unit: 'L/min' | 'mm/h'
  fromDay: Day
  throughDay: Day
}
export interface RateRun {
  atMs: AtMs
  day: Day
  rate: number
}

const MIN_RUNS = 3
const MIN_TRAIN = 2
const LAST_RUNS = 20 // an older run may have had another pressure
const DRIFT_DAYS = 30

/** Rate with its spread and drift: terms 'flow' or 'application-rate', and '...-drift' in % over 30 days. */
export function fitRate({ runs, entered, key, unit, fromDay, throughDay }: RateRuns): Fit {
  const rows = runs.length
  if (rows < MIN_RUNS)
    return insufficientData({ key: 'too-few-runs', params: { rows, need: MIN_RUNS } }, fromDay, throughDay)
  const { median, sd } = medianRate(runs)
  const drift = driftPercent(runs, median)
  const terms: ModelTerm[] = [{ key, unit, coefficient: median, sd }]
  if (drift !== null) terms.push({ key: `${key}-drift`, unit: '%/30 d', coefficient: drift, sd: null })
  const skill = computeSkill('next-run', unit, heldOutCases(runs, entered))
  const skills = skill === null ? [] : [skill]
  return {
    ...decideState(skills),
    rows,
    fromDay: runs[0]!.day,
    throughDay,
    terms,
    skill: skills,
  }
}

/** Errors of the fit on the runs since. */
export function monitorRate(fit: Fit, { runs, key, entered }: RateRuns): MonitoredError[] {
  const term = fit.terms.find((candidate) => candidate.key === key)
  const [skill] = fit.skill
  if (term === undefined || skill === undefined) return []
  const method = baselineMethod(skill)
  return runs.flatMap(({ day, rate, atMs }, i) => {
    const baseline = method === 'physics' ? entered : (runs[i - 1]?.rate ?? null)
    if (day <= fit.throughDay || baseline === null) return []
    const error = rate - term.coefficient
    return [{ origin: atMs, error, modelError: error, baselineError: rate - baseline, expected: skill.rmse }]
  })
}

function heldOutCases(runs: readonly RateRun[], entered: number | null): HeldOutCase[] {
  return rollingOrigin(runs.length, { minTrain: MIN_TRAIN, step: 1 }).map(({ trainTo, from }) => ({
    actual: runs[from]!.rate,
    model: medianRate(runs.slice(0, trainTo)).median,
    persistence: runs[trainTo - 1]!.rate,
    physics: entered,
  }))
}

/** Median of the last runs, and their spread by the median absolute deviation. */
function medianRate(runs: readonly RateRun[]): { median: number; sd: number } {
  const rates = runs.slice(-LAST_RUNS).map(({ rate }) => rate)
  return { median: medianOf(rates), sd: robustSd(rates) }
}

/** The median slope between all pairs of the last runs (Theil 1950, Sen 1968); null when they have the same time. */
function driftPercent(runs: readonly RateRun[], median: number): number | null {
  const last = runs.slice(-LAST_RUNS)
  const slopes = last.flatMap((a, i) =>
    last
      .slice(i + 1)
      .flatMap((b) => (b.atMs > a.atMs ? [(b.rate - a.rate) / ((b.atMs - a.atMs) / DAY_MS)] : [])),
  )
  return slopes.length === 0 || !(median > 0) ? null : (100 * DRIFT_DAYS * medianOf(slopes)) / median
}
