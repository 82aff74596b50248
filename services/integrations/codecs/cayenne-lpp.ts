/**
 * Cayenne Low Power Payload: channel, type, big-endian value. Fields are named as The Things Stack names them
 * (`temperature_3`); ChirpStack's own decoder nests them (`temperatureSensor.3`).
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { faultAt, trailing, truncated, viewOf, type Fields } from './frame.ts'

interface LppType {
  name: string
  size: number
  read: (data: DataView) => unknown
}

const int24 = (data: DataView, at: number): number => data.getInt16(at) * 256 + data.getUint8(at + 2)
const byte = (name: string): LppType => ({ name, size: 1, read: (data) => data.getUint8(0) })
const signed = (name: string, divisor: number): LppType => ({
  name,
  size: 2,
  read: (data) => data.getInt16(0) / divisor,
})
const axes = (name: string, divisor: number): LppType => ({
  name,
  size: 6,
  read: (data) => ({
    x: data.getInt16(0) / divisor,
    y: data.getInt16(2) / divisor,
    z: data.getInt16(4) / divisor,
  }),
})

const types = new Map<number, LppType>([
  [0, byte('digital_in')],
  [1, byte('digital_out')],
  [2, signed('analog_in', 100)],
  [3, signed('analog_out', 100)],
  [101, { name: 'luminosity', size: 2, read: (data) => data.getUint16(0) }],
  [102, byte('presence')],
  [103, signed('temperature', 10)],
  [104, { name: 'relative_humidity', size: 1, read: (data) => data.getUint8(0) / 2 }],
  [113, axes('accelerometer', 1000)],
  [115, { name: 'barometric_pressure', size: 2, read: (data) => data.getUint16(0) / 10 }],
  [134, axes('gyrometer', 100)],
  [
    136,
    {
      name: 'gps',
      size: 9,
      read: (data) => ({
        latitude: int24(data, 0) / 10_000,
        longitude: int24(data, 3) / 10_000,
        altitude: int24(data, 6) / 100,
      }),
    },
  ],
])

/** The fields of a Cayenne LPP frame. A channel that comes twice with one type is a fault: a name holds one value. */
export function decodeCayenneLpp(bytes: Uint8Array): Result<Fields> {
  if (bytes.length === 0) return err('frame: expected bytes, got none')
  const fields: Fields = {}
  let at = 0
  while (at < bytes.length) {
    if (at + 1 === bytes.length) return trailing(at, bytes.subarray(at))
    const [channel, code] = [bytes[at]!, bytes[at + 1]!]
    const type = types.get(code)
    if (type === undefined) return faultAt(at, `channel ${channel} has the unknown type ${code}`)
    const what = `channel ${channel} ${type.name}`
    if (at + 2 + type.size > bytes.length) return truncated(at, what, type.size, bytes.subarray(at + 2))
    const name = `${type.name}_${channel}`
    if (name in fields) return faultAt(at, `${what} is in the frame twice`)
    fields[name] = type.read(viewOf(bytes, at + 2, type.size))
    at += 2 + type.size
  }
  return ok(fields)
}
