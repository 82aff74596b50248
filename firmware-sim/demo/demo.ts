/**
 * `npm run demo`: a living co-operative. A season of history passes through the real pipeline in seconds; then the
 * farm goes on at a minute a second, in a browser.
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { scaleTiming, standardTiming } from '../../broker/contract/command-lifecycle/timing.ts'
import { addDays, dayOf, HOUR_MS, SECOND_MS, startOfDay, type Day } from '../../broker/contract/time.ts'
import { delivery, topicOf } from '../../broker/contract/topics.ts'
import { readSettings } from '../../services/config/settings.ts'
import { errorCodes } from '../../services/errors.ts'
import { createLogger } from '../../services/runtime/logger.ts'
import { weatherFromNormals } from '../weather/weather-normals.ts'
import { saveSeason, saveDirError } from './saved-season.ts'
import { coOperative } from './co-operative.ts'
import { diary } from './diary.ts'
import { grower } from './grower.ts'
import { scheduledFailures } from './scenarios.ts'
import { timerGrower } from './timer-grower.ts'
import { signIn } from './member.ts'
import { FIELDS_PER_MEMBER } from './members/members.ts'
import { writeMembers } from './members/write-members.ts'
import { scratchDir } from './scratch-dir.ts'
import { publishDevicesChanged } from './provision.ts'
import { startSimulation, type Simulation } from './simulation.ts'

const USAGE = `usage: npm run demo [-- --speed 60] [-- --from 2026-05-18] [-- --seed 1] [-- --keep DIR] [-- --members 214]     (PORT and MQTT_PORT from the environment)
  --speed X   minutes of the farm in a minute (60)
  --from DAY  the first day of the season that passes (2026-05-18); a later one is sooner over
  --seed TEXT another seed is another season (1)
  --keep DIR  ends with the season, keeps it there, and says how to start services and devices apart
  --members N 1 to 500 members join the co-operative, each an organisation of its own with fields, two seasons and a consent
`
const SEASON_FROM = '2026-05-18' // the rice stands in the paddies, soybean is still to be sown
const TODAY = '2026-08-05'
const TODAY_FROM_H = 5 // before the morning's runs
/** so long nobody has looked at the phone */
const UNATTENDED_MS = 30 * HOUR_MS
/** whose codling moths are watched, and sprayed when it is time */
const ORCHARD = 'orchard-up'
const APPLE_HARVEST = '2026-10-10'
/** who waters by the clock, while Tilth only advises: at midnight, 4 h of 3 mm */
const TIMER_GROWER = { fieldId: 'orchard-low', minutes: 240, depthMm: 12, everyDays: 3 }
/** a season with a wet July and a dry spell after it */
const SEED = 'kome'
/** live, and in the night before, a device speaks every ten minutes of the farm */
const LIVE_SINCE_MS = 7 * HOUR_MS
const LIVE_SAMPLE_S = 600
const LIVE_TIMING_FACTOR = 60

/** While the season passes there is nothing to end in order. */
let onSignal = (): void => process.exit(130)

async function main(): Promise<void> {
  const { speed, fromDay, seed, keepIn, members } = options()
  const cannot = keepIn === null ? null : saveDirError(keepIn)
  if (cannot !== null) return end(2, cannot)
  const scratch = scratchDir('demo')
  const settings = readSettings(
    { ...process.env, DATA_DIR: scratch.path, SERIES: undefined, STATE: undefined },
    null,
  )
  if (!settings.ok) return end(1, settings.error)

  const startedMs = performance.now()
  const rehearsal = await startSimulation({
    place: coOperative,
    weather: weatherFromNormals('rice-plain', '2026-01-01', seed),
    seed,
    fromDay,
    settings: settings.value,
    log: createLogger(settings.value.logLevel === 'info' ? 'warn' : settings.value.logLevel),
    speed,
    demo: true,
    weatherService: true,
  })
  const password = randomBytes(6).toString('base64url')
  const email = 'demo@shinano-hills.example'
  await rehearsal.tilth.api.createUser({
    email,
    password,
    name: 'Sato Hana',
    org: coOperative.org,
    orgName: coOperative.name,
    role: 'admin',
  })
  const member = await signIn(`http://127.0.0.1:${rehearsal.tilth.port}`, { email, password })
  const complain = (text: string) => void process.stderr.write(`\rtilth demo: ${text}\n`)
  const orchard = grower(member.call, ORCHARD, { operator: 'Sato Hana', complain })
  const timer = timerGrower(member.call, TIMER_GROWER, complain)
  const book = diary(member.call, coOperative, complain)
  await orchard.prepare(APPLE_HARVEST)
  await timer.prepare()
  await book.prepare()
  process.stdout.write(`A season passes: ${fromDay} to ${TODAY}\n`)
  const nowMs = startOfDay(TODAY, coOperative.timeZone) + TODAY_FROM_H * HOUR_MS
  const goWrong = scheduledFailures(rehearsal.devices, nowMs)
  await rehearsal.fastForward(nowMs - LIVE_SINCE_MS, async (atMs) => {
    goWrong(atMs)
    showProgress(dayOf(atMs, coOperative.timeZone))
    // what waits this morning is left for whoever looks
    if (atMs < nowMs - UNATTENDED_MS) {
      await member.approveAll()
      // a board that is out lets all water go
      await member.setBoards((field, boardMm) => rehearsal.world.setOutlet(field, boardMm > 0 ? boardMm : -1))
    }
    await orchard.managePests(atMs)
    await timer.runIfDue()
    await book.enterUntil(atMs)
  })
  await book.draftSpray(addDays(TODAY, 1))
  if (members > 0) await addMembers(rehearsal, members, seed)
  await reportMoreOften(rehearsal)
  // what has gone wrong is told as it would be in a field
  await rehearsal.fastForward(nowMs)
  if (keepIn !== null) return saveSeasonAndExit(rehearsal, scratch.path, keepIn, { email, password })
  rehearsal.goLive()
  for (const device of rehearsal.devices) device.sampleNow()

  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
  const messages = rehearsal.devices.reduce((sum, device) => sum + device.sent(), 0)
  process.stdout.write(`\r${messages} messages of ${rehearsal.devices.length} devices in ${seconds} s\n\n`)
  process.stdout.write(`  open      http://localhost:${rehearsal.tilth.port}\n`)
  process.stdout.write(`  sign in   ${email}\n  password  ${password}\n`)
  process.stdout.write(`  devices   mqtt://localhost:${rehearsal.tilth.mqttPort}\n\n`)
  process.stdout.write(
    `One second here is ${Math.round(speed)} seconds on the farm. Ctrl+C ends it; nothing is kept.\n`,
  )
  onSignal = () => {
    onSignal = () => process.exit(1)
    void rehearsal.stop().finally(() => process.exit(0))
  }
}

