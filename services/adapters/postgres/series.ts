/**
 * The series store on PostgreSQL: readings in partitions by month, roll-ups of hours and days next to them. The store is
 * on another server: it may go away and come back at any time.
 */
import { isTilthError } from '../../errors.ts'
import type { SeriesStore } from '../../ports.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { checkReadings } from '../readings.ts'
import { parseSeriesAddress, type SeriesAddress } from './series-address.ts'
import { seriesAppender } from './series-append.ts'
import { seriesDictionary } from './series-dictionary.ts'
import { eraseSeries, finishErasing } from './series-erase.ts'
import { readLatest } from './series-latest.ts'
import { seriesPartitions } from './series-partitions.ts'
import { openSeriesPool, throwStartError, type SeriesPool } from './series-pool.ts'
import { readRange, streamReadings } from './series-range.ts'
import { rollDirty } from './series-roll.ts'
import { readRolled, readSummaries } from './series-rolled.ts'
import { createSeriesTables } from './series-schema.ts'

// a larger batch is written in several commits
const READINGS_PER_COMMIT = 5_000
// pages and ingest; a request waits no longer
const QUICK = { connections: 6, withinMs: 10_000 }
// roll-ups, erasures, exports
const PATIENT = { connections: 2, withinMs: 600_000 }

/**
 * Connects, and creates the tables in a database without them. INVALID_CONFIG for an unusable URL, an old server, or one
 * that does not let Tilth in; STORE_UNAVAILABLE when nobody answers; STORE_NEWER for tables of a later version.
 */
export async function openPostgresSeries(url: string): Promise<SeriesStore> {
  const address = parseSeriesAddress(url)
  const pool = openSeriesPool(address, QUICK)
  try {
    await createSeriesTables(pool, address.where)
  } catch (error) {
    await pool.close()
    throwStartError(error)
  }
  return seriesStore(pool, openSeriesPool(address, PATIENT), address)
}

function seriesStore(pool: SeriesPool, patient: SeriesPool, { keepMonths }: SeriesAddress): SeriesStore {
  const partitions = seriesPartitions(patient)
  const append = seriesAppender(pool, { dictionary: seriesDictionary(), partitions })
  const appends = serialQueue()
  const housekeeping = serialQueue()
  let maintenance: Promise<void> | null = null

  async function maintain(nowMs: number): Promise<void> {
    await finishErasing(patient)
    await partitions.prepare(nowMs)
    const keptFromMs = keepMonths === null ? null : await partitions.endKeeping(nowMs, keepMonths)
    await rollDirty(patient, nowMs)
    // after the roll-ups, which stay
    if (keptFromMs !== null) await partitions.dropBefore(keptFromMs)
  }

  return {
    async append(readings) {
      checkReadings(readings)
      for (let i = 0; i < readings.length; i += READINGS_PER_COMMIT)
        await appends.enqueue(() => append(readings.slice(i, i + READINGS_PER_COMMIT)))
    },
    range: (query) => readRange(pool.query, query),
    rolled: (query) => readRolled(pool.query, query),
    means: (query) => readRolled(pool.query, query),
    summaries: (query) => readSummaries(pool.query, query),
    latest: (query) => readLatest(pool.query, query),
    stream: (query) => streamReadings(patient.query, query),
    erase: (query) => housekeeping.enqueue(() => eraseSeries(patient, query)),
    maintain(nowMs) {
      maintenance ??= housekeeping.enqueue(() => maintain(nowMs)).finally(() => (maintenance = null))
      return maintenance
    },
    async isReady() {
      try {
        const [row] = await pool.query<{ is_standby: boolean }>(
          'select pg_is_in_recovery() as is_standby from tilth_series.store',
        )
        return row?.is_standby === false
      } catch (error) {
        if (isTilthError(error)) return false
        throw error
      }
    },
    async close() {
      await appends.enqueue(async () => {})
      await housekeeping.enqueue(async () => {})
      await Promise.all([pool.close(), patient.close()])
    },
  }
}
