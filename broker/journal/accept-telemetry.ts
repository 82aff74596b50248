/**
 * Telemetry on its way to the disk, by whichever door it came: into the journal, or, where it can never be stored,
 * to the dead letters. What resolves may be acknowledged.
 */
import { MAX_PAYLOAD_BYTES, parseTelemetry } from '../contract/messages.ts'
import type { Arrival } from './journal-records.ts'
import type { BrokerJournal } from './journal.ts'

/** `shed`: there is hardly any room left, and it said only how the device is doing. */
export type AcceptOutcome = 'kept' | 'buried' | 'shed'

/** Resolves when it is on the disk. STORE_UNAVAILABLE: not kept, must not be acknowledged. */
export async function acceptTelemetry(
  journal: Pick<BrokerJournal, 'append' | 'deadLetter' | 'capacity'>,
  arrival: Arrival,
  topic: string,
): Promise<AcceptOutcome> {
  const { payload } = arrival
  const reason = rejectReason(payload.length)
  if (reason !== null) {
    await journal.deadLetter({ ...arrival, topic, reason, bytes: payload.length })
    return 'buried'
  }
  const { level } = journal.capacity()
  if ((level === 'shed' || level === 'full') && isOnlyDiagnostics(payload)) return 'shed'
  await journal.append(arrival)
  return 'kept'
}

function rejectReason(bytes: number): string | null {
  if (bytes === 0) return 'payload: expected a telemetry message, got nothing'
  if (bytes > MAX_PAYLOAD_BYTES) return `payload: expected at most ${MAX_PAYLOAD_BYTES} bytes, got ${bytes}`
  return null
}

/**
 * A sign of life without a reading of the field: measurements that hold nothing, beside them the battery at most.
 * (A controller's heartbeat is no diagnostic: it carries the lease, and it is never written to the disk.)
 */
function isOnlyDiagnostics(payload: Uint8Array): boolean {
  const message = parseTelemetry(payload)
  return (
    message.ok && message.value.measurements.every((measurement) => Object.keys(measurement).length === 0)
  )
}
