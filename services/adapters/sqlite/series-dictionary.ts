/** Names of series and their numbers: a name is stored once, a reading refers to it by number. */
import { prepareArrays, prepareArraysOnce, type Database } from '../../../broker/sqlite/database.ts'
import type { Reading } from '../../ports.ts'
import { compareSeriesNames, instancePrefix, type SeriesName } from '../readings.ts'
import { inSnapshot } from './series-steps.ts'

/** `sensor` is (org, device, quantity, depth); `series` is a sensor at one place. */
export interface SeriesIds {
  series: number
  sensor: number
}
export type KnownSeries = SeriesName & SeriesIds

export interface SeriesFilter {
  org: string
  quantity?: string | readonly string[] // as in SeriesQuery
  farm?: string | undefined
  field?: string | undefined
  fields?: readonly string[] | undefined
  device?: string | undefined
  depthCm?: number | null | undefined
}

export interface Dictionary {
  /** The numbers of a reading's series, assigned when it is new. Call it inside a write transaction. */
  idsOf(reading: Reading): SeriesIds
  /** Every matching series, in name order. */
  matching(filter: SeriesFilter): KnownSeries[]
  /** Call it after a rollback, or when another connection has written. */
  forget(): void
}

/** `idsOf` keeps the numbers in memory; `matching` reads the file each time. */
export function seriesDictionary(db: Database): Dictionary {
  const idsByName = new Map<string, SeriesIds>()
  const findSensor = prepareArrays(
    db,
    "SELECT id FROM sensor WHERE org = ? AND device = ? AND quantity = ? AND coalesce(depth_cm, 'none') = coalesce(?, 'none')",
  )
  const addSensor = db.prepare('INSERT INTO sensor (org, device, quantity, depth_cm) VALUES (?, ?, ?, ?)')
  const findSeries = prepareArrays(db, 'SELECT id FROM series WHERE sensor = ? AND farm = ? AND field = ?')
  const addSeries = db.prepare('INSERT INTO series (sensor, farm, field) VALUES (?, ?, ?)')

  function lookUp(r: Reading): SeriesIds {
    const sensorName = [r.org, r.device, r.quantity, r.depthCm]
    const sensor = idFrom(findSensor.get(...sensorName)) ?? idOfNew(addSensor.run(...sensorName))
    const series =
      idFrom(findSeries.get(sensor, r.farm, r.field)) ?? idOfNew(addSeries.run(sensor, r.farm, r.field))
    return { series, sensor }
  }

  return {
    idsOf(r) {
      // names contain no control characters, so the key is unambiguous
      const key = `${r.org}\n${r.farm}\n${r.field}\n${r.device}\n${r.quantity}\n${r.depthCm}`
      let ids = idsByName.get(key)
      if (!ids) idsByName.set(key, (ids = lookUp(r)))
      return ids
    },
    matching: (filter) => inSnapshot(db, () => findMatching(db, filter)),
    forget: () => idsByName.clear(),
  }
}

function findMatching(db: Database, filter: SeriesFilter): KnownSeries[] {
  const conditions = ['n.org = ?']
  const values: (string | number)[] = [filter.org]
  const add = (condition: string, value: string | number) => {
    conditions.push(condition)
    values.push(value)
  }
  if (filter.device !== undefined) add('n.device = ?', filter.device)
  if (filter.farm !== undefined) add('s.farm = ?', filter.farm)
  if (filter.field !== undefined) add('s.field = ?', filter.field)
  if (filter.fields !== undefined)
    add('s.field IN (SELECT value FROM json_each(?))', JSON.stringify(filter.fields))
  if (filter.depthCm === null) conditions.push('n.depth_cm IS NULL')
  else if (filter.depthCm !== undefined) add('n.depth_cm = ?', filter.depthCm)
  if (typeof filter.quantity === 'object')
    add('n.quantity IN (SELECT value FROM json_each(?))', JSON.stringify(filter.quantity))
  else if (filter.quantity !== undefined) {
    const prefix = instancePrefix(filter.quantity)
    if (prefix === null) add('n.quantity = ?', filter.quantity)
    else {
      add('substr(n.quantity, 1, length(?)) = ?', prefix)
      values.push(prefix)
    }
  }
  // the few series of some fields are found first, not after all sensors of a large organisation; CROSS JOIN keeps the order
  const from =
    (filter.field ?? filter.fields) !== undefined && filter.device === undefined
      ? 'series s CROSS JOIN sensor n'
      : 'sensor n CROSS JOIN series s'
  const rows = prepareArraysOnce(
    db,
    `SELECT s.id, n.id, s.farm, s.field, n.device, n.quantity, n.depth_cm
       FROM ${from} ON s.sensor = n.id WHERE ${conditions.join(' AND ')}`,
  ).all(...values) as [number, number, string, string, string, string, number | null][]
  return rows
    .map(([series, sensor, farm, field, device, quantity, depthCm]) => ({
      series,
      sensor,
      farm,
      field,
      device,
      quantity,
      depthCm,
    }))
    .sort(compareSeriesNames)
}

const idFrom = (row: unknown): number | undefined => (row as [number] | undefined)?.[0]
const idOfNew = ({ lastInsertRowid }: { lastInsertRowid: number | bigint }): number => Number(lastInsertRowid)
