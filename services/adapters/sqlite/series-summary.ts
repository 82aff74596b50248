/**
 * One summary per series over many days. SQLite sums the stored days; only days around dirty hours are read
 * individually.
 */
import type { Database } from '../../../broker/sqlite/database.ts'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { SeriesQuery, SeriesSummary } from '../../ports.ts'
import { dayTotalsOf, sumDays, type DayTotals } from '../time-buckets.ts'
import type { KnownSeries } from './series-dictionary.ts'
import { nameOf, type Reader } from './series-range.ts'
import { dirtyHours, readRolledSeries } from './series-rolled.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { inSnapshot } from './series-steps.ts'

const SERIES_BATCH_SIZE = 100

/**
 * Days that overlap the span count whole. Each series is read from one snapshot, except for readings appended
 * meanwhile.
 */
export async function readSummaries(
  db: Database,
  reader: Reader,
  query: SeriesQuery,
): Promise<SeriesSummary[]> {
  const fromMs = Math.floor(query.fromMs / DAY_MS) * DAY_MS
  const toMs = Math.ceil(query.toMs / DAY_MS) * DAY_MS
  const matching = inSnapshot(db, () => reader.dictionary.matching(query))
  const add = storedDays(db)
  const summaries: SeriesSummary[] = []
  for (let from = 0; from < matching.length; from += SERIES_BATCH_SIZE) {
    if (from > 0) await yieldToEventLoop()
    for (const entry of matching.slice(from, from + SERIES_BATCH_SIZE)) {
      const days = await summaryOf(db, reader, { one: entry, fromMs, toMs, add })
      if (days !== null) summaries.push({ ...nameOf(entry), ...days })
    }
  }
  return summaries
}

interface SummaryRange {
  one: KnownSeries
  fromMs: AtMs
  toMs: AtMs
  add: StoredDays
}

async function summaryOf(
  db: Database,
  reader: Reader,
  { one, fromMs, toMs, add }: SummaryRange,
): Promise<DayTotals | null> {
  const { dirty, parts } = inSnapshot(db, () => {
    const hours = dirtyHours(db, [one], fromMs, toMs).get(one)
    if (hours === undefined) return { dirty: null, parts: [add(one.series, fromMs, toMs)] }
    const dirty = {
      fromMs: Math.floor(hours[0]! / DAY_MS) * DAY_MS,
      toMs: (Math.floor(hours.at(-1)! / DAY_MS) + 1) * DAY_MS,
    }
    return { dirty, parts: [add(one.series, fromMs, dirty.fromMs), add(one.series, dirty.toMs, toMs)] }
  })
  if (dirty === null) return parts[0]!.days > 0 ? parts[0]! : null
  const counted = await readRolledSeries(db, reader, [one], { width: DAY_MS, ...dirty })
  return sumDays([...parts, ...counted.flatMap((series) => dayTotalsOf(series) ?? [])])
}

type StoredDays = (series: number, fromMs: AtMs, toMs: AtMs) => DayTotals

/** Sums the stored days of a span. */
function storedDays(db: Database): StoredDays {
  const select = db.prepare(
    `SELECT count(*) AS days, sum(count) AS count, sum(mean * count) / sum(count) AS mean, min(min) AS min, max(max) AS max
     FROM roll WHERE series = ? AND step_ms = ${DAY_MS} AND at_ms >= ? AND at_ms < ?`,
  )
  return (series, fromMs, toMs) => select.get(series, fromMs, toMs) as DayTotals
}
