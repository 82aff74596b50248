/** The port of the certificates of the dashboard. */
import type { X509Certificate } from 'node:crypto'

/** With what the dashboard is served over HTTPS. */
export interface HttpsCertificates {
  /** who vouches for it: the farm's own authority, files of the operator, or a public authority for one name */
  kind: 'own' | 'files' | 'public'
  /** the certificate of the server, PEM */
  current(): { cert: string; key: string }
  /** `run` is called after each change of it. */
  onChange(run: () => void): void
  /** of one's own, which phones must install; null: browsers know it */
  authority: X509Certificate | null
  /** the names and addresses that the own certificate contains; none of files */
  names(): { domains: string[]; addresses: string[] }
  /** `public`: the certificate of the public name; null: none yet, and the own one serves for it */
  ofName?(): { name: string; cert: string; key: string } | null
  /** `public`: the response to a challenge of the authority (RFC 8555, 8.3); null for an unknown token */
  challengeAnswer?(token: string): string | null
}
