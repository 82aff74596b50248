/**
 * Acknowledges telemetry of a controller after its commit, outside aedes. aedes would process no later packet of the
 * client until then, so on a full disk a controller could not report that a valve has closed. PUBACKs of one topic stay
 * in order [MQTT-4.6.0-6]; those of another topic need not wait for them.
 */
import type { Session } from '../access/session.ts'

// the contract allows a device 20 unacknowledged messages of 1 KiB each: within that it is never disconnected
const MAX_PENDING = 20
const MAX_PENDING_BYTES = 64 * 1024
const RETRY_MS = 1_000
const PUBACK = 0x40

/**
 * Retries `store` while the connection lasts, then acknowledges. False, without any effect, if the device has too many
 * unacknowledged messages.
 */
export function acknowledgeAfterCommit(
  session: Session,
  { messageId, bytes }: { messageId: number; bytes: number },
  store: () => Promise<unknown>,
): boolean {
  const { pendingTelemetry, stream } = session
  if (
    pendingTelemetry.messages >= MAX_PENDING ||
    (pendingTelemetry.messages > 0 && pendingTelemetry.bytes + bytes > MAX_PENDING_BYTES)
  )
    return false
  pendingTelemetry.messages++
  pendingTelemetry.bytes += bytes
  void retryUntilStored(session, store)
    .then((isStored) => {
      if (isStored && stream.writable)
        stream.write(Buffer.from([PUBACK, 2, messageId >> 8, messageId & 0xff]))
    })
    .finally(() => {
      pendingTelemetry.messages--
      pendingTelemetry.bytes -= bytes
    })
  return true
}

/** False if the connection closes first: the device sends the message again. */
async function retryUntilStored({ stream }: Session, store: () => Promise<unknown>): Promise<boolean> {
  while (!stream.destroyed)
    try {
      await store()
      return true
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
    }
  return false
}
