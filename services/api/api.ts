/** The API: HTTP, events, sign-in, and the dashboard's files, on one port. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { fail } from '../errors.ts'
import type { Running } from '../ports.ts'
import { createAuth, type NewUser } from './auth/auth.ts'
import type { ApiDeps, App, Context } from './http/context.ts'
import { serveDashboard } from './http/static-files.ts'
import { startEventHub } from './http/event-stream.ts'
import { guard, type RouteEntry } from './http/access-control.ts'
import { standardHttpLimits } from './http/limits.ts'
import { accountRoutes } from './auth/account-routes.ts'
import { auditRoutes } from './audit/audit-routes.ts'
import { claimRoutes } from './devices/claim-routes.ts'
import { coOpRoutes } from './co-op/co-op-routes.ts'
import { deadLetterRoutes } from './devices/dead-letter-routes.ts'
import { deviceRoutes } from './devices/device-routes.ts'
import { devicePlaceRoutes } from './devices/device-place-routes.ts'
import { eventRoutes } from './http/event-routes.ts'
import { farmRoutes } from './farms/farm-routes.ts'
import { fieldSplitRoutes } from './farms/field-split-routes.ts'
import { fieldRoutes } from './screens/field-routes.ts'
import { notificationRoutes } from './notifications/notification-routes.ts'
import { forecastSkillRoutes } from './models/forecast-skill-routes.ts'
import { fieldWorkRoutes } from './records/field-work-routes.ts'
import { irrigationRoutes } from './irrigation/irrigation-routes.ts'
import { harvestRoutes } from './records/harvest-routes.ts'
import { historyRoutes } from './screens/history-routes.ts'
import { healthRoutes, measure } from './http/health-routes.ts'
import { memberImportRoutes } from './co-op/member-import-routes.ts'
import { modelRoutes } from './models/model-routes.ts'
import { outputRoutes } from './devices/output-routes.ts'
import { paddyRoutes } from './paddies/paddy-routes.ts'
import { passwordRoutes } from './auth/password-routes.ts'
import { profileRoutes } from './auth/profile-routes.ts'
import { treatmentRoutes } from './pests/treatment-routes.ts'
import { pestEconomicsRoutes } from './pests/pest-economics-routes.ts'
import { pestRoutes } from './pests/pest-routes.ts'
import { productRoutes } from './pests/product-routes.ts'
import { recordPhotoRoutes } from './photos/photo-routes.ts'
import { recordRoutes } from './records/record-routes.ts'
import { pumpRoutes } from './farms/pump-routes.ts'
import { unfinishedRunRoutes } from './irrigation/unfinished-run-routes.ts'
import { drainageRoutes } from './reports/drainage-routes.ts'
import { reportRoutes } from './reports/report-routes.ts'
import { requestRoutes } from './irrigation/request-routes.ts'
import { correctionRoutes } from './farms/correction-routes.ts'
import { seasonRoutes } from './farms/season-routes.ts'
import { scoutingRoutes } from './pests/scouting-routes.ts'
import { shapeRoutes } from './farms/shape-routes.ts'
import { strategyRoutes } from './irrigation/strategy-routes.ts'
import { taskRoutes } from './paddies/task-routes.ts'
import { todayRoutes } from './screens/today-routes.ts'
import { zoneRoutes } from './farms/zone-routes.ts'
import { buildServer } from './http/build-server.ts'
import { createSetupLink } from './auth/setup-link.ts'

// what is being answered gets this long when the server stops
const GRACE_MS = 2_000

export interface Api extends Running {
  port: number
  server: Server
  /** The first run's one-time link; null once somebody can sign in. */
  setupLink(): string | null
  createUser(user: NewUser): Promise<string>
  routes: readonly RouteEntry[]
  inject: App['inject']
}

/** PORT_IN_USE when the port is taken. */
export async function startApi(deps: ApiDeps): Promise<Api> {
  const { state, bus, clock, log, settings } = deps
  const publicUrl = settings.publicUrl?.replace(/\/$/, '') ?? null
  const auth = await createAuth({
    state,
    clock,
    log,
    secret: settings.authSecret,
    publicUrl,
    hasher: deps.hasher,
  })
  let port = settings.port
  const setupLink = await createSetupLink({
    state,
    auth,
    baseUrl: () => publicUrl ?? `http://localhost:${port}`,
  })
  const events = await startEventHub({ bus, log })
  const context: Context = { ...deps, auth, setupLink, events }

  const app = await buildServer(settings, log)
  measure(app, context)
  let routes: RouteEntry[] = []
  // a scope of its own: the door stands before these routes, not before the dashboard's files
  await app.register(async (scope) => {
    const api = scope as App
    routes = guard(api, { auth, events, publicUrl, limits: settings.limits ?? standardHttpLimits })
    for (const add of [
      healthRoutes,
      accountRoutes,
      passwordRoutes,
      profileRoutes,
      auditRoutes,
      coOpRoutes,
      memberImportRoutes,
      todayRoutes,
      fieldRoutes,
      fieldSplitRoutes,
      forecastSkillRoutes,
      strategyRoutes,
      modelRoutes,
      requestRoutes,
      unfinishedRunRoutes,
      paddyRoutes,
      taskRoutes,
      outputRoutes,
      pestRoutes,
      treatmentRoutes,
      pestEconomicsRoutes,
      scoutingRoutes,
      productRoutes,
      zoneRoutes,
      deviceRoutes,
      devicePlaceRoutes,
      claimRoutes,
      farmRoutes,
      pumpRoutes,
      seasonRoutes,
      correctionRoutes,
      shapeRoutes,
      recordRoutes,
      reportRoutes,
      drainageRoutes,
      harvestRoutes,
      fieldWorkRoutes,
      irrigationRoutes,
      recordPhotoRoutes,
      historyRoutes,
      deadLetterRoutes,
      notificationRoutes,
      eventRoutes,
    ])
      add(api, context)
  })
  await serveDashboard(app, settings.dashboardDir)

  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  try {
    await app.listen({ port, host: settings.host })
  } catch (cause) {
    events.stop()
    await app.close()
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE')
      fail('PORT_IN_USE', `HTTP port ${port} is taken; set PORT to another`, { cause })
    throw cause
  }
  const address = app.server.address()
  if (address !== null && typeof address === 'object') port = address.port
  const link = setupLink.current()
  // the link itself is a secret until it is used: whoever starts Tilth is shown it, the log is not
  if (link !== null)
    log.info(
      {},
      'nobody can sign in yet: the link to set up the first administrator was printed at the start',
    )

  return {
    port,
    server: app.server,
    setupLink: () => setupLink.current(),
    routes,
    inject: app.inject.bind(app) as App['inject'],
    async createUser(user) {
      const id = await auth.createUser(user)
      await setupLink.end()
      return id
    },
    async stop() {
      events.stop()
      // sockets that were upgraded (MQTT over WebSocket) do not end by themselves
      const timer = setTimeout(() => sockets.forEach((socket) => socket.destroy()), GRACE_MS)
      await app.close()
      clearTimeout(timer)
    },
  }
}
