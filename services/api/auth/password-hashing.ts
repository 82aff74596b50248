/**
 * Passwords are hashed one at a time: scrypt with N = 16384 and r = 16 takes 128 N r = 32 MiB each (RFC
 * 7914), and many sign-ins at once would exhaust the memory.
 */
import { hashPassword, verifyPassword } from 'better-auth/crypto'
import { serialQueue } from '../../runtime/serial-queue.ts'

export interface PasswordHasher {
  hash(password: string): Promise<string>
  verify(input: { hash: string; password: string }): Promise<boolean>
}

const scrypt: PasswordHasher = { hash: hashPassword, verify: verifyPassword }

/**
 * `hash` and `verify` share one queue and resolve in the order of the calls. `hasher`: better-auth's scrypt by
 * default.
 */
export function serialPasswordHasher(hasher = scrypt): PasswordHasher {
  const queue = serialQueue()
  return {
    hash: (password) => queue.enqueue(() => hasher.hash(password)),
    verify: (input) => queue.enqueue(() => hasher.verify(input)),
  }
}
