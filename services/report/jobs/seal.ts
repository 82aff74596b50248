/**
 * The seal of a report file: the SHA-256 of its bytes and the server's Ed25519 signature of it, as one token inside the
 * file. The digits of the token itself count as zeros, so that `tilth verify` needs the file alone.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'

const HASH_DIGITS = 64
const SIGNATURE_DIGITS = 128
const PREFIX = 'tilth-seal-1:'
const ZEROS = `${'0'.repeat(HASH_DIGITS)}:${'0'.repeat(SIGNATURE_DIGITS)}`
const TOKEN = new RegExp(`${PREFIX}([0-9a-f]{${HASH_DIGITS}}):([0-9a-f]{${SIGNATURE_DIGITS}})`)

/** Where a format keeps its seal; `sealFile` fills it in. */
export const EMPTY_SEAL = PREFIX + ZEROS

// RFC 8410: a PKCS #8 key is this header and the 32 bytes of the key
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key that signs report files, derived from the server's secret: always the same, and in its backup. */
export function sealKey(secret: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'tilth report files', 32))
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' })
}

/** The public key as people compare it: base64url, 43 characters. */
export function publicKeyText(privateKey: KeyObject): string {
  return String(createPublicKey(privateKey).export({ format: 'jwk' }).x)
}

/** Null unless the text is a public key. */
export function parsePublicKey(text: string): KeyObject | null {
  if (!/^[\w-]{43}$/.test(text)) return null
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
}

/** Fills in the empty seal of a file, or appends one to a PDF or a ZIP (an XLSX). */
export function sealFile(file: Uint8Array, privateKey: KeyObject): Uint8Array {
  const bytes = withEmptySeal(file)
  const at = sealOffset(bytes)
  if (at < 0) throw new Error('this file has no place for a seal')
  const sha256 = createHash('sha256').update(bytes).digest()
  const token = `${PREFIX}${sha256.toString('hex')}:${sign(null, sha256, privateKey).toString('hex')}`
  bytes.write(token, at, 'latin1')
  return bytes
}

/** Whether the owner of the private key has signed a hash; both as hex digits. */
export const isSignedBy = (
  privateKey: KeyObject,
  { sha256, signature }: { sha256: string; signature: string },
): boolean =>
  verify(null, Buffer.from(sha256, 'hex'), createPublicKey(privateKey), Buffer.from(signature, 'hex'))

export type SealVerdict =
  | { state: 'valid'; sha256: string }
  | { state: 'unsealed' } // no seal in the file
  | { state: 'changed'; sha256: string; sealed: string } // the bytes are not those that were sealed
  | { state: 'foreign'; sha256: string } // unchanged, but signed by another key

/** Checks a file against the public key of the server that made it. */
export function verifySeal(file: Uint8Array, publicKey: KeyObject): SealVerdict {
  const bytes = Buffer.from(file) // a copy, since the digits are overwritten
  const at = sealOffset(bytes)
  const match = at < 0 ? null : TOKEN.exec(bytes.toString('latin1', at, at + EMPTY_SEAL.length))
  if (!match) return { state: 'unsealed' }
  const [, sealed = '', signature = ''] = match
  bytes.write(EMPTY_SEAL, at, 'latin1')
  const digest = createHash('sha256').update(bytes).digest()
  const sha256 = digest.toString('hex')
  if (sha256 !== sealed) return { state: 'changed', sha256, sealed }
  const isOurs = verify(null, digest, publicKey, Buffer.from(signature, 'hex'))
  return { state: isOurs ? 'valid' : 'foreign', sha256 }
}

const isPdf = (bytes: Buffer): boolean => bytes.toString('latin1', 0, 5) === '%PDF-'
const isZip = (bytes: Buffer): boolean => bytes.toString('latin1', 0, 4) === 'PK\x03\x04'

/** A PDF and a ZIP end with their seal; in other files it comes first, before any text of a person. */
const sealOffset = (bytes: Buffer): number =>
  isPdf(bytes) || isZip(bytes) ? bytes.lastIndexOf(PREFIX) : bytes.indexOf(PREFIX)

const ZIP_END = Buffer.from([0x50, 0x4b, 0x05, 0x06])

/** A comment after the end of a PDF, or the comment of a ZIP; other formats contain an empty seal already. */
function withEmptySeal(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file)
  if (isPdf(bytes)) return Buffer.concat([bytes, Buffer.from(`\n%${EMPTY_SEAL}\n`)])
  if (!isZip(bytes)) return bytes
  const end = bytes.lastIndexOf(ZIP_END)
  bytes.writeUInt16LE(EMPTY_SEAL.length, end + 20) // APPNOTE.TXT 4.3.16
  return Buffer.concat([bytes.subarray(0, end + 22), Buffer.from(EMPTY_SEAL)])
}
