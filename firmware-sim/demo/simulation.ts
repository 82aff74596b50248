/**
 * A complete Tilth with its devices in one process, on a clock that fast-forwards through a season and then runs live.
 * Every reading, command and litre takes the real path: MQTT over TCP, journal, ingest, series, estimate, plan,
 * dispatch. During fast-forward, time moves on only when every message has been received and processed.
 */
import { setImmediate } from 'node:timers/promises'
import { scaleTiming, standardTiming, type Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import {
  DAY_MS,
  every,
  HOUR_MS,
  MINUTE_MS,
  SECOND_MS,
  startOfDay,
  type AtMs,
  type Day,
} from '../../broker/contract/time.ts'
import type { Settings } from '../../services/config/settings.ts'
import type { Job, Logger } from '../../services/ports.ts'
import { startTilth, type Tilth } from '../../services/app/start.ts'
import type { Device } from '../devices/device.ts'
import { startWeatherService } from '../weather/weather-service.ts'
import { weatherAt } from '../weather/weather.ts'
import type { WeatherSource } from '../weather/weather-types.ts'
import { createWorld, type World } from '../world.ts'
import type { Place } from './co-operative.ts'
import { startFleet } from './devices.ts'
import { liveClock } from './live-clock.ts'
import { provision, publishDevicesChanged, type Credential } from './provision.ts'

export interface SimulationOptions {
  place: Place
  weather: WeatherSource
  seed: string
  fromDay: Day
  settings: Settings
  log: Logger
  /** the speed after the fast-forward; default 1 */
  speed?: number
  demo?: boolean
  /** Tilth uses a simulated weather service instead of the one in its settings. */
  weatherService?: boolean
  /** hourly jobs run hourly from then on, also before the clock is live */
  hourlyFromMs?: AtMs
  dashboardDir?: string
}

export interface Simulation {
  tilth: Tilth
  world: World
  devices: Device[]
  credentials: Credential[]
  /** `eachDay` is awaited; its messages are processed before time moves on. */
  fastForward(toMs: AtMs, eachDay?: (atMs: AtMs) => void | Promise<void>): Promise<void>
  /**
   * From now on controllers report so often. Tilth itself sends these intervals, again after each change of a device: sent
   * by anybody else they would last until the next one.
   */
  setControllerIntervals(intervals: Partial<Timing>): Promise<void>
  /** From now on time passes by itself, `speed` times as fast as the wall clock. */
  goLive(): void
  stop(): Promise<void>
}

/** The intervals of the command protocol are stretched, so that devices publish seldom. */
const TIMING_FACTOR = 360
/** weather needs hourly samples; soil and water levels change slowly */
const SAMPLE_S = { station: 3_600, probe: 10_800, gauge: 10_800, controller: 10_800, trap: 86_400 }
/** the instants of the heartbeats and the stations: fewer instants make a season faster */
const TICK_MS = HOUR_MS
/** interval of the hourly jobs and of the store maintenance */
const COARSE_JOB_MS = 12 * HOUR_MS
/**
 * jobs that evaluate past weeks run once a fortnight: their fits change slowly, and the daily job checks the sensors
 */
export const retrospectiveJobs: ReadonlySet<string> = new Set([
  'learn',
  'flag-suspect-readings',
  'verify-forecasts',
  'compare-water',
])
const RETROSPECTIVE_JOB_MS = 14 * DAY_MS
/** a season passes days in the ten seconds for which a farm searches a better schedule: it was found too late, and a processor was busy */
const SEARCH_S = 0.3
/** by then each hourly job of a full hour is due */
const LATEST_MINUTE_MS = 10 * MINUTE_MS

/**
 * The clock starts at the local midnight of `fromDay`. Resolves when the place is registered and each device has
 * tried to connect.
 */
export async function startSimulation(options: SimulationOptions): Promise<Simulation> {
  const { place, weather, seed, settings, log } = options
  const speed = options.speed ?? 1
  const startMs = startOfDay(options.fromDay, place.timeZone)
  const clock = liveClock(startMs, speed)
  const world = worldOf(place, weather, { startMs, seed })
  const timing = scaleTiming(standardTiming, TIMING_FACTOR)
  const service = options.weatherService ? await startWeatherService(world.weather, { clock, seed }) : null
  const served = service ? { ...settings, forecast: `open-meteo:${service.url}` } : settings
  const tilth = await startTilth(served, {
    clock,
    speed,
    log,
    timing,
    searchS: SEARCH_S,
    ticker: (tick) => every(clock, TICK_MS, tick),
    adaptJob: (job) =>
      coarsenJob(job, () => clock.isLive() || clock.now() >= (options.hourlyFromMs ?? Infinity)),
    demo: options.demo ?? false,
    ...(service ? { forecastSource: 'simulated' } : {}),
    ...(options.dashboardDir === undefined ? {} : { dashboardDir: options.dashboardDir }),
  })
  const credentials = await provision(tilth, place, { createdAtMs: startMs, everyS: SAMPLE_S })
  const devices = await startFleet({
    credentials,
    url: `mqtt://127.0.0.1:${tilth.mqttPort}`,
    clock,
    world,
    seed,
    sampleS: SAMPLE_S,
    meterEveryMs: TIMING_FACTOR * 10 * SECOND_MS,
  })
  const settle = createSettler(tilth, devices)
  let stopLive = () => {}
  clock.onSettle(settle)

  return {
    tilth,
    world,
    devices,
    credentials,
    async fastForward(toMs, eachDay) {
      await settle()
      for (let atMs = clock.now(); atMs < toMs;) {
        atMs = Math.min(toMs, atMs + 24 * 60 * MINUTE_MS)
        await clock.advanceTo(atMs)
        await eachDay?.(atMs)
        await settle()
      }
    },
    async setControllerIntervals(intervals) {
      Object.assign(timing, intervals)
      await publishDevicesChanged(tilth, place.org)
      await settle()
    },
    goLive() {
      clock.goLive()
      stopLive = every(clock, MINUTE_MS, () => tilth.jobs.tick())
      void tilth.jobs.tick()
    },
    async stop() {
      stopLive()
      await Promise.all(devices.map((device) => device.stop()))
      await tilth.stop()
      await service?.stop()
    },
  }
}

/** The fields of a place in their weather, without Tilth and its devices. */
export const worldOf = (
  place: Place,
  weather: WeatherSource,
  { startMs, seed }: { startMs: AtMs; seed: string },
): World =>
  createWorld({
    weather: weatherAt(weather, place, seed),
    startMs,
    seed,
    fields: place.farms.flatMap((farm) =>
      farm.fields.map(({ id, kind, areaM2, crop, plantedDay, soil, percolationMmDay, pests, zone }) => ({
        id,
        kind,
        areaM2,
        crop,
        plantedDay,
        soil,
        arrivingShare: zone?.efficiency ?? 1,
        pests: pests.map(({ insect }) => insect),
        ...(percolationMmDay === undefined ? {} : { percolationMmDay }),
      })),
    ),
  })

function coarsenJob(job: Job, isHourly: () => boolean): Job {
  const everyMs = retrospectiveJobs.has(job.name) ? RETROSPECTIVE_JOB_MS : COARSE_JOB_MS
  const coarseNowMs = (nowMs: AtMs) =>
    Math.floor((nowMs - LATEST_MINUTE_MS) / everyMs) * everyMs + LATEST_MINUTE_MS
  return {
    ...job,
    // civil days end on whole hours of their own zones: those jobs keep their time
    lastDue: (nowMs) => job.lastDue(isHourly() || job.name === 'estimate-day' ? nowMs : coarseNowMs(nowMs)),
  }
}

// the speed of this machine must not decide: it gives up only when nothing has changed over many checks
const STALL_MS = 30_000
const STALL_CHECKS = 1_000

/**
 * Returns a function that resolves when every message has been processed: each publish is acknowledged, the counts of
 * the broker equal those of devices and services, no work is pending, and a second check finds the same.
 */
export function createSettler(tilth: Tilth, devices: readonly Device[]): () => Promise<void> {
  let settled = ''
  return async () => {
    let still = { looks: 0, sinceMs: performance.now() }
    for (let previous = settled; ;) {
      await Promise.all(devices.map((device) => device.settled()))
      await tilth.settled()
      const { isBalanced, text } = countMessages(tilth, devices)
      if (isBalanced && text === previous) return void (settled = text)
      if (text !== previous) still = { looks: 0, sinceMs: performance.now() }
      previous = text
      still.looks += 1
      if (still.looks > STALL_CHECKS && performance.now() - still.sinceMs > STALL_MS)
        throw new Error(`the rehearsal does not settle: ${text}`)
      await setImmediate()
    }
  }
}

function countMessages(
  { broker, bus }: Tilth,
  devices: readonly Device[],
): { isBalanced: boolean; text: string } {
  const sentCount = sum(devices, (device) => device.sent())
  const receivedCount = sum(devices, (device) => device.received())
  if (broker === null) throw new Error('a rehearsal needs the built-in broker')
  const outside = broker.traffic()
  const inside = broker.internalTraffic()
  const busCounts = bus.counts()
  return {
    isBalanced:
      sentCount === outside.received &&
      outside.forwarded === receivedCount &&
      busCounts.published === inside.received &&
      inside.forwarded === busCounts.received,
    text:
      `devices published ${sentCount} (broker ${outside.received}), broker forwarded ${outside.forwarded} (received ${receivedCount}), ` +
      `services published ${busCounts.published} (${inside.received}), broker forwarded ${inside.forwarded} (${busCounts.received})`,
  }
}

const sum = (devices: readonly Device[], countOf: (device: Device) => number): number =>
  devices.reduce((total, device) => total + countOf(device), 0)
