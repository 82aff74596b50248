/** The hash of a device's secret that an external broker can check by itself: RabbitMQ's `rabbit_password_hashing_sha256`. */
import { createHash, randomBytes } from 'node:crypto'

const SALT_BYTES = 4

/** A salt and the SHA-256 of salt and secret, base64. Only for secrets of 256 random bits: nobody can guess those. */
export function saltedHash(secret: string): string {
  const salt = randomBytes(SALT_BYTES)
  const hash = createHash('sha256').update(salt).update(secret).digest()
  return Buffer.concat([salt, hash]).toString('base64')
}
