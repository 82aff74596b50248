/**
 * Readings on a real PostgreSQL with its own settings, in a cluster of the bench: batches of ingest into a store that
 * holds half a year of 20 fields, the chart of a field over HTTP from it, and a season of 200 fields from roll-ups.
 */
import { MINUTE_MS, systemClock } from '../../broker/contract/time.ts'
import { openSeries } from '../../services/adapters/series.ts'
import type { Reading, SeriesStore } from '../../services/ports.ts'
import { hasPostgres, startPostgres, type Postgres } from '../../test/support/postgres.ts'
import type { Bench } from '../support/bench.ts'
import { FARM } from '../support/place.ts'
import { atLeast, count, infoFigure, machineDependent, type Figure } from '../support/report.ts'
import { aggregateOf } from '../support/season-aggregate.ts'
import { createSeason, type Season } from '../support/season.ts'
import { chartOf } from './chart.ts'

const BATCH = 500
const BATCHES = 400
const BATCHES_BEFORE = 20
const DEVICES = 2_000
const APPENDED_PER_S = 20_000
const CHART_P95_MS = 25

export async function postgres(bench: Bench): Promise<Figure[]> {
  if (!hasPostgres()) return [infoFigure('postgres', 'skipped', 'apt-get install postgresql')]
  const server = await startPostgres()
  bench.onEnd(() => server.stop())
  const { url } = await server.newDatabase()
  const { season, figures } = await stored(bench, url)
  return [
    ...figures,
    ...(await chartOf(bench, { line: 'postgres', season, p95Ms: CHART_P95_MS, env: { SERIES: url } })),
    ...(await seasonOf(bench, server)),
  ]
}

async function stored(bench: Bench, url: string): Promise<{ season: Season; figures: Figure[] }> {
  const series = await openSeries(url, '')
  try {
    const beganMs = performance.now()
    const season = await createSeason(bench, await bench.folder('postgres'), series)
    const seasonPerS = (season.readings * 1000) / (performance.now() - beganMs)
    const appendedPerS = await append(bench, series)
    const figures = [
      machineDependent(
        atLeast('postgres', `appended in batches of ${BATCH}, a second`, appendedPerS, APPENDED_PER_S, count),
      ),
      infoFigure(
        'postgres',
        'a season stored and rolled up day by day, readings a second',
        count(seasonPerS),
      ),
    ]
    return { season, figures }
  } finally {
    await series.close()
  }
}

/** Readings of many devices in time order, as ingest appends them; returns how many a second. */
async function append(bench: Bench, series: SeriesStore): Promise<number> {
  const batches = Math.max(BATCHES_BEFORE * 2, Math.round(BATCHES * bench.scale))
  bench.log(`postgres: ${batches} batches of ${BATCH} readings`)
  const startMs = systemClock.now() - ((batches * BATCH) / DEVICES) * MINUTE_MS
  const readings = Array.from({ length: batches }, (_, batch) =>
    Array.from({ length: BATCH }, (_, i) => readingOf(batch * BATCH + i, startMs)),
  )
  for (const batch of readings.slice(0, BATCHES_BEFORE)) await series.append(batch)
  const beganMs = performance.now()
  for (const batch of readings.slice(BATCHES_BEFORE)) await series.append(batch)
  return ((batches - BATCHES_BEFORE) * BATCH * 1000) / (performance.now() - beganMs)
}

function readingOf(index: number, startMs: number): Reading {
  const device = `many-${index % DEVICES}`
  return {
    org: 'others',
    farm: FARM,
    field: device,
    device,
    quantity: 'soil.moisture',
    depthCm: 30,
    atMs: Math.floor(startMs) + Math.floor(index / DEVICES) * MINUTE_MS,
    value: 20 + (index % 997) / 100,
    flag: 1,
    origin: 'measured',
  }
}

async function seasonOf(bench: Bench, server: Postgres): Promise<Figure[]> {
  const database = await server.newDatabase()
  return aggregateOf(bench, 'postgres', database.url)
}
