/**
 * The work of an hour and of a night of many fields: a complete Tilth in this process on a virtual clock, whose jobs are
 * ticked minute by minute. The processor time is that of the whole process with its threads.
 */
import {
  addDays,
  dayOf,
  HOUR_MS,
  MINUTE_MS,
  startOfDay,
  systemClock,
  type AtMs,
} from '../../broker/contract/time.ts'
import { virtualClock } from '../../broker/contract/virtual-clock.ts'
import { startTilth } from '../../services/app/start.ts'
import { readSettings } from '../../services/config/settings.ts'
import type { Job, Logger, State } from '../../services/ports.ts'
import type { Bench } from '../support/bench.ts'
import { atMost, count, infoFigure, machineDependent, type Figure } from '../support/report.ts'
import { openSeriesOf } from '../support/tilth-load.ts'
import { fieldPlaces, readingsOf, writeFields, ZONE, type Fields } from './fields.ts'

const SIZE = { full: { fields: 10_000, days: 60 }, short: { fields: 1_000, days: 20 } }
const HOUR_S = 180
const NIGHT_S = 1_800
/** From 23:50 to 02:00 the day is closed, planned and learned. */
const NIGHT = { fromMs: -10 * MINUTE_MS, toMs: 2 * HOUR_MS }
/** past the jobs of the full hour */
const HOUR_AT_MS = 14 * HOUR_MS + 10 * MINUTE_MS

/** Fields that are in mid-season: an hour of an afternoon, and the second night. */
export async function measureFields(bench: Bench): Promise<Figure[]> {
  const { fields, days } = bench.scale < 1 ? SIZE.short : SIZE.full
  bench.log(`fleet: ${count(fields)} fields with ${days} days are written`)
  const dataDir = await bench.folder('fleet-fields')
  const lastDay = addDays(dayOf(systemClock.now(), ZONE), -3)
  const place: Fields = { dataDir, fields, firstDay: addDays(lastDay, 1 - days), lastDay }
  await writeFields(place)

  const problems: string[] = []
  const spentS = new Map<string, number>()
  const clock = virtualClock(startOfDay(lastDay, ZONE) + HOUR_AT_MS)
  const settings = readSettings(
    { DATA_DIR: dataDir, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1', PORT: '0', MQTT_PORT: '0' },
    null,
  )
  if (!settings.ok) throw new Error(settings.error)
  const tilth = await startTilth(
    { ...settings.value, forecast: 'climatology:' },
    {
      clock,
      log: errorsTo(problems),
      ticker: () => () => {}, // each minute of `pass`
      adaptJob: (job) => timedJob(job, spentS),
    },
  )
  bench.onEnd(() => tilth.stop())
  clock.onSettle(() => tilth.settled())

  async function tickAt(atMs: AtMs): Promise<void> {
    await clock.advanceTo(atMs)
    await tilth.jobs.tick()
    await tilth.settled()
  }

  /** Passes the time minute by minute, as the ticker of a farm does; what was spent on it. */
  async function pass(fromMs: AtMs, toMs: AtMs): Promise<Spent> {
    await tickAt(fromMs) // what was due before
    await seeDevices(tilth.state, fromMs)
    spentS.clear()
    const began = { cpu: process.cpuUsage(), ms: performance.now() }
    for (let atMs = fromMs + MINUTE_MS; atMs <= toMs; atMs += MINUTE_MS) await tickAt(atMs)
    const { user, system } = process.cpuUsage(began.cpu)
    const jobs = [...spentS].sort(([, a], [, b]) => b - a)
    return { cpuS: (user + system) / 1e6, elapsedS: (performance.now() - began.ms) / 1000, jobs }
  }
  const passNight = (endMs: AtMs) => pass(endMs + NIGHT.fromMs, endMs + NIGHT.toMs)

  const midnightMs = startOfDay(addDays(lastDay, 1), ZONE)
  bench.log('fleet: the first night of the fields')
  const first = await passNight(midnightMs)
  await store(place)
  bench.log('fleet: an hour of the fields')
  const hour = await pass(midnightMs + HOUR_AT_MS, midnightMs + HOUR_AT_MS + HOUR_MS)
  bench.log('fleet: the next night of the fields')
  const night = await passNight(startOfDay(addDays(lastDay, 2), ZONE))
  const closed = await countClosed(tilth.state, place)
  const { n: planned } = await tilth.state
    .selectFrom('advice')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  if (problems.length > 0 || closed !== fields || planned !== fields)
    throw new Error(`${closed} of ${fields} closed, ${planned} planned; ${problems.slice(0, 3).join('; ')}`)
  const text = count(fields)
  return [
    machineDependent(
      atMost('fleet', `an hour of ${text} fields, processor time`, hour.cpuS, HOUR_S, seconds),
    ),
    infoFigure('fleet', 'the hour: elapsed; its longest jobs', spentText(hour)),
    machineDependent(
      atMost('fleet', `a night of ${text} fields, processor time`, night.cpuS, NIGHT_S, seconds),
    ),
    infoFigure('fleet', 'the night: elapsed; its longest jobs', spentText(night)),
    infoFigure('fleet', 'the first night, which fits every model, processor time', seconds(first.cpuS)),
  ]
}

interface Spent {
  cpuS: number
  elapsedS: number
  /** elapsed time by job, longest first */
  jobs: [name: string, s: number][]
}

const spentText = ({ elapsedS, jobs }: Spent): string =>
  [seconds(elapsedS), ...jobs.slice(0, 4).map(([name, s]) => `${name} ${seconds(s)}`)].join('; ')

const timedJob = (job: Job, spentS: Map<string, number>): Job => ({
  ...job,
  async run(dueAtMs) {
    const beganMs = performance.now()
    try {
      return await job.run(dueAtMs)
    } finally {
      spentS.set(job.name, (spentS.get(job.name) ?? 0) + (performance.now() - beganMs) / 1000)
    }
  },
})

/** Stores the readings of the day after the last one. */
async function store({ dataDir, fields, firstDay, lastDay }: Fields): Promise<void> {
  const series = await openSeriesOf(dataDir)
  try {
    for (const readings of readingsOf(fieldPlaces(fields), addDays(lastDay, 1), firstDay, 24))
      await series.append(readings)
  } finally {
    await series.close()
  }
}

/** No device is silent. */
const seeDevices = (state: State, atMs: AtMs) =>
  state.updateTable('device').set({ lastSeenMs: atMs }).execute()

/** Fields whose second night has closed its day. */
async function countClosed(state: State, { lastDay }: Fields): Promise<number> {
  const { n } = await state
    .selectFrom('fieldDay')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('day', '=', addDays(lastDay, 1))
    .executeTakeFirstOrThrow()
  return n
}

const errorsTo = (problems: string[]): Logger => ({
  debug() {},
  info() {},
  warn() {},
  error: (_, text) => void problems.push(text),
})

const seconds = (s: number): string => (Number.isFinite(s) ? `${s.toFixed(1)} s` : 'unknown')
