/**
 * Moves whole days older than two days from hot to cold: copy, advance the watermark, drain. A crash between two steps
 * loses and duplicates nothing; the next round continues from there.
 */
import { prepareArrays, type Database } from '../../../broker/sqlite/database.ts'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { watermarkReader } from './series-schema.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { inTransaction } from './series-steps.ts'

const HOT_DAYS = 2
const ROWS_A_WINDOW = 100_000
const ROWS_A_SLICE = 4_000
const ROWS_A_DRAIN = 8_000

/** Days are in UTC. Yields to the event loop between transactions; readings may be appended and read meanwhile. */
export async function moveToCold(db: Database, nowMs: AtMs): Promise<void> {
  const targetMs = (Math.floor(nowMs / DAY_MS) - HOT_DAYS) * DAY_MS
  const readWatermark = watermarkReader(db)
  const nextWindow = windowFinder(db)
  const copyWindow = windowCopier(db)
  const setWatermark = db.prepare('UPDATE watermark SET cold_to_ms = ?, copy_to_ms = ?')

  await drain(db)
  for (let { coldToMs } = readWatermark(); coldToMs < targetMs;) {
    const endMs = inTransaction(db, () => {
      const end = nextWindow(coldToMs, targetMs)
      // from this commit on, a late reading of the window is written to both tables
      setWatermark.run(coldToMs, end)
      return end
    })
    await yieldToEventLoop()
    await copyWindow(coldToMs, endMs)
    inTransaction(db, () => setWatermark.run(endMs, endMs))
    coldToMs = endMs
    await drain(db)
  }
}

/** The end of a window small enough for one step: the target, or an earlier instant. */
function windowFinder(db: Database) {
  const first = prepareArrays(db, 'SELECT min(at_ms) FROM hot WHERE at_ms >= ?')
  const find = prepareArrays(
    db,
    `SELECT at_ms FROM hot WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms LIMIT 1 OFFSET ${ROWS_A_WINDOW}`,
  )
  return (fromMs: AtMs, targetMs: AtMs): AtMs => {
    const [firstMs] = first.get(fromMs) as [number | null]
    if (firstMs === null || firstMs >= targetMs) return targetMs
    const dayEndMs = Math.min(targetMs, (Math.floor(firstMs / DAY_MS) + 1) * DAY_MS)
    const last = find.get(fromMs, dayEndMs) as [number] | undefined
    return last ? Math.max(last[0], firstMs + 1) : dayEndMs
  }
}

/** Copies sensor by sensor: cold is ordered by sensor, so a slice of few sensors touches few pages. */
function windowCopier(db: Database) {
  const count = prepareArrays(
    db,
    'SELECT sensor, count(*) FROM hot WHERE at_ms >= ? AND at_ms < ? GROUP BY sensor ORDER BY sensor',
  )
  const copy = db.prepare(
    `INSERT OR REPLACE INTO cold (sensor, at_ms, series, value, flag, origin)
     SELECT sensor, at_ms, series, value, flag, origin FROM hot
     WHERE at_ms >= ? AND at_ms < ? AND sensor BETWEEN ? AND ? ORDER BY sensor, at_ms`,
  )
  return async (fromMs: AtMs, toMs: AtMs): Promise<void> => {
    const counts = count.all(fromMs, toMs) as [sensor: number, rows: number][]
    for (let i = 0; i < counts.length;) {
      const [firstSensor] = counts[i]!
      let lastSensor = firstSensor
      for (
        let rows = 0;
        i < counts.length && rows + counts[i]![1] <= Math.max(ROWS_A_SLICE, counts[i]![1]);
        i++
      ) {
        rows += counts[i]![1]
        lastSensor = counts[i]![0]
      }
      await yieldToEventLoop()
      inTransaction(db, () => copy.run(fromMs, toMs, firstSensor, lastSensor))
    }
  }
}

/** Deletes rows below the watermark from hot, where they are no longer read. */
async function drain(db: Database): Promise<void> {
  const find = prepareArrays(
    db,
    `SELECT at_ms FROM hot WHERE at_ms < (SELECT cold_to_ms FROM watermark)
       ORDER BY at_ms LIMIT 1 OFFSET ${ROWS_A_DRAIN}`,
  )
  const remove = db.prepare('DELETE FROM hot WHERE at_ms < min(?, (SELECT cold_to_ms FROM watermark))')
  for (let isDone = false; !isDone;) {
    await yieldToEventLoop()
    isDone = inTransaction(db, () => {
      const last = find.get() as [number] | undefined
      remove.run(last ? last[0] + 1 : Number.MAX_SAFE_INTEGER)
      return last === undefined
    })
  }
}
