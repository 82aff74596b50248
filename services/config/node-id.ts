/** The name of this node among those that share a database: it stays the same over restarts. */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Made at the first call, in DATA_DIR. The host name in it is for people. */
export function nodeId(dataDir: string): string {
  const path = join(dataDir, 'node-id')
  try {
    writeFileSync(path, `${hostname()}-${randomBytes(6).toString('hex')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8').trim()
}
