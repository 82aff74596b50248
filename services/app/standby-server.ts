/** What a process that waits for its turn answers over HTTP: alive, but not ready. A proxy then asks another node. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail } from '../errors.ts'
import type { Running } from '../ports.ts'

const RETRY_AFTER_S = 5

/** Listens until it is stopped. PORT_IN_USE. */
export async function startStandbyServer(at: {
  host: string
  port: number
}): Promise<Running & { port: number }> {
  const server = createServer((request, response) => {
    const isHealth = request.url === '/healthz'
    const body = isHealth
      ? { ok: true, standby: true }
      : { ok: false, standby: true, parts: { engine: false }, missing: ['engine'] }
    response
      .writeHead(isHealth ? 200 : 503, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        ...(isHealth ? {} : { 'retry-after': String(RETRY_AFTER_S) }),
      })
      .end(JSON.stringify(body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      fail('PORT_IN_USE', `PORT ${at.port} is in use by another program`, { cause: error })
    throw error
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
