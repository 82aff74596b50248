/**
 * Evaluation on held-out time: a model is fitted on the data up to an origin and evaluated on the data after it,
 * origin after origin (Tashman 2000). No future row, and no target that extends into the future, is used for
 * training.
 */
import { sumBy } from '../../runtime/math.ts'
import type { ModelSkill } from '../../tables.ts'

/** Train on the rows [0, trainTo), evaluate on the rows [from, to). */
export interface Split {
  trainTo: number
  from: number
  to: number
}

/**
 * Splits of `n` rows in time order whose targets are known `horizon` rows later (0: in the row itself): the first
 * trains on at least `minTrain` rows, each next one starts `step` rows later. Empty when there are too few rows.
 */
export function rollingOrigin(
  n: number,
  { minTrain, step, horizon = 0 }: { minTrain: number; step: number; horizon?: number },
): Split[] {
  if (!(minTrain >= 1 && step >= 1 && horizon >= 0))
    throw new RangeError(`minTrain ${minTrain}, step ${step}, horizon ${horizon}: expected 1, 1, 0 at least`)
  const splits: Split[] = []
  for (let from = minTrain + horizon; from < n; from += step)
    splits.push({ trainTo: from - horizon, from, to: Math.min(n, from + step) })
  return splits
}

/**
 * The record in `count` contiguous blocks of about equal length: each is held out once, whatever season it covers.
 */
export const contiguousBlocks = (n: number, count: number): { from: number; to: number }[] =>
  Array.from({ length: count }, (_, i) => ({
    from: Math.round((i * n) / count),
    to: Math.round(((i + 1) * n) / count),
  }))

/** One held-out case: the actual value and the predictions; null where a method has none. */
export interface HeldOutCase {
  actual: number
  model: number
  persistence: number | null
  physics: number | null
}

/**
 * Error of the model and of its baselines. Only cases with a prediction of every method are counted, so that all are
 * evaluated on the same ones; a baseline without any prediction is null. Null without a case.
 */
export function computeSkill(key: string, unit: string, cases: readonly HeldOutCase[]): ModelSkill | null {
  const hasAny = (baseline: 'persistence' | 'physics') => cases.some((heldOut) => heldOut[baseline] !== null)
  const baselines = (['persistence', 'physics'] as const).filter(hasAny)
  const complete = cases.filter((heldOut) => baselines.every((baseline) => heldOut[baseline] !== null))
  if (complete.length === 0) return null
  const rmseOf = (method: 'model' | 'persistence' | 'physics') =>
    Math.sqrt(sumBy(complete, (heldOut) => (heldOut[method]! - heldOut.actual) ** 2) / complete.length)
  const rmse = rmseOf('model')
  const of = (baseline: 'persistence' | 'physics') => (baselines.includes(baseline) ? rmseOf(baseline) : null)
  const persistence = of('persistence')
  const physics = of('physics')
  const best = Math.min(persistence ?? Infinity, physics ?? Infinity)
  return { key, unit, n: complete.length, rmse, persistence, physics, skill: skillAgainst(rmse, best) }
}

/** 1 − rmse / best; 0 where both are without error or there is no baseline. */
const skillAgainst = (rmse: number, best: number): number =>
  best === Infinity || (best === 0 && rmse === 0) ? 0 : best === 0 ? -1 : 1 - rmse / best
