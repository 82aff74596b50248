/**
 * The composition root: settings become adapters, adapters become modules. The only file that knows all modules. A
 * simulation passes its replacements (clock, intervals) as options.
 */
import { Registry } from 'prom-client'
import { scaleTiming, standardTiming } from '../../broker/contract/command-lifecycle/timing.ts'
import { systemClock, type Clock } from '../../broker/contract/time.ts'
import type { BrokerJournal } from '../../broker/journal/journal.ts'
import type { Broker } from '../../broker/server.ts'
import { announceLocalName, type LocalName } from '../adapters/mdns/local-name.ts'
import type { MqttBus } from '../adapters/bus/mqtt-bus.ts'
import { createForecast } from '../adapters/forecast/open.ts'
import { setCustomPests } from '../agronomy/pests/catalogue.ts'
import { startAlerts, type Alerts } from '../alerts/start-alerts.ts'
import { claimDataDir, openStores } from './open-stores.ts'
import { startDevicePaths } from './device-paths.ts'
import type { Api } from '../api/api.ts'
import { gatewayCommands } from '../api/admin-socket/gateway-requests.ts'
import { startAdminSocket } from '../api/admin-socket/socket.ts'
import type { Connections } from '../connections/start-connections.ts'
import type { Settings } from '../config/settings.ts'
import { registerIncidents } from '../dispatch/protocol-monitor/incident-metric.ts'
import { readVersion } from '../config/version.ts'
import { createLogger, throttledLogger } from '../runtime/logger.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { cronTicker, startJobs, type JobRunner } from '../runtime/job-runner.ts'
import { wireHomeAssistant } from './home-assistant-wiring.ts'
import { nightlyBackups } from '../backup/nightly-backup.ts'
import { maintenanceJob } from './maintenance-job.ts'
import { registerMetrics } from './metrics.ts'
import { startPlanning } from './planning-wiring.ts'
import { shutdownStack } from './shutdown-stack.ts'
import { readCustomPests } from '../config/custom-pests.ts'
import type { Running, SeriesStore, State } from '../ports.ts'
import { readiness } from './readiness.ts'
import type { StartOptions } from './start-options.ts'
import { credentialsOf, wireApi, wireNotifications, wireReports } from './api-wiring.ts'
import { httpsOf, startHttps, type RunningHttps } from './https-wiring.ts'

export interface Tilth {
  port: number // HTTP
  https: RunningHttps | null
  mqttPort: number | null // null: devices connect to the broker of BUS
  mqttTlsPort: number | null
  isDashboardBuilt: boolean | null // null: other nodes serve it
  clock: Clock
  state: State
  series: SeriesStore
  broker: Broker | null
  journal: BrokerJournal
  bus: MqttBus
  ingest: Ingest
  alerts: Pick<Alerts, 'checkSoon'>
  connections: Connections
  api: Api
  jobs: JobRunner
  credentials: { hashSecret(secret: string): string; newSecret(): string }
  /** Resolves when every published message has been received, stored and processed. */
  settled(): Promise<void>
  /** Reads the certificates of the operator again. */
  reloadCertificates(): void
  /** Writes the journal to disk at once and accepts no more messages: for a crash. */
  flush(): void
  stop(): Promise<void>
}

