/**
 * The MQTT broker: aedes over TCP, TLS, WebSocket and an in-memory stream for the server's own services. Each
 * connection passes the door and a guard first; each question aedes asks is answered in connect-hooks.ts and message-hooks.ts.
 */
import net from 'node:net'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'
import { Aedes, type Client } from 'aedes'
import { CONNECT_TIMEOUT_MS, onFirstPacket } from './packets/first-packet.ts'
import type { RegisteredDevice } from './access/authenticate.ts'
import type { Party } from './access/authorize.ts'
import { connectHooks } from './hooks/connect-hooks.ts'
import type { Clock } from './contract/time.ts'
import { deviceRateLimits } from './access/device-rate-limit.ts'
import { connectionLimiter, type Slot } from './access/connection-limits.ts'
import { DRAIN_TIMEOUT, connectionGuards } from './access/connection-guard.ts'
import { messageHooks } from './hooks/message-hooks.ts'
import type { BrokerJournal } from './journal/journal.ts'
import { standardLimits, type BrokerLimits } from './access/limits.ts'
import { listen } from './net/listen.ts'
import type { Log } from './log.ts'
import { loginBackoff } from './access/login-backoff.ts'
import { watchLag } from './net/loop-lag.ts'
import { prepareCaches } from './packets/packet-caches.ts'
import { MAX_PACKET_BYTES, type Refusal } from './packets/packet-reader.ts'
import type { OnRejection } from './access/rejection.ts'
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
  /** null for an unknown or revoked device; a rejection is answered with "server unavailable" */
  findDevice: (id: string) => Promise<RegisteredDevice | null>
  pepper: string
  journal: BrokerJournal
  clock: Clock
  log: Log
  /** the standard ones when left out */
  limits?: BrokerLimits
  tls?: { host: string; port: number; files: TlsFiles }
  /** secrets of services that connect from another process as user `service:NAME`, client id `service:...` */
  serviceSecretHashes?: readonly string[]
  /** Hears of everything that a client was not allowed. */
  onRejection?: OnRejection
}

export interface Broker {
  port: number
  tlsPort: number | null
  /** A stream into the broker for the server's own bus: everything under tilth/ is allowed on it. */
  openInternal(): Duplex
  attachWebSocket(httpServer: HttpServer, options?: WebSocketOptions): void
  /** A device was revoked, moved or given another secret: what it may no longer have open is closed. */
  deviceChanged(deviceId: string): Promise<void>
  /** The same for every connected device, after a change of which nobody can tell whom it concerns. */
  devicesChanged(): Promise<void>
  reloadCertificates(): void
  /** Of devices: publishes authorised and handed to every hearer, and packets handed to devices. Wills are not counted. */
  traffic(): Traffic
  /** The same of the services. */
  internalTraffic(): Traffic
  counters(): BrokerCounters
  /** How many devices are connected. */
  connected(): number
  /** How many connections have not been accepted yet. */
  waiting(): number
  /** How far behind its work this process is, ms. */
  lagMs(): number
  stop(): Promise<void>
}

// a reader that stops reading is cut off, so that it delays nobody
const DRAIN_TIMEOUT_MS = 5_000

const nowMs = () => performance.now()

