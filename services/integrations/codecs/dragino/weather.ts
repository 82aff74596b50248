/**
 * WSC2-L: battery, rain and a temperature probe, then a list of sensors. Payload version 1 is refused: it is published
 * in two layouts, and with two scales of wind speed, that a frame does not tell apart.
 */
import { ok, type Result } from '../../../../broker/contract/result.ts'
import { faultAt, hexOf, trailing, truncated, viewOf, type Fields } from '../frame.ts'
import { batteryVolts, probeText, sheetSigned } from './layout.ts'

interface WeatherSensor {
  size: number
  read: (data: DataView) => Fields
}

const number = (name: string, divisor = 1): WeatherSensor => ({
  size: 2,
  read: (data) => ({ [name]: data.getUint16(0) / divisor }),
})
const directions = 'N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW'.split(' ')

const sensors = new Map<number, WeatherSensor>([
  [
    // published decoders disagree on the scale of the momentary speed, which is left out
    0x00,
    {
      size: 7,
      read: (data) => ({
        wind_speed_max: data.getUint16(2) / 10,
        wind_speed_average: data.getUint16(4) / 10,
        wind_speed_level: data.getUint8(6),
      }),
    },
  ],
  [
    0x01,
    {
      size: 3,
      read: (data) => {
        const direction = directions[data.getUint8(2)]
        return {
          wind_direction_angle: data.getUint16(0) / 10,
          ...(direction === undefined ? {} : { wind_direction: direction }),
        }
      },
    },
  ],
  [0x02, { size: 2, read: (data) => ({ illumination: data.getUint16(0) * 10 }) }],
  [0x03, { size: 1, read: (data) => ({ rain_snow: data.getUint8(0) }) }],
  [0x04, number('WSS-CO2')],
  [0x05, { size: 2, read: (data) => ({ TEM: sheetSigned(data, 0) / 10 }) }],
  [0x06, number('HUM', 10)],
  [0x07, number('pressure', 10)], // hPa
  [0x08, number('rain_gauge', 10)], // mm
  [0x09, number('PM2_5')],
  [0x0a, number('PM10')],
  [0x0b, number('PAR')],
  [0x0c, number('TSR', 10)], // W/m2
  [0xa1, number('A1')],
  [0xa2, number('A2')],
  [0xa3, number('A3')],
  [0xa4, number('A4')],
])

const HEADER = 11
/** Version 4 has a block of its own between the header and the list. */
const STATION_BLOCK = 10

export function readWeather(data: DataView, bytes: Uint8Array): Result<Fields> {
  if (bytes.length < HEADER) return truncated(0, 'weather header', HEADER, bytes)
  const version = data.getUint8(2)
  if (version < 2 || version > 4) return faultAt(2, `payload version ${version} is not read`)
  const [flags, divisor] = [data.getUint8(9), data.getUint8(10)]
  if (divisor === 0) return faultAt(10, 'the divisor of the rain is 0')
  const fields: Fields = {
    BatV: batteryVolts(data),
    Payload_Ver: version,
    rain: data.getUint32(3) * ((flags & 15) / divisor), // mm
    temp_DS18B20: probeText(data, 7),
    i_flag: (flags >> 5) & 1,
    Mod: flags >> 7,
  }
  let at = HEADER
  if (version === 4) {
    if (bytes.length < at + STATION_BLOCK)
      return truncated(at, 'station block', STATION_BLOCK, bytes.subarray(at))
    Object.assign(fields, readStation(viewOf(bytes, at, STATION_BLOCK)))
    at += STATION_BLOCK
  }
  return readSensors(bytes, at, fields)
}

const readStation = (data: DataView): Fields => ({
  WSS_Humidity: (data.getUint16(0) / 10).toFixed(1),
  WSS_Temperature: (data.getInt16(2) / 10).toFixed(1),
  WSS_Pressure: (data.getUint16(4) / 10).toFixed(1),
  WSS_illumination: data.getUint32(6),
})

/** Sensors as type, length and value. A value may be longer than what is read of it. */
function readSensors(bytes: Uint8Array, from: number, fields: Fields): Result<Fields> {
  let at = from
  while (at < bytes.length) {
    if (at + 1 === bytes.length) return trailing(at, bytes.subarray(at))
    const [type, length] = [bytes[at]!, bytes[at + 1]!]
    const sensor = sensors.get(type)
    const what = `sensor ${hexOf(bytes.subarray(at, at + 1))}`
    if (sensor === undefined) return faultAt(at, `${what} is unknown`)
    const size = Math.max(length, sensor.size)
    if (length < sensor.size || at + 2 + size > bytes.length)
      return truncated(at, what, size, bytes.subarray(at + 2, at + 2 + length))
    Object.assign(fields, sensor.read(viewOf(bytes, at + 2, size)))
    at += 2 + size
  }
  return ok(fields)
}
