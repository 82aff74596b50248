/** The dead letter of a message that cannot be interpreted or stored. */
import type { DeadLetter, JournalRecord } from '../../broker/contract/journal.ts'
import { topicOf } from '../../broker/contract/topics.ts'

// a message must not fill the dead letters with what it names
const MAX_REASON = 300

/** With the topic that the message arrived on; a reason is cut off after 300 characters. */
export const deadLetterOf = (
  { receivedMs, org, device, payload, foreign }: JournalRecord,
  reason: string,
): Omit<DeadLetter, 'id'> => ({
  receivedMs,
  org,
  device,
  topic: foreign?.topic ?? topicOf(org, device, 'telemetry'),
  reason: reason.slice(0, MAX_REASON),
  payload,
  bytes: payload.length,
  foreign,
})
