/** The seal of a report file, as services/report/jobs/seal.ts writes it. */
const PREFIX = 'tilth-seal-1:'
const TOKEN = /^tilth-seal-1:([0-9a-f]{64}):([0-9a-f]{128})/
const TOKEN_LENGTH = PREFIX.length + 64 + 1 + 128

export interface Seal {
  sha256: string // of the file with the digits of its seal as zeros
  isUnchanged: boolean
  signature: string
}

/** Null: the file has no seal. Needs a secure context. */
export async function readSeal(bytes: Uint8Array<ArrayBuffer>): Promise<Seal | null> {
  const text = new TextDecoder('latin1').decode(bytes)
  const isAtEnd = text.startsWith('%PDF-') || text.startsWith('PK')
  const at = isAtEnd ? text.lastIndexOf(PREFIX) : text.indexOf(PREFIX)
  const [, sealed, signature] = (at < 0 ? null : TOKEN.exec(text.slice(at, at + TOKEN_LENGTH))) ?? []
  if (sealed === undefined || signature === undefined) return null
  const zero = '0'.charCodeAt(0)
  const hashFrom = at + PREFIX.length
  bytes.fill(zero, hashFrom, hashFrom + 64).fill(zero, hashFrom + 65, hashFrom + 65 + 128)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { sha256, isUnchanged: sha256 === sealed, signature }
}
