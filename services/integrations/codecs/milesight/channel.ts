/** What Milesight's channels are made of: little-endian numbers and words, each under the maker's field name. */
import { ok, type Result } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'

export interface Channel {
  /** Bytes after id and type, given all bytes that follow; or why that cannot be known. It may exceed what came. */
  size: (rest: DataView) => Result<number>
  /** `data` has exactly that size. */
  read: (data: DataView) => Fields
}

/** A stretch of a channel of known size. */
export interface Part {
  size: number
  read: (data: DataView, at: number) => Fields
}

interface Numeral {
  size: number
  read: (data: DataView, at: number) => number | null
}

export const u8: Numeral = { size: 1, read: (data, at) => data.getUint8(at) }
export const i8: Numeral = { size: 1, read: (data, at) => data.getInt8(at) }
export const u16: Numeral = { size: 2, read: (data, at) => data.getUint16(at, true) }
export const i16: Numeral = { size: 2, read: (data, at) => data.getInt16(at, true) }
export const u32: Numeral = { size: 4, read: (data, at) => data.getUint32(at, true) }
export const i32: Numeral = { size: 4, read: (data, at) => data.getInt32(at, true) }

/** Null for NaN and infinity, which JSON does not have. */
const finite = (number: number): number | null => (Number.isFinite(number) ? number : null)

export const f32: Numeral = { size: 4, read: (data, at) => finite(data.getFloat32(at, true)) }
export const f16: Numeral = { size: 2, read: (data, at) => finite(halfFloat(data.getUint16(at, true))) }

function halfFloat(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff]
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (fraction + 0x400) * 2 ** (exponent - 25)
}

/** A fraction in the precision that the maker's decoder prints: two decimals. */
export const rounded = ({ size, read }: Numeral): Numeral => ({
  size,
  read: (data, at) => {
    const number = read(data, at)
    return number === null ? null : Number(number.toFixed(2))
  },
})

/** A number, divided by `divisor`. */
export const value = (name: string, { size, read }: Numeral, divisor = 1): Part => ({
  size,
  read: (data, at) => {
    const number = read(data, at)
    return { [name]: number === null ? null : number / divisor }
  },
})

const sensorErrors: Record<number, string> = { 0xffff: 'collection failed', 0xfffd: 'out of range' }

/** A measurement of 16 bits, or `{name}_error` where the sensor failed. */
export const measured = (name: string, numeral: Numeral, divisor: number): Part => ({
  size: 2,
  read: (data, at) => {
    const error = sensorErrors[data.getUint16(at, true)]
    return error === undefined ? value(name, numeral, divisor).read(data, at) : { [`${name}_error`]: error }
  },
})

/** One of `words`; `unknown`, as the maker prints it, for a number that has no word. */
export const wordOf = (words: readonly string[] | Record<number, string>, number: number): string =>
  (words as Record<number, string>)[number] ?? 'unknown'

export const choice = (
  name: string,
  words: readonly string[] | Record<number, string>,
  { size, read }: Numeral = u8,
): Part => ({
  size,
  read: (data, at) => ({ [name]: wordOf(words, read(data, at)!) }),
})

/** A byte that means no more than that it came. */
export const always = (name: string, word: string): Part => ({ size: 1, read: () => ({ [name]: word }) })

/** Bytes without a use. */
export const gap = (size: number): Part => ({ size, read: () => ({}) })

export const hexText = (name: string, size: number): Part => ({
  size,
  read: (data, at) => {
    let text = ''
    for (let i = at; i < at + size; i++) text += data.getUint8(i).toString(16).padStart(2, '0')
    return { [name]: text }
  },
})

/** Characters from `from` to `to`; those from the first zero on are dropped. */
export function characters(data: DataView, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) {
    const code = data.getUint8(at)
    if (code === 0) break
    text += String.fromCharCode(code)
  }
  return text
}

const sizeOf = (parts: Part[]): number => parts.reduce((sum, part) => sum + part.size, 0)

/** The fields of parts that follow each other. */
export function readParts(parts: Part[], data: DataView, from = 0): Fields {
  const fields: Fields = {}
  let at = from
  for (const part of parts) {
    Object.assign(fields, part.read(data, at))
    at += part.size
  }
  return fields
}

/** A channel of fixed size. */
export const channel = (...parts: Part[]): Channel => ({
  size: () => ok(sizeOf(parts)),
  read: (data) => readParts(parts, data),
})

/** A stored record: `timestamp` in UTC seconds and what was measured then. */
export const history = (...parts: Part[]): Channel => ({
  size: () => ok(4 + sizeOf(parts)),
  read: (data) => ({ history: [readParts([value('timestamp', u32), ...parts], data)] }),
})

/** A reply about a setting that no reading needs: its length is known, its content is passed over. */
export const passed = (size: number): Channel => channel(gap(size))

export const channelKey = (id: number, type: number): number => id * 256 + type

/** `[id, type, channel]` as a table. */
export const channelTable = (...rows: [number, number, Channel][]): Map<number, Channel> =>
  new Map(rows.map(([id, type, row]) => [channelKey(id, type), row]))
