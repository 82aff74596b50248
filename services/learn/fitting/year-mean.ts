/**
 * The mean of cases grouped by year. Cases of one year share its weather, so many of them add little information on
 * the next year: a year is weighted by its number of cases and by the variance between years (random effects;
 * DerSimonian & Laird 1986, Control. Clin. Trials 7:177). Pure.
 */
import { sum } from '../../runtime/math.ts'
import { mean } from './statistics.ts'

export interface YearMean {
  mean: number
  sd: number // of one more case in one more year
  freedom: number // degrees of freedom of `sd` (Satterthwaite 1946)
}

/**
 * Null with fewer than two cases. With a single year the variance between years is unknown: `sd` is then that within
 * it.
 */
export function meanOverYears(cases: readonly { year: number; value: number }[]): YearMean | null {
  if (cases.length < 2) return null
  const years = [...new Set(cases.map(({ year }) => year))].map((year) => {
    const values = cases.filter((yearCase) => yearCase.year === year).map(({ value }) => value)
    return { n: values.length, mean: mean(values), squares: squaresOf(values) }
  })
  const [n, k] = [cases.length, years.length]
  const within = n === k ? 0 : sum(years.map(({ squares }) => squares)) / (n - k)
  const between = k === 1 ? 0 : betweenOf(years, within)
  const weights = years.map((year) => weightOf(between + within / year.n))
  const total = sum(weights)
  const yearMean = sum(years.map((year, i) => (weights[i]! * year.mean) / total))
  const ofMean = sum(years.map((year, i) => (weights[i]! / total) ** 2 * (between + within / year.n)))
  const variance = between + within + ofMean
  if (variance === 0) return { mean: yearMean, sd: 0, freedom: Math.max(1, k - 1) }
  const parts =
    (k === 1 ? 0 : (between + ofMean) ** 2 / (k - 1)) +
    (n === k ? 0 : (within + (k === 1 ? ofMean : 0)) ** 2 / (n - k))
  return { mean: yearMean, sd: Math.sqrt(variance), freedom: Math.max(1, variance ** 2 / parts) }
}

interface YearCases {
  n: number
  mean: number
  squares: number
}

/** Variance between years by the method of moments; 0 where they differ no more than their cases explain. */
function betweenOf(years: readonly YearCases[], within: number): number {
  const n = sum(years.map((year) => year.n))
  const k = years.length
  const overall = sum(years.map((year) => year.n * year.mean)) / n
  const betweenSquares = sum(years.map((year) => year.n * (year.mean - overall) ** 2)) / (k - 1)
  const usualN = (n - sum(years.map((year) => year.n ** 2)) / n) / (k - 1)
  return Math.max(0, (betweenSquares - within) / usualN)
}

// years without any variance have equal weights
const weightOf = (variance: number): number => (variance > 0 ? 1 / variance : 1)

function squaresOf(values: readonly number[]): number {
  const middle = mean(values)
  return sum(values.map((value) => (value - middle) ** 2))
}
