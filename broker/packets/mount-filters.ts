/**
 * The filters of an UNSUBSCRIBE below the mount of a gateway. aedes has a hook for every other packet with a topic, but
 * none for this one. Pure.
 */
import type { Packet } from './packet-reader.ts'

const MAX_TEXT_BYTES = 65_535

/** The same UNSUBSCRIBE with every filter below the mount. The packet has been checked (packet-check.ts). */
export function mountFilters({ bytes, body }: Packet, mount: string): Buffer {
  const prefix = Buffer.from(mount)
  const parts: Buffer[] = [body.subarray(0, 2)] // packet id
  for (let at = 2; at < body.length;) {
    const end = at + 2 + body.readUInt16BE(at)
    const filter = body.subarray(at + 2, end)
    // one that would be too long was never granted
    const isLong = prefix.length + filter.length > MAX_TEXT_BYTES
    const mounted = isLong ? filter : Buffer.concat([prefix, filter])
    parts.push(Buffer.from([mounted.length >> 8, mounted.length & 0xff]), mounted)
    at = end
  }
  const content = Buffer.concat(parts)
  return Buffer.concat([bytes.subarray(0, 1), remainingLength(content.length), content])
}

/** 1 to 4 bytes, 7 bits in each (MQTT 3.1.1, 2.2.3). */
function remainingLength(length: number): Buffer {
  const digits: number[] = []
  for (let left = length; ;) {
    const isLast = left < 128
    digits.push(isLast ? left : (left % 128) | 0x80)
    if (isLast) return Buffer.from(digits)
    left = Math.floor(left / 128)
  }
}
