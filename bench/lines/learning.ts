/**
 * A night of learning on a large farm: two probes on each of 500 fields, half a year of days, in the product's stores
 * and thread. The first night fits every model; later nights only check the fits.
 */
import { join } from 'node:path'
import { flags } from '../../broker/contract/quantities.ts'
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  addDays,
  dayOf,
  startOfDay,
  systemClock,
  type Day,
} from '../../broker/contract/time.ts'
import { virtualClock } from '../../broker/contract/virtual-clock.ts'
import { random } from '../../firmware-sim/random.ts'
import { createForecast } from '../../services/adapters/forecast/open.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import { startLearn } from '../../services/learn/start-learn.ts'
import type { Logger, Reading, SeriesStore, State } from '../../services/ports.ts'
import { toJson } from '../../services/tables.ts'
import type { Bench } from '../support/bench.ts'
import { deviceId, FARM, fieldId, ORG, provision } from '../support/place.ts'
import { atMost, count, infoFigure, type Figure } from '../support/report.ts'
import { openSeriesOf } from '../support/tilth-load.ts'

const PROBES = 1_000
const PROBES_A_FIELD = 2
const DAYS = 180
const NIGHT_S = 60
const ZONE = 'Asia/Tokyo' // of the farm that `provision` writes
const DEPTH_CM = 30
const MIDNIGHT_AND = 40 * MINUTE_MS

export async function learning(bench: Bench): Promise<Figure[]> {
  const probes = Math.round(PROBES * bench.scale)
  const fields = Math.ceil(probes / PROBES_A_FIELD)
  const dataDir = await bench.folder('learning')
  await provision(dataDir, { fields, devices: probes, everyS: 3600, plantedDaysAgo: DAYS })
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const series = await openSeriesOf(dataDir)
  try {
    const lastDay = addDays(dayOf(systemClock.now(), ZONE), -2)
    const farm = makeDays(fields, probes, addDays(lastDay, 1 - DAYS))
    for (let i = 0; i < DAYS; i++) await store(state, series, farm)
    bench.log(`learning: ${count(probes)} probes, ${DAYS} days stored`)
    const problems: string[] = []
    const log: Logger = {
      debug() {},
      info() {},
      warn() {},
      error: (_: unknown, text?: string) => void problems.push(text ?? 'failed'),
    }
    const clock = virtualClock(startOfDay(addDays(lastDay, 1), ZONE) + MIDNIGHT_AND)
    const learn = startLearn({
      state,
      series,
      forecast: createForecast('climatology:', { state, clock, log }),
      log,
    })
    const night = (day: Day) =>
      timed(() => learn.jobs[0]!.run(startOfDay(addDays(day, 1), ZONE) + MIDNIGHT_AND))
    try {
      const firstS = await night(lastDay)
      await store(state, series, farm)
      const nextS = await night(addDays(lastDay, 1))
      const models = await state
        .selectFrom('model')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('kind', '=', 'soil-moisture')
        .where('state', '!=', 'insufficient-data')
        .executeTakeFirstOrThrow()
      if (problems.length > 0 || models.n !== probes)
        throw new Error(`${models.n} of ${probes} probes were learned; ${problems.slice(0, 3).join('; ')}`)
      const probesText = `${count(probes)} probes`
      return [
        atMost('learning', `a night of ${probesText} with all models fitted`, firstS, NIGHT_S, seconds),
        infoFigure('learning', `a night of ${probesText} with existing fits`, seconds(nextS)),
        infoFigure('learning', 'models of soil moisture that were fitted and judged', count(models.n)),
      ]
    } finally {
      await learn.stop()
    }
  } finally {
    await series.close()
    await close()
  }
}

interface FarmDays {
  fields: number
  probes: number
  day: Day // the next one
  rain: ReturnType<typeof random>
  content: number[] // of each probe, % vol
}

const makeDays = (fields: number, probes: number, day: Day): FarmDays => ({
  fields,
  probes,
  day,
  rain: random('learning'),
  content: Array.from({ length: probes }, (_, i) => 20 + (i % 10)),
})

/**
 * Stores one more day: its water balance, and the readings of each probe at its end. Each soil dries and wets at its
 * own rate.
 */
async function store(state: State, series: SeriesStore, farm: FarmDays): Promise<void> {
  const { day, fields, probes, rain } = farm
  const endMs = startOfDay(addDays(day, 1), ZONE)
  const rainMm = rain.next() < 0.25 ? Math.round(rain.gamma(1, 12)) : 0
  const rows = Array.from({ length: fields }, (_, i) => ({
    fieldId: fieldId(i),
    day,
    org: ORG,
    et0Mm: 4.5,
    et0Method: 'fao56-pm' as const,
    et0SdMm: 0.3,
    tempMinC: 15,
    tempMaxC: 28,
    kc: 1,
    ks: 1,
    etcMm: 4.5,
    etaMm: 4.5,
    rainMm,
    irrigationMm: 0,
    irrigationSource: 'none' as const,
    notes: toJson([]),
  }))
  for (let from = 0; from < rows.length; from += 100)
    await state
      .insertInto('fieldDay')
      .values(rows.slice(from, from + 100))
      .execute()
  const readings: Reading[] = []
  for (let i = 0; i < probes; i++) {
    const wetted = Math.min(36, farm.content[i]! + rainMm / (3 + (i % 4)))
    farm.content[i] = wetted - (0.05 + 0.01 * (i % 8)) * (wetted - 8)
    const value = farm.content[i]! + 0.15 * rain.normal()
    for (const hours of [3, 2, 1]) readings.push(readingOf(i, i % fields, endMs - hours * HOUR_MS, value))
  }
  await series.append(readings)
  await series.maintain(endMs + DAY_MS)
  farm.day = addDays(day, 1)
}

const readingOf = (probe: number, field: number, atMs: number, value: number): Reading => ({
  org: ORG,
  farm: FARM,
  field: fieldId(field),
  device: deviceId(probe),
  quantity: 'soil.moisture',
  depthCm: DEPTH_CM,
  atMs,
  value: Math.round(value * 10) / 10,
  flag: flags.pass,
  origin: 'measured',
})

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await run()
  return (performance.now() - startMs) / 1000
}

const seconds = (s: number): string => `${s.toFixed(1)} s`
