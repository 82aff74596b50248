/** Small arithmetic of the models: a result that is not a number is a RangeError. */
import { finite } from './finite.ts'

/** `max` applies where `min` is above it. RangeError if the result is not finite. */
export const clamp = (value: number, min: number, max: number): number =>
  finite(Math.min(max, Math.max(min, value)), { value, min, max })

/** 0 for an empty list. */
export const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + finite(value, { value }), 0)

/** RangeError for an empty list. */
export const mean = (values: readonly number[]): number =>
  finite(sum(values) / values.length, { count: values.length })

/** The median. RangeError for an empty list. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return finite(median, { values: values.find((value) => !Number.isFinite(value)), count: values.length })
}

/** Standard deviation by the median absolute deviation, for normally distributed values. Rousseeuw & Croux 1993. */
export function robustSd(values: readonly number[]): number {
  const middle = medianOf(values)
  return 1.4826 * medianOf(values.map((value) => Math.abs(value - middle)))
}
