/** HTTPS of the fixture: none, or an own authority that no browser trusts. */
import type { FastifyInstance } from 'fastify'
import encodeQR from 'qr'
import type { TrustView } from '../../services/api/schemas.ts'

export interface TrustOptions {
  /** absent: plain HTTP only */
  https?: 'own'
}

// nothing listens there: to the page it is a port that this browser does not trust
const HTTPS_PORT = 9
const VISIT_URL = 'http://192.168.1.5:8080/trust'

/** As services/api/trust and services/api/http/plain-http.ts. Call it before the routes of the dashboard. */
export function serveTrust(app: FastifyInstance, { https }: TrustOptions, policy: string): void {
  app.addHook('onRequest', async ({ url }, reply) => {
    if (https === undefined || !url.startsWith('/trust')) return
    const ofPage = policy.replace("connect-src 'self'", `connect-src 'self' https://*:${HTTPS_PORT}`)
    void reply.header('content-security-policy', ofPage)
  })
  app.get('/api/trust', async (): Promise<TrustView> => {
    if (https === undefined) return { https: null, origin: null, visitUrl: null, authority: null }
    return {
      https,
      origin: `https://127.0.0.1:${HTTPS_PORT}`,
      visitUrl: VISIT_URL,
      authority: {
        name: 'Tilth farm-pc',
        sha256: Array.from({ length: 32 }, (_, i) => (i * 7 + 16).toString(16).toUpperCase()).join(':'),
        endMs: Date.UTC(2036, 6, 6),
      },
    }
  })
  app.get('/api/trust/qr.svg', async (_, reply) =>
    reply.type('image/svg+xml').send(encodeQR(VISIT_URL, 'svg', { border: 2 })),
  )
}
