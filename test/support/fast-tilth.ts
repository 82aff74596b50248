/**
 * A complete Tilth as a process of its own whose clock runs faster than real time, so that it can be killed: settings from
 * the environment; FAST_SPEED, and FAST_ZERO_MS, the real time at which the farm's clock shows FAST_FROM_MS.
 */
import { readSettings } from '../../services/config/settings.ts'
import { startTilth } from '../../services/app/start.ts'
import { scaledClock } from '../../broker/contract/time.ts'

const speed = Number(process.env.FAST_SPEED)
const fromMs = Number(process.env.FAST_FROM_MS) + (Date.now() - Number(process.env.FAST_ZERO_MS)) * speed
const settings = readSettings(process.env, null)
if (!settings.ok) throw new Error(settings.error)
const tilth = await startTilth(settings.value, { clock: scaledClock(fromMs, speed), speed })
process.stdout.write(`ready ${tilth.port}\n`)
process.on('SIGTERM', () => void tilth.stop().then(() => process.exit(0)))
