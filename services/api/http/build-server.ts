/**
 * The HTTP server and the parts common to all responses: headers, limits, the error shape, the documentation.
 */
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
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
// hash of the inline style in the script of the documentation page; it changes with the version
// (test/e2e/policy)
const DOCS_STYLE = 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='

const WORDMARK =
  '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40">' +
  '<text y="30" font-family="sans-serif" font-size="30" font-weight="600" fill="#fff">Tilth</text></svg>'

/** Whether people reach the dashboard over HTTPS, here or at a proxy. */
export const usesHttps = ({ publicUrl, https }: ApiSettings): boolean =>
  (https ?? null) !== null || (publicUrl?.startsWith('https://') ?? false)

const isPublic = ({ publicUrl, https }: ApiSettings): boolean =>
  (publicUrl?.startsWith('https://') ?? false) && !(https?.certificates.authority ?? null)

/** `openApi`: the document that /api/docs shows. */
export async function buildServer(settings: ApiSettings, log: Logger, openApi: () => object): Promise<App> {
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
  await app.register(swagger, {
    openapi: {},
    // the document is built from the table of routes (openapi.ts)
    transform: ({ schema, url }) => ({ url, schema: { ...schema, hide: true } }),
    transformObject: openApi,
  })
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    theme: { title: 'Tilth API' },
    logo: { type: 'image/svg+xml', content: WORDMARK },
    uiConfig: { validatorUrl: null, docExpansion: 'list' }, // no requests to other servers
    transformStaticCSP: (policy) => `${policy};style-src 'self' '${DOCS_STYLE}'`,
  })
  return app
}
