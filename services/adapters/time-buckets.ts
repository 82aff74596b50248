/** Aggregates of readings in time buckets. Pure. */
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

/** Merges two neighbouring buckets into one that starts at `a`; every reading of `a` is earlier than those of `b`. */
export function mergeBuckets(a: Bucket, b: Bucket): Bucket {
  const count = a.count + b.count
  return {
    atMs: a.atMs,
    // a running mean: the sum of counter readings over a season would lose its decimals
    mean: a.mean + ((b.mean - a.mean) * b.count) / count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    first: a.first,
    last: b.last,
    count,
  }
}

/** Merges buckets in time order into wider buckets of `stepMs`. */
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

/** Totals over days of one series, in any order; null without days. */
export function sumDays(days: readonly DayTotals[]): DayTotals | null {
  const filled = days.filter(({ days }) => days > 0)
  if (filled.length === 0) return null
  const count = filled.reduce((sum, day) => sum + day.count, 0)
  return {
    days: filled.reduce((sum, day) => sum + day.days, 0),
    count,
    mean: filled.reduce((mean, day) => mean + (day.mean * day.count) / count, 0),
    min: filled.reduce((min, day) => Math.min(min, day.min), Infinity),
    max: filled.reduce((max, day) => Math.max(max, day.max), -Infinity),
  }
}

/** Totals over some days. */
export interface DayTotals {
  days: number // with a reading
  count: number // readings
  mean: number
  min: number
  max: number
}

/** Totals of roll-ups given as columns. */
export const dayTotalsOf = ({
  mean,
  min,
  max,
  count,
}: Pick<RolledSeries, 'mean' | 'min' | 'max' | 'count'>) =>
  sumDays(
    mean.map((dayMean, index) => ({
      days: 1,
      count: count[index]!,
      mean: dayMean,
      min: min[index]!,
      max: max[index]!,
    })),
  )

/** A bucket as both stores return it. */
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

/** Converts rows to columns. */
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
