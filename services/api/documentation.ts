/**
 * The documentation of the API: /api/docs/json is the OpenAPI document, /api/docs a page that shows it. The document is a
 * file that `npm run schemas` writes (openapi.ts), because building it in the server would hold the event loop.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './http/context.ts'

const PREFIX = '/api/docs'
// `npm run build` copies it to the same place under dist
const DOCUMENT = join(import.meta.dirname, '../../docs/api/openapi.json')
// hash of the inline style in the script of the page; it changes with the version (test/e2e/policy)
const STYLE = 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='

const WORDMARK =
  '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40">' +
  '<text y="30" font-family="sans-serif" font-size="30" font-weight="600" fill="#fff">Tilth</text></svg>'

/** Serves both to everybody, without a sign-in. */
export async function serveDocumentation(app: App): Promise<void> {
  // the page's plugin requires this one; the empty document is never sent
  const document = { openapi: '3.1.0', info: { title: 'Tilth', version: '1' }, paths: {} }
  await app.register(swagger, { mode: 'static', specification: { document } })
  await app.register(swaggerUi, {
    routePrefix: PREFIX,
    theme: { title: 'Tilth API' },
    logo: { type: 'image/svg+xml', content: WORDMARK },
    uiConfig: { validatorUrl: null, docExpansion: 'list' }, // no requests to other servers
    transformStaticCSP: (policy) => `${policy};style-src 'self' '${STYLE}'`,
    uiHooks: { onRequest: sendDocument },
  })
}

/** Answers the addresses of the document itself, before the plugin does. */
async function sendDocument(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { url } = request.routeOptions
  if (url === `${PREFIX}/json`)
    return reply.type('application/json; charset=utf-8').send(await readFile(DOCUMENT, 'utf8'))
  if (url === `${PREFIX}/yaml`)
    return reply.code(404).send({ error: 'NOT_FOUND', message: `the document is at ${PREFIX}/json` })
}
