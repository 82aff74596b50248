/** The API over HTTPS: the same routes as on the plain port, with a certificate that may change while it runs. */
import { createServer, type Server } from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Server as PlainServer } from 'node:http'
import type { HttpsCertificates } from '../../ports/https-certificates.ts'
import { clientErrorHandler } from './error-handler.ts'
import type { App } from './context.ts'

const contextOf = (certificates: HttpsCertificates) => ({
  ...certificates.current(),
  minVersion: 'TLSv1.2' as const,
})

/** Not listening yet. Open connections keep the certificate with which they began. */
export function openSecureServer(app: App, certificates: HttpsCertificates): Server {
  const plain = app.server as PlainServer
  let named = namedContext(certificates)
  const server = createServer(
    {
      ...contextOf(certificates),
      // of no other name: the certificate above
      SNICallback: (name, done) => done(null, named?.name === name ? named.context : undefined),
      requestTimeout: plain.requestTimeout,
      headersTimeout: plain.headersTimeout,
      keepAliveTimeout: plain.keepAliveTimeout,
    },
    (request, response) => app.routing(request, response),
  )
  server.on('clientError', clientErrorHandler)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  certificates.onChange(() => {
    server.setSecureContext(contextOf(certificates))
    named = namedContext(certificates)
  })
  return server
}

/** The certificate of the public name, where there is one. */
function namedContext(certificates: HttpsCertificates): { name: string; context: SecureContext } | null {
  const certificate = certificates.ofName?.() ?? null
  if (certificate === null) return null
  const { name, cert, key } = certificate
  return { name, context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }) }
}

/** Rejects with the error of the system. */
export const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
