/** Opens a port, or fails with one line that names the setting to change. */
import type { Server } from 'node:net'
import { brokerError } from '../errors.ts'

export interface ListenAddress {
  host: string
  port: number
  /** names of the settings, for the error */
  settings: readonly [host: string, port: string]
}

// a fleet that reconnects at once, or a flood: a client that finds the queue full retries only after a second
const BACKLOG = 4_096

/** Resolves when the port is open. PORT_IN_USE if it is taken, INVALID_CONFIG if the address is unusable. */
export function listen(server: Server, { host, port, settings }: ListenAddress): Promise<void> {
  const [hostSetting, portSetting] = settings
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const where = `${host}:${port}`
      reject(
        cause.code === 'EADDRINUSE'
          ? brokerError(
              'PORT_IN_USE',
              `MQTT port ${where} is taken; set ${portSetting} to a free one or stop what uses it`,
              { cause },
            )
          : brokerError(
              'INVALID_CONFIG',
              `cannot listen on ${where} (${cause.message}); check ${hostSetting} and ${portSetting}`,
              { cause },
            ),
      )
    })
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
