/**
 * Text as Shift_JIS for Japanese office programs (CP932, with NEC and IBM characters). The table inverts the platform's
 * decoder, in the order of the WHATWG Encoding Standard, section 12.3.2.
 */

const GETA = '〓' // replaces a character without a code

export interface ShiftJis {
  bytes: Uint8Array
  replaced: number // characters without a code
}

/** Kana with separate marks are composed first. A character without a code becomes 〓 and is counted. */
export function toShiftJis(text: string): ShiftJis {
  const codes = (table ??= buildTable())
  const bytes: number[] = []
  let replaced = 0
  for (const character of composeKana(text)) {
    const code = codes.get(character) ?? codes.get(equivalents[character] ?? '')
    if (code === undefined) replaced++
    const encoded = code ?? codes.get(GETA)!
    if (encoded > 0xff) bytes.push(encoded >> 8)
    bytes.push(encoded & 0xff)
  }
  return { bytes: Uint8Array.from(bytes), replaced }
}

/** Characters that Unicode encodes twice and Shift_JIS once. */
const equivalents: Record<string, string> = {
  '¥': '\\',
  '‾': '~',
  '−': '－',
  '〜': '～',
  '‖': '∥',
  '—': '―',
  '¢': '￠',
  '£': '￡',
  '¬': '￢',
  '\u00a0': ' ',
  '³': '3',
  '²': '2',
}

let table: Map<string, number> | null = null

function buildTable(): Map<string, number> {
  const codes = new Map<string, number>()
  const decoder = new TextDecoder('shift_jis')
  const add = (code: number, ...bytes: number[]) => {
    const character = decoder.decode(Uint8Array.from(bytes))
    // the first of several codes wins; an invalid sequence decodes to two characters or a replacement
    if ([...character].length === 1 && character !== '\ufffd' && !codes.has(character))
      codes.set(character, code)
  }
  for (let byte = 0; byte < 0x80; byte++) add(byte, byte)
  for (let byte = 0xa1; byte <= 0xdf; byte++) add(byte, byte)
  for (const lead of leads)
    for (let trail = 0x40; trail <= 0xfc; trail++) if (trail !== 0x7f) add((lead << 8) | trail, lead, trail)
  return codes
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
// without 0xed and 0xee, whose characters repeat from 0xfa on, and without the vendor area 0xf0 to 0xf9
const leads = [...range(0x81, 0x9f), ...range(0xe0, 0xec), 0xef, ...range(0xfa, 0xfc)]

/**
 * Kana with their combining marks as one character: macOS writes names decomposed. Nothing else is normalised, since
 * that would lose variant characters of names.
 */
export const composeKana = (text: string): string =>
  text.replace(/[\u3040-\u30ff][\u3099\u309a]/gu, (pair) => pair.normalize('NFC'))
