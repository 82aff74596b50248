/** What the broker knows of one connection, from its first byte to its end. */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Party } from './authorize.ts'
import type { Slot } from './connection-limits.ts'
import type { Guard, Spend } from './connection-guard.ts'

/** A connection as it came in. */
export interface Connection {
  stream: Duplex
  /** null for the server's own */
  guard: Guard | null
  /** its place among the connections; null for the server's own */
  slot: Slot | null
  /** whom its TLS certificate names; null where none was asked for */
  certificateName: string | null
}

export interface Session extends Connection {
  /** whom it claims to be; null before CONNECT */
  claimedId: string | null
  /** null until the CONNECT has been accepted */
  party: Party | null
  /** moves water: what it says is read on while telemetry waits for room in the journal */
  isController: boolean
  /** how fast it may send */
  spend: Spend | undefined
  /** which of a device's secrets it was accepted with */
  secretHash: string | null
  /** why a CONNECT that was readable will be refused, found before its secret is looked at */
  rejectReason: string | null
  /** the will as aedes publishes it, to tell it from what the device said itself */
  will: unknown
  /** the QoS that each of its topic filters was granted */
  granted: Map<string, 0 | 1>
  /** topic filters it asked for and did not get */
  rejectedFilters: number
  /** telemetry of a controller on its way to the disk */
  pendingTelemetry: { messages: number; bytes: number }
  /** the answer to the publish before, while it is still waited for */
  lastReply: Promise<void> | null
}

// on the stream itself: a map with weak keys makes every collection of garbage longer while strangers come and go
const SESSION = Symbol('session')
interface SessionStream extends Duplex {
  [SESSION]?: Session
}

export function startSession(caller: Connection, party: Party | null = null): Session {
  const session: Session = {
    ...caller,
    claimedId: null,
    party,
    isController: false,
    spend: undefined,
    secretHash: null,
    rejectReason: null,
    will: null,
    granted: new Map(),
    rejectedFilters: 0,
    pendingTelemetry: { messages: 0, bytes: 0 },
    lastReply: null,
  }
  ;(caller.stream as SessionStream)[SESSION] = session
  return session
}

export const sessionOf = (client: Client | null): Session | undefined =>
  client === null ? undefined : (client.conn as SessionStream)[SESSION]

/** Counts since the start; the names are those of the metrics. */
export const brokerCounters = () => ({
  connectionsAccepted: 0, // TCP, TLS and WebSocket, before anything is known of them
  connectionsRefusedLag: 0,
  connectionsRefusedRate: 0,
  connectionsGaveWay: 0, // waited longest while too many waited
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
  diagnosticsShed: 0, // acknowledged and not kept, for want of room
  hooksFailed: 0,
  readersCutOff: 0,
  sessionsRevoked: 0,
})
export type BrokerCounters = ReturnType<typeof brokerCounters>

/** Publishes carried and packets handed out; exact, so that a simulation can tell when everything has arrived. */
export interface Traffic {
  received: number
  forwarded: number
}
