/**
 * The whole of Tilth as `npm start` runs it, on a clock that runs fast: every interval is the standard one. Settings and
 * the clock come from the environment; it says when it is ready as `npm start` does, so that the same reader takes it.
 */
import { standardTiming } from '../../../broker/contract/command-life.ts'
import { readSettings } from '../../../services/config.ts'
import { startTilth } from '../../../services/start.ts'
import { farmClock } from './farm-clock.ts'

const { FARM_EPOCH_MS, FARM_SPEED } = process.env
const speed = Number(FARM_SPEED)
const clock = farmClock({ epochMs: Number(FARM_EPOCH_MS), speed })
const settings = readSettings(process.env, null)
if (!settings.ok) throw new Error(settings.error)
const tilth = await startTilth(settings.value, { clock, speed, timing: standardTiming })
process.stdout.write(
  `  dashboard  http://127.0.0.1:${tilth.port}\n  devices    mqtt://127.0.0.1:${tilth.mqttPort}\n`,
)
const link = tilth.api.setupLink()
if (link !== null) process.stdout.write(`  ${link}\n`)
process.once('SIGTERM', () => void tilth.stop().then(() => process.exit(0)))
