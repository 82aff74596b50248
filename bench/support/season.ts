/**
 * A farm in mid-season: 20 fields, six quantities each, half a year at five minutes, written through the series store
 * with its own housekeeping; 6.2 million readings.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { DAY_MS, MINUTE_MS, systemClock } from '../../broker/contract/time.ts'
import { flags } from '../../broker/contract/quantities.ts'
import type { Reading, SeriesStore } from '../../services/ports.ts'
import type { Bench } from './bench.ts'
import { deviceId, FARM, fieldId, ORG, provision } from './place.ts'
import type { Server } from './server.ts'
import { openSeriesOf } from './tilth-load.ts'

export const SEASON_FIELDS = 20
export const DAYS = 180
const EVERY_MS = 5 * MINUTE_MS

export interface Season {
  dataDir: string
  readings: number
}

/** Created once per bench and shared by several lines. */
export const sharedSeason = (bench: Bench): Promise<Season> =>
  bench.once('season', async () => {
    const dataDir = await bench.folder('season')
    const series = await openSeriesOf(dataDir)
    try {
      return await createSeason(bench, dataDir, series)
    } finally {
      await series.close()
    }
  })

/** Writes the farm into `dataDir` and its season into `series`. */
export async function createSeason(bench: Bench, dataDir: string, series: SeriesStore): Promise<Season> {
  await provision(dataDir, {
    fields: SEASON_FIELDS,
    devices: SEASON_FIELDS,
    everyS: EVERY_MS / 1000,
    plantedDaysAgo: 120,
  })
  const days = Math.max(95, Math.round(DAYS * bench.scale))
  const readings = await fillSeason(bench, series, { fields: SEASON_FIELDS, days, everyMs: EVERY_MS })
  return { dataDir, readings }
}

export interface SeasonSize {
  fields: number
  days: number
  everyMs: number
}

/** Stores a season that ends now, day by day; returns the number of readings. */
export async function fillSeason(
  bench: Bench,
  series: SeriesStore,
  { fields, days, everyMs }: SeasonSize,
): Promise<number> {
  const toMs = Math.floor(systemClock.now() / everyMs) * everyMs
  let readings = 0
  for (let day = days; day > 0; day--) {
    const batch: Reading[] = []
    for (let atMs = toMs - day * DAY_MS; atMs < toMs - (day - 1) * DAY_MS; atMs += everyMs)
      for (let field = 0; field < fields; field++)
        for (const gauge of GAUGES) batch.push(readingOf(field, gauge, atMs))
    await series.append(batch)
    readings += batch.length
    // as on a farm, where housekeeping runs every ten minutes
    await series.maintain(toMs - (day - 1) * DAY_MS)
    if (day % 30 === 0) bench.log(`season: ${days - day + 1} of ${days} days stored`)
  }
  return readings
}

interface Gauge {
  quantity: string
  depthCm: number | null
  mean: number
  dayRange: number // half of it
  drift: number // over ten days, half of it
}

export const GAUGES: readonly Gauge[] = [
  { quantity: 'soil.moisture', depthCm: 30, mean: 25, dayRange: 0.3, drift: 3 },
  { quantity: 'soil.temperature', depthCm: 30, mean: 19, dayRange: 1.5, drift: 2 },
  { quantity: 'soil.ec', depthCm: 30, mean: 0.4, dayRange: 0.01, drift: 0.05 },
  { quantity: 'soil.tension', depthCm: 30, mean: 20, dayRange: 1, drift: 10 },
  { quantity: 'air.temperature', depthCm: null, mean: 22, dayRange: 6, drift: 3 },
  { quantity: 'air.relativeHumidity', depthCm: null, mean: 70, dayRange: 15, drift: 5 },
]

/** A daily cycle on a slow drift: only the number and variety of values matter. */
function readingOf(field: number, gauge: Gauge, atMs: number): Reading {
  const dayPhase = (2 * Math.PI * (atMs % DAY_MS)) / DAY_MS
  const slowPhase = (2 * Math.PI * atMs) / (10 * DAY_MS) + field
  const value = gauge.mean + gauge.dayRange * Math.sin(dayPhase) + gauge.drift * Math.sin(slowPhase)
  return {
    org: ORG,
    farm: FARM,
    field: fieldId(field),
    device: deviceId(field),
    quantity: gauge.quantity,
    depthCm: gauge.depthCm,
    atMs,
    value: Math.round(value * 100) / 100,
    flag: flags.pass,
    origin: 'measured',
  }
}

/**
 * Waits until the server has caught up with work that was due while it was down: its processor is idle for a few
 * seconds. Returns false when it is still busy after `withinMs`.
 */
async function waitUntilIdle(server: Server, withinMs: number): Promise<boolean> {
  const untilMs = performance.now() + withinMs
  let quietS = 0
  let cpuBefore = server.cpuS() ?? 0
  while (performance.now() < untilMs) {
    await pause(1_000)
    const now = server.cpuS() ?? 0
    quietS = now - cpuBefore < 0.1 ? quietS + 1 : 0
    cpuBefore = now
    if (quietS >= 3) return true
  }
  return false
}

/**
 * Waits until a server started on a new season has closed its days and run the jobs of its first minute. Returns false
 * when it is still busy.
 */
export async function afterFirstWork(server: Server): Promise<boolean> {
  await waitUntilIdle(server, 180_000)
  await pause(MINUTE_MS)
  return waitUntilIdle(server, 180_000)
}
