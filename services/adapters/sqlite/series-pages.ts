/**
 * The one way to read raw readings: page by page, hot and cold as one. Between two pages the caller may let the
 * event loop breathe and housekeeping may move readings: each page looks anew where hot begins.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { SqliteDatabase } from './open.ts'
import type { SeriesIds } from './series-dictionary.ts'
import { watermarkReader, type RawRow } from './series-schema.ts'
import { inSnapshot } from './series-steps.ts'

const COLD_PAGE = 5_000 // rows that are given
const HOT_PAGE = 20_000 // rows that are looked at

/** Pages of the given series in [fromMs, toMs). Within one series the rows come in time order, across pages too. */
export type PageReader = (series: readonly SeriesIds[], fromMs: AtMs, toMs: AtMs) => Generator<RawRow[]>

export function pageReader(db: SqliteDatabase): PageReader {
  const tide = watermarkReader(db)
  const cold = coldPages(db)
  const hot = hotPage(db)
  return function* pages(series, fromMs, toMs) {
    if (series.length === 0) return
    const wanted = JSON.stringify(series.map((s) => s.series))
    let atMs = fromMs
    while (atMs < toMs) {
      const page = inSnapshot(db, () => {
        const { coldToMs } = tide()
        return atMs < coldToMs ? coldToMs : hot(wanted, atMs, toMs)
      })
      if (typeof page === 'number') {
        // what lies below the tide stays in cold, so these pages need no common snapshot
        const endMs = Math.min(toMs, page)
        for (const one of series) yield* cold(one, atMs, endMs)
        atMs = endMs
      } else {
        if (page.rows.length > 0) yield page.rows
        atMs = page.endMs
      }
    }
  }
}

function coldPages(db: SqliteDatabase) {
  const select = db
    .prepare(
      `SELECT at_ms, series, value, flag, origin FROM cold
       WHERE sensor = ? AND at_ms >= ? AND at_ms < ? AND series = ? ORDER BY at_ms LIMIT ${COLD_PAGE}`,
    )
    .raw()
  return function* (one: SeriesIds, fromMs: AtMs, toMs: AtMs): Generator<RawRow[]> {
    for (let atMs = fromMs; atMs < toMs;) {
      const rows = inSnapshot(db, () => select.all(one.sensor, atMs, toMs, one.series)) as RawRow[]
      if (rows.length > 0) yield rows
      if (rows.length < COLD_PAGE) return
      atMs = rows.at(-1)![0] + 1
    }
  }
}

/** A page ends between two instants, never within one. */
function hotPage(db: SqliteDatabase) {
  const findEnd = db
    .prepare(`SELECT at_ms FROM hot WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms LIMIT 1 OFFSET ${HOT_PAGE}`)
    .raw()
  const select = db
    .prepare(
      `SELECT at_ms, series, value, flag, origin FROM hot
       WHERE at_ms >= ? AND at_ms < ? AND series IN (SELECT value FROM json_each(?)) ORDER BY at_ms`,
    )
    .raw()
  return (wanted: string, fromMs: AtMs, toMs: AtMs): { rows: RawRow[]; endMs: AtMs } => {
    const found = findEnd.get(fromMs, toMs) as [number] | undefined
    const endMs = found ? Math.max(found[0], fromMs + 1) : toMs
    return { rows: select.all(fromMs, endMs, wanted) as RawRow[], endMs }
  }
}
