/** Housekeeping of roll-ups: counts and stores dirty hours and the days that contain them. */
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { SeriesPool } from './series-pool.ts'
import { COUNTED, RECOUNTED } from './series-rolled.ts'
import { BEGIN_ALONE } from './series-schema.ts'

// appends wait for a step
const HOURS_A_STEP = 1_000
// new readings would dirty the current hour again at once
const GRACE_MS = 5 * 60_000

const COLUMNS = 'series, at_ms, mean, min, max, first, last, count'
const upsert = (table: 'hour' | 'day', from: string) => `
  insert into tilth_series.${table} (${COLUMNS}) select ${COLUMNS} from ${from} order by series, at_ms
  on conflict (series, at_ms) do update set mean = excluded.mean, min = excluded.min, max = excluded.max,
    first = excluded.first, last = excluded.last, count = excluded.count`

/**
 * Some dirty hours of the oldest dirty day, series by series, so that a day is aggregated once when all its hours are
 * dirty.
 */
const STEP = `
with oldest as (select min(hour_ms) - min(hour_ms) % ${DAY_MS} as day_ms from tilth_series.dirty where hour_ms < $1),
due as materialized (
  select d.series, s.sensor, d.hour_ms
  from oldest o join tilth_series.dirty d on d.hour_ms >= o.day_ms and d.hour_ms < least($1, o.day_ms + ${DAY_MS})
  join tilth_series.series s on s.id = d.series
  order by d.series, d.hour_ms limit ${HOURS_A_STEP}
),
due_day as (select distinct series, hour_ms - hour_ms % ${DAY_MS} as day_ms from due), ${COUNTED}, ${RECOUNTED},
hours as (${upsert('hour', 'counted')}),
empty_hours as (
  delete from tilth_series.hour h using due d where h.series = d.series and h.at_ms = d.hour_ms
    and not exists (select from counted c where c.series = d.series and c.at_ms = d.hour_ms)),
days as (${upsert('day', 'recounted')}),
empty_days as (
  delete from tilth_series.day h using due_day d where h.series = d.series and h.at_ms = d.day_ms
    and not exists (select from recounted c where c.series = d.series and c.at_ms = d.day_ms)),
cleaned as (
  delete from tilth_series.dirty x using due d where x.series = d.series and x.hour_ms = d.hour_ms)
select count(*) as hours from due`

/** Rolls up every completed hour. One transaction per step: an append comes before or after it, never in between. */
export async function rollDirty(pool: SeriesPool, nowMs: AtMs): Promise<void> {
  const overMs = Math.floor((nowMs - GRACE_MS) / HOUR_MS) * HOUR_MS
  for (let isDone = false; !isDone;)
    isDone = await pool.transaction(BEGIN_ALONE, async (run) => {
      const [step] = await run<{ hours: number }>(STEP, [overMs])
      return step!.hours === 0
    })
}
