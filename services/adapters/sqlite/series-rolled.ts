/**
 * Hours and days of readings with flag 1 or 2. A stored roll-up is used while it is true; an hour that is marked
 * dirty is counted anew from its readings, so that nobody ever sees a stale one.
 */
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { RolledSeries, SeriesQuery } from '../../ports.ts'
import type { SqliteDatabase } from './open.ts'
import { widened, type Bucket } from './series-bucket.ts'
import { countSpan, spansOf, type DirtyHours } from './series-count.ts'
import type { KnownSeries } from './series-dictionary.ts'
import { nameOf, type Reader } from './series-range.ts'
import { stepMs } from './series-schema.ts'
import { breathe, inSnapshot } from './series-steps.ts'

type ByStart = Map<AtMs, Bucket>

/** Buckets that overlap the range are given whole; a series without one is left out. */
export async function readRolled(
  db: SqliteDatabase,
  { dictionary, pages }: Reader,
  query: SeriesQuery & { step: 'hour' | 'day' },
): Promise<RolledSeries[]> {
  const width = stepMs[query.step]
  const fromMs = Math.floor(query.fromMs / width) * width
  const toMs = Math.ceil(query.toMs / width) * width
  const stored = storedBuckets(db)
  const { buckets, hours, dirty } = inSnapshot(db, () => {
    const matching = dictionary.matching(query)
    const dirty = dirtyHours(db, matching, fromMs, toMs)
    return {
      buckets: new Map(matching.map((one) => [one, stored(one.series, width, fromMs, toMs)])),
      hours: new Map([...dirty].map(([one, starts]) => [one, hoursAround(stored, one, starts, width)])),
      dirty,
    }
  })
  for (const [one, starts] of dirty) for (const hourMs of starts) hours.get(one)!.delete(hourMs)

  for (const span of spansOf(dirty)) {
    const counted = countSpan(pages, span)
    for (const one of span.series)
      for (const [hourMs, bucket] of counted.get(one.series)!) hours.get(one)?.set(hourMs, bucket)
    await breathe()
  }

  for (const [one, starts] of dirty) {
    const known = buckets.get(one as KnownSeries)!
    for (const hourMs of starts) known.delete(Math.floor(hourMs / width) * width)
    for (const bucket of widened(inOrder(hours.get(one)!), width)) known.set(bucket.atMs, bucket)
  }
  return [...buckets]
    .filter(([, known]) => known.size > 0)
    .map(([one, known]) => asColumns(one, inOrder(known)))
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
type Row = [atMs: number, mean: number, min: number, max: number, first: number, last: number, count: number]

/** Reads the roll-ups that are stored, by their start; `width` is their step, ms. */
export function storedBuckets(db: SqliteDatabase): StoredBuckets {
  const select = db
    .prepare(
      `SELECT at_ms, mean, min, max, first, last, count FROM roll
       WHERE series = ? AND step_ms = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms`,
    )
    .raw()
  return (series, width, fromMs, toMs) =>
    new Map(
      (select.all(series, width, fromMs, toMs) as Row[]).map(([atMs, mean, min, max, first, last, count]) => [
        atMs,
        { atMs, mean, min, max, first, last, count },
      ]),
    )
}

function dirtyHours(
  db: SqliteDatabase,
  matching: readonly KnownSeries[],
  fromMs: AtMs,
  toMs: AtMs,
): DirtyHours {
  const select = db
    .prepare('SELECT hour_ms FROM dirty WHERE series = ? AND hour_ms >= ? AND hour_ms < ? ORDER BY hour_ms')
    .raw()
  const dirty: DirtyHours = new Map()
  for (const one of matching) {
    const rows = select.all(one.series, fromMs, toMs) as [number][]
    if (rows.length > 0)
      dirty.set(
        one,
        rows.map(([hourMs]) => hourMs),
      )
  }
  return dirty
}

const inOrder = (buckets: ByStart): Bucket[] => [...buckets.values()].sort((a, b) => a.atMs - b.atMs)

function asColumns(one: KnownSeries, buckets: readonly Bucket[]): RolledSeries {
  const column = (key: keyof Bucket) => buckets.map((bucket) => bucket[key])
  return {
    ...nameOf(one),
    atMs: column('atMs'),
    mean: column('mean'),
    min: column('min'),
    max: column('max'),
    first: column('first'),
    last: column('last'),
    count: column('count'),
  }
}
