/**
 * The messages of gateways: raw in the journal before anybody sees them, then forwarded below the mount. A message that
 * cannot be stored for what it is becomes a dead letter, is acknowledged and reaches nobody: a gateway speaks for a whole
 * network of devices, and is not disconnected for one of them.
 */
import type { PublishPacket } from 'aedes'
import type { Party } from '../access/authorize.ts'
import { mayBeRetained } from '../access/authorize.ts'
import { mountOf } from '../contract/foreign-topics.ts'
import type { Clock } from '../contract/time.ts'
import type { Session, BrokerCounters } from '../access/session.ts'
import { acceptForeign } from '../journal/accept-foreign.ts'
import type { BrokerJournal } from '../journal/journal.ts'
import type { Log } from '../log.ts'
import type { GatewayListener } from './gateway-events.ts'
import type { SkippedPublish } from '../packets/packet-reader.ts'

export type Gateway = Extract<Party, { kind: 'gateway' }>

interface ForeignDeps {
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity'>
  clock: Clock
  counters: BrokerCounters
  /** called for each message that is on disk */
  onForeign?: GatewayListener['onMessage']
}

// nobody may subscribe to it
const NOWHERE = '$dropped'
const PUBACK = 0x40

/**
 * Stores a publish or will and mounts it: afterwards it may be forwarded. Rejects when it is not stored. The retain flag
 * remains only where the contract of foreign topics has it, and not after the gateway was revoked.
 */
export async function storeForeign(
  { journal, clock, counters, onForeign }: ForeignDeps,
  { org, gateway }: Gateway,
  packet: PublishPacket,
  { isRevoked }: Pick<Session, 'isRevoked'>,
): Promise<void> {
  const { topic } = packet
  const payload = Buffer.from(packet.payload)
  const receivedMs = clock.now()
  const isRetained = packet.retain === true
  const foreign = { integration: gateway, topic, isRetained }
  const outcome = await acceptForeign(journal, { receivedMs, org, device: gateway, payload, foreign })
  if (outcome === 'dropped') counters.diagnosticsDropped++
  if (outcome === 'dead-lettered') {
    counters.foreignRefused++
    Object.assign(packet, { topic: NOWHERE, payload: Buffer.alloc(0), retain: false })
    return
  }
  onForeign?.(gateway, { topic, payload, receivedMs })
  packet.topic = mountOf(org, gateway) + topic
  packet.retain = isRetained && !isRevoked && mayBeRetained(packet.topic)
}

/** A publish that was too long to receive: a dead letter without its payload, then the PUBACK, in the order of messages. */
export function buryLongPublish(
  deps: ForeignDeps & { log: Log },
  session: Session,
  { topic, bytes, isRetained, messageId }: SkippedPublish,
  { org, gateway }: Gateway,
): void {
  const { journal, clock, counters, log } = deps
  const { stream } = session
  counters.foreignRefused++
  const letter = journal.deadLetter({
    receivedMs: clock.now(),
    org,
    device: gateway,
    topic,
    reason: `packet: too long, got ${bytes} bytes`,
    payload: Buffer.alloc(0),
    bytes,
    foreign: { integration: gateway, topic, isRetained },
  })
  const reply = Promise.all([letter, session.lastReply])
    .then(() => {
      if (messageId !== null && stream.writable)
        stream.write(Buffer.from([PUBACK, 2, messageId >> 8, messageId & 0xff]))
    })
    .catch((error: unknown) => {
      counters.notAcknowledged++
      log.error({ error }, 'a dead letter could not be stored')
      stream.destroy()
    })
    .finally(() => {
      if (session.lastReply === reply) session.lastReply = null
    })
  session.lastReply = reply
}
