/**
 * Tilth as `npm start` runs it, the built JavaScript, on a fast clock with standard intervals. Settings and clock come
 * from the environment; its ready message is that of `npm start`.
 */
import { armCrash } from './crash-points.ts'
import { farmClock } from './farm-clock.ts'
import { importBuilt } from './import-built.ts'
import { logJobRuns, jumpingClock } from './jumping-clock.ts'

const { standardTiming } = (await importBuilt(
  'broker/contract/command-lifecycle/timing.js',
)) as typeof import('../../../broker/contract/command-lifecycle/timing.ts')
const { readSettings } = (await importBuilt(
  'services/config/settings.js',
)) as typeof import('../../../services/config/settings.ts')
const { startTilth } = (await importBuilt(
  'services/app/start.js',
)) as typeof import('../../../services/app/start.ts')
const { InsertQueryBuilder } = (await importBuilt('node_modules/kysely/index.js')) as typeof import('kysely')

const { CRASH_AT, FARM_EPOCH_MS, FARM_SHIFT_MS, FARM_SPEED } = process.env
const { FARM_CLOCK_FILE, FARM_JOBS_FILE } = process.env
if (CRASH_AT !== undefined) armCrash(CRASH_AT, InsertQueryBuilder.prototype)
const speed = Number(FARM_SPEED)
const clock = jumpingClock(
  farmClock({ epochMs: Number(FARM_EPOCH_MS), speed, shiftMs: Number(FARM_SHIFT_MS ?? 0) }),
  FARM_CLOCK_FILE,
)
const settings = readSettings(process.env, null)
if (!settings.ok) throw new Error(settings.error)
const tilth = await startTilth(settings.value, {
  clock,
  speed,
  timing: standardTiming,
  ...(FARM_JOBS_FILE === undefined ? {} : { adaptJob: logJobRuns(FARM_JOBS_FILE) }),
})
process.stdout.write(
  `  dashboard  http://127.0.0.1:${tilth.port}\n  devices    mqtt://127.0.0.1:${tilth.mqttPort}\n`,
)
const link = tilth.api.setupLink()
if (link !== null) process.stdout.write(`  ${link}\n`)
process.once('SIGTERM', () => void tilth.stop().then(() => process.exit(0)))
