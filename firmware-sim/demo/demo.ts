/**
 * `npm run demo`: a simulated co-operative. A season of history passes through the real pipeline; then the farm
 * continues at a minute a second, in a browser.
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import {
  addDays,
  DAY_MS,
  dayOf,
  HOUR_MS,
  SECOND_MS,
  startOfDay,
  type Day,
} from '../../broker/contract/time.ts'
import { delivery, topicOf } from '../../broker/contract/topics.ts'
import { readSettings } from '../../services/config/settings.ts'
import { errorCodes } from '../../services/errors.ts'
import { createLogger } from '../../services/runtime/logger.ts'
import { progressBar } from '../../services/runtime/progress-bar.ts'
import { weatherFromNormals } from '../weather/weather-normals.ts'
import { saveSeason, saveDirError } from './saved-season.ts'
import { controllerIntervals } from './controller-intervals.ts'
import { coOperative } from './co-operative.ts'
import { diary } from './diary.ts'
import { grower } from './grower.ts'
import { scheduledFailures } from './scenarios.ts'
import { timerGrower } from './timer-grower.ts'
import { addOtherMakes } from './other-makes.ts'
import { signIn } from './member.ts'
import { inJapanese, renameInJapanese } from './japanese-names.ts'
import { FIELDS_PER_MEMBER } from './members/members.ts'
import { writeMembers } from './members/write-members.ts'
import { scratchDir } from './scratch-dir.ts'
import { startSimulation, type Simulation } from './simulation.ts'

const USAGE = `usage: npm run demo [-- --speed 60] [-- --from 2026-05-18] [-- --seed kome] [-- --keep DIR] [-- --members 214] [-- --language ja]     (PORT and MQTT_PORT from the environment)
  --speed X   minutes of the farm in a minute (60)
  --from DAY  the first day of the season (2026-05-18); a later one takes less time
  --seed TEXT another seed gives another season (kome)
  --keep DIR  stops after the season, saves it there, and prints how to start services and devices separately
  --language L en or ja: the names of people, fields, varieties and products (en)
  --members N 1 to 500 members join the co-operative, each an organisation with fields, two seasons and a consent
`
const SEASON_FROM = '2026-05-18' // rice is transplanted, soybean is not sown yet
const TODAY = '2026-08-05'
const TODAY_FROM_H = 5 // before the morning's runs
/** time since the last visit to the dashboard */
const UNATTENDED_MS = 30 * HOUR_MS
/** since the last approval: a demand that waits for it stays */
const UNAPPROVED_MS = 7 * DAY_MS
/** the field with traps of fruit moths, and sprays */
const ORCHARD = 'orchard-up'
const APPLE_HARVEST = '2026-10-10'
/** a grower with a fixed schedule, where Tilth only advises: at midnight, 4 h of 3 mm */
const TIMER_GROWER = { fieldId: 'orchard-low', minutes: 240, depthMm: 12, everyDays: 3 }
/** a season with a wet July and a dry spell after it */
const SEED = 'kome'
/** from this long before the end of the history, a device reports every ten minutes of farm time */
const LIVE_SINCE_MS = 7 * HOUR_MS
const LIVE_SAMPLE_S = 600

const PERSON = 'Sato Hana'

/** During the season nothing needs a graceful stop. */
let onSignal = (): void => process.exit(130)

