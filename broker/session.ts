/** What the broker knows of one connection, from its first byte to its end. */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Party } from './authorize.ts'

export interface Session {
  /** lets what follows CONNECT pass */
  open: () => void
  /** null until the CONNECT has been accepted */
  party: Party | null
  /** why a CONNECT that was readable will be refused, found before its secret is looked at */
  refusal: string | null
  /** the will as aedes publishes it, to tell it from what the device said itself */
  will: unknown
}

const sessions = new WeakMap<Duplex, Session>()

export function beginSession(stream: Duplex, open: () => void, party: Party | null = null): Session {
  const session: Session = { open, party, refusal: null, will: null }
  sessions.set(stream, session)
  return session
}

export const sessionOf = (client: Client | null): Session | undefined =>
  client === null ? undefined : sessions.get(client.conn)

/** Counts since the start; the names are those of the metrics. */
export const brokerCounters = () => ({
  connectsAccepted: 0,
  connectsRefused: 0,
  publishesRefused: 0,
  subscribesRefused: 0,
  packetsOversize: 0,
  streamsMalformed: 0,
  notAcknowledged: 0,
})
export type BrokerCounters = ReturnType<typeof brokerCounters>

/** Publishes carried and packets handed out; exact, so that a simulation can tell when everything has arrived. */
export interface Traffic {
  received: number
  forwarded: number
}
