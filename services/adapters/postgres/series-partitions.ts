/** The monthly partitions of the readings: created before they are needed, dropped when their keeping has ended. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { SeriesPool } from './series-pool.ts'
import { BEGIN_ALONE, locks } from './series-schema.ts'

/** Partitions that exist are remembered. */
export interface Partitions {
  /** Creates what the instants need. STORE_REFUSED for an instant after the year 2261. */
  cover(instants: Iterable<AtMs>): Promise<void>
  /** Creates the months from now to a month ahead. */
  prepare(nowMs: AtMs): Promise<void>
  /**
   * Ends the keeping of whole months: nothing is appended to what is older than `keepMonths` any more. Returns the bound,
   * which a wrong clock of this machine does not move beyond the one of the server.
   */
  endKeeping(nowMs: AtMs, keepMonths: number): Promise<AtMs>
  /** Drops the months before the bound; their roll-ups stay, and must be complete. */
  dropBefore(keptFromMs: AtMs): Promise<void>
}

const END_MS = Date.UTC(2262, 0)

interface Month {
  startMs: AtMs
  endMs: AtMs
}

/** The UTC month `ahead` months after the one of an instant. */
function monthOf(atMs: AtMs, ahead = 0): Month {
  const date = new Date(atMs)
  const start = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset)
  return { startMs: start(ahead), endMs: start(ahead + 1) }
}

const nameOf = ({ startMs }: Month): string =>
  `reading_${new Date(startMs).toISOString().slice(0, 7).replace('-', '_')}`

export function seriesPartitions(pool: SeriesPool): Partitions {
  const known = new Set<AtMs>()
  // of the last month that was found: most readings belong to it
  let last: Month = { startMs: 0, endMs: 0 }

  async function create(month: Month): Promise<void> {
    const name = nameOf(month)
    await pool.transaction(`select pg_advisory_xact_lock(${locks.tables})`, async (run) => {
      const [row] = await run<{ is_there: boolean }>(
        `select to_regclass('tilth_series.${name}') is not null as is_there`,
      )
      if (row!.is_there) return
      // a table that is created as a partition would lock out every reader, one that is attached does not
      await run(`create table tilth_series.${name} (like tilth_series.reading including all)`)
      await run(
        `alter table tilth_series.reading attach partition tilth_series.${name} for values from (${month.startMs}) to (${month.endMs})`,
      )
    })
    known.add(month.startMs)
  }

  async function cover(instants: Iterable<AtMs>): Promise<void> {
    for (const atMs of instants) {
      if (atMs >= last.startMs && atMs < last.endMs) continue
      if (atMs >= END_MS) fail('STORE_REFUSED', `at_ms must be before the year 2262, got ${atMs}`)
      const month = monthOf(atMs)
      if (!known.has(month.startMs)) await create(month)
      last = month
    }
  }

  return {
    cover,
    prepare: (nowMs) => cover([nowMs, monthOf(nowMs, 1).startMs]),
    async endKeeping(nowMs, keepMonths) {
      const [server] = await pool.query<{ now_ms: number }>(
        'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms',
      )
      const keptFromMs = monthOf(Math.min(nowMs, server!.now_ms), -keepMonths).startMs
      // an append reads the bound: what is older is counted already, and must not be counted again
      const [row] = await pool.transaction(BEGIN_ALONE, (run) =>
        run<{ kept_from_ms: number }>(END_KEEPING, [keptFromMs]),
      )
      return row!.kept_from_ms
    },
    async dropBefore(keptFromMs) {
      const months = await pool.query<{ name: string; start_ms: number }>(PARTITIONS)
      for (const { name, start_ms } of months) {
        if (start_ms >= keptFromMs) continue
        known.delete(start_ms)
        last = { startMs: 0, endMs: 0 }
        await pool.query(`drop table if exists tilth_series.${name}`)
      }
    },
  }
}

const END_KEEPING = `
  update tilth_series.store set kept_from_ms = greatest(kept_from_ms, $1) returning kept_from_ms`

const PARTITIONS = `
  select c.relname as name,
    (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('(\\d+)'\\)$$))[1]::bigint as start_ms
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'tilth_series.reading'::regclass`
