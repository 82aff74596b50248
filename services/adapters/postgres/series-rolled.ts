/**
 * Hours and days of readings with flag 1 or 2. Stored roll-ups are used while valid; a dirty hour is recounted from its
 * readings in the same statement, so that no stale value is returned.
 */
import { DAY_MS, HOUR_MS } from '../../../broker/contract/time.ts'
import type { RolledQuery, RolledSeries, SeriesQuery, SeriesSummary } from '../../ports.ts'
import type { BucketColumns } from '../time-buckets.ts'
import { compareSeriesNames, type SeriesName } from '../readings.ts'
import { matchingSeries, matchingSql, nameOf, type KnownSeries } from './series-dictionary.ts'
import { boundText, type Run } from './series-pool.ts'
import { idColumns, inBatches } from './series-range.ts'

/** Bucket widths of the roll-ups, in UTC. */
const stepMs = { hour: HOUR_MS, day: DAY_MS } as const

const COLUMNS = 'at_ms, mean, min, max, first, last, count'

/**
 * `counted`: the hours of `due (series, sensor, hour_ms)`, from their readings. An hour without a usable reading has no
 * row. A part of a `with` clause.
 */
export const COUNTED = `
counted as (
  select d.series, d.hour_ms as at_ms, c.*
  from due d cross join lateral (
    select avg(value) as mean, min(value) as min, max(value) as max,
      (array_agg(value order by at_ms))[1] as first, (array_agg(value order by at_ms desc))[1] as last,
      count(*)::int as count
    from tilth_series.reading r
    where r.sensor = d.sensor and r.series = d.series and r.at_ms >= d.hour_ms and r.at_ms < d.hour_ms + ${HOUR_MS}
      and r.flag <= 2 and r.value is not null
    having count(*) > 0) c
)`

/** `recounted`: the days of `due_day (series, day_ms)` from their hours, stored or counted. A part of a `with` clause. */
export const RECOUNTED = `
recounted as (
  select series, at_ms - at_ms % ${DAY_MS} as at_ms, sum(mean * count) / sum(count) as mean,
    min(min) as min, max(max) as max,
    (array_agg(first order by at_ms))[1] as first, (array_agg(last order by at_ms desc))[1] as last,
    sum(count)::int as count
  from (
    select h.series, h.at_ms, h.mean, h.min, h.max, h.first, h.last, h.count
    from due_day dd join tilth_series.hour h
      on h.series = dd.series and h.at_ms >= dd.day_ms and h.at_ms < dd.day_ms + ${DAY_MS}
    where not exists (select from due d where d.series = h.series and d.hour_ms = h.at_ms)
    union all select * from counted) hours
  group by series, at_ms - at_ms % ${DAY_MS}
)`

/** Series by their numbers, as the third and the fourth value. */
const BY_NUMBER = 'select * from unnest($3::int[], $4::int[]) with ordinality as w (series, sensor, place)'

/** `due`: the dirty hours of the wanted series in a span, which the first two values are. */
const wantedPart = (wanted: string) => `
wanted as (${wanted}),
due as (
  select d.series, w.sensor, d.hour_ms from wanted w join tilth_series.dirty d
    on d.series = w.series and d.hour_ms >= $1 and d.hour_ms < $2)`

const bucketsOf = {
  hour: (wanted: string) => `with ${wantedPart(wanted)}, ${COUNTED},
buckets as (
  select w.place, h.${COLUMNS.replaceAll(', ', ', h.')}
  from wanted w join tilth_series.hour h on h.series = w.series and h.at_ms >= $1 and h.at_ms < $2
  where not exists (select from due d where d.series = h.series and d.hour_ms = h.at_ms)
  union all select w.place, ${COLUMNS} from counted c join wanted w on w.series = c.series)`,
  day: (wanted: string) => `with ${wantedPart(wanted)},
due_day as (select distinct series, hour_ms - hour_ms % ${DAY_MS} as day_ms from due), ${COUNTED}, ${RECOUNTED},
buckets as (
  select w.place, h.${COLUMNS.replaceAll(', ', ', h.')}
  from wanted w join tilth_series.day h on h.series = w.series and h.at_ms >= $1 and h.at_ms < $2
  where not exists (select from due_day d where d.series = h.series and d.day_ms = h.at_ms)
  union all select w.place, ${COLUMNS} from recounted c join wanted w on w.series = c.series)`,
} as const

// a column is read as JSON: as rows it would take several times as long
const COLUMN_ROWS = `
select place - 1 as place, json_agg(at_ms) as "atMs", json_agg(mean) as mean, json_agg(min) as min,
  json_agg(max) as max, json_agg(first) as first, json_agg(last) as last, json_agg(count) as count
from (select * from buckets order by place, at_ms) b group by place order by place`

const SUMMARY_ROWS = `
select place - 1 as place, count(*) as days, sum(count) as count, sum(mean * count) / sum(count) as mean,
  min(min) as min, max(max) as max
from buckets group by place order by place`

/** Buckets that overlap the range are returned whole; series without one are omitted. */
export async function readRolled(run: Run, query: RolledQuery): Promise<RolledSeries[]> {
  const bounds = wholeSteps(query, stepMs[query.step])
  // a device has few series: a chart asks once
  if (query.device !== undefined) return rolledOfDevice(run, query, bounds)
  return inBatches(await matchingSeries(run, query), async (batch) => {
    const rows = await run<BucketColumns & { place: number }>(
      `${bucketsOf[query.step](BY_NUMBER)} ${COLUMN_ROWS}`,
      [...bounds, ...idColumns(batch)],
    )
    return rows.map(({ place, ...columns }) => ({ ...nameOf(batch[place]!), ...columns }))
  })
}

async function rolledOfDevice(run: Run, query: RolledQuery, bounds: number[]): Promise<RolledSeries[]> {
  const values: unknown[] = [...bounds]
  const wanted = `select *, row_number() over () as place from (${matchingSql(query, values)}) m`
  const rows = await run<BucketColumns & { place: number; name: KnownSeries }>(
    `${bucketsOf[query.step](wanted)}
     select c.*, (select row_to_json(w) from wanted w where w.place = c.place + 1) as name from (${COLUMN_ROWS}) c`,
    values,
  )
  return rows
    .map(({ place: _, name, ...columns }) => ({ ...nameOf(name), ...columns }))
    .sort(compareSeriesNames)
}

/** Days that overlap the span count whole. */
export async function readSummaries(run: Run, query: SeriesQuery): Promise<SeriesSummary[]> {
  const bounds = wholeSteps(query, DAY_MS)
  return inBatches(await matchingSeries(run, query), async (batch) => {
    const rows = await run<Omit<SeriesSummary, keyof SeriesName> & { place: number }>(
      `${bucketsOf.day(BY_NUMBER)} ${SUMMARY_ROWS}`,
      [...bounds, ...idColumns(batch)],
    )
    return rows.map(({ place, ...summary }) => ({ ...nameOf(batch[place]!), ...summary }))
  })
}

const wholeSteps = ({ fromMs, toMs }: SeriesQuery, width: number): number[] => [
  boundText(Math.floor(fromMs / width) * width),
  boundText(Math.ceil(toMs / width) * width),
]
