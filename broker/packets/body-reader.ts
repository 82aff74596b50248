/**
 * Reads the fields of a packet's body one after the other. The first thing that is wrong is kept as `fault`; what is
 * read after it is empty, so that a caller looks once, at the end. Pure.
 */
import { textFault } from './wire-text.ts'

export interface BodyReader {
  uint8(what: string): number
  uint16(what: string): number
  /** two bytes of length, then so many bytes */
  bytes(what: string): Uint8Array
  /** the same, and a text (wire-text.ts) */
  text(what: string): Uint8Array
  left(): number
  fail(reason: string): void
  fault(): string | null
}

const NOTHING = new Uint8Array()

export function bodyReader(body: Uint8Array): BodyReader {
  let at = 0
  let fault: string | null = null

  function take(count: number, what: string): Uint8Array {
    if (fault !== null) return NOTHING
    if (at + count > body.length) {
      fault = `${what}: expected ${count} bytes, got ${body.length - at}`
      return NOTHING
    }
    at += count
    return body.subarray(at - count, at)
  }

  const reader: BodyReader = {
    uint8: (what) => take(1, what)[0] ?? 0,
    uint16(what) {
      const two = take(2, what)
      return two.length === 2 ? two[0]! * 256 + two[1]! : 0
    },
    bytes: (what) => take(reader.uint16(what), what),
    text(what) {
      const read = reader.bytes(what)
      const wrong = fault === null ? textFault(read) : null
      if (wrong !== null) fault = `${what}: ${wrong}`
      return read
    },
    left: () => (fault === null ? body.length - at : 0),
    fail: (reason) => void (fault ??= reason),
    fault: () => fault,
  }
  return reader
}
