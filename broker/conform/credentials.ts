/**
 * The secret and the command key of the controller on the bench: created once, so that the controller is flashed once.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../contract/result.ts'
import { newSecret } from '../access/authenticate.ts'

export interface BenchCredentials {
  secret: string
  /** hex, 32 bytes */
  commandKey: string
}

const File = Type.Object({ secret: Type.Optional(Type.String()), commandKey: Type.Optional(Type.String()) })

/** The credentials in the file; created and written if there is no file and `mayMake` is true. */
export function loadOrCreateCredentials(path: string, mayMake: boolean): Result<BenchCredentials> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !mayMake) return err((error as Error).message)
    const credentials = { secret: newSecret(), commandKey: randomBytes(32).toString('hex') }
    try {
      writeFileSync(path, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    } catch (failed) {
      return err((failed as Error).message)
    }
    return ok(credentials)
  }
  return parseCredentials(text, path)
}

function parseCredentials(text: string, path: string): Result<BenchCredentials> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return err(`${path}: ${(error as Error).message}`)
  }
  // no error of this file shows its values
  if (!Compile(File).Check(value)) return err(`${path}: expected secret and commandKey as texts`)
  const { secret = '', commandKey = '' } = value
  if (!/^[0-9a-f]{64}$/.test(commandKey))
    return err(`${path}: commandKey must be 64 hex digits, got ${commandKey.length} characters`)
  return ok({ secret, commandKey })
}
