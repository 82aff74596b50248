/**
 * ROLES=api: a node that serves pages and the API from the database that it shares with the engine. What people ask for is
 * written there and announced on the bus; the engine plans, commands, stores readings, sends notifications and runs the
 * jobs. Nothing here needs the lease of the engine.
 */
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { standardTiming } from '../../broker/contract/command-lifecycle/timing.ts'
import { systemClock } from '../../broker/contract/time.ts'
import { rabbitUsers } from '../adapters/broker-users/rabbitmq.ts'
import { openMqttBus } from '../adapters/bus/mqtt-bus.ts'
import { createForecast } from '../adapters/forecast/open.ts'
import { setCustomPests } from '../agronomy/pests/catalogue.ts'
import { startAdminSocket } from '../api/admin-socket/socket.ts'
import { startBrokerUsers } from '../broker-users/start-broker-users.ts'
import { readCustomPests } from '../config/custom-pests.ts'
import type { Settings } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { shippedProfiles } from '../integrations/profiles/profile-files.ts'
import { profileReader } from '../integrations/profiles/profile-reader.ts'
import { createLogger, throttledLogger } from '../runtime/logger.ts'
import type { Running } from '../ports.ts'
import { wireApi, wireNotifications, wireReports } from './api-wiring.ts'
import { bridgeName, busName } from './broker-wiring.ts'
import { watchEngine } from './engine-watch.ts'
import { httpsOf, startHttps } from './https-wiring.ts'
import { registerNodeMetrics } from './metrics.ts'
import { claimDataDir, openStores } from './open-stores.ts'
import { readiness } from './readiness.ts'
import { shutdownStack } from './shutdown-stack.ts'
import type { Tilth } from './start.ts'
import type { StartOptions } from './start-options.ts'

/** What the entry point uses of a node. */
export type ApiNode = Pick<
  Tilth,
  | 'port'
  | 'https'
  | 'mqttPort'
  | 'mqttTlsPort'
  | 'isDashboardBuilt'
  | 'api'
  | 'reloadCertificates'
  | 'flush'
  | 'stop'
>

/** Starts it, whether or not an engine is at work. Errors as `startTilth`. */
export async function startApiNode(settings: Settings, options: StartOptions = {}): Promise<ApiNode> {
  const clock = systemClock
  const log = throttledLogger(options.log ?? createLogger(settings.logLevel))
  const { defer, closeAll } = shutdownStack(log)
  const stop = (part: Running) => part.stop()
  if (settings.bus.kind === 'embedded')
    fail('INVALID_CONFIG', 'ROLES=api needs the broker of all nodes in BUS')

  try {
    await claimDataDir({ settings, options, clock, log, defer })
    setCustomPests(readCustomPests(settings.dataDir))
    const adminSocket = defer(await startAdminSocket({ dataDir: settings.dataDir, log }), stop)
    const stores = await openStores({ settings, options, clock, log, defer })
    const { stateStore, series, journal, secrets } = stores
    const { state } = stateStore
    const https = await startHttps({ settings, localName: () => null, clock, log })
    if (https) defer(https, stop)
    const bus = defer(
      await openMqttBus({ ...settings.bus, clientId: busName() }, { log, mayBeAway: true }),
      (part) => part.close(),
    )
    const brokerUsers = settings.busUsers
      ? defer(
          startBrokerUsers({
            state,
            users: rabbitUsers({ ...settings.busUsers, tag: bridgeName(secrets.pepper) }),
            clock,
            log,
          }),
          stop,
        )
      : null
    const onDeviceChanged = async (id: string): Promise<void> => brokerUsers?.deviceChanged(id)
    const forecast = createForecast(settings.forecast, { state, clock, log })
    const engine = defer(await watchEngine({ state, bus, clock, log }), stop)
    const node = { settings, options, stores, bus, clock, timing: standardTiming, log, https, defer }
    const reports = wireReports(node)
    const notifications = await wireNotifications(node)
    const isReady = readiness({
      state,
      series,
      isHeard: () => bus.isConnected(),
      forecast,
      isMailAway: notifications.isMailAway,
      isEngineAtWork: engine.isAtWork,
    })
    const metrics = new Registry()
    registerNodeMetrics(metrics, { isReady, log })
    const { api, isDashboardBuilt } = await wireApi(node, {
      reports,
      notifications,
      profiles: profileReader({ folders: [shippedProfiles, join(settings.dataDir, 'profiles')], clock, log }),
      onDeviceChanged,
      isReady,
      forecast,
      metrics,
      broker: null,
      adminSocket,
    })
    https?.start()
    return {
      port: api.port,
      https: httpsOf(https, api),
      mqttPort: null,
      mqttTlsPort: null,
      isDashboardBuilt,
      api,
      reloadCertificates: () => https?.reload(),
      flush: () => journal.close(),
      stop: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