/** Not through the season: days of thousands of fields would pass slowly, and they are over. */
async function addMembers({ tilth }: Simulation, members: number, seed: string): Promise<void> {
  const fields = Math.round(members * FIELDS_PER_MEMBER)
  process.stdout.write(`\r${members} members join with ${fields} fields\n`)
  const season = { year: Number(TODAY.slice(0, 4)), yearsBack: 1, throughDay: addDays(TODAY, -1), seed }
  await writeMembers(tilth.state, { coop: coOperative.org, members, fields, ...season }, (there) =>
    showProgress(`${there} of ${members}`),
  )
}

async function saveSeasonAndExit(
  rehearsal: Simulation,
  scratchPath: string,
  dir: string,
  { email, password }: { email: string; password: string },
): Promise<void> {
  const { credentials } = rehearsal
  await rehearsal.stop()
  const lines = saveSeason(scratchPath, dir, { credentials, mqttPort: Number(process.env.MQTT_PORT ?? 1883) })
  const who = [`  sign in   ${email}`, `  password  ${password}`]
  process.stdout.write(`\rThe season is kept in ${dir}. Start, each in a terminal of its own:\n\n`)
  process.stdout.write(`${[...lines, ...who].join('\n')}\n`)
  process.exit(0)
}

function options(): { speed: number; fromDay: Day; seed: string; keepIn: string | null; members: number } {
  try {
    const { values } = parseArgs({
      options: {
        speed: { type: 'string' },
        from: { type: 'string' },
        seed: { type: 'string' },
        keep: { type: 'string' },
        members: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) {
      process.stdout.write(USAGE)
      process.exit(0)
    }
    const speed = Number(values.speed ?? 60)
    if (!(speed >= 1 && speed <= 600)) throw new Error(`--speed must be 1 to 600, got ${values.speed}`)
    const fromDay = values.from ?? SEASON_FROM
    if (!/^2026-\d\d-\d\d$/.test(fromDay) || fromDay < SEASON_FROM || fromDay >= TODAY)
      throw new Error(`--from must be a day from ${SEASON_FROM} to before ${TODAY}, got ${values.from}`)
    const members = Number(values.members ?? 0)
    if (values.members !== undefined && !(Number.isInteger(members) && members >= 1 && members <= 500))
      throw new Error(`--members must be a whole number from 1 to 500, got ${values.members}`)
    return { speed, fromDay, seed: values.seed ?? SEED, keepIn: values.keep ?? null, members }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    process.exit(2)
  }
}

function showProgress(day: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${day} `)
}

/** As a person would set it on the dashboard: the devices are told, and expected, to speak more often. */
async function reportMoreOften({ tilth, fastForward }: Simulation): Promise<void> {
  await tilth.state.updateTable('device').set({ everyS: LIVE_SAMPLE_S }).where('kind', '!=', 'trap').execute()
  // dispatch now tells its controllers their intervals again; what follows stands after that
  await publishDevicesChanged(tilth, coOperative.org)
  await fastForward(tilth.clock.now())
  const devices = await tilth.state
    .selectFrom('device')
    .select(['id', 'org'])
    .where('kind', '!=', 'trap')
    .execute()
  // as often, at this speed, as a real controller beats in real time
  const { heartbeatIdleMs, heartbeatOpenMs, leaseMs } = scaleTiming(standardTiming, LIVE_TIMING_FACTOR)
  const beat = { heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs: LIVE_SAMPLE_S * SECOND_MS }
  const config = { v: 1, version: 2, sampleS: LIVE_SAMPLE_S, ...beat }
  for (const { id, org } of devices)
    await tilth.bus.publish(topicOf(org, id, 'config'), JSON.stringify(config), delivery.config)
}

function end(code: number, text: string): void {
  process.stderr.write(`tilth: ${text}\n`)
  process.exitCode = code
}

process.on('SIGINT', () => onSignal())
process.on('SIGTERM', () => onSignal())

main().catch((error: Error & { code?: string }) => {
  const isOurs = error.code !== undefined && error.code in errorCodes
  end(1, isOurs ? error.message : (error.stack ?? String(error)))
  process.exit(1)
})
