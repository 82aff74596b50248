/**
 * The day of a stage by thermal time: from a start day on, heat above a base is summed until the stage comes. A few
 * years cannot tell which start and base are the true ones, so every pair answers, weighted by how well it foretells
 * years that it has not seen (Bayesian model averaging, Hoeting et al. 1999, Stat. Sci. 14:382).
 */
import { heatSum, type HeatRecord } from '../agronomy/heat-sum.ts'
import type { HeatModel } from '../agronomy/degree-days.ts'

/** A year of weather from 1 January, and the day of the year on which the stage came. */
export interface StageYear {
  year: number
  days: readonly HeatRecord[]
  stageDay: number
}

/** One start and base, and the sum they need; the weights of all are 1 together. */
export interface ThermalTime {
  lowerC: number
  startDay: number
  needCd: number
  weight: number
}

const BASES_C = [0, 1, 2, 3, 4, 5, 6, 7, 8]
const NOT_CLOSER_DAYS = 14 // a sum of a few days foretells nothing
const LEAST_YEARS = 4
const LEAST_RMSE_D = 0.5 // stages are noted to the day
const LEAST_WEIGHT = 1e-3 // of the best one's

/** Empty with fewer than four years. */
export function fitThermalTime(years: readonly StageYear[]): ThermalTime[] {
  const n = years.length
  if (n < LEAST_YEARS) return []
  const earliest = Math.min(...years.map(({ stageDay }) => stageDay))
  const all = BASES_C.flatMap((lowerC) => {
    const sums = years.map(({ days }) => sumsAbove(lowerC, days))
    const starts = Array.from({ length: Math.max(0, earliest - NOT_CLOSER_DAYS) }, (_, i) => i + 1)
    return starts.map((startDay) => {
      const needs = years.map(({ stageDay }, i) => sums[i]![stageDay]! - sums[i]![startDay - 1]!)
      const total = needs.reduce((sum, need) => sum + need, 0)
      const squares = years.reduce((sum, { stageDay }, i) => {
        const needOfOthers = (total - needs[i]!) / (n - 1)
        return sum + (dayIn(sums[i]!, startDay, needOfOthers) - stageDay) ** 2
      }, 0)
      const rmseD = Math.max(LEAST_RMSE_D, Math.sqrt(squares / n))
      return { lowerC, startDay, needCd: total / n, rmseD }
    })
  })
  const best = all.reduce((least, { rmseD }) => Math.min(least, rmseD), Infinity)
  // likelihood of normal errors of unknown size
  const kept = all
    .map(({ rmseD, ...one }) => ({ ...one, weight: (rmseD / best) ** -n }))
    .filter(({ weight }) => weight >= LEAST_WEIGHT)
  const total = kept.reduce((sum, { weight }) => sum + weight, 0)
  return kept.map((one) => ({ ...one, weight: one.weight / total }))
}

/** Day of the year, in parts of a day; a sum that is not reached in the record counts as its end. */
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
