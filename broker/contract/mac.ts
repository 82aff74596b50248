/**
 * The message authentication code (MAC) of every message that can move water: the first 16 bytes of HMAC-SHA-256 under
 * the device's command key, which is not its MQTT secret. A faulty or hostile broker alone cannot open a valve.
 *
 * The authenticated text is a JSON array without spaces: the operation, then its fields in the order below; null where
 * an optional field is absent. The server sends integers only, so that firmware need not agree on other number formats.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ClearCommand, CloseCommand, Command, JournalAck, Lease, OpenCommand } from './messages.ts'

type WithoutMac<T> = T extends unknown ? Omit<T, 'mac'> : never
export type UnsignedCommand = WithoutMac<Command>
export type UnsignedLease = WithoutMac<Lease>
type Unsigned = UnsignedCommand | UnsignedLease

/** The text that the MAC covers, published so that device makers can compare theirs. */
export function canonicalText(message: Unsigned): string {
  if (!('op' in message)) return JSON.stringify(['lease', message.sess, message.n])
  if (message.op === 'open') {
    const { id, valve, seq, durMs, litres, sess, n, expMonoMs } = message as OpenCommand
    return JSON.stringify(['open', id, valve, seq, durMs, litres ?? null, sess, n, expMonoMs])
  }
  if (message.op === 'close') {
    const { valve, seq, of, force, sess } = message as CloseCommand
    return JSON.stringify(['close', valve, seq ?? null, of ?? null, force ?? null, sess])
  }
  if (message.op === 'clear') {
    const { of, sess } = message as ClearCommand
    return JSON.stringify(['clear', of, sess])
  }
  const { sess, entries } = message as JournalAck
  return JSON.stringify(['journal-ack', sess, entries.map(({ valve, seq }) => [valve, seq])])
}

/** The MAC of a message: 32 hex digits. `keyHex` is the device's command key in hex. */
export const macOf = (keyHex: string, message: Unsigned): string => digest(keyHex, message).toString('hex')

/** The message with its MAC. */
export const withMac = <T extends Unsigned>(keyHex: string, message: T): T & { mac: string } => ({
  ...message,
  mac: macOf(keyHex, message),
})

/** Whether the MAC is that of the key; takes the same time for every wrong MAC. */
export function hasValidMac(keyHex: string, message: Command | Lease): boolean {
  const received = Buffer.from(message.mac, 'hex')
  return received.length === MAC_BYTES && timingSafeEqual(received, digest(keyHex, message))
}

const MAC_BYTES = 16
const digest = (keyHex: string, message: Unsigned): Buffer =>
  createHmac('sha256', Buffer.from(keyHex, 'hex'))
    .update(canonicalText(message))
    .digest()
    .subarray(0, MAC_BYTES)
