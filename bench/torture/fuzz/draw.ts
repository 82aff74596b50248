/** Drawing from chance: what every generator of nonsense needs. */
import { random, type Random } from '../../../firmware-sim/random.ts'

export interface Draw {
  chance(probability: number): boolean
  /** a whole number, both ends included */
  int(from: number, to: number): number
  of<T>(choices: readonly T[]): T
  bytes(length: number): Buffer
}

export const draw = (seed: string): Draw => drawFrom(random(seed))

function drawFrom({ next }: Random): Draw {
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    chance: (probability) => next() < probability,
    int,
    of: (choices) => choices[int(0, choices.length - 1)]!,
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(0, 255))),
  }
}

/** Bytes that were in order, and one thing done to them. */
export function spoilBytes(bytes: Buffer, { int, of, bytes: noise }: Draw): Buffer {
  const at = int(0, Math.max(0, bytes.length - 1))
  const own = Buffer.from(bytes)
  switch (of(['flip', 'set', 'cut', 'drop', 'insert', 'repeat', 'length', 'swap'])) {
    case 'flip':
      if (own.length > 0) own[at] = own[at]! ^ (1 << int(0, 7))
      return own
    case 'set':
      if (own.length > 0) own[at] = of([0x00, 0x7f, 0x80, 0xff, 0x23, 0x2b, 0x24])
      return own
    case 'cut':
      return own.subarray(0, at)
    case 'drop':
      return Buffer.concat([own.subarray(0, at), own.subarray(at + int(1, 4))])
    case 'insert':
      return Buffer.concat([own.subarray(0, at), noise(int(1, 8)), own.subarray(at)])
    case 'repeat':
      return Buffer.concat([own, own.subarray(at)])
    case 'length':
      if (own.length > 1) own[1] = int(0, 255)
      return own
    default:
      return Buffer.concat([own.subarray(at), own.subarray(0, at)])
  }
}

/** Texts that have broken something somewhere. */
export const strangeTexts: readonly string[] = [
  ...[
    '',
    ' ',
    '\0',
    '\u0001',
    '\ufeff',
    '\ufffe',
    '\ud800',
    '../../etc/passwd',
    '%00',
    '%',
    '${7*7}',
    '{{x}}',
  ],
  ...[
    "' or 1=1 --",
    '=1+1',
    '<b>',
    '\r\nset-cookie: a=b',
    '#',
    '+',
    '+/+',
    '$SYS/#',
    '$share/g/#',
    '/',
    '//',
  ],
  ...['__proto__', 'constructor', 'toString', 'NaN', 'Infinity', '-0', '1e999', 'null', 'a'.repeat(2_000)],
]

const strangeValues: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 1, 0.1, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 2 ** 53 + 2, -(2 ** 63)],
  ...[[], {}, [[]], [null], { a: { a: { a: {} } } }, ...strangeTexts],
]

// a copy: what is done to it must not be found in the next
const strangeOf = (own: Draw): unknown => structuredClone(own.of(strangeValues))

/** A value that was in order, with so many things done to it, wherever they fall. */
export function spoilValue(value: unknown, own: Draw, times = own.int(1, 3)): unknown {
  let spoilt = structuredClone(value)
  for (let i = 0; i < times; i++) spoilt = spoilOnce(spoilt, own)
  return spoilt
}

function spoilOnce(value: unknown, own: Draw): unknown {
  const isInner = typeof value === 'object' && value !== null
  const keys = isInner ? Object.keys(value) : []
  if (keys.length === 0 || own.chance(0.15)) return strangeOf(own)
  const at = own.of(keys)
  const inside = value as Record<string, unknown>
  switch (own.of(['deeper', 'deeper', 'deeper', 'drop', 'add', 'many', 'nest'])) {
    case 'drop':
      if (Array.isArray(value)) value.splice(Number(at), 1)
      else delete inside[at]
      return value
    case 'add':
      if (Array.isArray(value)) value.push(strangeOf(own))
      // as JSON has it: an own key, also where the name means something
      else Object.defineProperty(value, own.of(strangeTexts), visible(strangeOf(own)))
      return value
    case 'many':
      inside[at] = Array.from({ length: own.int(2, 100) }, () => inside[at])
      return value
    case 'nest': {
      let deep: unknown = inside[at]
      for (let i = own.int(2, 60); i > 0; i--) deep = own.chance(0.5) ? [deep] : { a: deep }
      inside[at] = deep
      return value
    }
    default:
      Object.defineProperty(value, at, visible(spoilOnce(inside[at], own)))
      return value
  }
}

const visible = (value: unknown) => ({ value, enumerable: true, configurable: true, writable: true })
