/**
 * The MQTT broker: aedes over TCP, TLS, WebSocket and an in-memory stream for the server's own services. Each
 * connection passes the connection limiter and a guard first; the hooks of aedes are in connect-hooks.ts and
 * message-hooks.ts.
 */
import net from 'node:net'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'
import { Aedes, type Client } from 'aedes'
import { CONNECT_TIMEOUT_MS, onFirstPacket } from './packets/first-packet.ts'
import type { RegisteredDevice } from './access/authenticate.ts'
import type { Party } from './access/authorize.ts'
import { connectedClients } from './hooks/connected-clients.ts'
import { connectHooks } from './hooks/connect-hooks.ts'
import { mountOf } from './contract/foreign-topics.ts'
import type { Clock } from './contract/time.ts'
import { deviceRateLimits } from './access/device-rate-limit.ts'
import { connectionLimiter, type Slot } from './access/connection-limits.ts'
import { DRAIN_TIMEOUT, connectionGuards } from './access/connection-guard.ts'
import { closeRefused, termsOf } from './hooks/packet-rules.ts'
import { gatewayEvents, type GatewayEvents } from './hooks/gateway-events.ts'
import { messageHooks } from './hooks/message-hooks.ts'
import type { BrokerJournal } from './journal/journal.ts'
import { standardLimits, type BrokerLimits } from './access/limits.ts'
import { listen } from './net/listen.ts'
import type { Log, OnRejection } from './log.ts'
import { failureBackoff } from './contract/rate/failure-backoff.ts'
import { watchLag } from './net/loop-lag.ts'
import { trimParser } from './packets/aedes-parser.ts'
import { prepareCaches } from './packets/packet-caches.ts'
import { retainedStore } from './hooks/retained.ts'
import { revocation } from './access/revocation.ts'
import {
  startSession,
  brokerCounters,
  sessionOf,
  type BrokerCounters,
  type Session,
  type Traffic,
} from './access/session.ts'
import { openTlsPort, type TlsFiles } from './net/tls-port.ts'
import { attachWebSocket, type WebSocketOptions } from './net/web-socket.ts'

export interface BrokerOptions {
  host: string
  port: number
  /** null for an unknown or revoked device or gateway; if it rejects, the client receives "server unavailable" */
  findDevice: (id: string) => Promise<RegisteredDevice | null>
  pepper: string
  journal: BrokerJournal
  clock: Clock
  log: Log
  /** default: the standard limits */
  limits?: BrokerLimits
  tls?: { host: string; port: number; files: TlsFiles }
  /** secrets of services that connect from another process as user `service:NAME`, client id `service:...` */
  serviceSecretHashes?: readonly string[]
  /** Called for every action that a client is not permitted. */
  onRejection?: OnRejection
}

export interface Broker {
  port: number
  tlsPort: number | null
  /** A stream into the broker for the server's own bus: it may use everything under tilth/, and every mount. */
  openInternal(): Duplex
  attachWebSocket(httpServer: HttpServer, options?: WebSocketOptions): void
  /** A device or gateway was revoked, moved or given another secret: closes the connections that it may no longer have. */
  deviceChanged(deviceId: string): Promise<void>
  /** The same for every connected device, after a change that may concern any of them. */
  devicesChanged(): Promise<void>
  reloadCertificates(): void
  /** Of devices and gateways: publishes that reached every subscriber, and packets forwarded to them. Wills are not counted. */
  traffic(): Traffic
  /** The same for the services. */
  internalTraffic(): Traffic
  counters(): BrokerCounters
  /** The messages of gateways, and whether they are connected. */
  gateways: GatewayEvents
  /** The retained messages of a gateway, with its own topics. */
  retained(org: string, gateway: string): { topic: string; payload: Uint8Array }[]
  /** Number of connected devices, and of connections of gateways. */
  connected(): number
  /** Number of connections whose CONNECT is not accepted yet. */
  waiting(): number
  /** Event loop lag of this process, ms. */
  lagMs(): number
  stop(): Promise<void>
}

