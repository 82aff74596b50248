/** Checks and numbers that Dragino's frames share. */
import type { Err } from '../../../../broker/contract/result.ts'
import { trailing, truncated } from '../frame.ts'

/** A fault if the frame does not have exactly `size` bytes. */
export function wrongLength(bytes: Uint8Array, size: number, what: string): Err<string> | null {
  if (bytes.length < size) return truncated(0, what, size, bytes)
  return bytes.length > size ? trailing(size, bytes.subarray(size)) : null
}

/** Volts; the upper two bits are flags. */
export const batteryVolts = (data: DataView): number => (data.getUint16(0) & 0x3fff) / 1000

/** A temperature probe in tenths, as text: `"24.10"`. A missing probe reads `"3276.70"`. */
export const probeText = (data: DataView, at: number): string => (data.getInt16(at) / 10).toFixed(2)

/** Below zero the data sheet subtracts ffff, not 10000: the value is one step too warm, and stays so. */
export const sheetSigned = (data: DataView, at: number): number => {
  const raw = data.getUint16(at)
  return raw >= 0x8000 ? raw - 0xffff : raw
}