/** Starts every part in dependency order. Errors carry a code and one line that explains what to change. */
export async function startTilth(settings: Settings, options: StartOptions = {}): Promise<Tilth> {
  const clock = options.clock ?? systemClock
  const speed = options.speed ?? 1
  const timing = options.timing ?? scaleTiming(standardTiming, speed)
  const log = throttledLogger(options.log ?? createLogger(settings.logLevel))
  const { defer, closeAll } = shutdownStack(log)
  const stop = (part: Running) => part.stop()

  try {
    await claimDataDir({ settings, options, clock, log, defer })
    setCustomPests(readCustomPests(settings.dataDir))
    const adminSocket = defer(await startAdminSocket({ dataDir: settings.dataDir, log }), stop)
    const stores = await openStores({ settings, options, clock, log, defer })
    const { stateStore, series, journal, disk, stateDisk } = stores
    // people, valves and background calculations each have their own connection
    const { state, handle } = stateStore
    const credentials = credentialsOf(stores)

    let localName: LocalName | null = null
    // certificates end by the wall clock, also where the farm's clock runs faster
    const https = await startHttps({
      settings,
      localName: () => localName?.current() ?? null,
      clock: systemClock,
      log,
    })
    if (https) defer(https, stop)
    const { broker, bridge, brokerUsers, bus, ingest, connections, pushes, profiles, onDeviceChanged } =
      await startDevicePaths({
        settings,
        stores,
        hashSecret: credentials.hashSecret,
        clock,
        isSimulated: options.clock !== undefined,
        log,
        defer,
      })
    const forecast = createForecast(settings.forecast, {
      state,
      clock,
      log,
      ...(options.forecastSource === undefined ? {} : { source: options.forecastSource }),
    })

    const backups =
      settings.backups === null
        ? null
        : defer(nightlyBackups(settings.backups, { settings, version: readVersion(), clock, log }), stop)
    const alerts = defer(
      await startAlerts({
        state,
        series,
        bus,
        journal,
        clock,
        log,
        forecast,
        heartbeatMs: timing.heartbeatIdleMs,
        capacity: () => (stateDisk?.isFull() === true ? { level: 'full', fill: 1 } : journal.capacity()),
        backupAgeS: backups?.ageS,
        acceptedLosses: stores.acceptedLosses,
        integrations: connections.list,
        isBrokerReachable: () => bridge?.isConnected() !== false,
        droppedCount: () =>
          log.droppedLines() +
          (broker?.counters().diagnosticsDropped ?? 0) +
          (bridge?.counters().dropped ?? 0),
        onCapacity: ({ level }) => log.setThrottled(level === 'degraded' || level === 'full'),
      }),
      stop,
    )
    for (const diskSpace of [disk, stateDisk]) diskSpace?.onChange(alerts.checkSoon)
    const planning = settings.isPlanning
      ? await startPlanning(
          {
            handle,
            series,
            forecast,
            bus,
            journal,
            clock,
            log,
            timing,
            connections,
            profiles,
            searchS: options.searchS,
          },
          { defer },
        )
      : null
    const node = { settings, options, stores, bus, clock, timing, log, https, defer }
    const reports = wireReports(node)
    const work = [
      ...(backups === null ? [] : [backups.job]),
      ...(planning?.jobs ?? []),
      maintenanceJob({ series, state, journal, reports }),
      ...(planning?.learn.jobs ?? []), // last: it takes longest
    ]
    const jobs = defer(
      startJobs({
        jobs: options.adaptJob ? work.map(options.adaptJob) : work,
        state,
        clock,
        log,
        ticker: options.ticker ?? cronTicker(speed),
      }),
      stop,
    )
    if (planning) defer(planning.learn, stop) // before the jobs, which would otherwise wait for the end of a night
    const notifications = await wireNotifications(node)
    const isReady = readiness({
      state,
      series,
      isHeard: () => bus.isConnected() && bridge?.isConnected() !== false,
      forecast,
      isMailAway: notifications.isMailAway,
    })
    const metrics = new Registry()
    if (planning) registerIncidents(metrics, () => planning.incidents())
    registerMetrics(metrics, {
      isReady,
      broker,
      bridge,
      brokerUsers,
      ingest,
      connections,
      journal,
      log,
      backups,
      schedules: planning?.schedules,
    })
    const { api, isDashboardBuilt } = await wireApi(node, {
      reports,
      notifications,
      connections,
      pushes,
      profiles,
      foreignValves: planning?.foreignValves ?? null,
      onDeviceChanged,
      isReady,
      forecast,
      metrics,
      broker,
      adminSocket,
      adminCommands: gatewayCommands({ state, clock, bus, log, credentials, onDeviceChanged, connections }),
    })
    defer(await wireHomeAssistant({ state: handle(), bus, clock, log, api, settings }), stop)
    for (const server of [api.server, api.https?.server])
      if (server !== undefined)
        broker?.attachWebSocket(server, {
          fromAnywhere: settings.webSocketFrom === 'network',
          trustedProxy: settings.trustedProxy,
          ownOrigins: settings.publicUrl === null ? [] : [settings.publicUrl],
        })

    https?.start()
    if (options.announcesName === true && settings.localName !== null)
      localName = defer(
        announceLocalName({
          name: settings.localName,
          service: api.https ? { type: 'https', port: api.https.port } : { type: 'http', port: api.port },
          log,
        }),
        stop,
      )

    return {
      port: api.port,
      https: httpsOf(https, api),
      reloadCertificates() {
        broker?.reloadCertificates()
        https?.reload()
      },
      isDashboardBuilt,
      mqttPort: broker?.port ?? null,
      mqttTlsPort: broker?.tlsPort ?? null,
      clock,
      state,
      series,
      broker,
      journal,
      bus,
      ingest,
      alerts,
      connections,
      api,
      jobs,
      credentials,
      async settled() {
        await bus.settled()
        await ingest.settled()
        await alerts.settled()
        await planning?.settled()
        await planning?.learn.settled()
        await notifications.settled()
      },
      flush: () => journal.close(),
      stop: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
