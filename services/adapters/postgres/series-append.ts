/**
 * Appends readings. A duplicate is ignored. A repeated reading with another value or flag replaces the stored one (a
 * corrected calibration is replayed); it keeps the field under which it was first stored, where the device was then.
 */
import { HOUR_MS } from '../../../broker/contract/time.ts'
import type { Reading } from '../../ports.ts'
import { origins } from '../readings.ts'
import type { SeriesIds, Dictionary } from './series-dictionary.ts'
import { correctLatest } from './series-latest.ts'
import type { Partitions } from './series-partitions.ts'
import { arrayText, type SeriesPool } from './series-pool.ts'
import { BEGIN_SHARED } from './series-schema.ts'

/** Appends in one transaction. Errors of the pool. */
export type Append = (readings: readonly Reading[]) => Promise<void>

/** Remembers the numbers of series; they are forgotten when any process has erased names. */
export function seriesAppender(
  pool: SeriesPool,
  { dictionary, partitions }: { dictionary: Dictionary; partitions: Partitions },
): Append {
  let seenErasures: number | null = null

  return async (readings) => {
    try {
      await appendAll(readings)
    } catch (error) {
      dictionary.forget() // ids assigned in the transaction are not in the store
      throw error
    }
  }

  async function appendAll(all: readonly Reading[]): Promise<void> {
    await partitions.cover(instantsOf(all))
    await pool.transaction(BEGIN, async (run, [row]) => {
      const { erasures, kept_from_ms } = row as { erasures: number; kept_from_ms: number }
      if (seenErasures !== erasures) dictionary.forget()
      seenErasures = erasures
      // older raw readings are no longer kept; their roll-ups are complete
      const readings = all.filter(({ atMs }) => atMs >= kept_from_ms)
      if (readings.length === 0) return
      const ids = await dictionary.idsOf(run, readings)
      const rejected = await run<SeriesIds & { at_ms: number }>(STORE, columnsOf(uniqueRows(readings, ids)))
      if (rejected.length > 0) await correctLatest(run, rejected)
    })
  }
}

const BEGIN = `${BEGIN_SHARED}; select erasures, kept_from_ms from tilth_series.store`

const instantsOf = function* (readings: readonly Reading[]) {
  for (const { atMs } of readings) yield atMs
}

interface Row extends SeriesIds {
  reading: Reading
}

/** One row per key, in the order of the key: of a repeated one the last values in the first place. */
function uniqueRows(readings: readonly Reading[], ids: readonly SeriesIds[]): Row[] {
  const rows = new Map<string, Row>()
  for (const [i, reading] of readings.entries()) {
    const { sensor, series } = ids[i]!
    const key = `${sensor} ${reading.atMs}`
    const row = rows.get(key)
    if (row) row.reading = reading
    else rows.set(key, { sensor, series, reading })
  }
  // processes that store the same readings wait for each other and never cross
  return [...rows.values()].sort((a, b) => a.sensor - b.sensor || a.reading.atMs - b.reading.atMs)
}

const columnsOf = (rows: readonly Row[]): string[] => [
  arrayText(rows.map((row) => row.sensor)),
  arrayText(rows.map((row) => row.series)),
  arrayText(rows.map((row) => row.reading.atMs)),
  arrayText(rows.map((row) => row.reading.value)),
  arrayText(rows.map((row) => row.reading.flag)),
  arrayText(rows.map((row) => origins.indexOf(row.reading.origin))),
]

/**
 * Stores readings, marks their hours, and notes the newest of each series; returns those with flag 4 or 9, of which one
 * may have been the newest. An erased series with remaining readings owns nothing any more.
 */
const STORE = `
with stored as (
  insert into tilth_series.reading as old (sensor, series, at_ms, value, flag, origin)
  select * from unnest($1::int[], $2::int[], $3::bigint[], $4::float8[], $5::int2[], $6::int2[])
  on conflict (sensor, at_ms) do update set
    series = case when exists (select from tilth_series.erased e where e.series = old.series)
      then excluded.series else old.series end,
    value = excluded.value, flag = excluded.flag, origin = excluded.origin
  where (old.value, old.flag, old.origin) is distinct from (excluded.value, excluded.flag, excluded.origin)
    or exists (select from tilth_series.erased e where e.series = old.series)
  returning sensor, series, at_ms, value, flag
), marked as (
  insert into tilth_series.dirty (hour_ms, series)
  select distinct at_ms - at_ms % ${HOUR_MS}, series from stored order by 1, 2
  on conflict do nothing
), newest as (
  insert into tilth_series.latest as old (series, at_ms, value, flag)
  select distinct on (series) series, at_ms, value, flag from stored where flag <= 3 order by series, at_ms desc
  on conflict (series) do update set at_ms = excluded.at_ms, value = excluded.value, flag = excluded.flag
  where excluded.at_ms >= old.at_ms
)
select sensor, series, at_ms from stored where flag > 3`
