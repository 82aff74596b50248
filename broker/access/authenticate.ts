/**
 * Authenticates a CONNECT: client id = user name = device id, and a secret of 256 bits that only the device has. Of a
 * gateway the user name alone is the id: the devices behind it name themselves as they like. The server stores its HMAC-
 * SHA-256 under a pepper, two of them while a secret is being rotated.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import Type, { type Static } from 'typebox'
import { err, ok, type Result } from '../contract/result.ts'
import type { Party } from './authorize.ts'

/** A device or a gateway in the state store; a revoked one is not found. */
export const RegisteredDevice = Type.Object({
  id: Type.String(),
  org: Type.String(),
  secretHashes: Type.Array(Type.String()),
  /** The state of its valves is never delayed by a full journal. */
  isController: Type.Optional(Type.Boolean()),
  /** A credential with which devices of other ecosystems connect. */
  isGateway: Type.Optional(Type.Boolean()),
})
export type RegisteredDevice = Static<typeof RegisteredDevice>

/** The credentials of a CONNECT. */
export interface ConnectCredentials {
  clientId: string
  userName: string | undefined
  password: Uint8Array | undefined
}

/** A new secret: 256 bits, base64url. Shown once to the person who registers the device. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** HMAC-SHA-256 of a secret under the server's pepper, hex. */
export const hashSecret = (secret: string | Uint8Array, pepper: string): string =>
  createHmac('sha256', pepper).update(secret).digest('hex')

/** The hash that belongs to the secret, or null. Compares with all of them in constant time. */
function findMatchingHash(
  secret: string | Uint8Array,
  secretHashes: readonly string[],
  pepper: string,
): string | null {
  const presented = Buffer.from(hashSecret(secret, pepper), 'hex')
  let match: string | null = null
  for (const hash of secretHashes) {
    const stored = Buffer.from(hash, 'hex')
    if (stored.length === presented.length && timingSafeEqual(stored, presented)) match = hash
  }
  return match
}

/** Whether the secret has one of these hashes. */
export const isSecret = (
  secret: string | Uint8Array,
  secretHashes: readonly string[],
  pepper: string,
): boolean => findMatchingHash(secret, secretHashes, pepper) !== null

/** Prefix of names that no device can have: a colon is not valid in a topic level of a device. */
export const SERVICE_PREFIX = 'service:'

/** The authenticated party, and the hash of the secret that it used. */
export interface Identity {
  party: Party
  secretHash: string
  isController: boolean
}

/**
 * The identity behind a CONNECT, or the reason of the rejection. The reason is for the log: the client receives only
 * "not authorised".
 */
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
  const device = userName === undefined ? null : await deps.findDevice(userName)
  if (userName !== clientId && device?.isGateway !== true)
    return err(`client id and user name must both be the device id, got ${clientId.slice(0, 40)}`)
  // an unknown device takes as long as a wrong secret: the time reveals nothing
  const secretHash = findMatchingHash(secret, device?.secretHashes ?? ['00'.repeat(32)], deps.pepper)
  if (device === null) return err('unknown or revoked device')
  return secretHash === null
    ? err('wrong secret')
    : ok({
        party:
          device.isGateway === true
            ? { kind: 'gateway', org: device.org, gateway: device.id }
            : { kind: 'device', org: device.org, device: device.id },
        secretHash,
        isController: device.isController === true,
      })
}
