/**
 * Erases series permanently. Their names are deleted in one transaction, so that they cannot be found any more; their
 * readings follow in steps, and then the file is rewritten without the copies of them in its free space. Housekeeping
 * completes an interrupted erasure.
 */
import { prepareArrays, type Database } from '../../../broker/sqlite/database.ts'
import type { Dictionary, SeriesFilter } from './series-dictionary.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { withSecureDelete } from './series-steps.ts'

const ROWS_A_STEP = 5_000

/** The row of `erased` that stands until the file has been rewritten; no series has this number. */
const TO_REWRITE = 0

/** Erases the matching series; returns the number of readings. `rewrite` as FileThread. */
export async function eraseSeries(
  db: Database,
  dictionary: Dictionary,
  { filter, rewrite }: { filter: SeriesFilter; rewrite: () => Promise<void> },
): Promise<number> {
  const note = db.prepare('INSERT INTO erased (series, sensor) VALUES (?, ?)')
  const noteRewrite = db.prepare('INSERT OR IGNORE INTO erased (series, sensor) VALUES (?, 0)')
  const removeName = db.prepare('DELETE FROM series WHERE id = ?')
  const removeLatest = db.prepare('DELETE FROM latest WHERE series = ?')
  const removeDirty = db.prepare('DELETE FROM dirty WHERE series = ?')
  const removeSensor = db.prepare(
    'DELETE FROM sensor WHERE id = ? AND NOT EXISTS (SELECT 1 FROM series WHERE sensor = sensor.id)',
  )
  withSecureDelete(db, () => {
    const matching = dictionary.matching(filter)
    if (matching.length > 0) noteRewrite.run(TO_REWRITE)
    for (const { series, sensor } of matching) {
      note.run(series, sensor)
      removeName.run(series)
      removeLatest.run(series)
      removeDirty.run(series)
      removeSensor.run(sensor)
    }
  })
  dictionary.forget()
  return finishErasing(db, rewrite)
}

/** Erases the readings of series whose names are already deleted; returns their number. */
export async function finishErasing(db: Database, rewrite: () => Promise<void>): Promise<number> {
  const pending = prepareArrays(db, 'SELECT series, sensor FROM erased').all() as [number, number][]
  if (pending.length === 0) return 0
  let erased = await eraseHot(db)
  for (const [series, sensor] of pending)
    if (series !== TO_REWRITE) erased += await eraseCold(db, series, sensor)
  await rewrite()
  withSecureDelete(db, () => db.prepare('DELETE FROM erased WHERE series = ?').run(TO_REWRITE))
  return erased
}

async function eraseHot(db: Database): Promise<number> {
  const findEnd = prepareArrays(
    db,
    `SELECT at_ms FROM hot WHERE at_ms >= ? ORDER BY at_ms LIMIT 1 OFFSET ${ROWS_A_STEP * 4}`,
  )
  // a row below the watermark is a copy of one in cold, and counted there
  const count = prepareArrays(
    db,
    `SELECT count(*) FROM hot WHERE at_ms >= max(?, (SELECT cold_to_ms FROM watermark)) AND at_ms < ?
       AND series IN (SELECT series FROM erased)`,
  )
  const remove = db.prepare(
    'DELETE FROM hot WHERE at_ms >= ? AND at_ms < ? AND series IN (SELECT series FROM erased)',
  )
  let erased = 0
  for (let fromMs = 0; Number.isFinite(fromMs);) {
    fromMs = withSecureDelete(db, () => {
      const last = findEnd.get(fromMs) as [number] | undefined
      const endMs = last ? last[0] + 1 : Number.MAX_SAFE_INTEGER
      erased += (count.get(fromMs, endMs) as [number])[0]
      remove.run(fromMs, endMs)
      return last ? endMs : Infinity
    })
    await yieldToEventLoop()
  }
  return erased
}

async function eraseCold(db: Database, series: number, sensor: number): Promise<number> {
  const findEnd = prepareArrays(
    db,
    `SELECT at_ms FROM cold WHERE sensor = ? AND at_ms >= ? ORDER BY at_ms LIMIT 1 OFFSET ${ROWS_A_STEP}`,
  )
  const count = prepareArrays(
    db,
    `SELECT count(*) FROM cold WHERE sensor = ? AND at_ms >= ? AND series = ?
       AND at_ms < min(?, (SELECT cold_to_ms FROM watermark))`,
  )
  const remove = db.prepare('DELETE FROM cold WHERE sensor = ? AND at_ms >= ? AND at_ms < ? AND series = ?')
  const removeRolled = db.prepare('DELETE FROM roll WHERE series = ?')
  const removeDirty = db.prepare('DELETE FROM dirty WHERE series = ?')
  const forget = db.prepare('DELETE FROM erased WHERE series = ?')
  let erased = 0
  for (let fromMs = 0; Number.isFinite(fromMs);) {
    fromMs = withSecureDelete(db, () => {
      const last = findEnd.get(sensor, fromMs) as [number] | undefined
      const endMs = last ? last[0] + 1 : Number.MAX_SAFE_INTEGER
      erased += (count.get(sensor, fromMs, series, endMs) as [number])[0]
      remove.run(sensor, fromMs, endMs, series)
      if (last) return endMs
      removeRolled.run(series)
      removeDirty.run(series)
      forget.run(series)
      return Infinity
    })
    await yieldToEventLoop()
  }
  return erased
}
