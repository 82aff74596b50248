/** The settings of the API, derived from the settings of the server. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import type { Broker } from '../../broker/server.ts'
import type { ApiSettings } from '../api/http/context.ts'
import { noHttpLimits, parseHttpLimits, type HttpLimits } from '../api/http/limits.ts'
import type { Settings } from '../config/settings.ts'
import { fail } from '../errors.ts'
import type { Logger } from '../ports.ts'
import type { StartOptions } from './start-options.ts'
import { mqttEndpoints } from './broker-wiring.ts'
import type { Https } from './https-wiring.ts'

// next to the compiled program; from the sources, the output folder of the build
const DASHBOARD_DIR = join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? '../../dist/dashboard' : '../../dashboard',
)

/** INVALID_CONFIG when the limits are invalid. `secret`: signs sessions. */
export function apiSettings(of: {
  settings: Settings
  options: StartOptions
  broker: Broker | null
  timing: Timing
  secret: string
  https: Https | null
}): ApiSettings {
  const { settings, options, broker, timing, secret, https } = of
  return {
    host: settings.host,
    port: settings.port,
    dashboardDir: settings.roles === 'engine' ? null : (options.dashboardDir ?? DASHBOARD_DIR),
    isPagesOnly: settings.roles === 'api',
    publicUrl: settings.publicUrl,
    https,
    trustedProxy: settings.trustedProxy,
    limits: options.clock ? noHttpLimits : readHttpLimits(settings.httpLimits),
    speed: options.speed ?? 1,
    demo: options.demo ?? false,
    mapTiles: settings.mapTiles,
    supportPhone: settings.supportPhone,
    authSecret: secret,
    heartbeatMs: timing.heartbeatIdleMs,
    mqttEndpoints: (isLocal) => broker && mqttEndpoints(settings, broker, isLocal),
  }
}

function readHttpLimits(text: string): HttpLimits {
  const limits = parseHttpLimits(text)
  return limits.ok ? limits.value : fail('INVALID_CONFIG', `HTTP_LIMITS ${limits.error}`)
}

/** Whether the dashboard is built; null: other nodes serve it. */
export function findDashboard(dir: string | null, log: Logger): boolean | null {
  if (dir === null) return null
  const isBuilt = existsSync(join(dir, 'index.html'))
  if (!isBuilt) log.warn({ folder: dir }, 'dashboard not built: run npm run build')
  return isBuilt
}
