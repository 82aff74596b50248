/** The settings of several nodes (engines, nodes of pages) of one farm: a folder of data for each, and the same secrets. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface FarmNodes {
  /** a folder that `remove` removes */
  dir: string
  /** The environment of a node, with a folder of data of its own. */
  envOf(name: string): Record<string, string>
  remove(): void
}

/** `broker`: where Tilth signs in as `tilth`. `env`: further settings of every node. */
export function nodesOfOneFarm(of: {
  database: { url: string }
  broker: { url: string; secretOf(user: string): string }
  env?: Record<string, string>
}): FarmNodes {
  const { database, broker, env = {} } = of
  const dir = mkdtempSync(join(tmpdir(), 'tilth-nodes-'))
  const secrets = { pepper: randomBytes(32).toString('hex'), authSecret: randomBytes(32).toString('hex') }
  writeFileSync(join(dir, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 })
  return {
    dir,
    envOf(name) {
      const dataDir = join(dir, name)
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      return {
        DATA_DIR: dataDir,
        SECRETS_FILE: join(dir, 'secrets.json'),
        STATE: database.url,
        SERIES: database.url,
        BUS: broker.url.replace('//', `//tilth:${broker.secretOf('tilth')}@`),
        ...env,
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
