/**
 * Hours and days of readings with flag 1 or 2. Stored roll-ups are used while valid; a dirty hour is recounted from its
 * readings, so that no stale value is returned.
 */
import { prepareArraysOnce, type Database } from '../../../broker/sqlite/database.ts'
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { MeanSeries, RolledQuery, RolledSeries } from '../../ports.ts'
import type { SeriesName } from '../readings.ts'
import { coarsen, type Bucket, type BucketColumns, type BucketRow } from '../time-buckets.ts'
import { countSpan, dirtySpans } from './series-count.ts'
import type { KnownSeries } from './series-dictionary.ts'
import { nameOf, type Reader } from './series-range.ts'
import { stepMs } from './series-schema.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { inSnapshot } from './series-steps.ts'

type ByStart = Map<AtMs, Bucket>
type ColumnName = keyof BucketColumns
type Columns<Name extends ColumnName> = Pick<BucketColumns, 'atMs' | Name>
type Rolled<Name extends ColumnName> = SeriesName & Columns<Name>

// 18,000 buckets of a season's days: a few milliseconds
const SERIES_BATCH_SIZE = 100

const ALL_COLUMNS = ['atMs', 'mean', 'min', 'max', 'first', 'last', 'count'] as const

/**
 * Buckets that overlap the range are returned whole; series without one are omitted. Each series is read from one
 * snapshot.
 */
export const readRolled = (db: Database, reader: Reader, query: RolledQuery): Promise<RolledSeries[]> =>
  readColumns(db, reader, query, ALL_COLUMNS)

/** As readRolled, with the means alone. */
export const readMeans = (db: Database, reader: Reader, query: RolledQuery): Promise<MeanSeries[]> =>
  readColumns(db, reader, query, ['atMs', 'mean'])

async function readColumns<Name extends ColumnName>(
  db: Database,
  reader: Reader,
  query: RolledQuery,
  names: readonly Name[],
): Promise<Rolled<Name>[]> {
  const width = stepMs[query.step]
  const fromMs = Math.floor(query.fromMs / width) * width
  const toMs = Math.ceil(query.toMs / width) * width
  const matching = inSnapshot(db, () => reader.dictionary.matching(query))
  const rolled: Rolled<Name>[] = []
  for (let from = 0; from < matching.length; from += SERIES_BATCH_SIZE) {
    if (from > 0) await yieldToEventLoop()
    const batch = matching.slice(from, from + SERIES_BATCH_SIZE)
    rolled.push(...(await columnsOfSeries(db, reader, batch, { width, fromMs, toMs, names })))
  }
  return rolled
}

export interface Buckets {
  width: number // ms
  fromMs: AtMs
  toMs: AtMs
}

/** The buckets of some series; dirty hours are recounted. */
export const readRolledSeries = (
  db: Database,
  reader: Reader,
  series: readonly KnownSeries[],
  buckets: Buckets,
): Promise<RolledSeries[]> => columnsOfSeries(db, reader, series, { ...buckets, names: ALL_COLUMNS })

async function columnsOfSeries<Name extends ColumnName>(
  db: Database,
  { pages }: Reader,
  series: readonly KnownSeries[],
  { width, fromMs, toMs, names }: Buckets & { names: readonly Name[] },
): Promise<Rolled<Name>[]> {
  const stored = storedBuckets(db)
  const readStored = storedColumns(db, names)
  const { columns, hours, dirty } = inSnapshot(db, () => {
    const dirty = dirtyHours(db, series, fromMs, toMs)
    return {
      columns: new Map(series.map((entry) => [entry, readStored(entry.series, width, fromMs, toMs)])),
      hours: new Map([...dirty].map(([entry, starts]) => [entry, hoursAround(stored, entry, starts, width)])),
      dirty,
    }
  })
  for (const [entry, starts] of dirty) for (const hourMs of starts) hours.get(entry)!.delete(hourMs)

  const dirtySets = new Map([...dirty].map(([entry, starts]) => [entry, new Set(starts)]))
  for (const span of dirtySpans(dirty)) {
    const counted = countSpan(pages, span)
    for (const entry of span.series as KnownSeries[])
      for (const [hourMs, bucket] of counted.get(entry.series)!)
        // an hour that is dirty in another series alone may lie in a day of which this one's hours are not read
        if (dirtySets.get(entry)!.has(hourMs)) hours.get(entry)!.set(hourMs, bucket)
    await yieldToEventLoop()
  }

  for (const [entry, starts] of dirty) {
    const slots = new Set(starts.map((hourMs) => Math.floor(hourMs / width) * width))
    const counted = coarsen(sortedByStart(hours.get(entry)!), width)
    columns.set(entry, withBuckets(columns.get(entry)!, names, slots, counted))
  }
  return series
    .map((entry) => ({ ...nameOf(entry), ...columns.get(entry)! }))
    .filter(({ atMs }) => atMs.length > 0)
}

/** Columns with `counted` in place of the buckets that start at `slots`, both ascending: each counted one starts at a slot. */
function withBuckets<Name extends ColumnName>(
  columns: Columns<Name>,
  names: readonly Name[],
  slots: ReadonlySet<AtMs>,
  counted: readonly Bucket[],
): Columns<Name> {
  const { atMs } = columns
  // mostly the newest bucket alone
  const [firstMs = Infinity] = slots
  const kept = atMs.findLastIndex((startMs) => startMs < firstMs) + 1
  const result = columnsOf(names, (name) => columns[name].slice(0, kept))
  let next = 0
  const addCounted = (beforeMs: AtMs) => {
    for (; next < counted.length && counted[next]!.atMs < beforeMs; next++)
      for (const name of names) result[name].push(counted[next]![name])
  }
  for (let index = kept; index < atMs.length; index++) {
    addCounted(atMs[index]!)
    if (!slots.has(atMs[index]!)) for (const name of names) result[name].push(columns[name][index]!)
  }
  addCounted(Infinity)
  return result
}

const columnsOf = <Name extends ColumnName>(names: readonly Name[], column: (name: Name) => number[]) =>
  Object.fromEntries(names.map((name) => [name, column(name)])) as unknown as Columns<Name>

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

const sqlNames = {
  atMs: 'at_ms',
  mean: 'mean',
  min: 'min',
  max: 'max',
  first: 'first',
  last: 'last',
  count: 'count',
} as const satisfies Record<ColumnName, string>

const storedRows = (db: Database, names: readonly ColumnName[] = ALL_COLUMNS) =>
  prepareArraysOnce(
    db,
    `SELECT ${names.map((name) => sqlNames[name]).join(', ')} FROM roll
       WHERE series = ? AND step_ms = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms`,
  )

/** Reads stored roll-ups as columns: a season of a co-operative has hundreds of thousands. */
function storedColumns<Name extends ColumnName>(db: Database, names: readonly Name[]) {
  const select = storedRows(db, names)
  return (series: number, width: number, fromMs: AtMs, toMs: AtMs): Columns<Name> => {
    const rows = select.all(series, width, fromMs, toMs) as number[][]
    return columnsOf(names, (name) => {
      const index = names.indexOf(name)
      return rows.map((row) => row[index]!)
    })
  }
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
