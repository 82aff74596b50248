/** HTTPS=...: where the certificate of the dashboard comes from. */
import type { Api } from '../api/api.ts'
import { isPrivateDomain, machineNames } from '../https/machine-names.ts'
import { openAcmeCertificate } from '../https/acme-certificate.ts'
import { openFileCertificate } from '../https/file-certificate.ts'
import { openOwnCertificate } from '../https/own-certificate.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock, Logger, Running } from '../ports.ts'
import type { HttpsCertificates } from '../ports/https-certificates.ts'
import { networkHost } from '../runtime/network-host.ts'

export interface Https extends Running {
  port: number
  certificates: HttpsCertificates
  /** an own authority was made by this start: no phone trusts it yet */
  isNew: boolean
  /** The plain port listens: a public authority can ask there. */
  start(): void
  /** Reads files of the operator again. */
  reload(): void
}

/** Null: plain HTTP, or a proxy. INVALID_CONFIG with one line. */
export async function startHttps(of: {
  settings: Settings
  /** the name by multicast DNS; null: not known yet */
  localName: () => string | null
  clock: Clock
  log: Logger
}): Promise<Https | null> {
  const { settings, localName, clock, log } = of
  const { https, dataDir, publicUrl } = settings
  if (https === null) return null
  if (https.kind === 'files') {
    const files = openFileCertificate(https, { clock, log })
    const certificates = { ...files, kind: 'files', authority: null, names: () => noNames } as const
    return {
      port: https.port,
      certificates,
      isNew: false,
      start() {},
      reload: files.reload,
      stop: files.stop,
    }
  }
  const publicName = publicUrl === null ? null : new URL(publicUrl).hostname
  const isAcme = https.kind === 'acme'
  if (publicName !== null && !isAcme && !isPrivateDomain(publicName))
    log.warn(
      { name: publicName },
      'HTTPS=own certifies names of the own network only: PUBLIC_URL is not among them',
    )
  const firstName = settings.localName === null ? null : `${settings.localName}.local`
  const names = () =>
    machineNames(
      settings.host,
      [localName() ?? firstName, publicName].filter((name) => name !== null),
    )
  const own = await openOwnCertificate({ dataDir, names, clock, log })
  const base = { port: https.port, isNew: own.isNew, reload() {} }
  if (!isAcme) return { ...base, certificates: { ...own, kind: 'own' }, start() {}, stop: own.stop }
  const acme = openAcmeCertificate({ ...https, dataDir, clock, log })
  return {
    ...base,
    certificates: {
      ...own,
      kind: 'public',
      ofName() {
        const pair = acme.current()
        return pair && { name: https.name, ...pair }
      },
      challengeAnswer: acme.challengeAnswer,
      onChange(run) {
        own.onChange(run)
        acme.onChange(run)
      },
    },
    start: acme.start,
    async stop() {
      await acme.stop()
      await own.stop()
    },
  }
}

const noNames = { domains: [], addresses: [] }

/** Where phones find the way to HTTPS; null without an own authority. */
export function trustUrl({ certificates }: Https, plainPort: number): string | null {
  if (certificates.authority === null) return null
  const { addresses } = certificates.names()
  return `http://${networkHost(addresses) ?? 'localhost'}:${plainPort}/trust`
}

/** HTTPS as it runs. */
export interface RunningHttps {
  port: number
  trustUrl: string | null // with an own authority
  sha256: string | null // fingerprint of this authority
  isNew: boolean // it was made by this start
}

/** Null: plain HTTP only. */
export const httpsOf = (https: Https | null, api: Pick<Api, 'port' | 'https'>): RunningHttps | null =>
  https && api.https
    ? {
        port: api.https.port,
        trustUrl: trustUrl(https, api.port),
        sha256: https.certificates.authority?.fingerprint256 ?? null,
        isNew: https.isNew,
      }
    : null
