/**
 * The MQTT broker: aedes over TCP, WebSocket and an in-memory stream for the server's own services. Each connection
 * passes a guard first; each question aedes asks is answered in hooks.ts.
 */
import net from 'node:net'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'
import { Aedes, type Client } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { KnownDevice } from './authenticate.ts'
import type { Party } from './authorize.ts'
import { broken } from './broken.ts'
import type { Clock } from './contract/time.ts'
import { guards, type Refusal } from './guard.ts'
import { brokerHooks } from './hooks.ts'
import type { BrokerJournal } from './journal.ts'
import type { Log } from './log.ts'
import { MAX_PACKET_BYTES } from './packet-scanner.ts'
import {
  beginSession,
  brokerCounters,
  sessionOf,
  type BrokerCounters,
  type Session,
  type Traffic,
} from './session.ts'

export interface BrokerOptions {
  host: string
  port: number
  /** null for an unknown or revoked device; a rejection is answered with "server unavailable" */
  findDevice: (id: string) => Promise<KnownDevice | null>
  pepper: string
  journal: BrokerJournal
  clock: Clock
  log: Log
  /** secrets of services that connect from another process as user `service:NAME`, client id `service:...` */
  serviceSecretHashes?: readonly string[]
}

export interface Broker {
  port: number
  /** A stream into the broker for the server's own bus: everything under tilth/ is allowed on it. */
  openInternal(): Duplex
  attachWebSocket(httpServer: HttpServer, path?: string): void
  /** Closes a device's live connection, as when it has been revoked. */
  disconnect(deviceId: string): void
  /** Of devices: publishes authorised and handed to every hearer, and packets handed to devices. Wills are not counted. */
  traffic(): Traffic
  /** The same of the services. */
  internalTraffic(): Traffic
  counters(): BrokerCounters
  /** How many devices are connected. */
  connected(): number
  stop(): Promise<void>
}

const CONNECT_WITHIN_MS = 5_000
// a reader that stops reading is cut off, so that it delays nobody
const DRAIN_WITHIN_MS = 5_000

/** PORT_IN_USE when the port is taken, CONFIG_WRONG when the address cannot be used. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host, port, journal, clock, log } = options
  const counters = brokerCounters()
  const devices: Traffic = { received: 0, forwarded: 0 }
  const services: Traffic = { received: 0, forwarded: 0 }
  const clients = new Map<string, Client>()
  const connections = new Set<Duplex>()
  const guard = guards(journal)

  const aedes = await Aedes.createBroker({
    ...brokerHooks({
      ...options,
      serviceSecretHashes: options.serviceSecretHashes ?? [],
      counters,
      trafficOf: (party) => (party.kind === 'device' ? devices : services),
    }),
    connectTimeout: CONNECT_WITHIN_MS,
    drainTimeout: DRAIN_WITHIN_MS,
    // a message that waits for one slow reader must not keep the others from being handed out
    concurrency: 1_000,
  })
  aedes.on('error' as never, (error: unknown) => log.error({ error }, 'broker error'))
  aedes.on('clientError', (client, error) =>
    log.debug({ client: client.id, reason: error.message }, 'connection lost'),
  )
  aedes.on('connectionError', (_client, error) =>
    log.debug({ reason: error.message }, 'connection lost before CONNECT'),
  )
  aedes.on('clientReady', (client) => void (isDevice(client) && clients.set(client.id, client)))
  aedes.on(
    'clientDisconnect',
    (client) => void (clients.get(client.id) === client && clients.delete(client.id)),
  )

  function accept(connection: Duplex, request?: IncomingMessage): void {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
    const { stream, open } = guard(connection, (refusal) => void refuse(stream, session, refusal))
    const session: Session = beginSession(stream, open)
    aedes.handle(stream, request)
  }

  /** Too large or not MQTT: what a known device tried is kept as a dead letter, then its connection is closed. */
  async function refuse(stream: Duplex, session: Session, refusal: Refusal): Promise<void> {
    const { party } = session
    if (refusal.kind === 'malformed') counters.streamsMalformed++
    else counters.packetsOversize++
    log.warn({ party, ...refusal }, 'connection closed: not what the contract allows')
    if (refusal.kind === 'oversize' && party?.kind === 'device') {
      const { org, device } = party
      const reason = `packet: expected at most ${MAX_PACKET_BYTES} bytes, got ${refusal.bytes}`
      const topic = refusal.topic ?? ''
      const letter = { receivedMs: clock.now(), org, device, topic, reason, bytes: refusal.bytes }
      await journal
        .bury({ ...letter, payload: Buffer.alloc(0) })
        .catch((error: unknown) => log.error({ error }, 'dead letter could not be kept'))
    }
    stream.destroy()
  }

  const server = net.createServer({ noDelay: true, keepAlive: true }, accept)
  await listen(server, host, port)
  server.on('error', (error) => log.error({ error }, 'MQTT port'))
  const sockets: WebSocketServer[] = []

  return {
    port: (server.address() as net.AddressInfo).port,
    openInternal() {
      const [ours, theirs] = duplexPair()
      const party: Party = { kind: 'service' }
      beginSession(theirs, () => {}, party)
      connections.add(theirs)
      theirs.once('close', () => {
        connections.delete(theirs)
        ours.destroy()
      })
      ours.once('close', () => theirs.destroy())
      aedes.handle(theirs)
      return ours
    },
    attachWebSocket(httpServer, path = '/mqtt') {
      const socketServer = webSocketServer()
      sockets.push(socketServer)
      socketServer.on('connection', (socket, request: IncomingMessage) => {
        const connection = createWebSocketStream(socket)
        connection.on('error', (error) => log.debug({ reason: error.message }, 'WebSocket closed'))
        accept(connection, request)
      })
      httpServer.on('upgrade', (request, socket, head) => {
        // cut by hand: a URL parser throws on some of what anyone may send
        if ((request.url ?? '').split('?', 1)[0] !== path) {
          if (httpServer.listenerCount('upgrade') === 1) socket.destroy()
          return
        }
        socketServer.handleUpgrade(request, socket, head, (ws) =>
          socketServer.emit('connection', ws, request),
        )
      })
    },
    disconnect: (deviceId) => clients.get(deviceId)?.close(),
    traffic: () => ({ ...devices }),
    internalTraffic: () => ({ ...services }),
    counters: () => ({ ...counters }),
    connected: () => clients.size,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const each of sockets) each.close()
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
      for (const connection of connections) connection.destroy()
      await closed
    },
  }
}

const isDevice = (client: Client): boolean => sessionOf(client)?.party?.kind === 'device'

const webSocketServer = () =>
  new WebSocketServer({
    noServer: true,
    // one frame may carry several packets, but none that the guard would refuse
    maxPayload: 2 * MAX_PACKET_BYTES,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  })

function listen(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const where = `${host}:${port}`
      reject(
        cause.code === 'EADDRINUSE'
          ? broken(
              'PORT_IN_USE',
              `MQTT port ${where} is taken; set MQTT_PORT to a free one or stop what uses it`,
              { cause },
            )
          : broken(
              'CONFIG_WRONG',
              `cannot listen on ${where} (${cause.message}); check MQTT_HOST and MQTT_PORT`,
              { cause },
            ),
      )
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
