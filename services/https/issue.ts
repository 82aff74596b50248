/**
 * Makes certificates: of the farm's own authority, and of its server. The library is loaded only when one is made, once in
 * eleven months; reading and checking is done by Node (own-certificate.ts).
 */
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'
import { DAY_MS, type AtMs } from '../../broker/contract/time.ts'
import { privateDomains, privateRanges, type MachineNames } from './machine-names.ts'

/** A certificate and its key, PEM. */
export interface Pair {
  cert: string
  key: string
}

const AUTHORITY_DAYS = 3_652 // 10 years
// no browser accepts more than 398 days of a public authority, and some apply it to all
const SERVER_DAYS = 397
const CLOCK_SKEW_MS = DAY_MS // the clock of a phone may be slow
const NAME_CONSTRAINTS = '2.5.29.30'
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

x509.cryptoProvider.set(webcrypto as unknown as Crypto)

/** An authority that may certify private names and addresses only. `label`: its name in the list of a phone. */
export async function makeAuthority(label: string, nowMs: AtMs): Promise<Pair> {
  const keys = await makeKeys()
  const subject = subjectOf(`Tilth ${label}`)
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: subject,
    notBefore: new Date(nowMs - CLOCK_SKEW_MS),
    notAfter: new Date(nowMs + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: P256,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.Extension(NAME_CONSTRAINTS, true, AsnConvert.serialize(onlyPrivate())),
    ],
  })
  return pair(cert, keys)
}

/** A server's certificate for these names, signed by the authority; it never outlives the authority. */
export async function issueServer(authority: Pair, names: MachineNames, nowMs: AtMs): Promise<Pair> {
  const parent = new x509.X509Certificate(authority.cert)
  const keys = await makeKeys()
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    createPrivateKey(authority.key).export({ type: 'pkcs8', format: 'der' }),
    P256,
    false,
    ['sign'],
  )
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subjectOf('Tilth server'),
    issuer: parent.subjectName,
    notBefore: new Date(nowMs - CLOCK_SKEW_MS),
    notAfter: new Date(Math.min(nowMs + SERVER_DAYS * DAY_MS - CLOCK_SKEW_MS, parent.notAfter.getTime())),
    signingAlgorithm: P256,
    publicKey: keys.publicKey,
    signingKey: signingKey as unknown as CryptoKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.domains.map((value) => ({ type: 'dns' as const, value })),
        ...names.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(parent.publicKey),
    ],
  })
  return pair(cert, keys)
}

/** A key and a request for a certificate of a public name (PKCS #10), DER. */
export async function makeRequest(name: string): Promise<{ csr: Buffer; key: string }> {
  const keys = await makeKeys()
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: P256,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  })
  return { csr: Buffer.from(request.rawData), key: await keyPem(keys) }
}

const makeKeys = async (): Promise<CryptoKeyPair> =>
  (await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])) as unknown as CryptoKeyPair

const pair = async (cert: x509.X509Certificate, keys: CryptoKeyPair): Promise<Pair> => ({
  cert: `${cert.toString('pem')}\n`,
  key: await keyPem(keys),
})

async function keyPem({ privateKey }: CryptoKeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', privateKey as webcrypto.CryptoKey)
  const key = createPrivateKey({ key: Buffer.from(der), type: 'pkcs8', format: 'der' })
  return String(key.export({ type: 'pkcs8', format: 'pem' }))
}

const subjectOf = (commonName: string): x509.JsonName => [{ CN: [commonName] }, { O: ['Tilth'] }]

/** Positive, of at most 20 bytes (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

function onlyPrivate(): NameConstraints {
  const domains = privateDomains.map((dNSName) => new GeneralName({ dNSName }))
  const addresses = privateRanges.map((range) => new GeneralName({ iPAddress: range }))
  return new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(
      [...domains, ...addresses].map((base) => new GeneralSubtree({ base })),
    ),
  })
}
