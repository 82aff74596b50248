/**
 * Midpoint of a flight, in degree-days, from the catches so far and from prior knowledge: Bayes' rule on a grid of
 * curves. The catches of a flight are distributed over its checks according to the curve (a multinomial, given the
 * total); with few catches the prior dominates.
 */
import { finite } from '../finite.ts'
import { shiftedShareAt, type CatchCurve } from './catch-curve.ts'

/** Catches between two degree-day sums, that is between two checks of a trap. */
export interface CatchSpan {
  fromCd: number
  toCd: number
  count: number
}

/** Prior of the midpoint of this flight before any catch; null: only that it lies between two sums. */
export type HalfPrior = { midCd: number; sdCd: number } | { fromCd: number; toCd: number }

/** 80 % interval. */
export interface HalfFlight {
  loCd: number
  midCd: number
  hiCd: number
}

/**
 * Catches are overdispersed: their variance is mean + mean²/k. The k of moths in pheromone traps is about 2;
 * unconfirmed.
 */
const CLUSTER = 2
/** A share of the catches outside every curve: strays, and a trap that was moved. Unconfirmed. */
const STRAY = 0.02
/** Factors by which a flight may be shorter or longer than its curve. */
const STRETCHES = [0.5, 0.63, 0.79, 1, 1.26, 1.59, 2]
const MIDS = 121
const WIDTH_SD = 3.5

/**
 * Null without a result: no curve of this spread fits better at one sum than at others, because there are hardly any
 * catches and no prior, or because the catches are still rising.
 */
export function halfFlight(
  curve: CatchCurve,
  before: HalfPrior,
  checks: readonly CatchSpan[],
): HalfFlight | null {
  // without degree-days between two checks no part of the flight lies between them
  const spans = checks.filter(({ fromCd, toCd }) => toCd > fromCd)
  const [lowest, highest] =
    'sdCd' in before
      ? [before.midCd - WIDTH_SD * before.sdCd, before.midCd + WIDTH_SD * before.sdCd]
      : [before.fromCd, before.toCd]
  const step = (highest - lowest) / (MIDS - 1)
  if (!(step > 0) || !Number.isFinite(step)) return null
  const mids = Array.from({ length: MIDS }, (_, i) => lowest + i * step)
  const logs = mids.flatMap((midCd) => {
    const prior = 'sdCd' in before ? -0.5 * ((midCd - before.midCd) / before.sdCd) ** 2 : 0
    return STRETCHES.map((stretch) => prior + logLikelihood(curve, midCd, stretch, spans))
  })
  const best = logs.reduce((max, log) => Math.max(max, log), -Infinity)
  const weights = mids.map((_, i) =>
    STRETCHES.reduce((sum, _s, j) => sum + Math.exp(logs[i * STRETCHES.length + j]! - best), 0),
  )
  const [loCd, midCd, hiCd] = [0.1, 0.5, 0.9].map((share) => quantile(mids, weights, share)) as [
    number,
    number,
    number,
  ]
  const isLearned = hiCd - loCd <= (highest - lowest) / 2 && !peaksAtEdge(weights)
  return 'sdCd' in before || isLearned ? { loCd, midCd, hiCd } : null
}

function logLikelihood(
  curve: CatchCurve,
  midCd: number,
  stretch: number,
  spans: readonly CatchSpan[],
): number {
  const shares = spans.map(
    ({ fromCd, toCd }) =>
      shiftedShareAt(curve, midCd, stretch, toCd) - shiftedShareAt(curve, midCd, stretch, fromCd),
  )
  const observedShare = shares.reduce((sum, share) => sum + share, 0)
  const caught = spans.reduce((sum, { count }) => sum + count, 0)
  const heatCd = spans.reduce((sum, { fromCd, toCd }) => sum + toCd - fromCd, 0)
  if (caught === 0 || heatCd === 0) return 0
  const worth = 1 / (1 + caught / spans.length / CLUSTER) // weight of one insect, since catches are overdispersed
  return spans.reduce((log, { fromCd, toCd, count }, i) => {
    const expected = observedShare > 0 ? shares[i]! / observedShare : 0
    const share = (1 - STRAY) * expected + (STRAY * (toCd - fromCd)) / heatCd
    return count > 0 ? log + worth * count * Math.log(share) : log
  }, 0)
}

/**
 * Whether more than a tenth of the weight lies in the outer tenth of the grid at one end: the maximum may be beyond
 * it.
 */
function peaksAtEdge(weights: readonly number[]): boolean {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const outer = Math.round(MIDS / 10)
  const share = (part: readonly number[]) => part.reduce((sum, weight) => sum + weight, 0) / total
  return Math.max(share(weights.slice(0, outer)), share(weights.slice(-outer))) > 0.1
}

function quantile(mids: readonly number[], weights: readonly number[], share: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let soFar = 0
  for (const [i, weight] of weights.entries()) {
    if (soFar + weight >= share * total) {
      const step = mids[1]! - mids[0]!
      return mids[i]! + step * ((share * total - soFar) / weight - 0.5)
    }
    soFar += weight
  }
  return mids.at(-1)!
}

/** A curve of catches for a flight of which only the length of a generation is known. */
export const genericCurve = (generationCd: number): CatchCurve => ({
  kind: 'logistic',
  midCd: finite(generationCd / 2, { generationCd }),
  // the middle 80 % of a flight of navel orangeworm takes about 0.45 of a generation; unconfirmed for others
  scaleCd: generationCd / 10,
})
