/** The API: HTTP, events, sign-in, and the dashboard's files, on one port. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { fail } from '../errors.ts'
import type { Running } from '../ports.ts'
import { openAuth, type NewUser } from './auth.ts'
import type { ApiDeps, App, Context } from './context.ts'
import { serveDashboard } from './dashboard.ts'
import { startEvents } from './events.ts'
import { guard, type RouteEntry } from './guard.ts'
import { standardHttpLimits } from './limits.ts'
import { accountRoutes } from './routes/account.ts'
import { auditRoutes } from './routes/audit.ts'
import { claimRoutes } from './routes/claims.ts'
import { coOpRoutes } from './routes/co-op.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { deviceRoutes } from './routes/devices.ts'
import { devicePlaceRoutes } from './routes/device-places.ts'
import { eventRoutes } from './routes/events.ts'
import { farmRoutes } from './routes/farms.ts'
import { fieldPartRoutes } from './routes/field-parts.ts'
import { fieldRoutes } from './routes/fields.ts'
import { noticeRoutes } from './routes/notices.ts'
import { outlookRoutes } from './routes/outlook.ts'
import { fieldWorkRoutes } from './routes/field-work.ts'
import { irrigationRoutes } from './routes/irrigations.ts'
import { harvestRoutes } from './routes/harvests.ts'
import { historyRoutes } from './routes/history.ts'
import { healthRoutes, measure } from './routes/health.ts'
import { membersImportRoutes } from './routes/members-import.ts'
import { modelRoutes } from './routes/models.ts'
import { outputRoutes } from './routes/outputs.ts'
import { paddyRoutes } from './routes/paddies.ts'
import { passwordRoutes } from './routes/passwords.ts'
import { personRoutes } from './routes/person.ts'
import { pestControlRoutes } from './routes/pest-control.ts'
import { pestEconomicsRoutes } from './routes/pest-economics.ts'
import { pestRoutes } from './routes/pests.ts'
import { productRoutes } from './routes/products.ts'
import { recordPhotoRoutes } from './routes/record-photos.ts'
import { recordRoutes } from './routes/records.ts'
import { pumpRoutes } from './routes/pumps.ts'
import { restRoutes } from './routes/rests.ts'
import { drainageRoutes } from './routes/drainage.ts'
import { reportRoutes } from './routes/reports.ts'
import { requestRoutes } from './routes/requests.ts'
import { putRightRoutes } from './routes/put-right.ts'
import { seasonRoutes } from './routes/seasons.ts'
import { sightingRoutes } from './routes/sightings.ts'
import { shapeRoutes } from './routes/shapes.ts'
import { strategyRoutes } from './routes/strategies.ts'
import { taskRoutes } from './routes/tasks.ts'
import { todayRoutes } from './routes/today.ts'
import { zoneRoutes } from './routes/zones.ts'
import { buildServer } from './server.ts'
import { openSetupLink } from './setup-link.ts'

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
  const auth = await openAuth({ state, clock, log, secret: settings.authSecret, publicUrl })
  let port = settings.port
  const setupLink = await openSetupLink({
    state,
    auth,
    baseUrl: () => publicUrl ?? `http://localhost:${port}`,
  })
  const events = await startEvents({ bus, log })
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
      personRoutes,
      auditRoutes,
      coOpRoutes,
      membersImportRoutes,
      todayRoutes,
      fieldRoutes,
      fieldPartRoutes,
      outlookRoutes,
      strategyRoutes,
      modelRoutes,
      requestRoutes,
      restRoutes,
      paddyRoutes,
      taskRoutes,
      outputRoutes,
      pestRoutes,
      pestControlRoutes,
      pestEconomicsRoutes,
      sightingRoutes,
      productRoutes,
      zoneRoutes,
      deviceRoutes,
      devicePlaceRoutes,
      claimRoutes,
      farmRoutes,
      pumpRoutes,
      seasonRoutes,
      putRightRoutes,
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
      noticeRoutes,
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
