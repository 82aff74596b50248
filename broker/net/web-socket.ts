/** MQTT over WebSocket on an HTTP server (MQTT 3.1.1, chapter 6). */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { isLocalRequest, trustedProxies } from './proxy-address.ts'
import type { Log } from '../log.ts'
import { MAX_PACKET_BYTES } from '../packets/packet-reader.ts'

export interface WebSocketOptions {
  path?: string
  /** false: only connections from this machine, because plain HTTP would expose secrets */
  fromAnywhere?: boolean
  /** addresses and ranges of trusted proxies: their X-Forwarded-For counts */
  trustedProxy?: readonly string[]
  /** origins of web pages that may connect, in addition to the host of the request; a device sends no Origin */
  ownOrigins?: readonly string[]
}

interface WebSocketDeps {
  log: Log
  accept: (connection: Duplex, address: string, request: IncomingMessage) => void
}

/** Serves MQTT on an HTTP server; returns the function that stops it. */
export function attachWebSocket(
  httpServer: HttpServer,
  { path = '/mqtt', fromAnywhere = true, trustedProxy = [], ownOrigins = [] }: WebSocketOptions,
  { log, accept }: WebSocketDeps,
): () => void {
  const { clientAddress } = trustedProxies(trustedProxy)
  const addressOf = ({ socket, headers }: IncomingMessage): string =>
    clientAddress(socket.remoteAddress ?? '', String(headers['x-forwarded-for'] ?? ''))
  const sockets = new WebSocketServer({
    noServer: true,
    // one frame may carry several packets [MQTT-6.0.0-2], but none larger than the guard allows
    maxPayload: 2 * MAX_PACKET_BYTES,
    handleProtocols: () => 'mqtt', // [MQTT-6.0.0-4]
  })
  sockets.on('connection', (socket, request: IncomingMessage) => {
    socket.on('message', (_bytes, isBinary) => void (isBinary || socket.terminate())) // [MQTT-6.0.0-1]
    const connection = createWebSocketStream(socket)
    connection.on('error', (error) => log.debug({ reason: error.message }, 'WebSocket closed'))
    accept(connection, addressOf(request), request)
  })

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Node removes its own error listener on an upgrade: a connection reset before the reply would end the process
    socket.on('error', () => socket.destroy())
    // split by hand: a URL parser throws on some inputs
    if ((request.url ?? '').split('?', 1)[0] !== path) {
      if (httpServer.listenerCount('upgrade') === 1) socket.destroy()
      return
    }
    const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(',')
    if (!offered.some((protocol) => protocol.trim() === 'mqtt')) return refuse(socket, '400 Bad Request')
    const isLocal = isLocalRequest(request.socket.remoteAddress ?? '', request.headers['x-forwarded-for'])
    if (!fromAnywhere && !isLocal) return refuse(socket, '403 Forbidden')
    if (!isOwnOrigin(request, ownOrigins)) return refuse(socket, '403 Forbidden')
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request))
  }
  httpServer.on('upgrade', onUpgrade)
  return () => {
    httpServer.off('upgrade', onUpgrade)
    sockets.close()
  }
}

const refuse = (socket: Duplex, status: string): void =>
  void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)

/** A browser states the page it runs a script of (RFC 6455, 10.2); programs and devices state nothing. */
function isOwnOrigin({ headers: { origin, host } }: IncomingMessage, ownOrigins: readonly string[]): boolean {
  return origin === undefined || [`http://${host}`, `https://${host}`, ...ownOrigins].includes(origin)
}
