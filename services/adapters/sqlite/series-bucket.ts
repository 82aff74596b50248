/** What a bucket of readings amounts to. Pure: numbers in, numbers out. */
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
export function joined(a: Bucket, b: Bucket): Bucket {
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
export function widened(buckets: Iterable<Bucket>, stepMs: number): Bucket[] {
  const wide: Bucket[] = []
  for (const bucket of buckets) {
    const atMs = Math.floor(bucket.atMs / stepMs) * stepMs
    const last = wide.at(-1)
    if (last?.atMs === atMs) wide[wide.length - 1] = joined(last, bucket)
    else wide.push({ ...bucket, atMs })
  }
  return wide
}
