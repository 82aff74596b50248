/**
 * The secrets of the server: created at the first start, stored in DATA_DIR (or SECRETS_FILE) and readable by the
 * user of Tilth only. Without the pepper every device needs a new secret, so back the file up.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { fail } from '../errors.ts'

const Key = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Secrets = Type.Object({
  pepper: Key, // keyed hash of device secrets
  authSecret: Key, // signs sessions
})
export type Secrets = Static<typeof Secrets>
const NAMES = ['pepper', 'authSecret'] as const

/**
 * Reads the secrets, or creates them. INVALID_CONFIG when the folder is not writable or the file is damaged: a
 * damaged file is never replaced.
 */
export function loadSecrets(dataDir: string, file: string | null = null): Secrets {
  const path = file ?? join(dataDir, 'secrets.json')
  if (file !== null && !existsSync(file))
    fail('INVALID_CONFIG', `SECRETS_FILE must name an existing file, got ${file}`)
  if (!existsSync(path)) {
    const secrets: Secrets = {
      pepper: randomBytes(32).toString('hex'),
      authSecret: randomBytes(32).toString('hex'),
    }
    try {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    } catch (cause) {
      fail(
        'INVALID_CONFIG',
        `DATA_DIR must be a folder that Tilth may write to, got ${dataDir} (${(cause as Error).message})`,
        { cause },
      )
    }
    return secrets
  }
  if (file === null) makePrivate(path)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    fail('INVALID_CONFIG', `${path} is not JSON; restore it from a backup. Tilth has not changed it`, {
      cause,
    })
  }
  if (Compile(Secrets).Check(value)) return value
  // the error names no value: it may be most of a secret
  const wrong = NAMES.find((name) => !Compile(Type.Object({ [name]: Key })).Check(value))
  return fail('INVALID_CONFIG', `${path}: ${wrong} must be 64 hex digits; restore the file from a backup`)
}

/** On a file that cannot be changed, the warning about files that others can read remains. */
function makePrivate(path: string): void {
  if ((statSync(path).mode & 0o777) === 0o600) return
  try {
    chmodSync(path, 0o600)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['EROFS', 'EPERM', 'EACCES'].includes(code)) throw error
  }
}
