/** What a bucket of readings amounts to. Pure: numbers in, numbers out. */
import type { RolledSeries } from '../ports.ts'

export interface Bucket {
  atMs: number // start
  mean: number
  min: number
  max: number
  first: number
  last: number
  count: number
}

/** The bucket of one reading. */
export const bucketOf = (atMs: number, value: number): Bucket => ({
  atMs,
  mean: value,
  min: value,
  max: value,
  first: value,
  last: value,
  count: 1,
})

/** Two neighbours as one bucket that starts where `a` does; every reading of `a` is earlier than those of `b`. */
export function mergeBuckets(a: Bucket, b: Bucket): Bucket {
  const count = a.count + b.count
  return {
    atMs: a.atMs,
    // a running mean: a sum of counters over a season would lose their decimals
    mean: a.mean + ((b.mean - a.mean) * b.count) / count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    first: a.first,
    last: b.last,
    count,
  }
}

/** Buckets in time order as wider buckets of `stepMs`. */
export function coarsen(buckets: Iterable<Bucket>, stepMs: number): Bucket[] {
  const wide: Bucket[] = []
  for (const bucket of buckets) {
    const atMs = Math.floor(bucket.atMs / stepMs) * stepMs
    const last = wide.at(-1)
    if (last?.atMs === atMs) wide[wide.length - 1] = mergeBuckets(last, bucket)
    else wide.push({ ...bucket, atMs })
  }
  return wide
}

/** Days of one series, in any order, as one figure for them all; null: there are none. */
export function sumDays(days: readonly DayTotals[]): DayTotals | null {
  const known = days.filter(({ days }) => days > 0)
  if (known.length === 0) return null
  const count = known.reduce((sum, one) => sum + one.count, 0)
  return {
    days: known.reduce((sum, one) => sum + one.days, 0),
    count,
    mean: known.reduce((mean, one) => mean + (one.mean * one.count) / count, 0),
    min: known.reduce((least, one) => Math.min(least, one.min), Infinity),
    max: known.reduce((most, one) => Math.max(most, one.max), -Infinity),
  }
}

/** What some days amount to. */
export interface DayTotals {
  days: number // with a reading
  count: number // readings
  mean: number
  min: number
  max: number
}

/** The same of roll-ups as columns. */
export const dayTotalsOf = ({
  mean,
  min,
  max,
  count,
}: Pick<RolledSeries, 'mean' | 'min' | 'max' | 'count'>) =>
  sumDays(mean.map((one, at) => ({ days: 1, count: count[at]!, mean: one, min: min[at]!, max: max[at]! })))

/** A bucket as both stores give it. */
export type BucketRow = [
  atMs: number,
  mean: number,
  min: number,
  max: number,
  first: number,
  last: number,
  count: number,
]
export type BucketColumns = Pick<RolledSeries, 'atMs' | 'mean' | 'min' | 'max' | 'first' | 'last' | 'count'>

/** Rows as columns. */
export function toColumns(rows: readonly BucketRow[]): BucketColumns {
  const column = (index: number) => rows.map((row) => row[index]!)
  return {
    atMs: column(0),
    mean: column(1),
    min: column(2),
    max: column(3),
    first: column(4),
    last: column(5),
    count: column(6),
  }
}
