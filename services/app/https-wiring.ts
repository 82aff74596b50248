/** HTTPS=...: where the certificate of the dashboard comes from. */
import { isPrivateDomain, machineNames } from '../https/machine-names.ts'
import { openFileCertificate } from '../https/file-certificate.ts'
import { openOwnCertificate } from '../https/own-certificate.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock, HttpsCertificates, Logger, Running } from '../ports.ts'
import { networkHost } from '../runtime/network-host.ts'

export interface Https extends Running {
  port: number
  certificates: HttpsCertificates
  /** an own authority was made by this start: no phone trusts it yet */
  isNew: boolean
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
    return { port: https.port, certificates, isNew: false, reload: files.reload, stop: files.stop }
  }
  const publicName = publicUrl === null ? null : new URL(publicUrl).hostname
  if (publicName !== null && !isPrivateDomain(publicName))
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
  return {
    port: https.port,
    certificates: { ...own, kind: 'own' },
    isNew: own.isNew,
    reload: () => {},
    stop: own.stop,
  }
}

const noNames = { domains: [], addresses: [] }

/** Where phones find the way to HTTPS; null without an own authority. */
export function trustUrl({ certificates }: Https, plainPort: number): string | null {
  if (certificates.authority === null) return null
  const { addresses } = certificates.names()
  return `http://${networkHost(addresses) ?? 'localhost'}:${plainPort}/trust`
}
