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
export const bodyReader = (body: Uint8Array): BodyReader => new Reader(body)

// a class: each packet has one, and closures of its own would cost more than what they check
class Reader implements BodyReader {
  readonly #body: Uint8Array
  #at = 0
  #fault: string | null = null

  constructor(body: Uint8Array) {
    this.#body = body
  }

  uint8(field: string): number {
    const from = this.#take(1, field)
    return from === null ? 0 : this.#body[from]!
  }

  uint16(field: string): number {
    const from = this.#take(2, field)
    return from === null ? 0 : this.#body[from]! * 256 + this.#body[from + 1]!
  }

  bytes(field: string): Uint8Array {
    const count = this.uint16(field)
    const from = this.#take(count, field)
    return from === null ? NOTHING : this.#body.subarray(from, from + count)
  }

  text(field: string): Uint8Array {
    const read = this.bytes(field)
    const error = this.#fault === null ? textFault(read) : null
    if (error !== null) this.#fault = `${field}: ${error}`
    return read
  }

  left(): number {
    return this.#fault === null ? this.#body.length - this.#at : 0
  }

  fail(reason: string): void {
    this.#fault ??= reason
  }

  fault(): string | null {
    return this.#fault
  }

  /** Where the next bytes begin; null: there are not so many, or a fault was found before. */
  #take(count: number, field: string): number | null {
    if (this.#fault !== null) return null
    const from = this.#at
    if (from + count > this.#body.length) {
      this.#fault = `${field}: expected ${count} bytes, got ${this.#body.length - from}`
      return null
    }
    this.#at += count
    return from
  }
}
