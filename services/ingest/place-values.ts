/**
 * Values of one instant of one device become readings: totals of its counters, quality flags, an instant of their own.
 * The memory of the device changes.
 */
import { flags } from '../../broker/contract/quantities.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import type { Reading } from '../ports.ts'
import { readCounterModulus, type DeviceRow } from '../tables.ts'
import { decodeCounter } from './counter.ts'
import { newSeriesMemory, type DeviceMemory, type SeriesMemory } from './device-memory.ts'
import type { MessageValue } from './message-values.ts'
import { computeFlag, flagWithTime, isOutOfRange } from './quality.ts'

const NOWHERE = '-'

export interface Placement {
  time: { atMs: AtMs; isEstimated: boolean; isAhead: boolean }
  /** the order in which the device counted */
  order: { n: number; boot: number }
  /** no message is missing between two numbers */
  isWhole: (a: number, b: number) => boolean
  device: DeviceRow
  memory: DeviceMemory
}

/** One reading for each value, in their order. */
export function placeValues(
  values: readonly MessageValue[],
  { time, order, isWhole, device, memory }: Placement,
): Reading[] {
  const seriesMemories = values.map((value) => seriesOf(memory, value))
  const atMs = freeInstant(time.atMs, seriesMemories)
  const moduli = device.counterModulus === null ? {} : readCounterModulus(device.counterModulus)
  memory.newestMs = Math.max(memory.newestMs ?? -Infinity, time.atMs)
  return values.map(({ quantity, depthCm, kind, value }, i) => {
    const series = seriesMemories[i]!
    const { counter } = series
    const isCounted = counter !== null && value !== null && !isOutOfRange(kind, value)
    const decoded = isCounted
      ? decodeCounter(counter, { ...order, raw: value }, moduli[quantity] ?? null, isWhole)
      : value
    const flag = computeFlag(kind, decoded, atMs, series.lastGood)
    if (atMs > series.newestMs) {
      series.newestMs = atMs
      series.newestGivenMs = time.atMs
    }
    if (flag === flags.pass && decoded !== null && atMs > (series.lastGood?.atMs ?? -Infinity))
      series.lastGood = { atMs, value: decoded }
    return {
      org: device.org,
      farm: device.farmId ?? NOWHERE,
      field: device.fieldId ?? NOWHERE,
      device: device.id,
      quantity,
      depthCm,
      atMs,
      value: decoded,
      flag: flagWithTime(flag, time),
      // the value is measured; with an estimated time, the reading as a whole is an estimate
      origin: time.isEstimated ? 'estimated' : 'measured',
    }
  })
}

/** The memory of the series of a value. */
export function seriesOf(memory: DeviceMemory, value: MessageValue): SeriesMemory {
  const key = seriesKey(value)
  let series = memory.series.get(key)
  if (!series) memory.series.set(key, (series = newSeriesMemory(value.kind.kind === 'counter')))
  return series
}

/** A series of a device: quantity and depth. */
export const seriesKey = ({ quantity, depthCm }: Pick<MessageValue, 'quantity' | 'depthCm'>): string =>
  `${quantity}@${depthCm ?? ''}`

/** Two messages of one instant must not overwrite each other: the later one moves by a millisecond. */
function freeInstant(atMs: AtMs, seriesMemories: SeriesMemory[]): AtMs {
  const matching = seriesMemories.filter(
    ({ newestGivenMs, newestMs }) => newestGivenMs <= atMs && atMs <= newestMs,
  )
  return matching.length === 0 ? atMs : Math.max(...matching.map(({ newestMs }) => newestMs)) + 1
}
