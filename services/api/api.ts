/** The API: HTTP, events, sign-in, and the dashboard's files, on one port. */
import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { fail } from '../errors.ts'
import type { Running } from '../ports.ts'
import { serveDocumentation } from './documentation.ts'
import { refuseEngineRoutes } from './engine-only.ts'
import { createAuth, type NewUser } from './auth/auth.ts'
import type { FieldSummary } from '../domain/field-summary.ts'
import { heartbeatMsOf, type ApiDeps, type App, type Context } from './http/context.ts'
import { serveDashboard } from './http/static-files.ts'
import { startEventHub } from './http/event-stream.ts'
import { guard, type RouteEntry } from './http/access-control.ts'
import { standardHttpLimits } from './http/limits.ts'
import { measure } from './http/health-routes.ts'
import { challengeRoute } from './trust/challenge-route.ts'
import { pushRoutes } from './push/push-routes.ts'
import { registerRoutes } from './register-routes.ts'
import { buildServer, usesHttps } from './http/build-server.ts'
import { leadToHttps } from './http/plain-http.ts'
import { listen, openSecureServer } from './http/secure-server.ts'
import { createSetupLink } from './auth/setup-link.ts'
import type { RequestResult } from './irrigation/command-schemas.ts'
import { startOutcomes } from './irrigation/outcomes.ts'
import { submitRequest, type NewRequest } from './irrigation/requests.ts'
import { readFieldSummaries } from './screens/field-summaries.ts'

// time for open requests to finish on shutdown
const GRACE_MS = 2_000

export interface Api extends Running {
  port: number
  server: Server
  /** null: plain HTTP only */
  https: { port: number; server: SecureServer } | null
  /** The one-time setup link; null once a user exists. */
  setupLink(): string | null
  createUser(user: NewUser): Promise<string>
  /** The fields of an organisation, as its screens show them, for another system. */
  fieldSummaries(org: string): Promise<FieldSummary[]>
  /** Requests to start or stop a zone for another system, under the same interlocks as those of a person. */
  submitFor(actor: { org: string; name: string }, request: NewRequest): Promise<RequestResult>
  routes: readonly RouteEntry[]
  inject: App['inject']
}

/** Rejects with PORT_IN_USE when the port is taken. */
export async function startApi(deps: ApiDeps): Promise<Api> {
  const { state, bus, clock, log, settings } = deps
  const publicUrl = settings.publicUrl?.replace(/\/$/, '') ?? null
  const isHttps = usesHttps(settings)
  const auth = await createAuth({
    state,
    clock,
    log,
    secret: settings.authSecret,
    publicUrl,
    isHttps,
    hasher: deps.hasher,
  })
  let port = settings.port
  let httpsPort = settings.https?.port ?? 0
  const setupLink = await createSetupLink({
    state,
    auth,
    // one for all nodes: the engine prints it
    isOffered: settings.isPagesOnly !== true,
    baseUrl: () =>
      publicUrl ?? (settings.https ? `https://localhost:${httpsPort}` : `http://localhost:${port}`),
  })
  const events = await startEventHub({ bus, log })
  const outcomes = await startOutcomes(bus)
  const context: Context = {
    ...deps,
    auth,
    setupLink,
    events,
    outcomes,
    ports: () => ({ plain: port, https: settings.https ? httpsPort : null }),
  }

  let routes: RouteEntry[] = []
  const app = await buildServer(settings, log)
  await serveDocumentation(app)
  measure(app, context)
  if (settings.https) leadToHttps(app, { https: settings.https, publicUrl, httpsPort: () => httpsPort })
  // a scope of its own: access control applies to these routes, not to the dashboard's files
  await app.register(async (scope) => {
    const api = scope as App
    if (settings.isPagesOnly === true) refuseEngineRoutes(api)
    routes = guard(api, { auth, events, publicUrl, isHttps, limits: settings.limits ?? standardHttpLimits })
    registerRoutes(api, context)
  })
  await app.register(async (scope) => pushRoutes(scope as App, context))
  await app.register(async (scope) => challengeRoute(scope as App, context))
  await serveDashboard(app, settings.dashboardDir)

  const sockets = new Set<Socket>()
  const secure = settings.https ? openSecureServer(app, settings.https.certificates) : null
  for (const server of [app.server, secure])
    server?.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
  let name = 'PORT'
  try {
    await app.listen({ port, host: settings.host })
    name = 'HTTPS_PORT'
    if (secure) await listen(secure, httpsPort, settings.host)
  } catch (cause) {
    events.stop()
    await app.close()
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE')
      fail(
        'PORT_IN_USE',
        `${name === 'PORT' ? `HTTP port ${port}` : `HTTPS port ${httpsPort}`} is taken; set ${name} to another`,
        { cause },
      )
    throw cause
  }
  port = (app.server.address() as AddressInfo).port
  if (secure) httpsPort = (secure.address() as AddressInfo).port
  const link = setupLink.current()
  // the link is a secret until it is used: it is printed to the terminal, never logged
  if (link !== null) log.info({}, 'no user exists yet: the setup link was printed at start')

  return {
    port,
    server: app.server,
    https: secure && { port: httpsPort, server: secure },
    setupLink: () => setupLink.current(),
    routes,
    inject: app.inject.bind(app) as App['inject'],
    fieldSummaries: (org) =>
      readFieldSummaries(context, org, { nowMs: clock.now(), heartbeatMs: heartbeatMsOf(settings) }),
    submitFor: ({ org, name }, request) =>
      submitRequest(context, { userId: name, name, email: '', org, orgName: '', role: 'operator' }, request),
    async createUser(user) {
      const id = await auth.createUser(user)
      await setupLink.end()
      return id
    },
    async stop() {
      events.stop()
      // upgraded sockets (MQTT over WebSocket) do not end by themselves
      const timer = setTimeout(() => sockets.forEach((socket) => socket.destroy()), GRACE_MS)
      secure?.closeIdleConnections()
      await Promise.all([app.close(), secure && new Promise((done) => secure.close(done))])
      clearTimeout(timer)
    },
  }
}
