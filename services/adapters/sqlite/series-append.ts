/**
 * Appends readings. A duplicate is ignored. A repeated reading with another value or flag replaces the stored one (a
 * corrected calibration is replayed); it keeps the field under which it was first stored, where the device was then.
 */
import {
  prepareArrays,
  prepareInsert,
  type Database,
  type SqlValue,
} from '../../../broker/sqlite/database.ts'
import type { Reading } from '../../ports.ts'
import { origins } from '../readings.ts'
import type { Dictionary, SeriesIds } from './series-dictionary.ts'
import { createDirtyHours } from './series-dirty-hours.ts'
import { latestWriter } from './series-latest.ts'
import { watermarkReader, type Watermark } from './series-schema.ts'
import { inTransaction } from './series-steps.ts'

export interface Appender {
  /** One transaction. Errors as inTransaction. */
  append(readings: readonly Reading[]): void
  /** Must be called when dirty marks are removed, so that they are set again. */
  forgetDirty(): void
}

/**
 * Remembers series numbers and dirty hours in memory; both are dropped after a rollback, and when another connection
 * has written to the file.
 */
export function seriesAppender(db: Database, dictionary: Dictionary): Appender {
  const readWatermark = watermarkReader(db)
  const tables = { hot: tableWriter(db, 'hot'), cold: tableWriter(db, 'cold') }
  const insertHot = prepareInsert(db, {
    verb: 'INSERT OR IGNORE INTO',
    into: `hot (${COLUMNS})`,
    row: '(?, ?, ?, ?, ?, ?)',
  })
  const newest = latestWriter(db)
  const dirtyHours = createDirtyHours(db)
  const copyToCold = db.prepare(
    `INSERT OR REPLACE INTO cold (${COLUMNS}) SELECT ${COLUMNS} FROM hot WHERE at_ms = ? AND sensor = ?`,
  )
  const dataVersion = prepareArrays(db, 'PRAGMA data_version')
  let seenVersion = -1

  function forgetWhenOthersWrote(): void {
    const [version] = dataVersion.get() as [number]
    if (version === seenVersion) return
    seenVersion = version
    forget()
  }
  function forget(): void {
    dictionary.forget()
    dirtyHours.forget()
  }

  function appendAll(readings: readonly Reading[]): void {
    forgetWhenOthersWrote()
    const watermark = readWatermark()
    const hotFromMs = Math.max(watermark.coldToMs, watermark.copyToMs)
    const hot = readings.filter(({ atMs }) => atMs >= hotFromMs)
    const isDone = hot.length > 1 && appendNew(hot)
    for (const reading of readings) if (!isDone || reading.atMs < hotFromMs) appendOne(reading, watermark)
    newest.write()
  }

  /**
   * Most readings are new and belong to hot: a few statements insert them. False when one of them exists already; then
   * nothing is inserted.
   */
  function appendNew(readings: readonly Reading[]): boolean {
    const ids = readings.map((reading) => dictionary.idsOf(reading))
    const values = readings.flatMap((reading, i) => columnsOf(reading, ids[i]!))
    db.exec('SAVEPOINT new_readings')
    const areNew = insertHot(values) === readings.length
    if (!areNew) db.exec('ROLLBACK TO new_readings')
    db.exec('RELEASE new_readings')
    if (areNew) for (const [i, reading] of readings.entries()) noteNew(reading, ids[i]!)
    return areNew
  }

  function appendOne(reading: Reading, { coldToMs, copyToMs }: Watermark): void {
    const ids = dictionary.idsOf(reading)
    const table = reading.atMs < coldToMs ? tables.cold : tables.hot
    if (table.insert(reading, ids)) noteNew(reading, ids)
    else {
      const owner = table.replace(reading, ids)
      if (owner === null) return
      dirtyHours.mark(reading.atMs, owner)
      newest.correct(reading, { ...ids, series: owner })
    }
    if (table === tables.hot && reading.atMs < copyToMs) copyToCold.run(reading.atMs, ids.sensor)
  }

  function noteNew(reading: Reading, { series }: SeriesIds): void {
    if (reading.flag <= 2 && reading.value !== null) dirtyHours.mark(reading.atMs, series)
    if (reading.flag <= 3) newest.offer(reading, series)
  }

  return {
    append(readings) {
      try {
        inTransaction(db, () => appendAll(readings))
      } catch (error) {
        forget() // ids assigned in the transaction are not in the file
        newest.drop()
        throw error
      }
    },
    forgetDirty: () => dirtyHours.forget(),
  }
}

const COLUMNS = 'at_ms, sensor, series, value, flag, origin'
const originOf = (r: Reading): number => origins.indexOf(r.origin)
const columnsOf = (r: Reading, { series, sensor }: SeriesIds): SqlValue[] => [
  r.atMs,
  sensor,
  series,
  r.value,
  r.flag,
  originOf(r),
]

type StoredReading = [series: number, value: number | null, flag: number, origin: number, isErased: number]

function tableWriter(db: Database, table: 'hot' | 'cold') {
  const insert = db.prepare(`INSERT OR IGNORE INTO ${table} (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
  const find = prepareArrays(
    db,
    `SELECT series, value, flag, origin, NOT EXISTS (SELECT 1 FROM series s WHERE s.id = t.series)
       FROM ${table} t WHERE at_ms = ? AND sensor = ?`,
  )
  const update = db.prepare(
    `UPDATE ${table} SET series = ?, value = ?, flag = ?, origin = ? WHERE at_ms = ? AND sensor = ?`,
  )
  return {
    /** false when the key exists */
    insert: (r: Reading, ids: SeriesIds): boolean => insert.run(...columnsOf(r, ids)).changes === 1,
    /** Writes differences; returns the series that owns the reading, or null without a difference. */
    replace(r: Reading, { series, sensor }: SeriesIds): number | null {
      const [owner, value, flag, origin, isErased] = find.get(r.atMs, sensor) as StoredReading
      const isSame = value === r.value && flag === r.flag && origin === originOf(r)
      if (isSame && !isErased) return null
      // an erased series with remaining readings owns nothing any more
      const keeper = isErased ? series : owner
      update.run(keeper, r.value, r.flag, originOf(r), r.atMs, sensor)
      return keeper
    },
  }
}
