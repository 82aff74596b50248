/**
 * Accepts a message of another ecosystem: raw into the journal, or to the dead letters if it is longer than any that is
 * read. Nothing is parsed here: decoding never stands before the acknowledgement.
 */
import {
  foreignTopicFault,
  isCatalogueTopic,
  MAX_CATALOGUE_BYTES,
  MAX_FOREIGN_BYTES,
} from '../contract/foreign-topics.ts'
import type { ForeignOrigin } from '../contract/journal.ts'
import type { AcceptOutcome } from './accept-telemetry.ts'
import type { BrokerJournal } from './journal.ts'
import type { Arrival } from './journal-records.ts'

export type ForeignArrival = Arrival & { foreign: ForeignOrigin }

// of the topic of a dead letter
const SHOWN_CHARACTERS = 200

/**
 * Resolves when the message is on the disk; `dropped`: a catalogue while storage is nearly full. STORE_UNAVAILABLE: not
 * stored, must not be acknowledged.
 */
export async function acceptForeign(
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity'>,
  arrival: ForeignArrival,
): Promise<AcceptOutcome> {
  const { topic } = arrival.foreign
  const bytes = arrival.payload.length
  const fault = foreignTopicFault(topic)
  const reason = fault === null ? lengthFault(topic, bytes) : `topic: ${fault}`
  if (reason !== null) {
    await journal.deadLetter({ ...arrival, topic: topic.slice(0, SHOWN_CHARACTERS), reason, bytes })
    return 'dead-lettered'
  }
  const { level } = journal.capacity()
  if ((level === 'degraded' || level === 'full') && isCatalogueTopic(topic)) return 'dropped'
  await journal.append(arrival)
  return 'stored'
}

function lengthFault(topic: string, bytes: number): string | null {
  const most = isCatalogueTopic(topic) ? MAX_CATALOGUE_BYTES : MAX_FOREIGN_BYTES
  return bytes > most ? `payload: expected at most ${most} bytes, got ${bytes}` : null
}
