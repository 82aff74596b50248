/** The newest reading of every series with flag 1 to 3, stored next to the readings. */
import { prepareArrays, prepareArraysOnce, type Database } from '../../../broker/sqlite/database.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Flag } from '../../../broker/contract/quantities.ts'
import type { Latest, Reading } from '../../ports.ts'
import { compareSeriesNames } from '../readings.ts'
import type { SeriesIds } from './series-dictionary.ts'
import { watermarkReader } from './series-schema.ts'

export interface LatestWriter {
  /** A new reading with flag 1 to 3; written by `write`. */
  offer(reading: Reading, series: number): void
  /** A replaced reading: it may have been the newest, and may no longer qualify. */
  correct(reading: Reading, ids: SeriesIds): void
  write(): void
  /** Discards offered readings after a rollback. */
  drop(): void
}

/** Call its functions in the transaction that writes the readings: `offer` keeps them in memory until `write`. */
export function latestWriter(db: Database): LatestWriter {
  const readWatermark = watermarkReader(db)
  const upsert = db.prepare(
    `INSERT INTO latest (series, at_ms, value, flag) VALUES (?, ?, ?, ?) ON CONFLICT (series) DO UPDATE
     SET at_ms = excluded.at_ms, value = excluded.value, flag = excluded.flag WHERE excluded.at_ms >= at_ms`,
  )
  const remove = db.prepare('DELETE FROM latest WHERE series = ? AND at_ms = ?')
  const find = (table: string, bound: string) =>
    prepareArrays(
      db,
      `SELECT at_ms, value, flag FROM ${table}
         WHERE sensor = ? AND series = ? AND flag <= 3 AND at_ms ${bound} ? ORDER BY at_ms DESC LIMIT 1`,
    )
  const findHot = find('hot', '>=')
  const findCold = find('cold', '<')
  const offered = new Map<number, Reading>()

  function write(): void {
    for (const [series, r] of offered) upsert.run(series, r.atMs, r.value, r.flag)
    offered.clear()
  }
  function offer(reading: Reading, series: number): void {
    const newest = offered.get(series)
    if (!newest || reading.atMs >= newest.atMs) offered.set(series, reading)
  }

  return {
    offer,
    write,
    drop: () => offered.clear(),
    correct(reading, { series, sensor }) {
      if (reading.flag <= 3) return offer(reading, series)
      write()
      if (remove.run(series, reading.atMs).changes === 0) return
      const { coldToMs } = readWatermark()
      const next = findHot.get(sensor, series, coldToMs) ?? findCold.get(sensor, series, coldToMs)
      if (next) upsert.run(series, ...(next as [number, number | null, number]))
    },
  }
}

export interface LatestQuery {
  org: string
  field?: string
  device?: string
  sinceMs?: AtMs
}
type Row = [string, string, string, string, number | null, number, number | null, number]

/** The latest reading of each series of an organisation, a field or a device. */
export function readLatest(db: Database, query: LatestQuery): Latest[] {
  const conditions = ['n.org = ?', 'l.at_ms >= ?']
  const values: (string | number)[] = [query.org, query.sinceMs ?? 0]
  for (const [column, value] of [
    ['s.field', query.field],
    ['n.device', query.device],
  ] as const)
    if (value !== undefined) {
      conditions.push(`${column} = ?`)
      values.push(value)
    }
  const rows = prepareArraysOnce(
    db,
    `SELECT s.farm, s.field, n.device, n.quantity, n.depth_cm, l.at_ms, l.value, l.flag
       FROM sensor n JOIN series s ON s.sensor = n.id JOIN latest l ON l.series = s.id WHERE ${conditions.join(' AND ')}`,
  ).all(...values) as Row[]
  return rows
    .map(([farm, field, device, quantity, depthCm, atMs, value, flag]) => ({
      farm,
      field,
      device,
      quantity,
      depthCm,
      atMs,
      value,
      flag: flag as Flag,
    }))
    .sort(compareSeriesNames)
}