async function main(): Promise<void> {
  const { speed, fromDay, seed, keepIn, members, language } = options()
  const nameOf = language === 'ja' ? inJapanese : (name: string) => name
  const dirError = keepIn === null ? null : saveDirError(keepIn)
  if (dirError !== null) return end(2, dirError)
  const scratch = scratchDir('demo')
  const settings = readSettings(
    { ...process.env, DATA_DIR: scratch.path, SERIES: undefined, STATE: undefined },
    null,
  )
  if (!settings.ok) return end(1, settings.error)

  const startedMs = performance.now()
  const simulation = await startSimulation({
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
  const rename = async () => language === 'ja' && (await renameInJapanese(simulation.tilth.state))
  await rename()
  const password = randomBytes(6).toString('base64url')
  const email = 'demo@shinano-hills.example'
  await simulation.tilth.api.createUser({
    email,
    password,
    name: nameOf(PERSON),
    org: coOperative.org,
    orgName: nameOf(coOperative.name),
    role: 'admin',
  })
  const member = await signIn(`http://127.0.0.1:${simulation.tilth.port}`, { email, password })
  const bar = progressBar('season', { output: process.stderr })
  const report = (text: string) => bar.print(`tilth demo: ${text}`)
  const orchard = grower(member.call, ORCHARD, { operator: nameOf(PERSON), report })
  const timer = timerGrower(member.call, TIMER_GROWER, report)
  const fieldDiary = diary(member.call, coOperative, { nameOf, report })
  await orchard.prepare(APPLE_HARVEST)
  await rename() // its products, before a spray names one
  await timer.prepare()
  await fieldDiary.prepare()
  process.stdout.write(`Simulating a season: ${fromDay} to ${TODAY}\n`)
  const fromMs = startOfDay(fromDay, coOperative.timeZone)
  const nowMs = startOfDay(TODAY, coOperative.timeZone) + TODAY_FROM_H * HOUR_MS
  const failDevices = scheduledFailures(simulation.devices, nowMs)
  await simulation.fastForward(nowMs - LIVE_SINCE_MS, async (atMs) => {
    failDevices(atMs)
    bar.update((atMs - fromMs) / (nowMs - fromMs), dayOf(atMs, coOperative.timeZone))
    // proposals and this morning's tasks are left for the person at the dashboard
    if (atMs < nowMs - UNAPPROVED_MS) await member.approveAll()
    if (atMs < nowMs - UNATTENDED_MS) {
      // without its board an outlet drains all water
      await member.setBoards((field, boardMm) =>
        simulation.world.setOutlet(field, boardMm > 0 ? boardMm : -1),
      )
    }
    await orchard.managePests(atMs)
    await timer.runIfDue()
    await fieldDiary.enterUntil(atMs)
  })
  await fieldDiary.draftSpray(addDays(TODAY, 1))
  if (members > 0) await addMembers(simulation, { members, seed, language })
  await reportMoreOften(simulation, speed)
  // so that failures are reported as on a real farm
  await simulation.fastForward(nowMs)
  bar.stop()
  if (keepIn !== null) return saveSeasonAndExit(simulation, scratch.path, keepIn, { email, password })
  simulation.goLive()
  for (const device of simulation.devices) device.sampleNow()
  const everyMs = LIVE_SAMPLE_S * SECOND_MS
  const otherMakes = await addOtherMakes(simulation, member.call, { seed, speed, everyMs })
  await rename()

  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
  const messages = simulation.devices.reduce((sum, device) => sum + device.sent(), 0)
  process.stdout.write(`${messages} messages of ${simulation.devices.length} devices in ${seconds} s\n\n`)
  process.stdout.write(`  open      http://localhost:${simulation.tilth.port}\n`)
  process.stdout.write(`  sign in   ${email}\n  password  ${password}\n`)
  process.stdout.write(`  devices   mqtt://localhost:${simulation.tilth.mqttPort}\n\n`)
  process.stdout.write(
    `One second here is ${Math.round(speed)} seconds on the farm. Ctrl+C stops it; nothing is saved.\n`,
  )
  onSignal = () => {
    onSignal = () => process.exit(1)
    const stopAll = async () => {
      await otherMakes.stop()
      await simulation.stop()
    }
    void stopAll().finally(() => process.exit(0))
  }
}

/** Writes the members' rows directly: simulating thousands of fields day by day would take hours. */
async function addMembers(
  { tilth }: Simulation,
  { members, seed, language }: Pick<Options, 'members' | 'seed' | 'language'>,
): Promise<void> {
  const fields = Math.round(members * FIELDS_PER_MEMBER)
  process.stdout.write(`${members} members join with ${fields} fields\n`)
  const bar = progressBar('members', { output: process.stderr })
  const season = {
    year: Number(TODAY.slice(0, 4)),
    yearsBack: 1,
    throughDay: addDays(TODAY, -1),
    seed,
    language,
  }
  await writeMembers(tilth.state, { coop: coOperative.org, members, fields, ...season }, (writtenCount) =>
    bar.update(writtenCount / members, `${writtenCount} of ${members}`),
  )
  bar.stop()
}

async function saveSeasonAndExit(
  simulation: Simulation,
  scratchPath: string,
  dir: string,
  { email, password }: { email: string; password: string },
): Promise<void> {
  const { credentials } = simulation
  await simulation.stop()
  const lines = saveSeason(scratchPath, dir, { credentials, mqttPort: Number(process.env.MQTT_PORT ?? 1883) })
  const account = [`  sign in   ${email}`, `  password  ${password}`]
  process.stdout.write(`The season is saved in ${dir}. Start each in its own terminal:\n\n`)
  process.stdout.write(`${[...lines, ...account].join('\n')}\n`)
  process.exit(0)
}

interface Options {
  speed: number
  fromDay: Day
  seed: string
  keepIn: string | null
  members: number
  language: 'en' | 'ja' // of the names
}

function options(): Options {
  try {
    const { values } = parseArgs({
      options: {
        speed: { type: 'string' },
        from: { type: 'string' },
        seed: { type: 'string' },
        keep: { type: 'string' },
        members: { type: 'string' },
        language: { type: 'string', default: 'en' },
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
    if (values.language !== 'en' && values.language !== 'ja')
      throw new Error(`--language must be en or ja, got ${values.language}`)
    return {
      speed,
      fromDay,
      seed: values.seed ?? SEED,
      keepIn: values.keep ?? null,
      members,
      language: values.language,
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    process.exit(2)
  }
}

/** Configures the devices to report more often, and the expected interval of the services with them. */
async function reportMoreOften({ tilth, setControllerIntervals }: Simulation, speed: number): Promise<void> {
  await tilth.state.updateTable('device').set({ everyS: LIVE_SAMPLE_S }).where('kind', '!=', 'trap').execute()
  await setControllerIntervals(controllerIntervals(speed))
  const devices = await tilth.state
    .selectFrom('device')
    .select(['id', 'org'])
    .where('kind', '!=', 'trap')
    .execute()
  const config = { v: 1, version: 2, sampleS: LIVE_SAMPLE_S }
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
