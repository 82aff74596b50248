/** A certificate of the server under test, which the devices trust directly. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** A certificate for this run; the devices trust it directly. */
export function makeCertificate(folder: string): { certPath: string; keyPath: string } {
  const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', keyPath, '-out', certPath],
    ],
    { stdio: 'ignore' },
  )
  return { certPath, keyPath }
}
