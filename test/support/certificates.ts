/** A test's own certificate authority and its certificates, created with openssl in a folder that the test removes. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** PEM files. */
export interface Certificate {
  cert: string
  key: string
}

export interface Authority {
  /** its own certificate, PEM file */
  ca: string
  /** For a server at 127.0.0.1 and localhost, or, by its common name, for a device. `file` names the files. */
  issue(commonName: string, file?: string): Certificate
}

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export function makeAuthority(folder: string, name = 'our farm'): Authority {
  const pathOf = (file: string) => join(folder, file)
  const fileName = name.replace(/\W/g, '-')
  const [ca, caKey] = [pathOf(`${fileName}-ca.pem`), pathOf(`${fileName}-ca-key.pem`)]
  openssl('req', '-x509', ...EC_KEY, '-days', '30', '-subj', `/CN=${name}`, '-keyout', caKey, '-out', ca)
  const names = pathOf(`${fileName}-names`)
  writeFileSync(names, 'subjectAltName=DNS:localhost,IP:127.0.0.1')
  return {
    ca,
    issue(commonName, file = commonName) {
      const [cert, key, csr] = [pathOf(`${file}.pem`), pathOf(`${file}-key.pem`), pathOf(`${file}.csr`)]
      openssl('req', ...EC_KEY, '-subj', `/CN=${commonName}`, '-keyout', key, '-out', csr)
      const signed = ['-CA', ca, '-CAkey', caKey, '-days', '30', '-extfile', names]
      openssl('x509', '-req', '-in', csr, ...signed, '-out', cert)
      return { cert, key }
    },
  }
}

const openssl = (...args: string[]): void =>
  void execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
