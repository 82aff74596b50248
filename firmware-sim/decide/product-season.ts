/**
 * One season of one field through a complete Tilth on a virtual clock: broker, ingest, series, estimate, plan, dispatch.
 * A line is played as the civil day that it reports; then the clock passes midnight, and the run that the plan has ordered
 * for the day that begins is the decision. No valve opens before the decision is read.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { scaleTiming, standardTiming } from '../../broker/contract/command-lifecycle/timing.ts'
import {
  addDays,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  SECOND_MS,
  startOfDay,
  type AtMs,
  type Day,
} from '../../broker/contract/time.ts'
import { virtualClock } from '../../broker/contract/virtual-clock.ts'
import { startTilth, type Tilth } from '../../services/app/start.ts'
import { readSettings } from '../../services/config/settings.ts'
import type { FarmEntry } from '../../services/plan/decide/farm-entry.ts'
import type { DayLine, SetupLine } from '../../services/plan/decide/json-lines.ts'
import type { Job, Logger } from '../../services/ports.ts'
import { sumBy, tenth } from '../../services/runtime/math.ts'
import type { Device } from '../devices/device.ts'
import { createSettler, retrospectiveJobs } from '../demo/simulation.ts'
import { publishDevicesChanged } from '../demo/provision.ts'
import { serveForecast } from '../weather/weather-service.ts'
import { enterFarm, enterSeason, FIELD, ORG, siteOf, WINDOW_MIN, zoneOf } from './farm-rows.ts'
import { forecastText, type LineForecast } from './forecast-days.ts'
import { installDevices, SAME_MM, startLineDevices, type Installed } from './line-devices.ts'
import { growerOf } from './grower.ts'
import { airOf, STATION_HOURS, stationSample } from './station-day.ts'
import { readWhy, type Why } from './stored-decision.ts'

export interface ProductDecision {
  type: 'decision'
  day: Day
  irrigateMm: number
  why: Why
}

export interface ProductSeason {
  /** Plays the day that has ended, and the days without a line before it; decides for the next. */
  playDay(line: DayLine): Promise<ProductDecision>
  /** Ends the season; the farm stays in its folder. */
  stop(): Promise<void>
}

/** A farm in its folder, between seasons. */
export interface ProductFarm {
  dir: string
  /** null: not entered yet */
  devices: Installed[] | null
  lastDay: Day | null
  /** of the rain gauge's counter */
  rainTotalMm: number
}

/** The intervals of the command protocol are stretched, so that devices publish seldom. */
const TIMING_FACTOR = 2880
/** minutes after midnight: the day is closed and planned, the decision is read, the window opens later */
const PLAN_MIN = 6
const DECISION_MIN = 20
const NOON_MIN = 730
const MANUAL_MIN = WINDOW_MIN.to + 60
const PROBE_MIN = 23 * 60
/** Jobs whose results change slowly run seldom; the others run every night. */
const SELDOM: ReadonlyMap<string, number> = new Map([
  ...[...retrospectiveJobs].map((name) => [name, 84 * DAY_MS] as const),
  ['verify-forecasts', 7 * DAY_MS],
  ['maintenance', 7 * DAY_MS],
  ['estimate-now', 7 * DAY_MS], // the close of a day updates the state
])

const errorLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (fields, text) => console.error(text, fields),
}

