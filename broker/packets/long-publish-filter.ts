/**
 * Passes the bytes of another broker on to our client, without publishes that are longer than any that is read: those
 * are dropped while they arrive, and never buffered.
 */
import { publishSkipper, type SkippedPublish } from './packet-reader.ts'

const PUBLISH = 3
// a fixed header: a byte, and at most four of length
const MAX_HEADER_BYTES = 5

/**
 * Returns what is left of each chunk, or null if the stream cannot be read. `onSkipped` is called when a long publish has
 * passed.
 */
export function longPublishFilter(
  maxBytes: number,
  onSkipped: (publish: SkippedPublish) => void,
): (chunk: Buffer) => Buffer | null {
  let header: number[] = []
  let left = 0 // of the body that is being passed on
  let skipping: ReturnType<typeof publishSkipper> | null = null

  /** Reads the header from the byte at `at`; returns the number of bytes read, or null if the length is invalid. */
  function readHeader(chunk: Buffer, at: number): number | null {
    for (let i = at; i < chunk.length; i++) {
      header.push(chunk[i]!)
      if (header.length === 1) continue
      if (chunk[i]! < 0x80) return i + 1 - at
      if (header.length === MAX_HEADER_BYTES) return null
    }
    return chunk.length - at
  }
  const isComplete = () => header.length > 1 && header.at(-1)! < 0x80
  const lengthOf = () => header.slice(1).reduce((sum, seven, i) => sum + (seven & 0x7f) * 128 ** i, 0)

  /** The part of the chunk that is passed on, packet by packet; false if the stream cannot be read. */
  function pass(chunk: Buffer, emit: (bytes: Buffer) => void): boolean {
    for (let at = 0; at < chunk.length;) {
      if (skipping !== null) {
        at += skipping.take(chunk.subarray(at))
        if (skipping.left() > 0) return true
        onSkipped(skipping.result())
        skipping = null
      } else if (left > 0) {
        const count = Math.min(left, chunk.length - at)
        emit(chunk.subarray(at, at + count))
        left -= count
        at += count
      } else {
        const count = readHeader(chunk, at)
        if (count === null) return false
        at += count
        if (!isComplete()) return true
        const length = lengthOf()
        if (header[0]! >> 4 === PUBLISH && length > maxBytes) skipping = publishSkipper(header[0]!, length)
        else {
          emit(Buffer.from(header))
          left = length
        }
        header = []
      }
    }
    return true
  }

  return (chunk) => {
    const parts: Buffer[] = []
    return pass(chunk, (bytes) => void parts.push(bytes)) ? Buffer.concat(parts) : null
  }
}
