/**
 * A whole Tilth with its devices in one process, on a clock that can first run through a season in seconds and then
 * go on at a speed a person can watch. Every reading, command and litre takes the real road: MQTT over TCP, journal,
 * ingest, series, estimate, plan, dispatch. In fast-forward time moves on only when everything that was said has
 * been heard and acted on.
 */
import { setImmediate } from 'node:timers/promises'
import { scaleTiming, standardTiming } from '../../broker/contract/command-life.ts'
import { every, MINUTE_MS, SECOND_MS, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { Settings } from '../../services/config.ts'
import type { Logger } from '../../services/ports.ts'
import { startTilth, type Tilth } from '../../services/start.ts'
import type { Device } from '../device.ts'
import { weatherAt, type WeatherSource } from '../weather.ts'
import { createWorld, type World } from '../world.ts'
import type { Place } from './co-operative.ts'
import { startFleet } from './devices.ts'
import { handOver } from './hand-over.ts'
import { provision } from './provision.ts'

export interface RehearsalOptions {
  place: Place
  weather: WeatherSource
  seed: string
  fromDay: Day
  settings: Settings
  log: Logger
  /** the speed at which it goes on after the fast-forward; 1 when it does not */
  speed?: number
  demo?: boolean
}

export interface Rehearsal {
  tilth: Tilth
  world: World
  devices: Device[]
  fastForward(toMs: AtMs, progress?: (atMs: AtMs) => void): Promise<void>
  /** From now on time passes by itself, `speed` times as fast as the wall's. */
  goLive(): void
  stop(): Promise<void>
}

/** In fast-forward the intervals of the command protocol are stretched, and devices speak once an hour. */
const STRETCH = 60
const SAMPLE_S = 3_600
const TICK_MS = 5 * MINUTE_MS
const EVERY_MINUTES = 180
const TEND_MINUTES = 720

export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { place, weather, seed, settings, log } = options
  const speed = options.speed ?? 1
  const startMs = startOfDay(options.fromDay, place.timeZone)
  const clock = handOver(startMs, speed)
  const world = createWorld({
    weather: weatherAt(weather, place, seed),
    startMs,
    seed,
    fields: place.farms.flatMap((farm) =>
      farm.fields.map(({ id, kind, areaM2, crop, plantedDay, soil, percolationMmDay, isCovered, pests }) => ({
        id,
        kind,
        areaM2,
        crop,
        plantedDay,
        soil,
        pests: pests.map(({ insect }) => insect),
        ...(percolationMmDay === undefined ? {} : { percolationMmDay }),
        ...(isCovered === undefined ? {} : { isCovered }),
      })),
    ),
  })
  const tilth = await startTilth(settings, {
    clock,
    speed,
    log,
    timing: scaleTiming(standardTiming, STRETCH),
    ticker: (tick) => every(clock, clock.isLive() ? MINUTE_MS : TICK_MS, tick),
    everyMinutes: EVERY_MINUTES,
    tendMinutes: TEND_MINUTES,
    demo: options.demo ?? false,
  })
  const credentials = await provision(tilth, place, { createdAtMs: startMs, everyS: SAMPLE_S })
  const devices = await startFleet({
    credentials,
    url: `mqtt://127.0.0.1:${tilth.mqttPort}`,
    clock,
    world,
    seed,
    sampleS: SAMPLE_S,
    meterEveryMs: STRETCH * 10 * SECOND_MS,
  })
  clock.onSettle(() => settle(tilth, devices))

  return {
    tilth,
    world,
    devices,
    async fastForward(toMs, progress) {
      await settle(tilth, devices)
      for (let atMs = clock.now(); atMs < toMs;) {
        atMs = Math.min(toMs, atMs + 24 * 60 * MINUTE_MS)
        await clock.advanceTo(atMs)
        progress?.(atMs)
      }
    },
    goLive: () => clock.goLive(),
    async stop() {
      await Promise.all(devices.map((device) => device.stop()))
      await tilth.stop()
    },
  }
}

const GIVE_UP_MS = 5_000

/**
 * Everything said has been heard: each publish acknowledged, what the broker took in and gave out is what the
 * devices and the services count, and nobody is still working.
 */
async function settle(tilth: Tilth, devices: readonly Device[]): Promise<void> {
  const untilMs = performance.now() + GIVE_UP_MS
  let quiet = 0
  let before = ''
  while (quiet < 2) {
    await Promise.all(devices.map((device) => device.settled()))
    await tilth.settled()
    const sent = sum(devices, (device) => device.sent())
    const heard = sum(devices, (device) => device.heard())
    const outside = tilth.broker.traffic()
    const inside = tilth.broker.internalTraffic()
    const bus = tilth.bus.counts()
    const counts = [
      sent,
      outside.received,
      outside.forwarded,
      heard,
      bus.published,
      inside.received,
      inside.forwarded,
      bus.heard,
    ]
    const isBalanced =
      sent === outside.received &&
      outside.forwarded === heard &&
      bus.published === inside.received &&
      inside.forwarded === bus.heard
    const now = counts.join()
    quiet = isBalanced && now === before ? quiet + 1 : 0
    before = now
    if (performance.now() > untilMs)
      throw new Error(`the rehearsal does not settle: sent, taken, given, heard ${now}`)
    await setImmediate()
  }
}

const sum = (devices: readonly Device[], of: (device: Device) => number): number =>
  devices.reduce((total, device) => total + of(device), 0)
