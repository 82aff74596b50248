/** The newest reading of every series with flag 1 to 3, stored next to the readings. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Latest } from '../../ports.ts'
import { compareSeriesNames } from '../readings.ts'
import type { SeriesIds } from './series-dictionary.ts'
import { arrayText, boundText, type Run } from './series-pool.ts'

/** Rejected readings: where one of them was the newest, the one before it is the newest again. Call it in their transaction. */
export async function correctLatest(
  run: Run,
  rejected: readonly (SeriesIds & { at_ms: number })[],
): Promise<void> {
  const gone = await run<SeriesIds>(
    `delete from tilth_series.latest l
       using unnest($1::int[], $2::int[], $3::bigint[]) as r (sensor, series, at_ms)
       where l.series = r.series and l.at_ms = r.at_ms returning r.sensor, r.series`,
    [
      arrayText(rejected.map(({ sensor }) => sensor)),
      arrayText(rejected.map(({ series }) => series)),
      arrayText(rejected.map(({ at_ms }) => at_ms)),
    ],
  )
  if (gone.length === 0) return
  await run(
    `insert into tilth_series.latest (series, at_ms, value, flag)
       select g.series, r.at_ms, r.value, r.flag
       from unnest($1::int[], $2::int[]) as g (sensor, series)
       cross join lateral (
         select at_ms, value, flag from tilth_series.reading
         where sensor = g.sensor and series = g.series and flag <= 3 order by at_ms desc limit 1) r`,
    [arrayText(gone.map(({ sensor }) => sensor)), arrayText(gone.map(({ series }) => series))],
  )
}

/** The latest reading of each series of an organisation, a field or a device. */
export async function readLatest(
  run: Run,
  query: { org: string; field?: string; device?: string; sinceMs?: AtMs },
): Promise<Latest[]> {
  const rows = await run<Latest>(
    `select s.farm, s.field, n.device, n.quantity, n.depth_cm as "depthCm", l.at_ms as "atMs", l.value, l.flag
       from tilth_series.sensor n join tilth_series.series s on s.sensor = n.id
       join tilth_series.latest l on l.series = s.id
       where n.org = $1 and l.at_ms >= $2 and ($3::text is null or s.field = $3) and ($4::text is null or n.device = $4)`,
    [query.org, boundText(query.sinceMs ?? 0), query.field ?? null, query.device ?? null],
  )
  return rows.sort(compareSeriesNames)
}
