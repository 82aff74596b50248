/**
 * The farm of 50 fields as a separate program: simulates 30 days through the real pipeline, then serves the built
 * dashboard on a live clock. `BENCH_PASSWORD`: of its only user. Prints the ready message of `npm start`.
 */
import { join } from 'node:path'
import { DAY_MS, HOUR_MS, startOfDay } from '../../broker/contract/time.ts'
import { weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import { startSimulation } from '../../firmware-sim/demo/simulation.ts'
import { scratchDir } from '../../firmware-sim/demo/scratch-dir.ts'
import { readSettings } from '../../services/config/settings.ts'
import { createLogger } from '../../services/runtime/logger.ts'
import { fiftyFields, hasValve } from './place.ts'

const FROM = '2026-07-06'
const DAYS = 30
// before the morning's runs
const HOUR_OF_DAY = 5

const loopback = { HOST: '127.0.0.1', PORT: '0', MQTT_HOST: '127.0.0.1', MQTT_PORT: '0' }
const settings = readSettings({ DATA_DIR: scratchDir('bench-web').path, ...loopback }, null)
if (!settings.ok) throw new Error(settings.error)
const rehearsal = await startSimulation({
  place: fiftyFields,
  weather: weatherFromNormals('rice-plain', '2026-01-01', 'kome'),
  seed: 'kome',
  fromDay: FROM,
  settings: settings.value,
  log: createLogger('error'),
  weatherService: true,
  dashboardDir: join(import.meta.dirname, '../../dist/dashboard'),
})
const { tilth } = rehearsal
// a place is created with a valve on each field
const zones = await tilth.state.selectFrom('zone').select(['id', 'fieldId']).execute()
for (const { id, fieldId } of zones)
  if (!hasValve(fieldId)) await tilth.state.deleteFrom('zone').where('id', '=', id).execute()
await tilth.api.createUser({
  email: 'bench@example.org',
  password: process.env.BENCH_PASSWORD!,
  name: 'Bench',
  org: fiftyFields.org,
  orgName: fiftyFields.name,
  role: 'admin',
})
const startMs = startOfDay(FROM, fiftyFields.timeZone)
await rehearsal.fastForward(startMs + DAYS * DAY_MS + HOUR_OF_DAY * HOUR_MS)
rehearsal.goLive()
process.on('SIGTERM', () => void rehearsal.stop().finally(() => process.exit(0)))
process.stdout.write(`dashboard http://127.0.0.1:${tilth.port}\n`)
process.stdout.write(`devices mqtt://127.0.0.1:${tilth.mqttPort}\n`)
