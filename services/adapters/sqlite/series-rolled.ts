/**
 * Hours and days of readings with flag 1 or 2. Stored roll-ups are used while valid; a dirty hour is recounted from its
 * readings, so that no stale value is returned.
 */
import { prepareArraysOnce, type Database } from '../../../broker/sqlite/database.ts'
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { RolledSeries, SeriesQuery } from '../../ports.ts'
import { toColumns, coarsen, type Bucket, type BucketColumns, type BucketRow } from '../time-buckets.ts'
import { countSpan, dirtySpans } from './series-count.ts'
import type { KnownSeries } from './series-dictionary.ts'
import { nameOf, type Reader } from './series-range.ts'
import { stepMs } from './series-schema.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { inSnapshot } from './series-steps.ts'

type ByStart = Map<AtMs, Bucket>

// 18,000 buckets of a season's days: a few milliseconds
const SERIES_BATCH_SIZE = 100

/**
 * Buckets that overlap the range are returned whole; series without one are omitted. Each series is read from one
 * snapshot.
 */
export async function readRolled(
  db: Database,
  reader: Reader,
  query: SeriesQuery & { step: 'hour' | 'day' },
): Promise<RolledSeries[]> {
  const width = stepMs[query.step]
  const fromMs = Math.floor(query.fromMs / width) * width
  const toMs = Math.ceil(query.toMs / width) * width
  const matching = inSnapshot(db, () => reader.dictionary.matching(query))
  const rolled: RolledSeries[] = []
  for (let from = 0; from < matching.length; from += SERIES_BATCH_SIZE) {
    if (from > 0) await yieldToEventLoop()
    const batch = matching.slice(from, from + SERIES_BATCH_SIZE)
    rolled.push(...(await readRolledSeries(db, reader, batch, { width, fromMs, toMs })))
  }
  return rolled
}

export interface Buckets {
  width: number // ms
  fromMs: AtMs
  toMs: AtMs
}

/** The buckets of some series; dirty hours are recounted. */
export async function readRolledSeries(
  db: Database,
  { pages }: Reader,
  series: readonly KnownSeries[],
  { width, fromMs, toMs }: Buckets,
): Promise<RolledSeries[]> {
  const stored = storedBuckets(db)
  const columns = storedColumns(db)
  const { clean, buckets, hours, dirty } = inSnapshot(db, () => {
    const dirty = dirtyHours(db, series, fromMs, toMs)
    const isClean = (entry: KnownSeries) => !dirty.has(entry)
    return {
      clean: new Map(
        series.filter(isClean).map((entry) => [entry, columns(entry.series, width, fromMs, toMs)]),
      ),
      buckets: new Map([...dirty.keys()].map((entry) => [entry, stored(entry.series, width, fromMs, toMs)])),
      hours: new Map([...dirty].map(([entry, starts]) => [entry, hoursAround(stored, entry, starts, width)])),
      dirty,
    }
  })
  for (const [entry, starts] of dirty) for (const hourMs of starts) hours.get(entry)!.delete(hourMs)

  for (const span of dirtySpans(dirty)) {
    const counted = countSpan(pages, span)
    for (const entry of span.series)
      for (const [hourMs, bucket] of counted.get(entry.series)!)
        hours.get(entry as KnownSeries)?.set(hourMs, bucket)
    await yieldToEventLoop()
  }

  for (const [entry, starts] of dirty) {
    const bySlot = buckets.get(entry)!
    for (const hourMs of starts) bySlot.delete(Math.floor(hourMs / width) * width)
    for (const bucket of coarsen(sortedByStart(hours.get(entry)!), width)) bySlot.set(bucket.atMs, bucket)
  }
  return series
    .map((entry) => ({
      ...nameOf(entry),
      ...(clean.get(entry) ?? toColumns(sortedByStart(buckets.get(entry)!).map(toBucketRow))),
    }))
    .filter(({ atMs }) => atMs.length > 0)
}

/** Stored hours of every wider bucket that contains one of the hours. */
function hoursAround(
  stored: StoredBuckets,
  entry: { series: number },
  hours: readonly AtMs[],
  width: number,
): ByStart {
  const byStart: ByStart = new Map()
  if (width === HOUR_MS) return byStart
  for (const startMs of new Set(hours.map((hourMs) => Math.floor(hourMs / width) * width)))
    for (const [hourMs, bucket] of stored(entry.series, HOUR_MS, startMs, startMs + width))
      byStart.set(hourMs, bucket)
  return byStart
}

type StoredBuckets = (series: number, width: number, fromMs: AtMs, toMs: AtMs) => ByStart

const storedRows = (db: Database) =>
  prepareArraysOnce(
    db,
    `SELECT at_ms, mean, min, max, first, last, count FROM roll
       WHERE series = ? AND step_ms = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms`,
  )

/** Reads stored roll-ups as columns: a season of a co-operative has hundreds of thousands. */
function storedColumns(db: Database) {
  const select = storedRows(db)
  return (series: number, width: number, fromMs: AtMs, toMs: AtMs): BucketColumns =>
    toColumns(select.all(series, width, fromMs, toMs) as BucketRow[])
}

/** Reads stored roll-ups by start; `width` is their step, ms. */
export function storedBuckets(db: Database): StoredBuckets {
  const select = storedRows(db)
  return (series, width, fromMs, toMs) =>
    new Map(
      (select.all(series, width, fromMs, toMs) as BucketRow[]).map(
        ([atMs, mean, min, max, first, last, count]) => [atMs, { atMs, mean, min, max, first, last, count }],
      ),
    )
}

/** Dirty hours by series, in time order; series without one are omitted. */
export function dirtyHours(
  db: Database,
  series: readonly KnownSeries[],
  fromMs: AtMs,
  toMs: AtMs,
): Map<KnownSeries, AtMs[]> {
  const select = prepareArraysOnce(
    db,
    'SELECT hour_ms FROM dirty WHERE series = ? AND hour_ms >= ? AND hour_ms < ? ORDER BY hour_ms',
  )
  const dirty = new Map<KnownSeries, AtMs[]>()
  for (const entry of series) {
    const rows = select.all(entry.series, fromMs, toMs) as [number][]
    if (rows.length > 0)
      dirty.set(
        entry,
        rows.map(([hourMs]) => hourMs),
      )
  }
  return dirty
}

const sortedByStart = (buckets: ByStart): Bucket[] => [...buckets.values()].sort((a, b) => a.atMs - b.atMs)

const toBucketRow = (bucket: Bucket): BucketRow => [
  bucket.atMs,
  bucket.mean,
  bucket.min,
  bucket.max,
  bucket.first,
  bucket.last,
  bucket.count,
]
