/**
 * Erases series for good. Their names go in one transaction, so that nobody finds them any more; their readings go
 * after them in steps. What a crash leaves behind is erased by the next housekeeping.
 */
import type { SqliteDatabase } from './open.ts'
import type { Dictionary, SeriesFilter } from './series-dictionary.ts'
import { yieldToEventLoop } from '../../breath.ts'
import { inTransaction } from './series-steps.ts'

const ROWS_A_STEP = 5_000

/** Erases what fits the filter; gives how many readings that were. */
export async function eraseSeries(
  db: SqliteDatabase,
  dictionary: Dictionary,
  filter: SeriesFilter,
): Promise<number> {
  const note = db.prepare('INSERT INTO erased (series, sensor) VALUES (?, ?)')
  const removeName = db.prepare('DELETE FROM series WHERE id = ?')
  const removeLatest = db.prepare('DELETE FROM latest WHERE series = ?')
  const removeDirty = db.prepare('DELETE FROM dirty WHERE series = ?')
  const removeSensor = db.prepare(
    'DELETE FROM sensor WHERE id = ? AND NOT EXISTS (SELECT 1 FROM series WHERE sensor = sensor.id)',
  )
  withSecureDelete(db, () => {
    for (const { series, sensor } of dictionary.matching(filter)) {
      note.run(series, sensor)
      removeName.run(series)
      removeLatest.run(series)
      removeDirty.run(series)
      removeSensor.run(sensor)
    }
  })
  dictionary.forget()
  return finishErasing(db)
}

/** Erases the readings of series whose names are gone already; gives how many that were. */
export async function finishErasing(db: SqliteDatabase): Promise<number> {
  const pending = db.prepare('SELECT series, sensor FROM erased').raw().all() as [number, number][]
  if (pending.length === 0) return 0
  let erased = await eraseHot(db)
  for (const [series, sensor] of pending) erased += await eraseCold(db, series, sensor)
  db.pragma('wal_checkpoint(TRUNCATE)') // the log holds what was erased until then
  return erased
}

async function eraseHot(db: SqliteDatabase): Promise<number> {
  const findEnd = db
    .prepare(`SELECT at_ms FROM hot WHERE at_ms >= ? ORDER BY at_ms LIMIT 1 OFFSET ${ROWS_A_STEP * 4}`)
    .raw()
  // a row below the tide is a copy of one in cold, and counted there
  const count = db
    .prepare(
      `SELECT count(*) FROM hot WHERE at_ms >= max(?, (SELECT cold_to_ms FROM tide)) AND at_ms < ?
       AND series IN (SELECT series FROM erased)`,
    )
    .raw()
  const remove = db.prepare(
    'DELETE FROM hot WHERE at_ms >= ? AND at_ms < ? AND series IN (SELECT series FROM erased)',
  )
  let erased = 0
  for (let fromMs = 0; Number.isFinite(fromMs);) {
    fromMs = withSecureDelete(db, () => {
      const found = findEnd.get(fromMs) as [number] | undefined
      const endMs = found ? found[0] + 1 : Number.MAX_SAFE_INTEGER
      erased += (count.get(fromMs, endMs) as [number])[0]
      remove.run(fromMs, endMs)
      return found ? endMs : Infinity
    })
    await yieldToEventLoop()
  }
  return erased
}

async function eraseCold(db: SqliteDatabase, series: number, sensor: number): Promise<number> {
  const findEnd = db
    .prepare(
      `SELECT at_ms FROM cold WHERE sensor = ? AND at_ms >= ? ORDER BY at_ms LIMIT 1 OFFSET ${ROWS_A_STEP}`,
    )
    .raw()
  const count = db
    .prepare(
      `SELECT count(*) FROM cold WHERE sensor = ? AND at_ms >= ? AND series = ?
       AND at_ms < min(?, (SELECT cold_to_ms FROM tide))`,
    )
    .raw()
  const remove = db.prepare('DELETE FROM cold WHERE sensor = ? AND at_ms >= ? AND at_ms < ? AND series = ?')
  const removeRolled = db.prepare('DELETE FROM roll WHERE series = ?')
  const removeDirty = db.prepare('DELETE FROM dirty WHERE series = ?')
  const forget = db.prepare('DELETE FROM erased WHERE series = ?')
  let erased = 0
  for (let fromMs = 0; Number.isFinite(fromMs);) {
    fromMs = withSecureDelete(db, () => {
      const found = findEnd.get(sensor, fromMs) as [number] | undefined
      const endMs = found ? found[0] + 1 : Number.MAX_SAFE_INTEGER
      erased += (count.get(sensor, fromMs, series, endMs) as [number])[0]
      remove.run(sensor, fromMs, endMs, series)
      if (found) return endMs
      removeRolled.run(series)
      removeDirty.run(series)
      forget.run(series)
      return Infinity
    })
    await yieldToEventLoop()
  }
  return erased
}

/** What is deleted is overwritten with zeros: erased for good means not to be found in the file either. */
function withSecureDelete<T>(db: SqliteDatabase, step: () => T): T {
  db.pragma('secure_delete = ON')
  try {
    return inTransaction(db, step)
  } finally {
    db.pragma('secure_delete = OFF')
  }
}
