/**
 * The series store on InfluxDB: one measurement per quantity; tags org, farm, field, device, depth; fields v (float),
 * qc (int) and origin (text); milliseconds. A reading without a value writes no v. Roll-ups are separate (roll-ups.ts).
 *
 * A repeated reading replaces its fields. Differences to SQLite: a null that replaces a number leaves the old number in
 * v (read as null, because its flag is 9), and the number of erased readings is unknown.
 */
import { DAY_MS } from '../../../broker/contract/time.ts'
import type { Flag, Origin } from '../../../broker/contract/quantities.ts'
import type { Reading, Series, SeriesQuery, SeriesStore } from '../../ports.ts'
import { compareSeriesNames, checkReadings } from '../readings.ts'
import type { InfluxClient } from './client.ts'
import { readLatest } from './latest.ts'
import { createPlaceTracker } from './places.ts'
import { firstQuery, rangeQuery, windowQuery, type Tags } from './queries.ts'
import { createRollUps } from './roll-ups.ts'
import { readRolled, readSummaries } from './rolled.ts'
import { nameOf, readingPoint, valueOf } from './rows.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'

// recommended by InfluxData for a batch of line protocol
const READINGS_PER_WRITE = 5_000

/**
 * Appends, erasures and steps of `maintain` run one at a time; queries do not wait for them. `erase` gives null,
 * because the number is unknown.
 */
export function influxSeriesStore(client: InfluxClient): SeriesStore {
  const places = createPlaceTracker(client)
  const rollUps = createRollUps(client)
  // serial: where a reading was first stored depends on the previous append, and a roll-up on the readings it counts
  const queue = serialQueue()

  async function append(readings: readonly Reading[]): Promise<void> {
    for (let i = 0; i < readings.length; i += READINGS_PER_WRITE) {
      const settled = await places.resolve(readings.slice(i, i + READINGS_PER_WRITE))
      await rollUps.markChanged(settled)
      await client.write(settled.map(readingPoint))
      places.recordWritten(settled)
    }
  }

  return {
    append: (readings) =>
      queue.enqueue(() => {
        checkReadings(readings)
        return append(readings)
      }),
    range: (query) => readRange(client, query),
    rolled: (query) => readRolled(client, rollUps, query),
    means: (query) => readRolled(client, rollUps, query),
    summaries: (query) => readSummaries(client, rollUps, query),
    latest: (query) => readLatest(client, query),
    stream: (query) => streamReadings(client, query),
    async erase(query) {
      await queue.enqueue(async () => {
        await client.erase(query)
        places.forget()
        rollUps.forget()
      })
      return null
    },
    maintain: (nowMs) => rollUps.roll(nowMs, queue.enqueue),
    isReady: () =>
      client.query('SHOW MEASUREMENTS LIMIT 1').then(
        () => true,
        () => false,
      ),
    close: async () => client.close(),
  }
}

async function readRange(client: InfluxClient, query: SeriesQuery & { limit?: number }): Promise<Series[]> {
  if (query.toMs <= query.fromMs) return []
  const rows = await client.query(rangeQuery({ ...query, limit: query.limit ?? 100_000 }))
  return rows
    .map((row) => {
      const values = row.values as [number, number | null, Flag][]
      return {
        ...nameOf(row),
        atMs: values.map(([atMs]) => atMs),
        value: values.map(([, v, flag]) => valueOf(v, flag)),
        flag: values.map(([, , flag]) => flag),
      }
    })
    .sort(compareSeriesNames)
}

/** Day by day, skipping empty days. */
async function* streamReadings(client: InfluxClient, tags: Tags): AsyncGenerator<Reading> {
  for (let fromMs = await firstMs(client, tags, 0); fromMs !== null;) {
    const endMs = (Math.floor(fromMs / DAY_MS) + 1) * DAY_MS
    const readings: Reading[] = []
    for (const row of await client.query(windowQuery(tags, fromMs, endMs))) {
      const name = nameOf(row)
      for (const [atMs, v, qc, origin] of row.values as [number, number | null, Flag, Origin | null][])
        readings.push({
          org: tags.org,
          ...name,
          atMs,
          value: valueOf(v, qc),
          flag: qc,
          origin: origin ?? 'measured',
        })
    }
    yield* readings.sort((a, b) => a.atMs - b.atMs || compareSeriesNames(a, b))
    fromMs = await firstMs(client, tags, endMs)
  }
}

async function firstMs(client: InfluxClient, tags: Tags, fromMs: number): Promise<number | null> {
  const rows = await client.query(firstQuery(tags, fromMs))
  const first = rows.reduce((min, row) => Math.min(min, row.values[0]![0] as number), Infinity)
  return Number.isFinite(first) ? first : null
}
