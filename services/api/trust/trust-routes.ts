/** What /trust needs to lead a phone to HTTPS: the authority in the forms that phones install, and a check. No sign-in. */
import type { X509Certificate } from 'node:crypto'
import { isLoopback } from '../../../broker/contract/rate/address-key.ts'
import { fail } from '../../errors.ts'
import type { App, Context } from '../http/context.ts'
import { httpsOrigin } from '../http/plain-http.ts'
import { responses } from '../http/responses.ts'
import { networkHost } from '../../runtime/network-host.ts'
import { mobileConfig } from './mobile-config.ts'
import { TrustView } from './trust-schemas.ts'

declare module '../http/context.ts' {
  interface Context {
    /** the ports that listen; `https` null: plain HTTP only */
    ports(): { plain: number; https: number | null }
  }
}

export function trustRoutes(app: App, context: Context): void {
  const { settings } = context
  const certificates = settings.https?.certificates ?? null
  const config = { needs: 'public' } as const

  /** The host that a request names, if the certificate contains it; else the first address of this machine in it. */
  function coveredHost(hostname: string): string {
    const { domains, addresses } = certificates!.names()
    const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
    if (certificates!.authority === null || domains.includes(host) || addresses.includes(host))
      return hostname
    return networkHost(addresses) ?? hostname
  }

  /** The page of /trust for a device of the network: under the host of this request unless that is this machine only. */
  function visitUrl(host: string): string {
    const isLocal = host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''))
    const visited = (isLocal && networkHost(certificates!.names().addresses)) || host
    return `http://${visited}:${context.ports().plain}/trust`
  }

  app.get(
    '/api/trust',
    { config, schema: { summary: 'Get the way to HTTPS', response: responses(TrustView) } },
    async (request): Promise<TrustView> => {
      const { https } = context.ports()
      if (certificates === null || https === null)
        return { https: null, origin: null, visitUrl: null, authority: null }
      const host = coveredHost(request.hostname)
      const { authority, kind } = certificates
      return {
        https: kind,
        origin: httpsOrigin(host, settings.publicUrl ?? null, https),
        visitUrl: authority && visitUrl(host),
        authority: authority && {
          name: nameOf(authority),
          sha256: authority.fingerprint256,
          endMs: Date.parse(authority.validTo),
        },
      }
    },
  )

  // asked over HTTPS by the page on the plain port, which is another origin
  app.get(
    '/api/trust/check',
    {
      config,
      schema: {
        summary: 'Check that this browser trusts the certificate',
        description: 'A response over HTTPS is the proof.',
        produces: ['text/plain'],
      },
    },
    async (request, reply) =>
      reply.header('access-control-allow-origin', '*').type('text/plain').send(request.protocol),
  )

  app.get(
    '/api/trust/authority.crt',
    { config, schema: { summary: 'Download the authority, DER', produces: ['application/x-x509-ca-cert'] } },
    async (_, reply) =>
      reply
        .type('application/x-x509-ca-cert')
        .header('content-disposition', 'attachment; filename="tilth-authority.crt"')
        .send(authorityOf().raw),
  )
  app.get(
    '/api/trust/authority.pem',
    { config, schema: { summary: 'Download the authority, PEM', produces: ['application/x-pem-file'] } },
    async (_, reply) =>
      reply
        .type('application/x-pem-file')
        .header('content-disposition', 'attachment; filename="tilth-authority.pem"')
        .send(authorityOf().toString()),
  )
  app.get(
    '/api/trust/tilth.mobileconfig',
    {
      config,
      schema: {
        summary: 'Download the authority as an iOS profile',
        produces: ['application/x-apple-aspen-config'],
      },
    },
    async (_, reply) =>
      reply
        .type('application/x-apple-aspen-config')
        .header('content-disposition', 'attachment; filename="tilth.mobileconfig"')
        .send(mobileConfig(authorityOf(), nameOf(authorityOf()))),
  )
  app.get(
    '/api/trust/qr.svg',
    { config, schema: { summary: 'Get the address of /trust as a QR code', produces: ['image/svg+xml'] } },
    async (request, reply) => {
      authorityOf()
      const { default: encodeQR } = await import('qr')
      const url = visitUrl(coveredHost(request.hostname))
      return reply.type('image/svg+xml').send(encodeQR(url, 'svg', { border: 2 }))
    },
  )

  function authorityOf(): X509Certificate {
    return certificates?.authority ?? fail('NOT_FOUND', 'this Tilth has no authority of its own (HTTPS=own)')
  }
}

/** The name of an authority in the list of a phone. */
const nameOf = ({ subject }: X509Certificate): string => /^CN=(.+)$/m.exec(subject)?.[1] ?? 'Tilth'
