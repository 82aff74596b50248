/** The state of one connection, from its first byte to its end. */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Party } from './authorize.ts'
import type { Slot } from './connection-limits.ts'
import type { Guard, Spend } from './connection-guard.ts'

/** A connection as it was accepted by a port. */
export interface Connection {
  stream: Duplex
  /** null for the server's own */
  guard: Guard | null
  /** its slot within the connection limits; null for the server's own */
  slot: Slot | null
  /** common name of its TLS certificate; null where none is required */
  certificateName: string | null
}

export interface Session extends Connection {
  /** user name of its CONNECT, or client id without one, before authentication; null before CONNECT */
  claimedId: string | null
  /** its CONNECT has no client id: only a gateway needs none */
  isNameless: boolean
  /** null until the CONNECT has been accepted */
  party: Party | null
  /** a controller: reading from it continues while the journal is full */
  isController: boolean
  /** its rate limit */
  spend: Spend | undefined
  /** hash of the secret that it signed in with */
  secretHash: string | null
  /** why a well-formed CONNECT will be refused, known before its secret is checked */
  rejectReason: string | null
  /** the will as aedes publishes it, to distinguish it from the device's own messages */
  will: unknown
  /** its device or gateway may no longer connect: its will is not retained */
  isRevoked: boolean
  /** granted QoS by topic filter; null: it has subscribed to nothing */
  granted: Map<string, 0 | 1> | null
  /** number of rejected topic filters */
  rejectedFilters: number
  /** telemetry of a controller that is being committed */
  pendingTelemetry: { messages: number; bytes: number }
  /** the reply to the previous publish, while it is pending */
  lastReply: Promise<void> | null
}

// on the stream itself: a WeakMap would make every garbage collection longer under a flood of connections
const SESSION = Symbol('session')
interface SessionStream extends Duplex {
  [SESSION]?: Session
}

/** Attaches a session to a connection. A party is set for the server's own connections only. */
export function startSession(connection: Connection, party: Party | null = null): Session {
  const { stream, guard, slot, certificateName } = connection
  // each field by its name: with a spread every session would get a hidden class of its own, of 600 bytes
  const session: Session = {
    stream,
    guard,
    slot,
    certificateName,
    claimedId: null,
    isNameless: false,
    party,
    isController: false,
    spend: undefined,
    secretHash: null,
    rejectReason: null,
    will: null,
    isRevoked: false,
    granted: null,
    rejectedFilters: 0,
    pendingTelemetry: { messages: 0, bytes: 0 },
    lastReply: null,
  }
  ;(stream as SessionStream)[SESSION] = session
  return session
}

/** The session of a client; undefined if it has none. */
export const sessionOf = (client: Client | null): Session | undefined =>
  client === null ? undefined : (client.conn as SessionStream)[SESSION]

/** Counters since the start; their names are those of the metrics. */
export const brokerCounters = () => ({
  connectionsAccepted: 0, // TCP, TLS and WebSocket, before CONNECT
  connectionsRefusedLag: 0,
  connectionsRefusedRate: 0,
  connectionsEvicted: 0, // evicted as the oldest of too many pending ones
  tlsFailed: 0,
  connectsAccepted: 0,
  connectsRefused: 0,
  signInsFailed: 0,
  tooManyDevices: 0,
  publishesRefused: 0,
  subscribesRefused: 0,
  packetsOversize: 0,
  streamsMalformed: 0,
  packetsDelayed: 0,
  notAcknowledged: 0,
  foreignRefused: 0, // of a gateway: acknowledged, a dead letter, and not forwarded
  diagnosticsDropped: 0, // acknowledged and dropped, because storage is nearly full
  hooksFailed: 0,
  readersCutOff: 0,
  sessionsRevoked: 0,
})
export type BrokerCounters = ReturnType<typeof brokerCounters>

/** Exact counts of publishes and forwarded packets, so that a simulation can determine when everything has arrived. */
export interface Traffic {
  received: number
  forwarded: number
}
