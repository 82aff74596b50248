/**
 * Decentlab, protocol version 2: version, device id, flags, then for each flag the 16-bit words of one sensor.
 * Format: github.com/decentlab/decentlab-decoders.
 */
import { ok, type Result } from '../../../broker/contract/result.ts'
import { decentlabSensors, type Sensor } from './decentlab-sensors.ts'
import { faultAt, modelKey, trailing, truncated, unknownModel, viewOf, type Fields } from './frame.ts'

export const decentlabModels = Object.keys(decentlabSensors)

const sensorsByModel = new Map<string, Sensor[]>(
  Object.entries(decentlabSensors).map(([model, sensors]) => [modelKey(model), sensors]),
)
const HEADER = 5
const VERSION = 2

/** `{ protocol_version, device_id, soil_temperature: { displayName, value, unit }, ... }`. The port does not matter. */
export function decodeDecentlab(model: string, _fPort: number, bytes: Uint8Array): Result<Fields> {
  const sensors = sensorsByModel.get(modelKey(model))
  if (sensors === undefined) return unknownModel('decentlab', model)
  if (bytes.length < HEADER) return truncated(0, 'version, device id and flags', HEADER, bytes)
  const data = viewOf(bytes)
  const version = data.getUint8(0)
  if (version !== VERSION) return faultAt(0, `protocol version ${VERSION} expected, ${version} came`)
  const flags = data.getUint16(3)
  if (flags >> sensors.length !== 0)
    return faultAt(3, `${model} has ${sensors.length} sensors, the flags ${flags} name more`)
  const fields: Fields = { protocol_version: version, device_id: data.getUint16(1) }
  let at = HEADER
  for (const [bit, sensor] of sensors.entries()) {
    if (((flags >> bit) & 1) === 0) continue
    const size = sensor.words * 2
    const what = `sensor ${bit} (${sensor.values[0]!.name})`
    if (at + size > bytes.length) return truncated(at, what, size, bytes.subarray(at))
    const words = Array.from({ length: sensor.words }, (_, i) => data.getUint16(at + 2 * i))
    for (const { name, displayName, unit, convert } of sensor.values) {
      const value = convert(words)
      fields[name] = unit === null ? { displayName, value } : { displayName, value, unit }
    }
    at += size
  }
  return at < bytes.length ? trailing(at, bytes.subarray(at)) : ok(fields)
}
