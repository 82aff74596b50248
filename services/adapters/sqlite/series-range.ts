/** Raw readings as columns, and all readings of an organisation in time order. */
import { prepareArrays, type Database } from '../../../broker/sqlite/database.ts'
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Flag } from '../../../broker/contract/quantities.ts'
import type { Reading, Series, SeriesQuery } from '../../ports.ts'
import { origins } from '../readings.ts'
import type { Dictionary, KnownSeries, SeriesFilter } from './series-dictionary.ts'
import type { PageReader } from './series-pages.ts'
import { watermarkReader, type RawRow } from './series-schema.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'

export interface Reader {
  dictionary: Dictionary
  pages: PageReader
}

/** Without the numbers `series` and `sensor`, which have a meaning only within the file. */
export const nameOf = ({ farm, field, device, quantity, depthCm }: KnownSeries) => ({
  farm,
  field,
  device,
  quantity,
  depthCm,
})

/** At most `limit` readings per series, earliest first; series without a reading in the range are omitted. */
export async function readRange(
  { dictionary, pages }: Reader,
  query: SeriesQuery & { limit?: number },
): Promise<Series[]> {
  const limit = query.limit ?? 100_000
  const matching = dictionary.matching(query)
  const columns = new Map<number, Series>(
    matching.map((s) => [s.series, { ...nameOf(s), atMs: [], value: [], flag: [] }]),
  )
  for (const page of pages(matching, query.fromMs, query.toMs)) {
    for (const [atMs, series, value, flag] of page) {
      const column = columns.get(series)!
      if (column.atMs.length >= limit) continue
      column.atMs.push(atMs)
      column.value.push(value)
      column.flag.push(flag as Flag)
    }
    await yieldToEventLoop()
  }
  return [...columns.values()].filter((column) => column.atMs.length > 0)
}

const WINDOW_ROWS = 5_000
// with more series, counting rows of each takes longer than reading an hour of them
const MANY_SERIES = 1_000

/**
 * Readings of one instant come in order of series name. Memory holds one window: at most a day, less where rows are
 * dense.
 */
export async function* streamReadings(
  db: Database,
  { dictionary, pages }: Reader,
  filter: SeriesFilter,
): AsyncGenerator<Reading> {
  const matching = dictionary.matching(filter)
  const windowMs = matching.length >= MANY_SERIES ? HOUR_MS : DAY_MS
  const order = new Map(matching.map((s, index) => [s.series, index]))
  const nextAt = nextInstant(db)
  const fullAt = instantWhenFull(db)
  for (let atMs = nextAt(matching, 0); atMs !== null;) {
    const endMs = Math.min((Math.floor(atMs / windowMs) + 1) * windowMs, fullAt(matching, atMs))
    const rows: RawRow[] = []
    for (const page of pages(matching, atMs, endMs)) {
      for (const row of page) rows.push(row)
      await yieldToEventLoop()
    }
    rows.sort((a, b) => a[0] - b[0] || order.get(a[1])! - order.get(b[1])!)
    for (const row of rows) yield readingOf(filter.org, matching[order.get(row[1])!]!, row)
    atMs = nextAt(matching, endMs)
  }
}

const readingOf = (org: string, series: KnownSeries, [atMs, , value, flag, origin]: RawRow): Reading => ({
  org,
  ...nameOf(series),
  atMs,
  value,
  flag: flag as Flag,
  origin: origins[origin]!,
})

/** The first instant at or after `fromMs` at which one of the series may have a reading; null when there is none. */
function nextInstant(db: Database) {
  const inCold = prepareArrays(db, 'SELECT min(at_ms) FROM cold WHERE sensor = ? AND at_ms >= ?')
  const inHot = prepareArrays(db, 'SELECT min(at_ms) FROM hot WHERE at_ms >= ?')
  const readWatermark = watermarkReader(db)
  return (series: readonly KnownSeries[], fromMs: AtMs): AtMs | null => {
    let next = (inHot.get(fromMs) as [number | null])[0] ?? Infinity
    if (fromMs < readWatermark().coldToMs)
      for (const { sensor } of series) {
        const [atMs] = inCold.get(sensor, fromMs) as [number | null]
        if (atMs !== null && atMs < next) next = atMs
      }
    return series.length > 0 && Number.isFinite(next) ? next : null
  }
}

/** The first instant after `fromMs` before which about WINDOW_ROWS readings of the series may lie; Infinity when fewer follow. */
function instantWhenFull(db: Database) {
  const inCold = prepareArrays(
    db,
    'SELECT at_ms FROM cold WHERE sensor = ? AND at_ms >= ? ORDER BY at_ms LIMIT 1 OFFSET ?',
  )
  const inHot = prepareArrays(
    db,
    `SELECT at_ms FROM hot WHERE at_ms >= ? ORDER BY at_ms LIMIT 1 OFFSET ${WINDOW_ROWS}`,
  )
  const readWatermark = watermarkReader(db)
  return (series: readonly KnownSeries[], fromMs: AtMs): AtMs => {
    let full = (inHot.get(fromMs) as [number] | undefined)?.[0] ?? Infinity
    if (series.length < MANY_SERIES && fromMs < readWatermark().coldToMs)
      for (const { sensor } of series) {
        const rowsEach = Math.ceil(WINDOW_ROWS / series.length)
        full = Math.min(full, (inCold.get(sensor, fromMs, rowsEach) as [number] | undefined)?.[0] ?? Infinity)
      }
    return Math.max(full, fromMs + 1)
  }
}
