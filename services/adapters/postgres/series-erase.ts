/**
 * Erases series permanently. Their names are deleted in one transaction, so that they cannot be found any more; their
 * readings and roll-ups follow, series by series. Housekeeping completes an interrupted erasure.
 */
import { matchingSeries, type SeriesFilter, type SeriesIds } from './series-dictionary.ts'
import { idColumns } from './series-range.ts'
import type { SeriesPool } from './series-pool.ts'
import { BEGIN_ALONE } from './series-schema.ts'

/** Erases the matching series; returns the number of readings. */
export async function eraseSeries(pool: SeriesPool, filter: SeriesFilter): Promise<number> {
  const count = await pool.transaction(BEGIN_ALONE, async (run) => {
    const matching = await matchingSeries(run, filter)
    if (matching.length === 0) return 0
    const [series, sensor] = idColumns(matching)
    // a process that remembers numbers of series forgets them
    await run('update tilth_series.store set erasures = erasures + 1')
    await run('insert into tilth_series.erased select * from unnest($1::int[], $2::int[])', [series, sensor])
    for (const [table, column] of [
      ['series', 'id'],
      ['latest', 'series'],
      ['dirty', 'series'],
    ] as const)
      await run(`delete from tilth_series.${table} where ${column} = any($1::int[])`, [series])
    await run(
      `delete from tilth_series.sensor n where n.id = any($1::int[])
         and not exists (select from tilth_series.series s where s.sensor = n.id)`,
      [sensor],
    )
    return matching.length
  })
  return count === 0 ? 0 : finishErasing(pool)
}

/** Erases the readings of series whose names are already deleted; returns their number. */
export async function finishErasing(pool: SeriesPool): Promise<number> {
  const pending = await pool.query<SeriesIds>('select series, sensor from tilth_series.erased')
  let erased = 0
  for (const { series, sensor } of pending) {
    const [step] = await pool.query<{ readings: number }>(ERASE, [series, sensor])
    erased += step!.readings
  }
  // the space of what is erased is used again, and the statistics are true
  if (erased > 0)
    for (const table of ['reading', 'hour', 'day']) await pool.query(`vacuum tilth_series.${table}`)
  return erased
}

const ERASE = `
with gone as (delete from tilth_series.reading where sensor = $2 and series = $1 returning 1),
hours as (delete from tilth_series.hour where series = $1),
days as (delete from tilth_series.day where series = $1),
marks as (delete from tilth_series.dirty where series = $1),
done as (delete from tilth_series.erased where series = $1)
select count(*) as readings from gone`
