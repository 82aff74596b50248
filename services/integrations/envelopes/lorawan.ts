/** What ChirpStack and The Things Stack have in common: addresses, frames, and keys of LoRaWAN. */
import { createHash } from 'node:crypto'
import { readDecimal } from '../decimal.ts'
import type { Envelope, Place } from '../foreign-message.ts'
import { isFields } from './json-fields.ts'

/** The longest payload of LoRaWAN is 242 bytes. */
const MAX_FRAME = 256

const EUI = /^[0-9a-f]{16}$/i
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The address of a device: its EUI in lower case; null: not an EUI. */
export const lorawanAddress = (devEui: unknown): string | null =>
  typeof devEui === 'string' && EUI.test(devEui) ? `lw:${devEui.toLowerCase()}` : null

/** Whether a value is the address of a device in its session. */
export const isDeviceAddress = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}$/i.test(value)

/** The bytes of a frame; null: none, or not base64. */
export function frameBytes(base64: unknown): Uint8Array | null {
  if (typeof base64 !== 'string' || base64.length > MAX_FRAME * 2 || !BASE64.test(base64)) return null
  const bytes = Buffer.from(base64, 'base64')
  return bytes.length <= MAX_FRAME ? bytes : null
}

/** A frame counter; both network servers leave a zero out. */
export function frameCounter(value: unknown): number | null {
  if (value === undefined) return 0
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : null
}

/**
 * The key of an uplink. The device address changes with each join, so a new session begins a new series; the hash lets
 * a device pass that was reset without a join, and still stops a repeat.
 */
export function uplinkKey(
  address: string,
  deviceAddress: string,
  counter: number,
  bytes: Uint8Array,
): string {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
  return `${address}:${deviceAddress.toLowerCase()}:${counter}:${hash}`
}

/** The place of a device, in the form of both network servers; null: not stated. */
export function placeOf(location: unknown): Place | null {
  if (!isFields(location)) return null
  const { latitude: latDeg, longitude: lonDeg } = location
  const isDegree = (value: unknown, most: number): value is number =>
    typeof value === 'number' && Math.abs(value) <= most
  return isDegree(latDeg, 90) && isDegree(lonDeg, 180) ? { latDeg, lonDeg } : null
}

/** The strongest of the gateways that received a message. */
export function bestSignal(gateways: unknown): Envelope['signal'] {
  if (!Array.isArray(gateways)) return null
  const signals = gateways.flatMap((gateway): { rssiDbm: number; snrDb: number | null }[] => {
    if (!isFields(gateway)) return []
    const { rssi, snr } = gateway
    return typeof rssi === 'number' ? [{ rssiDbm: rssi, snrDb: readDecimal(snr) ?? null }] : []
  })
  return signals.length === 0
    ? null
    : signals.reduce((best, next) => (next.rssiDbm > best.rssiDbm ? next : best))
}
