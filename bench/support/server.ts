/** Tilth as a separate process, as `npm start` runs it: the built JavaScript, on loopback, with free ports. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram, untilReady, type Program } from './process.ts'

export interface Server extends Program {
  port: number // HTTP
  mqttPort: number // of the external broker, if there is one
  /** from the spawn to the first 200 of /readyz, ms */
  startMs: number
  /** from the one-time setup link of a first start; null once someone has signed up */
  setupToken: string | null
}

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: { start: string }
}
/** Node options of `npm start`. */
const startOptions = scripts.start.split(' ').slice(1, -1)

export interface ServerOptions {
  /** further settings */
  env?: NodeJS.ProcessEnv
  /** another program with the same ready message */
  program?: string
  args?: readonly string[]
  /** of the external broker that BUS in `env` names */
  brokerPort?: number
  /** false: a part is away, so /readyz may respond with 503 */
  isWhole?: boolean
}

/** Starts it. `nodeOptions` precede the program: `--cpu-prof` and the like. */
export const spawnServer = (
  dataDir: string,
  nodeOptions: readonly string[] = [],
  { env = {}, program = join(root, 'dist/services/main.js'), args = [] }: ServerOptions = {},
): Program =>
  startProgram(process.execPath, [...startOptions, ...nodeOptions, program, ...args], {
    // without the caller's settings and without a tilth.env of its folder
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      MQTT_HOST: '127.0.0.1',
      MQTT_PORT: '0',
      DATA_DIR: dataDir,
      MQTT_LIMITS: 'none', // many devices from one address, at full speed
      LOG_LEVEL: 'error',
      NODE_ENV: 'production',
      ...env,
    },
  })

/** Starts it and waits until it is ready. */
export async function startServer(
  dataDir: string,
  nodeOptions: readonly string[] = [],
  options: ServerOptions = {},
): Promise<Server> {
  const { isWhole = true, brokerPort } = options
  const spawnedMs = performance.now()
  const program = spawnServer(dataDir, nodeOptions, options)
  try {
    const ports = await untilReady(program, 'Tilth', () => portsIn(program.output(), brokerPort))
    await untilReady(program, 'Tilth', async () => {
      const response = await fetch(`http://127.0.0.1:${ports.port}/readyz`)
      await response.arrayBuffer()
      return response.status === 200 || !isWhole ? true : null
    })
    const startMs = performance.now() - spawnedMs
    const setupToken = /\/setup\?token=([\w-]+)/.exec(program.output())?.[1] ?? null
    return { ...program, ...ports, startMs, setupToken }
  } catch (error) {
    await program.end('SIGKILL')
    throw error
  }
}

/** Parses the ready message of `npm start`. `brokerPort`: of an external broker, which the message does not name. */
export function portsIn(output: string, brokerPort?: number): { port: number; mqttPort: number } | null {
  const port = /^\s*dashboard\s+http:\/\/\S+:(\d+)\n/m.exec(output)?.[1]
  const mqttPort = brokerPort ?? /^\s*devices\s+mqtt:\/\/\S+:(\d+)\n/m.exec(output)?.[1]
  return port === undefined || mqttPort === undefined
    ? null
    : { port: Number(port), mqttPort: Number(mqttPort) }
}
