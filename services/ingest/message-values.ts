/**
 * Extracts the values of a telemetry message, named by the table of quantities. Only that table knows where a value
 * is in a message. Pure.
 */
import type { Telemetry } from '../../broker/contract/messages.ts'
import {
  quantities,
  withInstance,
  type Quantity,
  type QuantityName,
} from '../../broker/contract/quantities.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'

export interface MessageValue {
  quantity: string // with instance
  kind: Quantity
  depthCm: number | null
  value: number | null // null: the sensor gave no value
}

interface Place {
  name: QuantityName
  kind: Quantity
  hasDepth: boolean
}

const places: Place[] = Object.entries(quantities as Record<string, Quantity>).map(([name, kind]) => ({
  name: name as QuantityName,
  kind,
  hasDepth: name.startsWith('soil.'),
}))
// the battery is next to the measurements, not in one of them
const ofMessage = places.filter(({ name }) => name.startsWith('device.'))
const ofMeasurement = places.filter(({ name }) => !name.startsWith('device.'))

/** Every value of a message, or why the whole message is invalid: impossible, duplicate or unknown values. */
export function extractValues(message: Telemetry): Result<MessageValue[]> {
  const values: MessageValue[] = []
  for (const [i, measurement] of message.measurements.entries())
    for (const place of ofMeasurement) {
      const value = valueAt(measurement, place.kind.wire)
      if (value === undefined) continue
      const instance = place.kind.instanceWire ? valueAt(measurement, place.kind.instanceWire) : undefined
      const quantity = withInstance(place.name, typeof instance === 'string' ? instance : null)
      const depthCm = place.hasDepth ? (measurement.soil?.depth ?? null) : null
      const problem = problemOf(place.kind, value)
      const path = `measurements.${i}.${place.kind.wire.join('.')}`
      if (problem !== null) return err(`${path}: ${problem}`)
      if (values.some((other) => other.quantity === quantity && other.depthCm === depthCm))
        return err(
          `${path}: ${quantity}${depthCm === null ? '' : ` at ${depthCm} cm`} is in the message twice`,
        )
      values.push({ quantity, kind: place.kind, depthCm, value: value as number | null })
    }
  for (const { name, kind } of ofMessage) {
    const value = valueAt(message, kind.wire)
    if (value === undefined) continue
    const problem = problemOf(kind, value)
    if (problem !== null) return err(`${kind.wire.join('.')}: ${problem}`)
    values.push({ quantity: name, kind, depthCm: null, value: value as number | null })
  }
  return values.length > 0
    ? ok(values)
    : err('measurements: expected at least one quantity that Tilth knows, got none')
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let part = root
  for (const key of path) {
    if (typeof part !== 'object' || part === null) return undefined
    part = (part as Record<string, unknown>)[key]
  }
  return part
}

/** No sensor of this kind can report beyond these limits: the message is wrong, not the field. */
function problemOf(kind: Quantity, value: unknown): string | null {
  if (value === null) return null
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `expected a number or null, got ${String(value)}`
  return value < kind.absurdBelow || value > kind.absurdAbove
    ? `expected ${kind.absurdBelow} to ${kind.absurdAbove} ${kind.unit}, got ${value}`
    : null
}
