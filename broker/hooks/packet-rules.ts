/** How the packets of an accepted connection pass, and what happens to one that breaks the protocol. */
import type { Duplex } from 'node:stream'
import type { Terms } from '../access/connection-guard.ts'
import type { BrokerCounters, Session } from '../access/session.ts'
import { mountOf } from '../contract/foreign-topics.ts'
import type { Clock } from '../contract/time.ts'
import type { BrokerJournal } from '../journal/journal.ts'
import type { Log, OnRejection } from '../log.ts'
import { MAX_PACKET_BYTES, type Refusal } from '../packets/packet-reader.ts'
import { buryLongPublish } from './foreign-messages.ts'

interface PacketDeps {
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity'>
  clock: Clock
  log: Log
  counters: BrokerCounters
  onRejection?: OnRejection
}

/** The terms of a session whose CONNECT has been accepted. */
export function termsOf(deps: PacketDeps, session: Session): Terms {
  const { party, spend, isController } = session
  if (party?.kind !== 'gateway') return { spend, pausesWhenFull: !isController }
  const onSkipped: NonNullable<Terms['gateway']>['onSkipped'] = (publish) =>
    buryLongPublish(deps, session, publish, party)
  return { spend, gateway: { mount: mountOf(party.org, party.gateway), onSkipped } }
}

/** Closes a connection that broke the protocol. An oversize packet of a device becomes a dead letter first. */
export async function closeRefused(
  { journal, clock, log, counters, onRejection }: PacketDeps,
  connection: Duplex,
  session: Session,
  refusal: Refusal,
): Promise<void> {
  const { party } = session
  if (refusal.kind === 'malformed') counters.streamsMalformed++
  else if (refusal.kind === 'oversize') counters.packetsOversize++
  else counters.connectsRefused++
  log.info({ party, ...refusal }, 'connection closed: protocol violation')
  if (party !== null && party.kind !== 'service') {
    const reason = refusal.kind === 'oversize' ? `a packet of ${refusal.bytes} bytes` : refusal.reason
    const name = party.kind === 'device' ? party.device : party.gateway
    onRejection?.({ claims: [name], action: 'packet', reason })
  }
  if (refusal.kind === 'oversize' && party?.kind === 'device') {
    const { org, device } = party
    const reason = `packet: expected at most ${MAX_PACKET_BYTES} bytes, got ${refusal.bytes}`
    const topic = refusal.topic ?? ''
    const letter = { receivedMs: clock.now(), org, device, topic, reason, bytes: refusal.bytes }
    await journal
      .deadLetter({ ...letter, payload: Buffer.alloc(0) })
      .catch((error: unknown) => log.error({ error }, 'a dead letter could not be stored'))
  }
  if (refusal.kind !== 'refused') return void connection.destroy()
  session.stream.write(Buffer.from([0x20, 2, 0, refusal.returnCode])) // CONNACK
  session.stream.destroy()
}
