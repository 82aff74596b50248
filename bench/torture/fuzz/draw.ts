/** Random draws for the generators. */
import { random, type Random } from '../../../firmware-sim/random.ts'

export interface Draw {
  chance(probability: number): boolean
  /** an integer, inclusive */
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

/** Applies one mutation to valid bytes. */
export function spoilBytes(bytes: Buffer, { int, of: pick, bytes: noise }: Draw): Buffer {
  const offset = int(0, Math.max(0, bytes.length - 1))
  const mutated = Buffer.from(bytes)
  switch (pick(['flip', 'set', 'cut', 'drop', 'insert', 'repeat', 'length', 'swap'])) {
    case 'flip':
      if (mutated.length > 0) mutated[offset] = mutated[offset]! ^ (1 << int(0, 7))
      return mutated
    case 'set':
      if (mutated.length > 0) mutated[offset] = pick([0x00, 0x7f, 0x80, 0xff, 0x23, 0x2b, 0x24])
      return mutated
    case 'cut':
      return mutated.subarray(0, offset)
    case 'drop':
      return Buffer.concat([mutated.subarray(0, offset), mutated.subarray(offset + int(1, 4))])
    case 'insert':
      return Buffer.concat([mutated.subarray(0, offset), noise(int(1, 8)), mutated.subarray(offset)])
    case 'repeat':
      return Buffer.concat([mutated, mutated.subarray(offset)])
    case 'length':
      if (mutated.length > 1) mutated[1] = int(0, 255)
      return mutated
    default:
      return Buffer.concat([mutated.subarray(offset), mutated.subarray(0, offset)])
  }
}

/** Texts known to break software. */
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

// a copy: a mutation must not affect later draws
const strangeOf = (draws: Draw): unknown => structuredClone(draws.of(strangeValues))

/** Applies mutations to a valid value, at random places. */
export function spoilValue(value: unknown, draws: Draw, times = draws.int(1, 3)): unknown {
  let spoilt = structuredClone(value)
  for (let i = 0; i < times; i++) spoilt = spoilOnce(spoilt, draws)
  return spoilt
}

function spoilOnce(value: unknown, draws: Draw): unknown {
  const isInner = typeof value === 'object' && value !== null
  const keys = isInner ? Object.keys(value) : []
  if (keys.length === 0 || draws.chance(0.15)) return strangeOf(draws)
  const key = draws.of(keys)
  const inside = value as Record<string, unknown>
  switch (draws.of(['deeper', 'deeper', 'deeper', 'drop', 'add', 'many', 'nest'])) {
    case 'drop':
      if (Array.isArray(value)) value.splice(Number(key), 1)
      else delete inside[key]
      return value
    case 'add':
      if (Array.isArray(value)) value.push(strangeOf(draws))
      // as JSON does: an own key even for special names
      else Object.defineProperty(value, draws.of(strangeTexts), visible(strangeOf(draws)))
      return value
    case 'many':
      inside[key] = Array.from({ length: draws.int(2, 100) }, () => inside[key])
      return value
    case 'nest': {
      let deep: unknown = inside[key]
      for (let i = draws.int(2, 60); i > 0; i--) deep = draws.chance(0.5) ? [deep] : { a: deep }
      inside[key] = deep
      return value
    }
    default:
      Object.defineProperty(value, key, visible(spoilOnce(inside[key], draws)))
      return value
  }
}

const visible = (value: unknown) => ({ value, enumerable: true, configurable: true, writable: true })
