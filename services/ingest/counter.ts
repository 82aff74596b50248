/**
 * Turns a device counter (rain, water meter) into a total that only grows, although the counter rolls over at its
 * modulus or restarts from zero. Messages may arrive late and in any order: each total lies between those of its
 * neighbours by message number, and water that a late message reveals (before an unnoticed restart) is added to the
 * next total, so that the sum stays correct. Pure.
 */
export interface CounterPoint {
  n: number // message number: the order in which the device counted
  boot: number
  raw: number
  total: number
}

export interface CounterMemory {
  /** the points next to gaps of message numbers, and the newest, in order of `n` */
  points: CounterPoint[]
  /** revealed by late messages and not in any total yet; may be negative */
  owed: number
}

export type CounterReading = Omit<CounterPoint, 'total'>

const MAX_POINTS = 64
// a fall this small is rounding, not a restart: 0.1 mm must not become 400 mm of rain
const ROUNDING = 0.005

/** The total of its first reading is the raw value. */
export const newCounter = (): CounterMemory => ({ points: [], owed: 0 })

/** The total at a reading; updates the memory. `isWhole(a, b)`: no message number is missing from a to b. */
export function decodeCounter(
  memory: CounterMemory,
  reading: CounterReading,
  modulus: number | null,
  isWhole: (a: number, b: number) => boolean,
): number {
  const { points } = memory
  let i = points.length
  while (i > 0 && points[i - 1]!.n > reading.n) i--
  const before = points[i - 1]
  const after = points[i]
  // the lower value after a rounding fall is ignored, or each one would count again on the way up
  const believed = before && isRounding(before, reading) ? { ...reading, raw: before.raw } : reading
  const total = round(totalBetween(memory, before, believed, after, modulus))
  points.splice(i, 0, { ...believed, total })
  prune(points, isWhole)
  return total
}

function totalBetween(
  memory: CounterMemory,
  before: CounterPoint | undefined,
  reading: CounterReading,
  after: CounterPoint | undefined,
  modulus: number | null,
): number {
  if (!before && !after) return reading.raw
  if (!before) return after!.total - growth(reading, after!, modulus)
  const increase = growth(before, reading, modulus)
  if (!after) {
    const due = increase + memory.owed
    memory.owed = round(Math.min(0, due))
    return before.total + Math.max(0, due)
  }
  memory.owed = round(
    memory.owed + increase + growth(reading, after, modulus) - growth(before, after, modulus),
  )
  return Math.min(before.total + increase, after.total)
}

/** The increase from one reading to the next. */
function growth(from: CounterReading, to: CounterReading, modulus: number | null): number {
  if (to.raw >= from.raw) return to.raw - from.raw
  if (isRounding(from, to)) return 0
  const overModulus = modulus === null ? Infinity : modulus - from.raw + to.raw
  // within one boot, a counter near its modulus rolls over; after a boot it has restarted
  const hasRolledOver = from.boot === to.boot && overModulus >= 0 && overModulus < (modulus ?? 0) / 2
  return hasRolledOver ? overModulus : to.raw
}

const isRounding = (from: CounterReading, to: CounterReading): boolean =>
  to.raw < from.raw && from.boot === to.boot && from.raw - to.raw <= from.raw * ROUNDING

/** Late messages only fill gaps: a point with no gap on either side is not needed any more. */
function prune(points: CounterPoint[], isWhole: (a: number, b: number) => boolean): void {
  for (let i = points.length - 2; i > 0; i--)
    if (isWhole(points[i - 1]!.n, points[i]!.n) && isWhole(points[i]!.n, points[i + 1]!.n))
      points.splice(i, 1)
  if (points.length > MAX_POINTS) points.splice(0, points.length - MAX_POINTS)
}

// sums of decimal fractions drift: a millionth is far below the resolution of any counter
const round = (value: number): number => Math.round(value * 1e6) / 1e6
