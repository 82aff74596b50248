/** Readings for the tests of series stores, and the same roll-ups counted the slow way. */
import { DAY_MS, HOUR_MS } from '../../broker/contract/time.ts'
import type { Reading, RolledSeries } from '../../services/ports.ts'

export const reading = (part: Partial<Reading> & Pick<Reading, 'org' | 'atMs' | 'value'>): Reading => ({
  farm: 'farm-1',
  field: 'field-1',
  device: 'probe-1',
  quantity: 'soil.moisture',
  depthCm: 30,
  flag: 1,
  origin: 'measured',
  ...part,
})

export async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = []
  for await (const entry of all) result.push(entry)
  return result
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type Buckets = Omit<RolledSeries, 'farm' | 'field' | 'device' | 'quantity' | 'depthCm'>

/** `readings` of one series in time order. */
export function bucketsByHand(readings: readonly Reading[], step: 'hour' | 'day'): Buckets {
  const width = step === 'hour' ? HOUR_MS : DAY_MS
  const usable = readings.filter((r) => r.flag <= 2 && r.value !== null)
  const starts = [...new Set(usable.map((r) => Math.floor(r.atMs / width) * width))]
  const values = starts.map((start) =>
    usable.filter((r) => r.atMs >= start && r.atMs < start + width).map((r) => r.value!),
  )
  return {
    atMs: starts,
    mean: values.map((group) => group.reduce((sum, v) => sum + v, 0) / group.length),
    min: values.map((group) => Math.min(...group)),
    max: values.map((group) => Math.max(...group)),
    first: values.map((group) => group[0]!),
    last: values.map((group) => group.at(-1)!),
    count: values.map((group) => group.length),
  }
}
