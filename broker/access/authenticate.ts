/**
 * Who is it: client id = user name = device id, and a secret of 256 bit that only the device keeps. The server keeps
 * its HMAC-SHA-256 under a pepper, two of them while a secret is being changed.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '../contract/result.ts'
import type { Party } from './authorize.ts'

/** A device as the state store knows it; a revoked device is not found. */
export interface RegisteredDevice {
  id: string
  org: string
  secretHashes: string[]
  /** What it says of its valves never waits for room in the journal. */
  isController?: boolean
}

/** What a CONNECT claims. */
export interface ConnectCredentials {
  clientId: string
  userName: string | undefined
  password: Uint8Array | undefined
}

/** 256 bit, base64url; shown once to the person who registers the device. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** HMAC-SHA-256 of a secret under the server's pepper, hex. */
export const hashSecret = (secret: string | Uint8Array, pepper: string): string =>
  createHmac('sha256', pepper).update(secret).digest('hex')

/** The one of the hashes that is this secret's, or null. Compares with all, in a time that tells nothing of how much was right. */
function findMatchingHash(
  secret: string | Uint8Array,
  secretHashes: readonly string[],
  pepper: string,
): string | null {
  const given = Buffer.from(hashSecret(secret, pepper), 'hex')
  let right: string | null = null
  for (const hash of secretHashes) {
    const known = Buffer.from(hash, 'hex')
    if (known.length === given.length && timingSafeEqual(known, given)) right = hash
  }
  return right
}

export const isSecret = (
  secret: string | Uint8Array,
  secretHashes: readonly string[],
  pepper: string,
): boolean => findMatchingHash(secret, secretHashes, pepper) !== null

/** Begins a name that no device can have: its colon is not allowed in a topic's parts. */
export const SERVICE_PREFIX = 'service:'

/** Who it is, and which of its secrets said so. */
export interface Identity {
  party: Party
  secretHash: string
  isController: boolean
}

/** The party behind a CONNECT, or why there is none. The reason is for the log: the client hears only "not authorised". */
export async function authenticate(
  claim: ConnectCredentials,
  deps: {
    findDevice: (id: string) => Promise<RegisteredDevice | null>
    serviceSecretHashes: readonly string[]
    pepper: string
  },
): Promise<Result<Identity>> {
  const { clientId, userName, password } = claim
  const secret = password ?? new Uint8Array()
  if (userName?.startsWith(SERVICE_PREFIX) === true && clientId.startsWith(SERVICE_PREFIX)) {
    const secretHash = findMatchingHash(secret, deps.serviceSecretHashes, deps.pepper)
    return secretHash === null
      ? err('wrong secret for a service')
      : ok({ party: { kind: 'service' }, secretHash, isController: false })
  }
  if (userName !== clientId)
    return err(`client id and user name must both be the device id, got ${clientId.slice(0, 40)}`)
  const device = await deps.findDevice(clientId)
  // an unknown device takes as long as a wrong secret
  const secretHash = findMatchingHash(secret, device?.secretHashes ?? ['00'.repeat(32)], deps.pepper)
  if (device === null) return err('unknown or revoked device')
  return secretHash === null
    ? err('wrong secret')
    : ok({
        party: { kind: 'device', org: device.org, device: device.id },
        secretHash,
        isController: device.isController === true,
      })
}
