/** Raw readings as columns, and all readings of an organisation in time order. */
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Flag } from '../../../broker/contract/quantities.ts'
import type { Reading, Series, SeriesQuery } from '../../ports.ts'
import { origins } from '../readings.ts'
import { matchingSeries, nameOf, type KnownSeries, type SeriesFilter } from './series-dictionary.ts'
import { arrayText, boundText, type Run } from './series-pool.ts'

// columns of a season of this many series: some megabytes
export const SERIES_BATCH_SIZE = 200

/** The numbers of some series as two parameters: series and sensor. */
export const idColumns = (series: readonly KnownSeries[]): string[] => [
  arrayText(series.map((entry) => entry.series)),
  arrayText(series.map((entry) => entry.sensor)),
]

/** Calls `read` with some series at a time. */
export async function inBatches<T>(
  series: readonly KnownSeries[],
  read: (batch: readonly KnownSeries[]) => Promise<T[]>,
): Promise<T[]> {
  const all: T[] = []
  for (let i = 0; i < series.length; i += SERIES_BATCH_SIZE)
    for (const entry of await read(series.slice(i, i + SERIES_BATCH_SIZE))) all.push(entry)
  return all
}

// a column is read as JSON: as rows it would take several times as long
const RANGE = `
select w.place - 1 as place, r.*
from unnest($1::int[], $2::int[]) with ordinality as w (series, sensor, place)
cross join lateral (
  select json_agg(at_ms) as "atMs", json_agg(value) as value, json_agg(flag) as flag
  from (select at_ms, value, flag from tilth_series.reading
        where sensor = w.sensor and series = w.series and at_ms >= $3 and at_ms < $4 order by at_ms limit $5) x
) r
where r."atMs" is not null order by w.place`

type RangeRow = Pick<Series, 'atMs' | 'value' | 'flag'> & { place: number }

/** At most `limit` readings per series, earliest first; series without a reading in the range are omitted. */
export async function readRange(run: Run, query: SeriesQuery & { limit?: number }): Promise<Series[]> {
  const bounds = [boundText(query.fromMs), boundText(query.toMs), query.limit ?? 100_000]
  return inBatches(await matchingSeries(run, query), async (batch) => {
    const rows = await run<RangeRow>(RANGE, [...idColumns(batch), ...bounds])
    return rows.map(({ place, ...columns }) => ({ ...nameOf(batch[place]!), ...columns }))
  })
}

const WINDOW_ROWS = 20_000
const LONGEST_WINDOW_MS = 32 * DAY_MS

const FIRST_AND_LAST = `
select min(r.first) as first, max(r.last) as last
from unnest($1::int[]) as w (sensor)
cross join lateral (
  select (select at_ms from tilth_series.reading where sensor = w.sensor order by at_ms limit 1) as first,
    (select at_ms from tilth_series.reading where sensor = w.sensor order by at_ms desc limit 1) as last) r`

const WINDOW = `
select r.at_ms as "atMs", w.place - 1 as place, r.value, r.flag, r.origin
from unnest($1::int[], $2::int[]) with ordinality as w (series, sensor, place)
join tilth_series.reading r on r.sensor = w.sensor and r.series = w.series
where r.at_ms >= $3 and r.at_ms < $4 order by r.at_ms, w.place limit $5`

interface WindowRow {
  atMs: AtMs
  place: number
  value: number | null
  flag: Flag
  origin: number
}

/**
 * Readings of one instant come in order of series name. Memory holds one window, whose length follows the density of the
 * readings: at most 20,000, except where more lie on one instant.
 */
export async function* streamReadings(run: Run, filter: SeriesFilter): AsyncGenerator<Reading> {
  const series = await matchingSeries(run, filter)
  if (series.length === 0) return
  const ids = idColumns(series)
  const [span] = await run<{ first: AtMs | null; last: AtMs | null }>(FIRST_AND_LAST, [ids[1]])
  if (span!.first === null) return
  let windowMs = HOUR_MS
  for (let atMs = span!.first; atMs <= span!.last!;) {
    // a single instant is never cut
    const limit = windowMs === 1 ? null : WINDOW_ROWS + 1
    const rows = await run<WindowRow>(WINDOW, [...ids, atMs, atMs + windowMs, limit])
    if (windowMs > 1 && rows.length > WINDOW_ROWS) {
      windowMs = Math.max(1, Math.floor(windowMs / 4))
      continue
    }
    for (const { place, origin, ...row } of rows)
      yield { org: filter.org, ...nameOf(series[place]!), ...row, origin: origins[origin]! }
    atMs += windowMs
    if (rows.length < WINDOW_ROWS / 4) windowMs = Math.min(LONGEST_WINDOW_MS, windowMs * 2)
  }
}