// a subscriber that stops reading is disconnected, so that it delays no other
const DRAIN_TIMEOUT_MS = 5_000

const nowMs = () => performance.now()

/** Starts the broker on its ports. PORT_IN_USE if a port is taken, INVALID_CONFIG if an address or a certificate is unusable. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { journal, log } = options
  prepareCaches()
  const limits = options.limits ?? standardLimits
  const counters = brokerCounters()
  const gateways = gatewayEvents()
  const deps = { ...options, counters, onForeign: gateways.message }
  const devices: Traffic = { received: 0, forwarded: 0 }
  const services: Traffic = { received: 0, forwarded: 0 }
  const connections = new Set<Duplex>()
  const cutOff = new WeakSet<Client>()
  const lag = watchLag()
  const limiter = connectionLimiter({ limits, lagMs: lag.lagMs, nowMs })
  const guard = connectionGuards(journal)
  const onDelayed = () => counters.packetsDelayed++
  const deviceRateLimit = deviceRateLimits(limits, nowMs, onDelayed)
  const gatewayRateLimit = deviceRateLimits(gatewayRate(limits), nowMs, onDelayed)
  const retained = retainedStore(limits['gateway-retained'])
  const { onClaim, deviceChanged, devicesChanged } = revocation({ ...deps, retained })

  const aedes = await Aedes.createBroker({
    ...connectHooks({
      ...options,
      serviceSecretHashes: options.serviceSecretHashes ?? [],
      counters,
      nowMs,
      backoff: failureBackoff({ firstMs: limits['first-delay'], longestMs: limits['longest-delay'] }),
      rateLimitOf: (party) =>
        party.kind === 'device' ? deviceRateLimit(party.device) : gatewayRateLimit(party.gateway),
      onClaim,
    }),
    ...messageHooks({
      ...deps,
      limits,
      trafficOf: (party) => (party.kind === 'service' ? services : devices),
    }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    // a message that waits for one slow subscriber must not hold up the other messages
    concurrency: 1_000,
  })
  Object.assign((aedes as unknown as { persistence: object }).persistence, retained)
  aedes.on('error' as never, (error: unknown) => log.error({ error }, 'broker error'))
  aedes.on('clientError', (client, error) => {
    // emitted once for each message that waited for the client
    if (error.message === DRAIN_TIMEOUT && !cutOff.has(client)) {
      cutOff.add(client)
      counters.readersCutOff++
    }
    log.debug({ client: client.id, reason: error.message }, 'connection lost')
  })
  aedes.on('connectionError', (_client, error) =>
    log.debug({ reason: error.message }, 'connection lost before CONNECT'),
  )
  aedes.on('connackSent', ({ returnCode }, client) => {
    const session = sessionOf(client)
    if (returnCode === 0 && session) session.guard?.open(termsOf(deps, session))
  })
  aedes.on('subscribe', (_filters, client) => sessionOf(client)?.guard?.acknowledged('filters'))
  aedes.on('unsubscribe', (filters, client) => {
    const session = sessionOf(client)
    for (const filter of filters) session?.granted?.delete(filter)
    session?.guard?.acknowledged('filters')
  })
  const clients = connectedClients(aedes, gateways)

  /** The slot of a new connection; null if it is rejected. */
  function admit(connection: Duplex, address: string): Slot | null {
    const slot = limiter.acquire(address, () => {
      counters.connectionsEvicted++
      connection.destroy()
    })
    if (slot === 'lag') counters.connectionsRefusedLag++
    else if (slot === 'rate') counters.connectionsRefusedRate++
    else {
      counters.connectionsAccepted++
      connections.add(connection)
      connection.on('close', () => {
        connections.delete(connection)
        slot.release()
      })
      return slot
    }
    return null
  }

  function serve(
    connection: Duplex,
    {
      slot,
      certificateName,
      request,
    }: { slot: Slot; certificateName: string | null; request?: IncomingMessage },
  ): void {
    onFirstPacket(connection, () => {
      const connectionGuard = guard(
        connection,
        (refusal) => void closeRefused(deps, connection, session, refusal),
      )
      const { stream } = connectionGuard
      const session: Session = startSession({ stream, guard: connectionGuard, slot, certificateName })
      // aedes takes over when the guard has passed a CONNECT
      stream.once('readable', () => {
        trimParser(aedes.handle(stream, request))
        stream.emit('readable') // aedes listens from now on, and the packet is in the buffer already
      })
    })
  }

  // half open: packets sent before the client closed its side are still processed, its DISCONNECT above all
  const server = net.createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, (socket) => {
    const slot = admit(socket, socket.remoteAddress ?? '')
    if (slot) serve(socket, { slot, certificateName: null })
    else socket.destroy()
  })
  const slots = new WeakMap<net.Socket, Slot>()
  const tls =
    options.tls &&
    openTlsPort(options.tls.files, {
      log,
      onSocket(socket) {
        const slot = admit(socket, socket.remoteAddress ?? '')
        if (slot) slots.set(socket, slot)
        return slot !== null
      },
      onSecure: (socket, from, certificateName) => serve(socket, { slot: slots.get(from)!, certificateName }),
      onFailed: () => counters.tlsFailed++,
    })

  const endWebSockets: (() => void)[] = []
  async function stop(): Promise<void> {
    lag.stop()
    tls?.stop()
    const closed = [server, ...(tls ? [tls.server] : [])].map(
      (listening) => new Promise<void>((resolve) => listening.close(() => resolve())),
    )
    for (const end of endWebSockets) end()
    await new Promise<void>((resolve) => aedes.close(() => resolve()))
    for (const connection of connections) connection.destroy()
    await Promise.all(closed)
  }

  try {
    await listen(server, { ...options, settings: ['MQTT_HOST', 'MQTT_PORT'] })
    if (tls) await listen(tls.server, { ...options.tls!, settings: ['MQTTS_HOST', 'MQTTS_PORT'] })
  } catch (error) {
    await stop()
    throw error
  }
  for (const listening of [server, ...(tls ? [tls.server] : [])])
    listening.on('error', (error) => log.error({ error }, 'MQTT port'))

  return {
    port: portOf(server),
    tlsPort: tls ? portOf(tls.server) : null,
    openInternal() {
      const [ours, theirs] = duplexPair()
      const party: Party = { kind: 'service' }
      startSession({ stream: theirs, guard: null, slot: null, certificateName: null }, party)
      connections.add(theirs)
      theirs.once('close', () => {
        connections.delete(theirs)
        ours.destroy()
      })
      ours.once('close', () => theirs.destroy())
      aedes.handle(theirs)
      return ours
    },
    attachWebSocket(httpServer, webSocketOptions = {}) {
      const end = attachWebSocket(httpServer, webSocketOptions, {
        log,
        accept(connection, address, request) {
          const slot = admit(connection, address)
          if (slot) serve(connection, { slot, certificateName: null, request })
          else connection.destroy()
        },
      })
      endWebSockets.push(end)
    },
    deviceChanged,
    devicesChanged,
    reloadCertificates: () => tls?.reload(),
    traffic: () => ({ ...devices }),
    internalTraffic: () => ({ ...services }),
    counters: () => ({ ...counters }),
    gateways,
    retained: (org, gateway) => retained.ofMount(mountOf(org, gateway)),
    connected: clients.count,
    waiting: limiter.waiting,
    lagMs: lag.lagMs,
    stop,
  }
}

const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port

const gatewayRate = (limits: BrokerLimits) => ({
  burst: limits['gateway-burst'],
  packets: limits['gateway-packets'],
  bytes: limits['gateway-bytes'],
})
