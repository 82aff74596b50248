/**
 * The plain port while HTTPS is on. Devices, health checks and the way to HTTPS stay; people are led to HTTPS, and no
 * session exists here, since anyone on the network could read its cookie. With an own authority a page leads to /trust, not
 * to HTTPS at once: a browser that does not know the authority yet would show a warning instead of the way to install it.
 */
import { fail } from '../../errors.ts'
import type { App, HttpsSettings } from './context.ts'
import { isPage } from './static-files.ts'

/** Of devices and monitors, which have no session, and of /trust. */
const OPEN =
  /^\/(\.well-known\/acme-challenge\/|api\/(trust|claim|push)\b|weatherstation\/|(healthz|readyz|metrics)$)/

/** Call it before the routes are registered. `httpsPort`: known once it listens. */
export function leadToHttps(
  app: App,
  of: { https: HttpsSettings; publicUrl: string | null; httpsPort: () => number },
): void {
  app.addHook('onRequest', async (request, reply) => {
    // a trusted proxy states how its client connected
    const { certificates } = of.https
    const isPublic = request.hostname === certificates.ofName?.()?.name
    if (request.protocol === 'https') {
      // only the public name: under any other the way past the warning must stay
      if (isPublic) void reply.header('strict-transport-security', 'max-age=31536000')
      return
    }
    // browsers ignore both over plain HTTP, with a complaint
    void reply.removeHeader('cross-origin-opener-policy').removeHeader('origin-agent-cluster')
    const path = request.url.split('?', 1)[0]!
    if (OPEN.test(path)) return
    const origin = httpsOrigin(request.hostname, of.publicUrl, of.httpsPort())
    if (path === '/trust') {
      // the page asks the HTTPS port whether this browser trusts it
      const policy = String(reply.getHeader('content-security-policy'))
      void reply.header('content-security-policy', `${policy};connect-src 'self' https://*:${of.httpsPort()}`)
      return
    }
    if (isPage(request)) {
      const isKnown = isPublic || certificates.authority === null
      const to = isKnown ? `${origin}${request.url}` : trustPath(request.url)
      return reply.header('cache-control', 'no-store').redirect(to, 307)
    }
    if (path.startsWith('/api/') || path.startsWith('/ngsi-ld/'))
      fail('FORBIDDEN', `use HTTPS: ${origin}${path}`)
  })
}

/** The address of the dashboard over HTTPS, for the host that a request names. */
export const httpsOrigin = (host: string, publicUrl: string | null, port: number): string =>
  publicUrl !== null && new URL(publicUrl).hostname === host ? publicUrl : `https://${host}:${port}`

const trustPath = (url: string): string => (url === '/' ? '/trust' : `/trust?to=${encodeURIComponent(url)}`)
