/**
 * Valid texts on the wire: well-formed UTF-8 (MQTT 3.1.1, 1.5.3) without control characters and noncharacters, which the
 * standard allows a receiver to refuse. They would reach logs, pages and file names. Pure.
 */
import { isUtf8 } from 'node:buffer'

/** Why these bytes are not a valid text, or null. */
export function textFault(bytes: Uint8Array): string | null {
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return null
  if (!isUtf8(bytes)) return 'not UTF-8 [MQTT-1.5.3-1]'
  for (const letter of new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)) {
    const point = letter.codePointAt(0)!
    if (point === 0) return 'U+0000 in a text [MQTT-1.5.3-2]'
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return `control character ${name(point)} in a text`
    if ((point & 0xfffe) === 0xfffe || (point >= 0xfdd0 && point <= 0xfdef))
      return `noncharacter ${name(point)} in a text`
  }
  return null
}

const name = (point: number): string => `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
