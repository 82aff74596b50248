/** Small arithmetic that several modules need. The models of agronomy keep their own, next to their equations. */

/** A tenth of a standard normal distribution lies above it (Abramowitz & Stegun 1964, Table 26.1). */
export const NORMAL_90 = 1.2815515655

/** 0 for no values. */
export const sum = (values: Iterable<number>): number => {
  let total = 0
  for (const value of values) total += value
  return total
}

/** The sum of a number of each item. */
export const sumBy = <T>(items: Iterable<T>, valueOf: (item: T) => number): number => {
  let total = 0
  for (const item of items) total += valueOf(item)
  return total
}

/** Null for no values. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length
}

/** NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
}

/** Linear interpolation between ascending values (Hyndman & Fan 1996, type 7). */
export function quantile(ascending: readonly number[], share: number): number {
  const position = (ascending.length - 1) * share
  const [low, high] = [ascending[Math.floor(position)]!, ascending[Math.ceil(position)]!]
  return low + (high - low) * (position - Math.floor(position))
}

/** `max` when `min` is greater; NaN stays NaN. */
export const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value))

/** Rounded to a number of decimals, never -0. */
export const round = (value: number, decimals = 0): number =>
  Math.round(value * 10 ** decimals) / 10 ** decimals + 0

/** Rounded to one decimal, never -0. */
export const tenth = (value: number): number => round(value, 1)

/** The sum of tenths, itself a tenth: the terms that a person sees add up to the total that a person sees. */
export const sumTenths = (...tenths: number[]): number => tenth(sum(tenths))

/** A fraction of 0 to 1 in whole percent. */
export const percent = (fraction: number): number => Math.round(100 * fraction)
