/** Names of series and their numbers: a name is stored once, a reading refers to it by number. */
import type { Reading } from '../../ports.ts'
import { compareSeriesNames, instancePrefix, type SeriesName } from '../readings.ts'
import type { Run } from './series-pool.ts'

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
  /** The numbers of the readings' series, assigned when they are new. Call it inside a transaction that holds BEGIN_SHARED. */
  idsOf(run: Run, readings: readonly Reading[]): Promise<SeriesIds[]>
  /** Call it after a rollback, or when names have been erased. */
  forget(): void
}

/** `idsOf` keeps the numbers in memory. */
export function seriesDictionary(): Dictionary {
  const idsByName = new Map<string, SeriesIds>()
  return {
    async idsOf(run, readings) {
      const keys = readings.map(keyOf)
      const unknown = new Map<string, Reading>()
      for (const [i, key] of keys.entries()) if (!idsByName.has(key)) unknown.set(key, readings[i]!)
      if (unknown.size > 0) {
        const ids = await assign(run, [...unknown.values()])
        for (const [i, key] of [...unknown.keys()].entries()) idsByName.set(key, ids[i]!)
      }
      return keys.map((key) => idsByName.get(key)!)
    },
    forget: () => idsByName.clear(),
  }
}

// names contain no control characters, so the key is unambiguous
const keyOf = (r: Reading): string =>
  `${r.org}\n${r.farm}\n${r.field}\n${r.device}\n${r.quantity}\n${r.depthCm}`

const NAMES = `json_to_recordset($1::json) as
  n (place int, org text, farm text, field text, device text, quantity text, depth_cm float8)`
// in one order everywhere, so that two processes wait for each other and never cross
const ADD_SENSORS = `insert into tilth_series.sensor (org, device, quantity, depth_cm)
  select distinct org, device, quantity, depth_cm from ${NAMES} order by 1, 2, 3, 4 on conflict do nothing`
const JOINED = `${NAMES} join tilth_series.sensor s
  on s.org = n.org and s.device = n.device and s.quantity = n.quantity and s.depth_cm is not distinct from n.depth_cm`
const ADD_SERIES = `insert into tilth_series.series (sensor, farm, field)
  select distinct s.id, n.farm, n.field from ${JOINED} order by 1, 2, 3 on conflict do nothing`
const FIND = `select r.id as series, s.id as sensor from ${JOINED}
  join tilth_series.series r on r.sensor = s.id and r.farm = n.farm and r.field = n.field order by n.place`

async function assign(run: Run, readings: readonly Reading[]): Promise<SeriesIds[]> {
  const names = JSON.stringify(
    readings.map(({ org, farm, field, device, quantity, depthCm }, place) => ({
      place,
      org,
      farm,
      field,
      device,
      quantity,
      depth_cm: depthCm,
    })),
  )
  const found = await run<SeriesIds>(FIND, [names])
  if (found.length === readings.length) return found
  await run(ADD_SENSORS, [names])
  await run(ADD_SERIES, [names])
  return run<SeriesIds>(FIND, [names])
}

/** Every matching series, in name order. */
export async function matchingSeries(run: Run, filter: SeriesFilter): Promise<KnownSeries[]> {
  const values: unknown[] = []
  const rows = await run<KnownSeries>(matchingSql(filter, values), values)
  return rows.sort(compareSeriesNames)
}

/** The statement that finds the matching series; its values are added to `values`. */
export function matchingSql(filter: SeriesFilter, values: unknown[]): string {
  const conditions: string[] = []
  const add = (condition: (parameter: string) => string, value: unknown) => {
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  add((p) => `n.org = ${p}`, filter.org)
  if (filter.device !== undefined) add((p) => `n.device = ${p}`, filter.device)
  if (filter.farm !== undefined) add((p) => `s.farm = ${p}`, filter.farm)
  if (filter.field !== undefined) add((p) => `s.field = ${p}`, filter.field)
  if (filter.fields !== undefined) add((p) => `s.field = any(${p}::text[])`, filter.fields)
  if (filter.depthCm !== undefined) add((p) => `n.depth_cm is not distinct from ${p}::float8`, filter.depthCm)
  if (typeof filter.quantity === 'object') add((p) => `n.quantity = any(${p}::text[])`, filter.quantity)
  else if (filter.quantity !== undefined) {
    const prefix = instancePrefix(filter.quantity)
    if (prefix === null) add((p) => `n.quantity = ${p}`, filter.quantity)
    else add((p) => `starts_with(n.quantity, ${p})`, prefix)
  }
  return `select s.id as series, n.id as sensor, s.farm, s.field, n.device, n.quantity, n.depth_cm as "depthCm"
    from tilth_series.sensor n join tilth_series.series s on s.sensor = n.id where ${conditions.join(' and ')}`
}

/** Without the numbers, which have a meaning only within the store. */
export const nameOf = ({ farm, field, device, quantity, depthCm }: KnownSeries): SeriesName => ({
  farm,
  field,
  device,
  quantity,
  depthCm,
})
