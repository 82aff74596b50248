/** Opens a port, or says in one line which setting to change. */
import type { Server } from 'node:net'
import { brokerError } from '../journal/broker-error.ts'

export interface ListenAddress {
  host: string
  port: number
  /** names of the settings, for the error */
  settings: readonly [host: string, port: string]
}

// a fleet that comes back at once, or a flood: who finds the queue full tries again only after a second
const BACKLOG = 4_096

/** PORT_IN_USE when the port is taken, INVALID_CONFIG when the address cannot be used. */
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
