/**
 * The HTTP server and the parts common to all responses: headers, limits, the error shape.
 */
import helmet from '@fastify/helmet'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import type { Logger } from '../../ports.ts'
import { badUrlHandler, errorHandler, clientErrorHandler } from './error-handler.ts'
import type { App, ApiSettings } from './context.ts'
import { parseJsonBodies } from './json-body.ts'
import { compressResponses } from './compression.ts'
import { validatorCompiler } from './validation/validator.ts'

const MIB = 1_048_576
const REQUEST_TIMEOUT_MS = 30_000

/** Whether people reach the dashboard over HTTPS, here or at a proxy. */
export const usesHttps = ({ publicUrl, https }: ApiSettings): boolean =>
  (https ?? null) !== null || (publicUrl?.startsWith('https://') ?? false)

const isPublic = ({ publicUrl, https }: ApiSettings): boolean =>
  (publicUrl?.startsWith('https://') ?? false) && !(https?.certificates.authority ?? null)

export async function buildServer(settings: ApiSettings, log: Logger): Promise<App> {
  const isHttps = usesHttps(settings)
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = settings
  const app: App = Fastify({
    bodyLimit: MIB,
    // only a named proxy may set the client address
    trustProxy: settings.trustedProxy ?? false,
    routerOptions: { maxParamLength: 100, ignoreTrailingSlash: true },
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: requestTimeoutMs / 30 },
    frameworkErrors: badUrlHandler(log),
    clientErrorHandler,
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setValidatorCompiler(validatorCompiler)
  // responses are built field by field in the views, and their type is checked against the route's schema
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.setErrorHandler(errorHandler(log))
  // JSON only: a form of another site can send text/plain without a preflight
  parseJsonBodies(app)
  compressResponses(app)

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // no other origin, except the map tiles that the operator configured
        imgSrc: [
          "'self'",
          'data:',
          'blob:',
          ...(settings.mapTiles ? [new URL(settings.mapTiles.url).origin] : []),
        ],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // a farm's server on http://192.168.x.x must stay reachable; with an own authority /trust must stay reachable over plain
    // HTTP, and a phone without the authority must be able to go on past the warning
    strictTransportSecurity: isPublic(settings) ? { maxAge: 31_536_000 } : false,
    crossOriginOpenerPolicy: isHttps ? { policy: 'same-origin' } : false,
    originAgentCluster: isHttps,
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  })
  return app
}
