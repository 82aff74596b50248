/**
 * Accepts telemetry from the broker or the bridge: into the journal, or to the dead letters if it can never be stored.
 * Once the promise resolves, the message may be acknowledged.
 */
import { MAX_PAYLOAD_BYTES, parseTelemetry } from '../contract/messages.ts'
import type { Arrival } from './journal-records.ts'
import type { BrokerJournal } from './journal.ts'

/** `dropped`: storage is nearly full, and the message holds only diagnostics of the device. */
export type AcceptOutcome = 'stored' | 'dead-lettered' | 'dropped'

/** Resolves when the message is on the disk. STORE_UNAVAILABLE: not stored, must not be acknowledged. */
export async function acceptTelemetry(
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity'>,
  arrival: Arrival,
  topic: string,
): Promise<AcceptOutcome> {
  const { payload } = arrival
  const reason = rejectReason(payload.length)
  if (reason !== null) {
    await journal.deadLetter({ ...arrival, topic, reason, bytes: payload.length })
    return 'dead-lettered'
  }
  const { level } = journal.capacity()
  if ((level === 'degraded' || level === 'full') && isOnlyDiagnostics(payload)) return 'dropped'
  await journal.append(arrival)
  return 'stored'
}

function rejectReason(bytes: number): string | null {
  if (bytes === 0) return 'payload: expected a telemetry message, got nothing'
  if (bytes > MAX_PAYLOAD_BYTES) return `payload: expected at most ${MAX_PAYLOAD_BYTES} bytes, got ${bytes}`
  return null
}

/**
 * Whether a message has no reading of the field: empty measurements, and at most the battery voltage. (A controller's
 * heartbeat is not a diagnostic: the lease depends on it, and it is never written to the disk.)
 */
function isOnlyDiagnostics(payload: Uint8Array): boolean {
  const message = parseTelemetry(payload)
  return (
    message.ok && message.value.measurements.every((measurement) => Object.keys(measurement).length === 0)
  )
}
