/**
 * Hours and days of readings with flag 1 or 2. A stored roll-up is used while it is true; an hour that is marked
 * dirty is counted anew from its readings, so that nobody ever sees a stale one.
 */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { RolledSeries, SeriesQuery } from '../../ports.ts'
import type { SqliteDatabase } from './open.ts'
import { toColumns, coarsen, type Bucket, type BucketColumns, type BucketRow } from '../buckets.ts'
import { countSpan, dirtySpans } from './series-count.ts'
import type { KnownSeries } from './series-dictionary.ts'
import { nameOf, type Reader } from './series-range.ts'
import { stepMs } from './series-schema.ts'
import { yieldToEventLoop } from '../../breath.ts'
import { inSnapshot } from './series-steps.ts'

type ByStart = Map<AtMs, Bucket>

// 18,000 buckets of a season's days: a few milliseconds
const SERIES_BATCH_SIZE = 100

/** Buckets that overlap the range are given whole; a series without one is left out. Each series is of one state of the file. */
export async function readRolled(
  db: SqliteDatabase,
  reader: Reader,
  query: SeriesQuery & { step: 'hour' | 'day' },
): Promise<RolledSeries[]> {
  const width = stepMs[query.step]
  const fromMs = Math.floor(query.fromMs / width) * width
  const toMs = Math.ceil(query.toMs / width) * width
  const matching = inSnapshot(db, () => reader.dictionary.matching(query))
  const found: RolledSeries[] = []
  for (let from = 0; from < matching.length; from += SERIES_BATCH_SIZE) {
    if (from > 0) await yieldToEventLoop()
    const some = matching.slice(from, from + SERIES_BATCH_SIZE)
    found.push(...(await readRolledSeries(db, reader, some, { width, fromMs, toMs })))
  }
  return found
}

export interface Buckets {
  width: number // ms
  fromMs: AtMs
  toMs: AtMs
}

/** The buckets of some series; those with a dirty hour are counted anew. */
export async function readRolledSeries(
  db: SqliteDatabase,
  { pages }: Reader,
  some: readonly KnownSeries[],
  { width, fromMs, toMs }: Buckets,
): Promise<RolledSeries[]> {
  const stored = storedBuckets(db)
  const columns = storedColumns(db)
  const { clean, buckets, hours, dirty } = inSnapshot(db, () => {
    const dirty = dirtyHours(db, some, fromMs, toMs)
    const isClean = (one: KnownSeries) => !dirty.has(one)
    return {
      clean: new Map(some.filter(isClean).map((one) => [one, columns(one.series, width, fromMs, toMs)])),
      buckets: new Map([...dirty.keys()].map((one) => [one, stored(one.series, width, fromMs, toMs)])),
      hours: new Map([...dirty].map(([one, starts]) => [one, hoursAround(stored, one, starts, width)])),
      dirty,
    }
  })
  for (const [one, starts] of dirty) for (const hourMs of starts) hours.get(one)!.delete(hourMs)

  for (const span of dirtySpans(dirty)) {
    const counted = countSpan(pages, span)
    for (const one of span.series)
      for (const [hourMs, bucket] of counted.get(one.series)!)
        hours.get(one as KnownSeries)?.set(hourMs, bucket)
    await yieldToEventLoop()
  }

  for (const [one, starts] of dirty) {
    const known = buckets.get(one)!
    for (const hourMs of starts) known.delete(Math.floor(hourMs / width) * width)
    for (const bucket of coarsen(sortedByStart(hours.get(one)!), width)) known.set(bucket.atMs, bucket)
  }
  return some
    .map((one) => ({
      ...nameOf(one),
      ...(clean.get(one) ?? toColumns(sortedByStart(buckets.get(one)!).map(toBucketRow))),
    }))
    .filter(({ atMs }) => atMs.length > 0)
}

/** Stored hours of every wider bucket that holds one of the hours. */
function hoursAround(
  stored: StoredBuckets,
  one: { series: number },
  hours: readonly AtMs[],
  width: number,
): ByStart {
  const around: ByStart = new Map()
  if (width === HOUR_MS) return around
  for (const startMs of new Set(hours.map((hourMs) => Math.floor(hourMs / width) * width)))
    for (const [hourMs, bucket] of stored(one.series, HOUR_MS, startMs, startMs + width))
      around.set(hourMs, bucket)
  return around
}

type StoredBuckets = (series: number, width: number, fromMs: AtMs, toMs: AtMs) => ByStart

const storedRows = (db: SqliteDatabase) =>
  db
    .prepare(
      `SELECT at_ms, mean, min, max, first, last, count FROM roll
       WHERE series = ? AND step_ms = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms`,
    )
    .raw()

/** Reads the roll-ups that are stored as they are given: a season of a co-operative has hundreds of thousands. */
function storedColumns(db: SqliteDatabase) {
  const select = storedRows(db)
  return (series: number, width: number, fromMs: AtMs, toMs: AtMs): BucketColumns =>
    toColumns(select.all(series, width, fromMs, toMs) as BucketRow[])
}

/** Reads the roll-ups that are stored, by their start; `width` is their step, ms. */
export function storedBuckets(db: SqliteDatabase): StoredBuckets {
  const select = storedRows(db)
  return (series, width, fromMs, toMs) =>
    new Map(
      (select.all(series, width, fromMs, toMs) as BucketRow[]).map(
        ([atMs, mean, min, max, first, last, count]) => [atMs, { atMs, mean, min, max, first, last, count }],
      ),
    )
}

/** Hours of some series whose roll-up is not true, in time order; a series without one is left out. */
export function dirtyHours(
  db: SqliteDatabase,
  some: readonly KnownSeries[],
  fromMs: AtMs,
  toMs: AtMs,
): Map<KnownSeries, AtMs[]> {
  const select = db
    .prepare('SELECT hour_ms FROM dirty WHERE series = ? AND hour_ms >= ? AND hour_ms < ? ORDER BY hour_ms')
    .raw()
  const dirty = new Map<KnownSeries, AtMs[]>()
  for (const one of some) {
    const rows = select.all(one.series, fromMs, toMs) as [number][]
    if (rows.length > 0)
      dirty.set(
        one,
        rows.map(([hourMs]) => hourMs),
      )
  }
  return dirty
}

const sortedByStart = (buckets: ByStart): Bucket[] => [...buckets.values()].sort((a, b) => a.atMs - b.atMs)

const toBucketRow = (one: Bucket): BucketRow => [
  one.atMs,
  one.mean,
  one.min,
  one.max,
  one.first,
  one.last,
  one.count,
]
