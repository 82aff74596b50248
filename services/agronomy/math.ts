/** The middle of many values and how far they lie from it, neither moved by a few that are wrong. */
import { finite } from './finite.ts'

/** RangeError for none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return finite(median, { values: values.find((value) => !Number.isFinite(value)), count: values.length })
}

/** Standard deviation by the median absolute deviation, for values spread normally. Rousseeuw & Croux 1993. */
export function robustSd(values: readonly number[]): number {
  const middle = medianOf(values)
  return 1.4826 * medianOf(values.map((value) => Math.abs(value - middle)))
}
