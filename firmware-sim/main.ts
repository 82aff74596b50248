/** `npm run sim`: devices alone against a broker, or a whole season through Tilth itself (`season.ts`). */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dayOf, every, HOUR_MS, scaledClock, sleep, systemClock } from '../broker/contract/time.ts'
import { err, ok, type Result } from '../broker/contract/result.ts'
import { fieldsOf, parseFleet, startFleet, type DeviceEntry } from './fleet.ts'
import { readOptions, usage, type SimOptions } from './options.ts'
import { weatherAt } from './weather.ts'
import { openWeather, replayAs } from './weather-open.ts'
import { createWorld } from './world.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function refuse(reason: string, code: 1 | 2): never {
  process.stderr.write(code === 2 ? `${reason}\n\n${usage}` : `${reason}\n`)
  process.exit(code)
}

const options = readOptions(process.argv.slice(2))
if (!options.ok) refuse(options.error, 2)
else if (options.value === 'help') say(usage)
else if (options.value.connect === null) {
  const { runSeason } = await import('./season.ts')
  await runSeason(options.value)
} else await runDevices(options.value, options.value.connect)

/** Until `--for` is over or a person interrupts. */
async function runDevices(options: SimOptions, url: string): Promise<void> {
  const clock = options.speed === 1 ? systemClock : scaledClock(systemClock.now(), options.speed)
  const entries = readFleet(options.credentials!)
  if (!entries.ok) refuse(`${options.credentials}: ${entries.error}`, 1)
  const world = openWorld(options, entries.value, clock.now())
  if (!world.ok) refuse(world.error, 1)
  const flashDir = options.flashDir ?? join(dirname(options.credentials!), 'flash')
  mkdirSync(flashDir, { recursive: true })

  const devices = await startFleet(entries.value, {
    org: options.org!,
    url,
    clock,
    world: world.value,
    seed: options.seed,
    flashDir,
    note: say,
    ...(options.sampleS === null ? {} : { sampleS: options.sampleS }),
  })
  const report = () => {
    const online = devices.filter((device) => device.isOnline()).length
    const waiting = devices.reduce((sum, device) => sum + device.unsent(), 0)
    const sent = devices.reduce((sum, device) => sum + device.sent(), 0)
    say(`${online} of ${devices.length} devices online, ${sent} messages sent, ${waiting} wait in flash`)
  }
  report()
  const stopReports = every(clock, HOUR_MS, report)
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await (options.forMs === null ? interrupted : Promise.race([interrupted, sleep(clock, options.forMs)]))
  stopReports()
  await Promise.all(devices.map((device) => device.stop()))
  report()
  process.exit(0)
}

function readFleet(path: string): Result<DeviceEntry[]> {
  try {
    return parseFleet(readFileSync(path, 'utf8'))
  } catch (error) {
    return err((error as Error).message)
  }
}

function openWorld(options: SimOptions, entries: readonly DeviceEntry[], nowMs: number) {
  // normals begin at New Year, so that heat sums have the whole spring
  const utcDay = dayOf(nowMs, 'UTC')
  const opened = openWeather(options.weather, {
    site: options.site,
    firstDay: `${utcDay.slice(0, 4)}-01-01`,
    seed: options.seed,
  })
  if (!opened.ok) return opened
  const { site } = opened.value
  const today = dayOf(nowMs, site.timeZone)
  const source =
    options.from === null ? opened.value.source : replayAs(opened.value.source, options.from, today)
  if (!source.day(today))
    return err(
      `--weather: ${source.name} covers ${source.firstDay} to ${source.lastDay ?? 'ever'}, not ${today}: say with --from which of its days is today`,
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
