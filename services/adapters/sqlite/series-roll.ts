/** Housekeeping of roll-ups: counts and stores dirty hours and the days that contain them. */
import { prepareArrays, type Database } from '../../../broker/sqlite/database.ts'
import { DAY_MS, HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Appender } from './series-append.ts'
import { coarsen, type Bucket } from '../time-buckets.ts'
import { countSpan, dirtySpans, type DirtyHours } from './series-count.ts'
import type { PageReader } from './series-pages.ts'
import { storedBuckets } from './series-rolled.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { inTransaction } from './series-steps.ts'

const PAIRS_A_STEP = 240 // ten series with a day of dirty hours
// new readings would dirty the current hour again at once
const GRACE_MS = 5 * 60_000

type Pair = [hourMs: number, series: number, sensor: number]

/** Rolls up every completed hour. One transaction per step: an append comes before or after it, never in between. */
export async function rollDirty(
  db: Database,
  deps: { pages: PageReader; appender: Appender },
  nowMs: AtMs,
): Promise<void> {
  const overMs = Math.floor((nowMs - GRACE_MS) / HOUR_MS) * HOUR_MS
  const step = rollStep(db, deps.pages)
  while (inTransaction(db, () => step(overMs))) {
    deps.appender.forgetDirty()
    await yieldToEventLoop()
  }
}

function rollStep(db: Database, pages: PageReader): (overMs: AtMs) => boolean {
  const oldest = prepareArrays(
    db,
    `SELECT d.hour_ms FROM dirty d JOIN series s ON s.id = d.series
       WHERE d.hour_ms < ? ORDER BY d.hour_ms LIMIT 1`,
  )
  // series by series, so that a day is aggregated once when all its hours are dirty
  const select = prepareArrays(
    db,
    `SELECT d.hour_ms, d.series, s.sensor FROM dirty d JOIN series s ON s.id = d.series
       WHERE d.hour_ms >= ? AND d.hour_ms < ? ORDER BY d.series, d.hour_ms LIMIT ${PAIRS_A_STEP}`,
  )
  const clean = db.prepare('DELETE FROM dirty WHERE hour_ms = ? AND series = ?')
  const write = bucketWriter(db)
  const stored = storedBuckets(db)

  return (overMs) => {
    const first = oldest.get(overMs) as [number] | undefined
    if (!first) return false
    const dayMs = Math.floor(first[0] / DAY_MS) * DAY_MS
    const pairs = select.all(dayMs, Math.min(overMs, dayMs + DAY_MS)) as Pair[]
    for (const span of dirtySpans(groupBySeries(pairs))) {
      const counted = countSpan(pages, span)
      for (const [hourMs, series] of pairs)
        if (hourMs >= span.fromMs && hourMs < span.toMs)
          write(series, HOUR_MS, hourMs, counted.get(series)!.get(hourMs))
    }
    for (const series of new Set(pairs.map((pair) => pair[1]))) {
      const [day] = coarsen(stored(series, HOUR_MS, dayMs, dayMs + DAY_MS).values(), DAY_MS)
      write(series, DAY_MS, dayMs, day)
    }
    for (const [hourMs, series] of pairs) clean.run(hourMs, series)
    return true
  }
}

function groupBySeries(pairs: readonly Pair[]): DirtyHours {
  const ids = new Map<number, { series: number; sensor: number }>()
  const dirty: DirtyHours = new Map()
  for (const [hourMs, series, sensor] of pairs) {
    let entry = ids.get(series)
    if (!entry) {
      ids.set(series, (entry = { series, sensor }))
      dirty.set(entry, [])
    }
    dirty.get(entry)!.push(hourMs)
  }
  return dirty
}

function bucketWriter(db: Database) {
  const insertHour = db.prepare(
    `INSERT OR REPLACE INTO roll (series, step_ms, at_ms, mean, min, max, first, last, count)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = db.prepare('DELETE FROM roll WHERE series = ? AND step_ms = ? AND at_ms = ?')
  return (series: number, width: number, atMs: AtMs, b: Bucket | undefined): void => {
    if (b) insertHour.run(series, width, atMs, b.mean, b.min, b.max, b.first, b.last, b.count)
    else remove.run(series, width, atMs)
  }
}
