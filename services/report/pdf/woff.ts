/**
 * A WOFF file as the TrueType file that it wraps. pdfkit reads both, but inflates the whole table of outlines of a WOFF in
 * JavaScript again for each character of a document.
 */
import { inflateSync } from 'node:zlib'

const WOFF_HEADER = 44
const WOFF_ENTRY = 20
const HEADER = 12
const ENTRY = 16

/** The bytes of the font (W3C WOFF 1.0, sections 3 to 5). */
export function unwrapWoff(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12)
  const power = Math.floor(Math.log2(count))
  const directory = Buffer.alloc(HEADER + ENTRY * count)
  woff.copy(directory, 0, 4, 8) // flavor
  directory.writeUInt16BE(count, 4)
  directory.writeUInt16BE(16 * 2 ** power, 6)
  directory.writeUInt16BE(power, 8)
  directory.writeUInt16BE(16 * (count - 2 ** power), 10)
  const parts: Buffer[] = [directory]
  let end = directory.length
  for (let n = 0; n < count; n++) {
    const entry = WOFF_HEADER + WOFF_ENTRY * n
    const [from, packed, length] = [4, 8, 12].map((at) => woff.readUInt32BE(entry + at)) as [
      number,
      number,
      number,
    ]
    const bytes = woff.subarray(from, from + packed)
    const to = HEADER + ENTRY * n
    woff.copy(directory, to, entry, entry + 4) // tag
    woff.copy(directory, to + 4, entry + 16, entry + 20) // checksum
    directory.writeUInt32BE(end, to + 8)
    directory.writeUInt32BE(length, to + 12)
    // tables begin at multiples of four bytes
    const padding = (4 - (length % 4)) % 4
    parts.push(packed < length ? inflateSync(bytes) : bytes, Buffer.alloc(padding))
    end += length + padding
  }
  return Buffer.concat(parts)
}