/** PORT_IN_USE when a port is taken, INVALID_CONFIG when an address or a certificate cannot be used. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { journal, clock, log } = options
  prepareCaches()
  const limits = options.limits ?? standardLimits
  const counters = brokerCounters()
  const devices: Traffic = { received: 0, forwarded: 0 }
  const services: Traffic = { received: 0, forwarded: 0 }
  const clients = new Map<string, Client>()
  const connections = new Set<Duplex>()
  const cutOff = new WeakSet<Client>()
  const lag = watchLag()
  const door = connectionLimiter({ limits, lagMs: lag.lagMs, nowMs })
  const guard = connectionGuards(journal)
  const { onClaim, deviceChanged, devicesChanged } = revocation({ ...options, counters })

  const aedes = await Aedes.createBroker({
    ...connectHooks({
      ...options,
      serviceSecretHashes: options.serviceSecretHashes ?? [],
      counters,
      nowMs,
      backoff: loginBackoff(limits),
      rateLimitOf: deviceRateLimits(limits, nowMs, () => counters.packetsDelayed++),
      onClaim,
    }),
    ...messageHooks({
      ...options,
      limits,
      counters,
      trafficOf: (party) => (party.kind === 'device' ? devices : services),
    }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    // a message that waits for one slow reader must not keep the others from being handed out
    concurrency: 1_000,
  })
  Object.assign((aedes as unknown as { persistence: object }).persistence, retainedStore())
  aedes.on('error' as never, (error: unknown) => log.error({ error }, 'broker error'))
  aedes.on('clientError', (client, error) => {
    // told once for each message that waited for it
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
    if (returnCode === 0) session?.guard?.open(session.spend, !session.isController)
  })
  aedes.on('subscribe', (_filters, client) => sessionOf(client)?.guard?.acknowledged('filters'))
  aedes.on('unsubscribe', (_filters, client) => sessionOf(client)?.guard?.acknowledged('filters'))
  aedes.on('clientReady', (client) => void (isDevice(client) && clients.set(client.id, client)))
  aedes.on(
    'clientDisconnect',
    (client) => void (clients.get(client.id) === client && clients.delete(client.id)),
  )

  /** A place at the door for a connection that has just come; null when there is none for it. */
  function enter(connection: Duplex, address: string): Slot | null {
    const visit = door.acquire(address, () => {
      counters.connectionsGaveWay++
      connection.destroy()
    })
    if (visit === 'lag') counters.connectionsRefusedLag++
    else if (visit === 'rate') counters.connectionsRefusedRate++
    else {
      counters.connectionsAccepted++
      connections.add(connection)
      connection.once('close', () => {
        connections.delete(connection)
        visit.release()
      })
      return visit
    }
    return null
  }

  function serve(
    connection: Duplex,
    { visit, certified, request }: { visit: Slot; certified: string | null; request?: IncomingMessage },
  ): void {
    onFirstPacket(connection, () => {
      const own = guard(connection, (refusal) => void refuse(connection, session, refusal))
      const { stream } = own
      const session: Session = startSession({ stream, guard: own, slot: visit, certificateName: certified })
      stream.on('error', () => {}) // the end of the stream tells of it
      // aedes is asked when the guard has let a CONNECT pass
      stream.once('readable', () => {
        aedes.handle(stream, request)
        stream.emit('readable') // it listens from now on, and the packet is there already
      })
    })
  }

  /** What a known device tried and was too large is kept as a dead letter, then its connection is closed. */
  async function refuse(connection: Duplex, session: Session, refusal: Refusal): Promise<void> {
    const { party } = session
    if (refusal.kind === 'malformed') counters.streamsMalformed++
    else if (refusal.kind === 'oversize') counters.packetsOversize++
    else counters.connectsRefused++
    log.info({ party, ...refusal }, 'connection closed: not what the contract allows')
    if (party?.kind === 'device') {
      const reason = refusal.kind === 'oversize' ? `a packet of ${refusal.bytes} bytes` : refusal.reason
      options.onRejection?.({ claims: [party.device], what: 'packet', reason })
    }
    if (refusal.kind === 'oversize' && party?.kind === 'device') {
      const { org, device } = party
      const reason = `packet: expected at most ${MAX_PACKET_BYTES} bytes, got ${refusal.bytes}`
      const topic = refusal.topic ?? ''
      const letter = { receivedMs: clock.now(), org, device, topic, reason, bytes: refusal.bytes }
      await journal
        .bury({ ...letter, payload: Buffer.alloc(0) })
        .catch((error: unknown) => log.error({ error }, 'dead letter could not be kept'))
    }
    if (refusal.kind !== 'refused') return void connection.destroy()
    session.stream.write(Buffer.from([0x20, 2, 0, refusal.returnCode])) // CONNACK
    session.stream.destroy()
  }

  // half open: what was said before a client hung up is still answered, its DISCONNECT above all
  const server = net.createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, (socket) => {
    const visit = enter(socket, socket.remoteAddress ?? '')
    if (visit) serve(socket, { visit, certified: null })
    else socket.destroy()
  })
  const visits = new WeakMap<net.Socket, Slot>()
  const tls =
    options.tls &&
    openTlsPort(options.tls.files, {
      log,
      onSocket(socket) {
        const visit = enter(socket, socket.remoteAddress ?? '')
        if (visit) visits.set(socket, visit)
        return visit !== null
      },
      onSecure: (socket, from, certified) => serve(socket, { visit: visits.get(from)!, certified }),
      onFailed: () => counters.tlsFailed++,
    })

  const endWebSockets: (() => void)[] = []
  async function stop(): Promise<void> {
    lag.stop()
    tls?.stop()
    const closed = [server, ...(tls ? [tls.server] : [])].map(
      (each) => new Promise<void>((resolve) => each.close(() => resolve())),
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
  for (const each of [server, ...(tls ? [tls.server] : [])])
    each.on('error', (error) => log.error({ error }, 'MQTT port'))

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
          const visit = enter(connection, address)
          if (visit) serve(connection, { visit, certified: null, request })
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
    connected: () => clients.size,
    waiting: door.waiting,
    lagMs: lag.lagMs,
    stop,
  }
}

const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port

const isDevice = (client: Client): boolean => sessionOf(client)?.party?.kind === 'device'
