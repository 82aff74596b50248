/**
 * The seal on everything that can move water: the first 16 bytes of HMAC-SHA-256 under the device's command key, which
 * is not its MQTT secret. A broken or hostile broker alone opens no valve.
 *
 * Sealed is the JSON text of one array, without spaces: the operation, then its fields in the order below; null where
 * an optional field is absent. The server sends whole numbers, so that firmware need not agree on how to print others.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ClearCommand, CloseCommand, Command, JournalAck, Lease, OpenCommand } from './messages.ts'

type WithoutMac<T> = T extends unknown ? Omit<T, 'mac'> : never
export type UnsignedCommand = WithoutMac<Command>
export type UnsignedLease = WithoutMac<Lease>
type Unsigned = UnsignedCommand | UnsignedLease

/** The text that is sealed, for device makers to compare with their own. */
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

/** The seal of a message: 32 hex digits. `keyHex` is the device's command key in hex. */
export const macOf = (keyHex: string, message: Unsigned): string => digest(keyHex, message).toString('hex')

/** The message with its seal. */
export const withMac = <T extends Unsigned>(keyHex: string, message: T): T & { mac: string } => ({
  ...message,
  mac: macOf(keyHex, message),
})

/** Whether the seal is the one that this key gives; takes the same time for every wrong seal. */
export function hasValidMac(keyHex: string, message: Command | Lease): boolean {
  const given = Buffer.from(message.mac, 'hex')
  return given.length === MAC_BYTES && timingSafeEqual(given, digest(keyHex, message))
}

const MAC_BYTES = 16
const digest = (keyHex: string, message: Unsigned): Buffer =>
  createHmac('sha256', Buffer.from(keyHex, 'hex'))
    .update(canonicalText(message))
    .digest()
    .subarray(0, MAC_BYTES)
