/** From a decoded message of another make to readings: the same flags, totals and instants as our own telemetry. */
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Battery, ForeignValue, ProfileReading } from '../../integrations/foreign-message.ts'
import type { Reading } from '../../ports.ts'
import type { DeviceRow } from '../../tables.ts'
import { withMoisture } from '../calibrate.ts'
import { MAX_SERIES, type DeviceMemory } from '../device-memory.ts'
import type { MessageValue } from '../message-values.ts'
import { placeValues, seriesKey, seriesOf } from '../place-values.ts'

/** The readings of a message measured at `atMs`, or why its values cannot be true. The memory changes with readings. */
export function interpretForeign(
  reading: ProfileReading,
  atMs: AtMs,
  device: DeviceRow,
  memory: DeviceMemory,
): Result<Reading[]> {
  const instants = new Map<AtMs, MessageValue[]>()
  for (const value of [...reading.values, ...batteryValues(reading.batteries)]) {
    const messageValue = toMessageValue(value)
    if (!messageValue.ok) return messageValue
    const valueAtMs = value.atMs ?? atMs
    const others = instants.get(valueAtMs) ?? []
    if (others.some((other) => seriesKey(other) === seriesKey(messageValue.value)))
      return err(`${value.quantity}: expected one value for each depth, got two`)
    instants.set(valueAtMs, [...others, messageValue.value])
  }
  const keys = new Set([...instants.values()].flat().map(seriesKey))
  if ([...keys].filter((key) => !memory.series.has(key)).length + memory.series.size > MAX_SERIES)
    return err(`measurements: expected at most ${MAX_SERIES} series from one device`)
  const growing = new Set(reading.values.filter(({ isGrowth }) => isGrowth).map(seriesKey))
  const inOrder = [...instants].sort(([a], [b]) => a - b)
  return ok(
    inOrder.flatMap(([valueAtMs, values]) =>
      placeValues(withTotals(withMoisture(values, device), growing, valueAtMs, memory), {
        time: { atMs: valueAtMs, isEstimated: false, isAhead: false },
        // such devices do not number their messages: a counter is read in the order of time
        order: { n: valueAtMs, boot: 1 },
        isWhole: () => false,
        device,
        memory,
      }),
    ),
  )
}

/**
 * Growth since the last message becomes the count that a counter would show. Growth that arrives late has no place
 * between the totals before and after it any more: it is added to the next total.
 */
function withTotals(
  values: readonly MessageValue[],
  growing: ReadonlySet<string>,
  atMs: AtMs,
  memory: DeviceMemory,
): MessageValue[] {
  return values.flatMap((value): MessageValue[] => {
    const { counter } = seriesOf(memory, value)
    if (counter === null || value.value === null || !growing.has(seriesKey(value))) return [value]
    const last = counter.points.at(-1)
    if (last === undefined || atMs >= last.n) return [{ ...value, value: (last?.raw ?? 0) + value.value }]
    counter.owed += value.value
    return []
  })
}

/** A battery is a series of its device; that of a single sensor is not. */
const batteryValues = (batteries: readonly Battery[]): ForeignValue[] =>
  batteries
    .filter(({ of }) => of === null)
    .map(({ value, unit }) => ({
      quantity: unit === 'V' ? 'device.battery' : 'device.batteryPercent',
      depthCm: null,
      value,
      atMs: null,
      isGrowth: false,
    }))

function toMessageValue({ quantity, depthCm, value }: ForeignValue): Result<MessageValue> {
  const kind = quantityOf(quantity)
  if (kind === undefined) return err(`${quantity}: expected a quantity that Tilth knows`)
  return value === null || (value >= kind.absurdBelow && value <= kind.absurdAbove)
    ? ok({ quantity, kind, depthCm, value })
    : err(`${quantity}: expected ${kind.absurdBelow} to ${kind.absurdAbove} ${kind.unit}, got ${value}`)
}
