/** What a whole Tilth and a node of pages (ROLES=api) both give to the API: files, notifications, settings, the admin socket. */
import type { Registry } from 'prom-client'
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import type { Clock } from '../../broker/contract/time.ts'
import { hashSecret, newSecret } from '../../broker/access/authenticate.ts'
import type { Broker } from '../../broker/server.ts'
import { deviceCommands } from '../api/admin-socket/device-requests.ts'
import { passwordCommands } from '../api/admin-socket/password-requests.ts'
import { adminRequestHandler, type AdminCommands } from '../api/admin-socket/requests.ts'
import type { AdminSocket } from '../api/admin-socket/socket.ts'
import type { Api } from '../api/api.ts'
import type { ApiDeps } from '../api/http/context.ts'
import type { Settings } from '../config/settings.ts'
import { startNotifications, type Notifications } from '../notifications/start-notifications.ts'
import { pestService } from '../plan/pest/pest-service.ts'
import type { Bus, Logger, Running } from '../ports.ts'
import type { Forecast } from '../ports/forecast.ts'
import { createReportThread } from '../report-thread/thread.ts'
import { createReportService } from '../report/jobs/report-service.ts'
import { apiSettings, findDashboard } from './api-settings.ts'
import { untilNoneWaits } from './broker-wiring.ts'
import type { Https } from './https-wiring.ts'
import type { OpenedStores } from './open-stores.ts'
import type { ShutdownStack } from './shutdown-stack.ts'
import type { StartOptions } from './start-options.ts'

/** What every node has before it serves anything. */
export interface Node {
  settings: Settings
  options: StartOptions
  stores: OpenedStores
  bus: Bus
  clock: Clock
  timing: Timing
  log: Logger
  https: Https | null
  defer: ShutdownStack['defer']
}

/** Secrets of devices, and their hashes as this farm stores them. */
export const credentialsOf = ({ secrets }: Pick<OpenedStores, 'secrets'>) => ({
  newSecret,
  hashSecret: (secret: string) => hashSecret(secret, secrets.pepper),
})

/** Reports and their files. What a process left unfinished is made again by the engine. */
export function wireReports({ settings, stores, bus, clock, log, defer }: Node) {
  const secret = stores.secrets.authSecret
  const files = createReportThread({
    state: settings.state,
    series: settings.series,
    dataDir: settings.dataDir,
    secret,
  })
  const state = stores.stateStore.handle()
  const resumes = settings.roles !== 'api'
  return defer(createReportService({ state, bus, clock, log, files, secret, resumes }), stop)
}

/** Notifications to people: sent by the engine; a node of pages sends tests only. */
export async function wireNotifications(node: Node): Promise<Notifications> {
  const { settings, stores, bus, clock, log, timing, defer } = node
  const isSilent = settings.roles === 'api'
  const notifications = await startNotifications({
    state: stores.stateStore.handle(),
    bus,
    clock,
    log,
    mail: settings.mail,
    reach: settings.notificationTargets,
    publicUrl: settings.publicUrl,
    secret: stores.secrets.authSecret,
    lookEveryMs: isSilent ? 0 : 6 * timing.heartbeatIdleMs, // a minute
    isSilent,
  })
  return defer(notifications, stop)
}

/** What differs between the nodes: an engine alone has connections, pushes and valves of other makes. */
type ApiParts = Pick<ApiDeps, 'reports' | 'notifications' | 'profiles' | 'onDeviceChanged' | 'isReady'> &
  Partial<Pick<ApiDeps, 'connections' | 'pushes' | 'foreignValves'>> & {
    forecast: Forecast
    metrics: Registry
    broker: Broker | null
    adminSocket: AdminSocket
    /** further commands of the admin socket */
    adminCommands?: AdminCommands
  }

/** Serves the API, the dashboard if it is built, and the admin socket. */
export async function wireApi(
  node: Node,
  { broker, adminSocket, adminCommands, ...parts }: ApiParts,
): Promise<{ api: Api; isDashboardBuilt: boolean | null }> {
  const { settings, options, stores, bus, clock, timing, log, https, defer } = node
  const { stateStore, series, journal, secrets } = stores
  const { state } = stateStore
  const { forecast, onDeviceChanged } = parts
  const config = apiSettings({ settings, options, broker, timing, secret: secrets.authSecret, https })
  const isDashboardBuilt = findDashboard(config.dashboardDir, log)
  const credentials = credentialsOf(stores)
  // devices reconnect before people do: the code for HTTP is a third of the total and is loaded while the broker
  // already accepts connections, and after those that have come meanwhile
  if (broker !== null) await untilNoneWaits(broker)
  const { startApi } = await import('../api/api.ts')
  const api = await startApi({
    state,
    rewriteState: stateStore.rewrite,
    series,
    bus,
    journal,
    clock,
    log,
    credentials,
    pests: pestService({ state, series, forecast, clock, log }),
    settings: config,
    foreignValves: null,
    ...parts,
  })
  defer(api, stop)
  const adminDeps = { state, clock, bus, log, credentials, onDeviceChanged, httpPort: api.port }
  adminSocket.serve(
    adminRequestHandler({ ...deviceCommands(adminDeps), ...passwordCommands(adminDeps), ...adminCommands }),
  )
  return { api, isDashboardBuilt }
}

const stop = (part: Running) => part.stop()
