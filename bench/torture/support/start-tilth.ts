/** A server that can be stopped, killed and restarted on the same data and ports, as after a power cut. */
import { join } from 'node:path'
import { freePort } from '../../../test/support/free-port.ts'
import { startServer, type Server } from '../../support/server.ts'
import type { FarmTime } from './farm-clock.ts'
import type { Torture } from './fault-line.ts'

export interface TilthProcess {
  port: number // HTTP
  mqttPort: number
  /** the current or last process */
  server(): Server
  /** Restarts it, with additional environment; the previous process must have ended. */
  start(extraEnv?: NodeJS.ProcessEnv): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
}

/** `farmTime`: a fast clock; absent: the built server on the wall clock. */
export async function startTilth(
  torture: Torture,
  dataDir: string,
  {
    farmTime,
    env = {},
    isWhole = true,
    nodeOptions = [],
  }: {
    farmTime?: FarmTime
    env?: NodeJS.ProcessEnv
    isWhole?: boolean
    nodeOptions?: readonly string[]
  } = {},
): Promise<TilthProcess> {
  const [port, mqttPort] = [await freePort(), await freePort()]
  const baseEnv = { ...env, PORT: String(port), MQTT_PORT: String(mqttPort) }
  const launch = (extraEnv: NodeJS.ProcessEnv = {}) =>
    farmTime === undefined
      ? startServer(dataDir, nodeOptions, { env: { ...baseEnv, ...extraEnv }, isWhole })
      : startServer(dataDir, ['--import', import.meta.resolve('tsx')], {
          env: {
            ...baseEnv,
            FARM_EPOCH_MS: String(farmTime.epochMs),
            FARM_SPEED: String(farmTime.speed),
            ...extraEnv,
          },
          program: join(import.meta.dirname, 'fast-server.ts'),
        })
  let server = await launch()
  // SIGKILL also ends a stopped process
  torture.onEnd(() => server.end('SIGKILL'))
  return {
    port,
    mqttPort,
    server: () => server,
    start: async (extraEnv) => void (server = await launch(extraEnv)),
    signal: (name) => void server.child.kill(name),
  }
}
