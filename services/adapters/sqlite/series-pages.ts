/**
 * Reads raw readings page by page, hot and cold as one. Between two pages the caller may yield to the event loop and
 * housekeeping may move readings: each page determines again where hot begins.
 */
import { prepareArrays, type Database } from '../../../broker/sqlite/database.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { SeriesIds } from './series-dictionary.ts'
import { watermarkReader, type RawRow } from './series-schema.ts'
import { inSnapshot } from './series-steps.ts'

const COLD_PAGE = 5_000 // rows returned
const HOT_PAGE = 20_000 // rows scanned

/** Pages of the given series in [fromMs, toMs). Within one series the rows come in time order, across pages too. */
export type PageReader = (series: readonly SeriesIds[], fromMs: AtMs, toMs: AtMs) => Generator<RawRow[]>

/**
 * Each page has its own snapshot. A page of cold has one series and up to 5,000 rows; one of hot has all given
 * series, from at most 20,000 rows except where more lie on one instant.
 */
export function pageReader(db: Database): PageReader {
  const readWatermark = watermarkReader(db)
  const cold = coldPages(db)
  const hot = hotPage(db)
  return function* pages(series, fromMs, toMs) {
    if (series.length === 0) return
    const seriesJson = JSON.stringify(series.map((s) => s.series))
    let atMs = fromMs
    while (atMs < toMs) {
      const page = inSnapshot(db, () => {
        const { coldToMs } = readWatermark()
        return atMs < coldToMs ? coldToMs : hot(seriesJson, atMs, toMs)
      })
      if (typeof page === 'number') {
        // rows below the watermark stay in cold, so these pages need no common snapshot
        const endMs = Math.min(toMs, page)
        for (const ids of series) yield* cold(ids, atMs, endMs)
        atMs = endMs
      } else {
        if (page.rows.length > 0) yield page.rows
        atMs = page.endMs
      }
    }
  }
}

function coldPages(db: Database) {
  const select = prepareArrays(
    db,
    `SELECT at_ms, series, value, flag, origin FROM cold
       WHERE sensor = ? AND at_ms >= ? AND at_ms < ? AND series = ? ORDER BY at_ms LIMIT ${COLD_PAGE}`,
  )
  return function* (ids: SeriesIds, fromMs: AtMs, toMs: AtMs): Generator<RawRow[]> {
    for (let atMs = fromMs; atMs < toMs;) {
      const rows = inSnapshot(db, () => select.all(ids.sensor, atMs, toMs, ids.series)) as RawRow[]
      if (rows.length > 0) yield rows
      if (rows.length < COLD_PAGE) return
      atMs = rows.at(-1)![0] + 1
    }
  }
}

/** A page ends between two instants, never within one. */
function hotPage(db: Database) {
  const findEnd = prepareArrays(
    db,
    `SELECT at_ms FROM hot WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms LIMIT 1 OFFSET ${HOT_PAGE}`,
  )
  const select = prepareArrays(
    db,
    `SELECT at_ms, series, value, flag, origin FROM hot
       WHERE at_ms >= ? AND at_ms < ? AND series IN (SELECT value FROM json_each(?)) ORDER BY at_ms`,
  )
  return (seriesJson: string, fromMs: AtMs, toMs: AtMs): { rows: RawRow[]; endMs: AtMs } => {
    const last = findEnd.get(fromMs, toMs) as [number] | undefined
    const endMs = last ? Math.max(last[0], fromMs + 1) : toMs
    return { rows: select.all(fromMs, endMs, seriesJson) as RawRow[], endMs }
  }
}
