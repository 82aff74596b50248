/**
 * Who is it: client id = user name = device id, and a secret of 256 bit that only the device keeps. The server keeps
 * its HMAC-SHA-256 under a pepper, two of them while a secret is being changed.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from './contract/result.ts'
import type { Party } from './authorize.ts'

/** A device as the state store knows it; a revoked device is not found. */
export interface KnownDevice {
  id: string
  org: string
  secretHashes: string[]
}

/** What a CONNECT claims. */
export interface Claim {
  clientId: string
  userName: string | undefined
  password: Uint8Array | undefined
}

/** 256 bit, base64url; shown once to the person who registers the device. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** HMAC-SHA-256 of a secret under the server's pepper, hex. */
export const hashSecret = (secret: string | Uint8Array, pepper: string): string =>
  createHmac('sha256', pepper).update(secret).digest('hex')

/** Compares with every hash, in a time that tells nothing of how much was right. */
export function isSecret(
  secret: string | Uint8Array,
  secretHashes: readonly string[],
  pepper: string,
): boolean {
  const given = Buffer.from(hashSecret(secret, pepper), 'hex')
  let isRight = false
  for (const hash of secretHashes) {
    const known = Buffer.from(hash, 'hex')
    if (known.length === given.length && timingSafeEqual(known, given)) isRight = true
  }
  return isRight
}

/** Begins a name that no device can have: its colon is not allowed in a topic's parts. */
export const SERVICE_PREFIX = 'service:'

/** The party behind a CONNECT, or why there is none. The reason is for the log: the client hears only "not authorised". */
export async function authenticate(
  claim: Claim,
  deps: {
    findDevice: (id: string) => Promise<KnownDevice | null>
    serviceSecretHashes: readonly string[]
    pepper: string
  },
): Promise<Result<Party>> {
  const { clientId, userName, password } = claim
  const secret = password ?? new Uint8Array()
  if (userName?.startsWith(SERVICE_PREFIX) === true && clientId.startsWith(SERVICE_PREFIX))
    return isSecret(secret, deps.serviceSecretHashes, deps.pepper)
      ? ok({ kind: 'service' })
      : err('wrong secret for a service')
  if (userName !== clientId)
    return err(`client id and user name must both be the device id, got ${clientId.slice(0, 40)}`)
  const device = await deps.findDevice(clientId)
  // an unknown device takes as long as a wrong secret
  const isRight = isSecret(secret, device?.secretHashes ?? ['00'.repeat(32)], deps.pepper)
  if (device === null) return err('unknown or revoked device')
  return isRight ? ok({ kind: 'device', org: device.org, device: device.id }) : err('wrong secret')
}
