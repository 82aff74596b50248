/**
 * Telemetry of a controller is set aside and acknowledged here, after its commit. aedes would take nothing that comes
 * behind it until it is answered, so on a full disk a valve could no longer say that it has shut. PUBACKs of one topic
 * stay in order [MQTT-4.6.0-6]; those of another need not wait for them.
 */
import type { Session } from '../access/session.ts'

// a device has at most 20 messages on their way, of 1 KiB each (contract): who keeps to that is never cut off
const MAX_PENDING = 20
const MAX_PENDING_BYTES = 64 * 1024
const RETRY_MS = 1_000
const PUBACK = 0x40

/**
 * Keeps trying while the connection lasts, then acknowledges. False, and nothing is done, when the device has more on
 * its way than it may.
 */
export function acknowledgeAfterCommit(
  session: Session,
  { messageId, bytes }: { messageId: number; bytes: number },
  keep: () => Promise<unknown>,
): boolean {
  const { pendingTelemetry: aside, stream } = session
  if (aside.messages >= MAX_PENDING || (aside.messages > 0 && aside.bytes + bytes > MAX_PENDING_BYTES))
    return false
  aside.messages++
  aside.bytes += bytes
  void retryUntilStored(session, keep)
    .then((isKept) => {
      if (isKept && stream.writable) stream.write(Buffer.from([PUBACK, 2, messageId >> 8, messageId & 0xff]))
    })
    .finally(() => {
      aside.messages--
      aside.bytes -= bytes
    })
  return true
}

/** False when the connection has gone first: the device sends it again. */
async function retryUntilStored({ stream }: Session, keep: () => Promise<unknown>): Promise<boolean> {
  while (!stream.destroyed)
    try {
      await keep()
      return true
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
    }
  return false
}
