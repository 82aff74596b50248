/**
 * A season of a co-operative from roll-ups: 200 fields, six quantities, 180 days, mean, minimum and maximum of each
 * field and quantity. On SQLite or PostgreSQL, and on InfluxDB for comparison.
 */
import { join } from 'node:path'
import { DAY_MS, HOUR_MS, systemClock } from '../../broker/contract/time.ts'
import { openSeries } from '../../services/adapters/series.ts'
import type { SeriesStore } from '../../services/ports.ts'
import { startInfluxd } from '../../test/support/influxd.ts'
import { findProgram } from '../../test/support/require.ts'
import type { Bench } from './bench.ts'
import { ORG } from './place.ts'
import { atMost, count, machineDependent, infoFigure, type Figure } from './report.ts'
import { DAYS, fillSeason, GAUGES } from './season.ts'

const FIELDS = 200
// one reading per hour gives as many roll-ups as one per five minutes
const EVERY_MS = HOUR_MS
const ROUNDS = 5
const WITHIN_S = 0.3

export async function seasonAggregate(bench: Bench): Promise<Figure[]> {
  const dataDir = await bench.folder('aggregate')
  return [
    ...(await aggregateOf(bench, 'report', `sqlite:${join(dataDir, 'series.db')}`)),
    await ofInfluxDB(bench, daysOf(bench)),
  ]
}

const daysOf = (bench: Bench): number => Math.max(20, Math.round(DAYS * bench.scale))

/** The figures of an empty store. */
export async function aggregateOf(bench: Bench, line: string, url: string): Promise<Figure[]> {
  const days = daysOf(bench)
  const { longestS, rollUps } = await measured(bench, url, days)
  const seasonText = `season of ${FIELDS} fields, ${GAUGES.length} quantities, ${days} days`
  return [
    machineDependent(atMost(line, `${seasonText}, from roll-ups`, longestS, WITHIN_S, seconds)),
    infoFigure(line, 'of roll-ups', count(rollUps)),
  ]
}

async function ofInfluxDB(bench: Bench, days: number): Promise<Figure> {
  const figure = 'the same on InfluxDB 1.x'
  if (findProgram('influxd') === null)
    return infoFigure('report', figure, 'skipped: apt-get install influxdb')
  const influxd = await startInfluxd()
  bench.onEnd(() => influxd.stop())
  try {
    const { longestS } = await measured(bench, `influx1://${influxd.host}/tilth`, days)
    return infoFigure('report', figure, seconds(longestS))
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code !== 'STORE_UNAVAILABLE') throw error
    return infoFigure('report', figure, message.split(': ').at(-1)!) // it took longer than Tilth's timeout
  }
}

const seconds = (value: number): string => `${value.toFixed(2)} s`

/** Fills a store and queries the season several times; returns the longest duration. */
async function measured(bench: Bench, url: string, days: number) {
  const series = await openSeries(url, '')
  try {
    const fill = { fields: FIELDS, days, everyMs: EVERY_MS }
    bench.log(
      `aggregate: ${count((FIELDS * GAUGES.length * days * DAY_MS) / EVERY_MS)} readings to ${url.split(':')[0]}`,
    )
    await fillSeason(bench, series, fill)
    await series.maintain(systemClock.now())
    await aggregates(series, days) // the first one reads the file
    let longestS = 0
    let rollUps = 0
    for (let round = 0; round < ROUNDS; round++) {
      const beganMs = performance.now()
      const summaries = await aggregates(series, days)
      longestS = Math.max(longestS, (performance.now() - beganMs) / 1000)
      if (summaries.length !== FIELDS * GAUGES.length)
        throw new Error(`${summaries.length} aggregates of a season`)
      rollUps = summaries.reduce((total, summary) => total + summary.days, 0)
    }
    return { longestS, rollUps }
  } finally {
    await series.close()
  }
}

async function aggregates(series: SeriesStore, days: number) {
  // like a report: for completed days
  const toMs = Math.floor(systemClock.now() / DAY_MS) * DAY_MS
  const span = { org: ORG, fromMs: toMs - days * DAY_MS, toMs }
  const summaries = await Promise.all(GAUGES.map(({ quantity }) => series.summaries({ ...span, quantity })))
  return summaries.flat()
}
