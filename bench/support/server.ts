/** Tilth as its own process, the way `npm start` runs it: the built JavaScript, on loopback, with free ports. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram, untilReady, type Program } from './process.ts'

export interface Server extends Program {
  port: number // HTTP
  mqttPort: number
  /** from the spawn to the first 200 of /readyz, ms */
  startMs: number
  /** of the one-time link of a first start; null when somebody has signed up */
  setupToken: string | null
}

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: { start: string }
}
/** What `npm start` says to node before the program. */
const startOptions = scripts.start.split(' ').slice(1, -1)

/**
 * Starts and waits until it is ready. `nodeOptions` come before the program: `--cpu-prof` and the like. `env` are
 * settings of its own; `program` is another one that says the same when it is ready.
 */
export async function startServer(
  dataDir: string,
  nodeOptions: readonly string[] = [],
  {
    env = {},
    program: path = join(root, 'dist/services/main.js'),
  }: { env?: NodeJS.ProcessEnv; program?: string } = {},
): Promise<Server> {
  const spawnedMs = performance.now()
  const program = startProgram(process.execPath, [...startOptions, ...nodeOptions, path], {
    // nothing of the caller's settings, and no tilth.env of the folder it stands in
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      MQTT_HOST: '127.0.0.1',
      MQTT_PORT: '0',
      DATA_DIR: dataDir,
      MQTT_LIMITS: 'none', // many devices from one address, as fast as they can
      LOG_LEVEL: 'error',
      NODE_ENV: 'production',
      ...env,
    },
  })
  try {
    const ports = await untilReady(program, 'Tilth', () => portsIn(program.output()))
    await untilReady(program, 'Tilth', async () => {
      const answer = await fetch(`http://127.0.0.1:${ports.port}/readyz`)
      await answer.arrayBuffer()
      return answer.status === 200 ? true : null
    })
    const startMs = performance.now() - spawnedMs
    const setupToken = /\/setup\?token=([\w-]+)/.exec(program.output())?.[1] ?? null
    return { ...program, ...ports, startMs, setupToken }
  } catch (error) {
    await program.end('SIGKILL')
    throw error
  }
}

/** What `npm start` prints when it is ready. */
export function portsIn(said: string): { port: number; mqttPort: number } | null {
  const port = /^\s*dashboard\s+http:\/\/\S+:(\d+)\n/m.exec(said)?.[1]
  const mqttPort = /^\s*devices\s+mqtt:\/\/\S+:(\d+)\n/m.exec(said)?.[1]
  return port === undefined || mqttPort === undefined
    ? null
    : { port: Number(port), mqttPort: Number(mqttPort) }
}
