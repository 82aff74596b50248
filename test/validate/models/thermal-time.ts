/**
 * The day of a stage by thermal time: degree-days above a base temperature are summed from a start day until the
 * stage. A few years do not determine the start and the base, so every pair contributes, weighted by its skill on
 * held-out years (Bayesian model averaging, Hoeting et al. 1999, Stat. Sci. 14:382) and by a prior: with three years
 * the prior dominates, with ten it has almost no effect.
 */
import { heatSum } from '../../../services/agronomy/crops/heat-sum.ts'
import type { HeatModel, HeatRecord } from '../../../services/agronomy/crops/degree-days.ts'
import { sum, sumBy } from '../../../services/runtime/math.ts'

/** A year of weather from 1 January, and the day of the year on which the stage came. */
export interface StageYear {
  year: number
  days: readonly HeatRecord[]
  stageDay: number
}

/** One start and base, with the required sum; the weights add up to 1. */
export interface ThermalTime {
  lowerC: number
  startDay: number
  needCd: number
  weight: number
}

const BASES_C = [0, 1, 2, 3, 4, 5, 6, 7, 8]
const NOT_CLOSER_DAYS = 14 // a sum of a few days has no predictive skill
const MIN_YEARS = 3
/**
 * Lower bound of the error of a degree-day sum in spring: a pair that appears better on few years does so by chance.
 * Unconfirmed.
 */
const MIN_RMSE_D = 2
const MIN_WEIGHT = 1e-3 // relative to the best one
/** Buds of trees grow from 4-5 °C on (Anderson, Richardson & Kesner 1986, Acta Hortic. 184:71). */
const USUAL_BASE_C = { mean: 4.5, sd: 2 }
/** After winter chill is complete they respond to warmth, about two months before the stage. Unconfirmed. */
const USUAL_SPAN_DAYS = { mean: 60, sd: 15 }

/** Empty with fewer than three years. */
export function fitThermalTime(years: readonly StageYear[]): ThermalTime[] {
  const n = years.length
  if (n < MIN_YEARS) return []
  const stageDays = years.map(({ stageDay }) => stageDay)
  const earliest = Math.min(...stageDays)
  const meanDay = sum(stageDays) / n
  const candidates = BASES_C.flatMap((lowerC) => {
    const sums = years.map(({ days }) => sumsAbove(lowerC, days))
    const starts = Array.from({ length: Math.max(0, earliest - NOT_CLOSER_DAYS) }, (_, i) => i + 1)
    return starts.map((startDay) => {
      const needs = years.map(({ stageDay }, i) => sums[i]![stageDay]! - sums[i]![startDay - 1]!)
      const total = sum(needs)
      const squares = years.reduce((sum, { stageDay }, i) => {
        const needOfOthers = (total - needs[i]!) / (n - 1)
        return sum + (dayIn(sums[i]!, startDay, needOfOthers) - stageDay) ** 2
      }, 0)
      const rmseD = Math.max(MIN_RMSE_D, Math.sqrt(squares / n))
      // likelihood of normal errors of unknown variance, and the prior
      const logWeight = -n * Math.log(rmseD) + logUsual(lowerC, meanDay - startDay)
      return { lowerC, startDay, needCd: total / n, logWeight }
    })
  })
  const best = candidates.reduce((most, { logWeight }) => Math.max(most, logWeight), -Infinity)
  const significant = candidates
    .map(({ logWeight, ...candidate }) => ({ ...candidate, weight: Math.exp(logWeight - best) }))
    .filter(({ weight }) => weight >= MIN_WEIGHT)
  const total = sumBy(significant, ({ weight }) => weight)
  return significant.map((candidate) => ({ ...candidate, weight: candidate.weight / total }))
}

const logUsual = (lowerC: number, spanDays: number): number =>
  -0.5 * ((lowerC - USUAL_BASE_C.mean) / USUAL_BASE_C.sd) ** 2 -
  0.5 * ((spanDays - USUAL_SPAN_DAYS.mean) / USUAL_SPAN_DAYS.sd) ** 2

/** Day of the year, in fractions of a day; a sum that is not reached in the record counts as its end. */
export function stageDayOf(model: readonly ThermalTime[], days: readonly HeatRecord[]): number {
  const sums = new Map<number, number[]>()
  return model.reduce((mean, { lowerC, startDay, needCd, weight }) => {
    if (!sums.has(lowerC)) sums.set(lowerC, sumsAbove(lowerC, days))
    return mean + weight * dayIn(sums.get(lowerC)!, startDay, needCd)
  }, 0)
}

/** Sum up to the end of each day of the year; the first is that of the day before 1 January. */
function sumsAbove(lowerC: number, days: readonly HeatRecord[]): number[] {
  const heat: HeatModel = { method: 'single-sine', cutoff: 'none', lowerC, upperC: null }
  const sums = [0]
  for (const cd of heatSum(heat, days).dailyCd) sums.push(sums.at(-1)! + (cd ?? 0))
  return sums
}

function dayIn(sums: readonly number[], startDay: number, needCd: number): number {
  const target = (sums[startDay - 1] ?? 0) + needCd
  const at = sums.findIndex((sum, day) => day >= startDay && sum >= target)
  if (at === -1) return sums.length - 1
  const [before, after] = [sums[at - 1]!, sums[at]!]
  return after === before ? at : at - 1 + (target - before) / (after - before)
}
