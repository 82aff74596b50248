/**
 * The newest reading of each series with flag 1 to 3. A condition on the flag makes InfluxDB read every block from the
 * first day, so the query covers the last two days, and is repeated only for devices that have been silent or failing
 * for longer.
 */
import { DAY_MS } from '../../../broker/contract/time.ts'
import type { Flag } from '../../../broker/contract/quantities.ts'
import type { Latest, SeriesStore } from '../../ports.ts'
import { compareSeriesNames } from '../readings.ts'
import type { InfluxClient, InfluxRow } from './client.ts'
import { headsQuery, latestQuery } from './queries.ts'
import { nameOf, valueOf } from './rows.ts'

const RECENT_MS = 2 * DAY_MS
const DEVICES_PER_QUERY = 100

/** Sorted by series name; a series without such a reading since `sinceMs` is left out. */
export async function readLatest(
  client: InfluxClient,
  { sinceMs = 0, ...tags }: Parameters<SeriesStore['latest']>[0],
): Promise<Latest[]> {
  const heads = await client.query(headsQuery(tags))
  const newestMs = heads.reduce((max, row) => Math.max(max, headMs(row)), 0)
  const recentMs = Math.max(sinceMs, newestMs - RECENT_MS)
  const latest = new Map<string, Latest>()
  const query = async (fromMs: number, devices: string[]) => {
    for (const row of await client.query(latestQuery(tags, fromMs, devices)))
      if (!latest.has(keyOf(row))) latest.set(keyOf(row), latestOf(row))
  }

  if (heads.length > 0) await query(recentMs, [])
  const silent = heads.filter((row) => !latest.has(keyOf(row)) && headMs(row) >= sinceMs)
  const devices = recentMs > sinceMs ? [...new Set(silent.map((row) => nameOf(row).device))] : []
  for (let i = 0; i < devices.length; i += DEVICES_PER_QUERY)
    await query(sinceMs, devices.slice(i, i + DEVICES_PER_QUERY))
  return [...latest.values()].sort(compareSeriesNames)
}

const headMs = (row: InfluxRow): number => row.values[0]![0] as number
const keyOf = (row: InfluxRow): string =>
  [row.name, row.tags.farm, row.tags.field, row.tags.device, row.tags.depth].join('\n')

function latestOf(row: InfluxRow): Latest {
  const [atMs, flag, v] = row.values[0] as [number, Flag, number | null]
  return { ...nameOf(row), atMs, value: valueOf(v, flag), flag }
}
