/** The API over HTTPS: the same routes as on the plain port, with a certificate that may change while it runs. */
import { createServer, type Server } from 'node:https'
import type { Server as PlainServer } from 'node:http'
import type { HttpsCertificates } from '../../ports.ts'
import { clientErrorHandler } from './error-handler.ts'
import type { App } from './context.ts'

const contextOf = (certificates: HttpsCertificates) => ({
  ...certificates.current(),
  minVersion: 'TLSv1.2' as const,
})

/** Not listening yet. Open connections keep the certificate with which they began. */
export function openSecureServer(app: App, certificates: HttpsCertificates): Server {
  const plain = app.server as PlainServer
  const server = createServer(
    {
      ...contextOf(certificates),
      requestTimeout: plain.requestTimeout,
      headersTimeout: plain.headersTimeout,
      keepAliveTimeout: plain.keepAliveTimeout,
    },
    (request, response) => app.routing(request, response),
  )
  server.on('clientError', clientErrorHandler)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  certificates.onChange(() => server.setSecureContext(contextOf(certificates)))
  return server
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