/** Starts the farm at the day of the first line. */
export async function startProductSeason(
  farm: ProductFarm,
  setup: SetupLine,
  entry: FarmEntry,
  firstDay: Day,
): Promise<ProductSeason> {
  const site = siteOf(setup, entry)
  const zone = zoneOf(setup)
  const startMs = startOfDay(firstDay, site.timeZone)
  const clock = virtualClock(startMs)
  let forecast: LineForecast | null = null
  const service = await serveForecast(() => forecastText(forecast, { site, nowMs: clock.now() }))
  const tilth = await startTilth(settingsIn(farm.dir, service.url), {
    clock,
    log: errorLogger,
    timing: scaleTiming(standardTiming, TIMING_FACTOR),
    ticker: () => () => {}, // at the instants of `playOne`
    adaptJob: adaptJob(startMs),
    forecastSource: 'lines',
  })
  if (farm.devices === null) {
    farm.devices = installDevices(setup, tilth.credentials.newSecret)
    await enterFarm(tilth, entry, setup, farm.devices, startMs)
  }
  await enterSeason(tilth, setup, farm.lastDay)
  await publishDevicesChanged(tilth, ORG)
  const devices = await startLineDevices(farm.devices, {
    url: `mqtt://127.0.0.1:${tilth.mqttPort}`,
    clock,
    zone,
    meterEveryMs: TIMING_FACTOR * 10 * SECOND_MS,
  })
  const settle = createSettler(tilth, devices.all)
  clock.onSettle(settle)
  await settle()
  const grower = growerOf(tilth)
  let lastDay: Day | null = null
  let orderedMm = 0

  /** Moves to a minute of a civil day, and acts there. */
  async function at(day: Day, { minute, act }: Moment): Promise<void> {
    await clock.advanceTo(startOfDay(day, site.timeZone) + minute * MINUTE_MS)
    await act()
    await settle()
  }

  /** `line` null: nothing is known of the day, and its run was as ordered. */
  async function playOne(day: Day, line: DayLine | null): Promise<void> {
    const weather = line?.weather ?? {}
    const moments = [
      ...stationMoments(day, weather),
      ...(await waterMoments(line?.appliedMm ?? null)),
      { minute: PROBE_MIN, act: () => devices.publishMoisture((id) => line?.soilMoisture?.[id] ?? null) },
      // without a night before: what the farm knows from earlier years is learned
      ...(lastDay === null ? [{ minute: NOON_MIN, act: () => tilth.jobs.tick() }] : []),
    ]
    for (const moment of moments.toSorted((a, b) => a.minute - b.minute)) await at(day, moment)
    farm.rainTotalMm += weather.rainMm ?? 0
    farm.lastDay = lastDay = day
    forecast = line?.forecast ?? null
  }

  function stationMoments(day: Day, weather: NonNullable<DayLine['weather']>): Moment[] {
    const air = airOf(weather, day, site)
    const rain = { beforeMm: farm.rainTotalMm, mm: weather.rainMm ?? null }
    return STATION_HOURS.map((hour) => ({
      minute: 60 * hour,
      act() {
        const sample = stationSample(hour, day, air, rain, site)
        if (sample) devices.publishWeather(sample)
      },
    }))
  }

  /** The run of the day as the line reports it. */
  async function waterMoments(appliedMm: number | null): Promise<Moment[]> {
    await devices.setSupply(appliedMm, orderedMm)
    await settle()
    const extraMm = appliedMm === null ? 0 : appliedMm - orderedMm
    if (appliedMm !== null && appliedMm < SAME_MM && extraMm < -SAME_MM) {
      devices.cutController()
      await untilNoticed(tilth, devices.all)
    }
    const manual = { minute: MANUAL_MIN, act: () => grower.start((60 * extraMm) / zone.rateMmH) }
    return [
      { minute: WINDOW_MIN.to + 5, act: () => devices.restoreController() },
      ...(extraMm > SAME_MM ? [manual] : []),
    ]
  }

  /** The night after a day, in which it is closed and planned. */
  async function planNight(day: Day): Promise<void> {
    const next = addDays(day, 1)
    await at(next, { minute: PLAN_MIN, act: () => tilth.jobs.tick() })
    await at(next, { minute: DECISION_MIN, act() {} })
    for (const { id, state } of await runsOn(tilth, next, site.timeZone))
      if (state === 'proposed') await grower.approve(id)
    await settle()
    orderedMm = sumBy(await runsOn(tilth, next, site.timeZone), ({ grossMm }) => grossMm)
  }

  return {
    async playDay(line) {
      const { day } = line
      for (let missing = addDays(lastDay ?? day, 1); missing < day; missing = addDays(missing, 1)) {
        await playOne(missing, null)
        await planNight(missing)
      }
      await playOne(day, line)
      await planNight(day)
      return { type: 'decision', day, irrigateMm: tenth(orderedMm), why: await readWhy(tilth, day) }
    },
    async stop() {
      await devices.stop()
      await tilth.stop()
      await service.stop()
    },
  }
}

/** Minutes after midnight. */
interface Moment {
  minute: number
  act(): unknown
}

function settingsIn(dir: string, forecastUrl: string) {
  const settings = readSettings(
    { DATA_DIR: dir, HOST: '127.0.0.1', MQTT_HOST: '127.0.0.1', PORT: '0', MQTT_PORT: '0' },
    null,
  )
  if (!settings.ok) throw new Error(settings.error)
  return { ...settings.value, forecast: `open-meteo:${forecastUrl}` }
}

/** The first run of a seldom job is on the first day: what a season learns from the years before is known at once. */
const adaptJob =
  (startMs: AtMs) =>
  (job: Job): Job => {
    const everyMs = SELDOM.get(job.name)
    if (everyMs === undefined) return job
    const firstMs = startMs + HOUR_MS
    return {
      ...job,
      lastDue: (nowMs) =>
        nowMs < firstMs ? null : job.lastDue(firstMs + Math.floor((nowMs - firstMs) / everyMs) * everyMs),
    }
  }

/** Resolves when the broker has noticed that a device is gone: until then it would forward messages to nobody. */
async function untilNoticed({ broker }: Tilth, devices: readonly Device[]): Promise<void> {
  const online = devices.filter((device) => device.isOnline()).length
  while (broker!.connected() > online) await sleep(1)
}

/** The runs of the field that begin on a civil day, and will be opened or wait for a person. */
function runsOn({ state }: Tilth, day: Day, timeZone: string) {
  const from: AtMs = startOfDay(day, timeZone)
  const to: AtMs = startOfDay(addDays(day, 1), timeZone)
  return state
    .selectFrom('run')
    .select(['id', 'state', 'grossMm'])
    .where('fieldId', '=', FIELD)
    .where('state', 'in', ['proposed', 'approved', 'sent', 'running'])
    .where('startMs', '>=', from)
    .where('startMs', '<', to)
    .execute()
}
