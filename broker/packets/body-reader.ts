/**
 * Reads the fields of a packet's body one after the other. The first error is recorded as `fault`; fields read after it
 * are empty, so that the caller checks once, at the end. Pure.
 */
import { textFault } from './wire-text.ts'

export interface BodyReader {
  /** `field` names the field in the fault */
  uint8(field: string): number
  uint16(field: string): number
  /** two bytes of length, then as many bytes */
  bytes(field: string): Uint8Array
  /** the same, checked as a text (wire-text.ts) */
  text(field: string): Uint8Array
  left(): number
  fail(reason: string): void
  fault(): string | null
}

const NOTHING = new Uint8Array()

/** A reader at the start of the body. */
export function bodyReader(body: Uint8Array): BodyReader {
  let at = 0
  let fault: string | null = null

  function take(count: number, field: string): Uint8Array {
    if (fault !== null) return NOTHING
    if (at + count > body.length) {
      fault = `${field}: expected ${count} bytes, got ${body.length - at}`
      return NOTHING
    }
    at += count
    return body.subarray(at - count, at)
  }

  const reader: BodyReader = {
    uint8: (field) => take(1, field)[0] ?? 0,
    uint16(field) {
      const two = take(2, field)
      return two.length === 2 ? two[0]! * 256 + two[1]! : 0
    },
    bytes: (field) => take(reader.uint16(field), field),
    text(field) {
      const read = reader.bytes(field)
      const error = fault === null ? textFault(read) : null
      if (error !== null) fault = `${field}: ${error}`
      return read
    },
    left: () => (fault === null ? body.length - at : 0),
    fail: (reason) => void (fault ??= reason),
    fault: () => fault,
  }
  return reader
}
