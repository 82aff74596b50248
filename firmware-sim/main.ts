/** `npm run sim`: devices alone against a broker, or a whole season through Tilth itself (`demo/season.ts`). */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  addDays,
  dayOf,
  every,
  HOUR_MS,
  scaledClock,
  sleep,
  startOfDay,
  systemClock,
} from '../broker/contract/time.ts'
import { err, ok, type Result } from '../broker/contract/result.ts'
import { claimDevice, toDeviceEntry, mqttUrlOf } from './devices/claim.ts'
import { switchOnFaults } from './devices/faults.ts'
import { fieldsOf, parseFleet, startFleet, type DeviceEntry } from './devices/fleet.ts'
import { readOptions, usage, type SimOptions } from './options.ts'
import { weatherAt, type Weather } from './weather/weather.ts'
import { openWeather, replayAs } from './weather/weather-open.ts'
import { createWorld } from './world.ts'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

function fail(reason: string, code: 1 | 2): never {
  process.stderr.write(code === 2 ? `${reason}\n\n${usage}` : `${reason}\n`)
  process.exit(code)
}

const options = readOptions(process.argv.slice(2))
if (!options.ok) fail(options.error, 2)
else if (options.value === 'help') print(usage)
else if (options.value.claim !== null) await claimAndRun(options.value, options.value.claim)
else if (options.value.connect === null) {
  await runWholeSeason(options.value)
} else await runDevices(options.value, options.value.connect)

/** Imported on demand: it loads all of Tilth. */
async function runWholeSeason({ weather, site, from, days, seed, crop }: SimOptions): Promise<void> {
  // exits through process.exit, so that the temporary folder is removed
  const interrupt = () => process.exit(130)
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const { runSeason, seasonProgress } = await import('./demo/season.ts')
  const { seasonReport } = await import('./demo/season-report.ts')
  const bar = seasonProgress()
  const outcome = await runSeason({
    weather,
    site,
    from,
    days,
    seed,
    env: process.env,
    progress: bar.update,
    ...(crop === null ? {} : { crop }),
  })
  bar.stop()
  if (!outcome.ok) fail(outcome.error, 1)
  print(seasonReport(outcome.value))
}

/** A new device: claims its credentials, adds them to the file, and connects. */
async function claimAndRun(options: SimOptions, { code, at }: { code: string; at: string }): Promise<void> {
  const file = options.credentials!
  const stored = existsSync(file) ? readFleet(file) : ok([])
  if (!stored.ok) fail(`${file}: ${stored.error}`, 1) // checked before the code is consumed
  const nonce = randomBytes(16).toString('hex')
  const claimed = await claimDevice({ at, code, nonce, clock: systemClock, note: print })
  if (!claimed.ok) fail(claimed.error, 1)
  const entry = toDeviceEntry(claimed.value)
  const { id, org } = claimed.value
  const otherEntries = stored.value.filter((entry) => entry.id !== id)
  writeFileSync(file, `${JSON.stringify([...otherEntries, entry], null, 2)}\n`, { mode: 0o600 })
  print(`claimed: this is ${id} of ${org}; its secrets are in ${file}`)
  const url = options.connect ? ok(options.connect) : mqttUrlOf(claimed.value, at)
  if (!url.ok) fail(url.error, 1)
  print(`next time: npm run sim -- --connect ${url.value} --org ${org} --credentials ${file}`)
  await runDevices({ ...options, org }, url.value, [entry])
}

/** Runs until the end of `--for` or an interrupt. */
async function runDevices(options: SimOptions, url: string, only?: DeviceEntry[]): Promise<void> {
  const clock = options.speed === 1 ? systemClock : scaledClock(systemClock.now(), options.speed)
  const entries = only ? ok(only) : readFleet(options.credentials!)
  if (!entries.ok) fail(`${options.credentials}: ${entries.error}`, 1)
  const world = openWorld(options, entries.value, clock.now())
  if (!world.ok) fail(world.error, 1)
  const flashDir = options.flashDir ?? join(dirname(options.credentials!), 'flash')
  mkdirSync(flashDir, { recursive: true })

  const devices = await startFleet(entries.value, {
    org: options.org!,
    url,
    clock,
    world: world.value,
    seed: options.seed,
    flashDir,
    note: print,
    ...(options.sampleS === null ? {} : { sampleS: options.sampleS }),
  })
  const faults = switchOnFaults(options.faults, devices, { clock, note: print })
  if (!faults.ok) fail(faults.error, 1)
  const report = () => {
    const online = devices.filter((device) => device.isOnline()).length
    const unsentCount = devices.reduce((sum, device) => sum + device.unsent(), 0)
    const sentCount = devices.reduce((sum, device) => sum + device.sent(), 0)
    print(
      `${online} of ${devices.length} devices online, ${sentCount} messages sent, ${unsentCount} waiting in flash`,
    )
  }
  report()
  const stopReports = every(clock, HOUR_MS, report)
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  const forMs = Math.min(options.forMs ?? Infinity, endOf(world.value.weather) - clock.now() - 1)
  await (forMs === Infinity ? interrupted : Promise.race([interrupted, sleep(clock, forMs)]))
  stopReports()
  await Promise.all(devices.map((device) => device.stop()))
  report()
  process.exit(0)
}

/** The end of the weather: the devices stop then. */
function endOf({ lastDay, site }: Weather): number {
  return lastDay === null ? Infinity : startOfDay(addDays(lastDay, 1), site.timeZone)
}

function readFleet(path: string): Result<DeviceEntry[]> {
  try {
    return parseFleet(readFileSync(path, 'utf8'))
  } catch (error) {
    return err((error as Error).message)
  }
}

function openWorld(options: SimOptions, entries: readonly DeviceEntry[], nowMs: number) {
  // normals start on 1 January, so that heat sums include the whole spring
  const utcDay = dayOf(nowMs, 'UTC')
  const weather = openWeather(options.weather, {
    site: options.site,
    firstDay: `${utcDay.slice(0, 4)}-01-01`,
    seed: options.seed,
  })
  if (!weather.ok) return weather
  const { site } = weather.value
  const today = dayOf(nowMs, site.timeZone)
  const source =
    options.from === null ? weather.value.source : replayAs(weather.value.source, options.from, today)
  if (!source.day(today))
    return err(
      `--weather: ${source.name} covers ${source.firstDay} to ${source.lastDay ?? 'ever'}, not ${today}: choose with --from which of its days is today`,
    )
  const fields = fieldsOf(entries, today)
  return ok(
    createWorld({
      weather: weatherAt(source, site, options.seed),
      fields,
      startMs: nowMs,
      seed: options.seed,
    }),
  )
}
