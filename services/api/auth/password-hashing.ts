/**
 * Passwords are hashed one after another: scrypt with N = 16384 and r = 16 takes 128 N r = 32 MiB each time (RFC 7914),
 * so that many sign-ins at once would take memory from the farm's work.
 */
import { hashPassword, verifyPassword } from 'better-auth/crypto'

export function serialPasswordHasher() {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work)
    last = run.catch(() => undefined)
    return run
  }
  return {
    hash: (password: string) => inTurn(() => hashPassword(password)),
    verify: (sent: { hash: string; password: string }) => inTurn(() => verifyPassword(sent)),
  }
}
