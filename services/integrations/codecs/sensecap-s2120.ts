/** The blocks of the SenseCAP S2120, big-endian and signed. Ids are text, as the maker's decoder prints them. */
import type { Fields } from './frame.ts'

interface Block {
  size: number // bytes after the type
  read: (data: DataView) => Fields[]
}

const measured = (measurementValue: number, measurementId: string, type: string): Fields => ({
  measurementValue,
  measurementId,
  type,
})

const airAndSun: Block = {
  size: 10,
  read: (data) => [
    measured(data.getInt16(0) / 10, '4097', 'Air Temperature'),
    measured(data.getInt8(2), '4098', 'Air Humidity'),
    measured(data.getInt32(3), '4099', 'Light Intensity'),
    measured(data.getInt8(7) / 10, '4190', 'UV Index'),
    measured(data.getInt16(8) / 10, '4105', 'Wind Speed'),
  ],
}
const windAndRain: Block = {
  size: 8,
  read: (data) => [
    measured(data.getInt16(0), '4104', 'Wind Direction Sensor'),
    measured(data.getInt32(2) / 1000, '4113', 'Rain Gauge'),
    measured(data.getInt16(6) * 10, '4101', 'Barometric Pressure'),
  ],
}
const version = (data: DataView, at: number): string => `${data.getInt8(at)}.${data.getInt8(at + 1)}`
const intervals = (data: DataView, at: number): Fields => ({
  measureInterval: data.getInt16(at) * 60,
  gpsInterval: data.getInt16(at + 2) * 60,
})
const hex = (data: DataView, from: number, to: number): string => {
  let text = ''
  for (let at = from; at < to; at++) text += data.getUint8(at).toString(16).padStart(2, '0').toUpperCase()
  return text
}

/** The maker's names of sensor errors, by number. */
const sensorErrors = [
  'CCL_SENSOR_ERROR_NONE',
  'CCL_SENSOR_NOT_FOUND',
  'CCL_SENSOR_WAKEUP_ERROR',
  'CCL_SENSOR_NOT_RESPONSE',
  'CCL_SENSOR_DATA_EMPTY',
  'CCL_SENSOR_DATA_HEAD_ERROR',
  'CCL_SENSOR_DATA_CRC_ERROR',
  'CCL_SENSOR_DATA_B1_NO_VALID',
  'CCL_SENSOR_DATA_B2_NO_VALID',
  'CCL_SENSOR_RANDOM_NOT_MATCH',
  'CCL_SENSOR_PUBKEY_SIGN_VERIFY_FAILED',
  'CCL_SENSOR_DATA_SIGN_VERIFY_FAILED',
  'CCL_SENSOR_DATA_VALUE_HI',
  'CCL_SENSOR_DATA_VALUE_LOW',
  'CCL_SENSOR_DATA_VALUE_MISSED',
  'CCL_SENSOR_ARG_INVAILD',
  'CCL_SENSOR_RS485_MASTER_BUSY',
  'CCL_SENSOR_RS485_REV_DATA_ERROR',
  'CCL_SENSOR_RS485_REG_MISSED',
  'CCL_SENSOR_RS485_FUN_EXE_ERROR',
  'CCL_SENSOR_RS485_WRITE_STRATEGY_ERROR',
  'CCL_SENSOR_CONFIG_ERROR',
]
const errorName = (code: number): string =>
  code === 0xff ? 'CCL_SENSOR_DATA_ERROR_UNKONW' : (sensorErrors[code] ?? 'CC_OTHER_FAILED')

/** By type. 4a, 4b and 4c are those of newer firmware: 4a and 4b repeat 01 and 02, 4c adds gust and rain total. */
export const weatherBlocks = new Map<number, Block>([
  [0x01, airAndSun],
  [0x02, windAndRain],
  [0x03, { size: 1, read: (data) => [{ 'Battery(%)': data.getInt8(0) }] }],
  [
    0x04,
    {
      size: 9,
      read: (data) => [
        {
          'Battery(%)': data.getInt8(0),
          'Hardware Version': version(data, 1),
          'Firmware Version': version(data, 3),
          ...intervals(data, 5),
        },
      ],
    },
  ],
  [0x05, { size: 4, read: (data) => [intervals(data, 0)] }],
  [
    0x06,
    {
      size: 1,
      read: (data) => [
        {
          measurementId: '4101',
          type: 'sensor_error_event',
          errCode: hex(data, 0, 1),
          descZh: errorName(data.getUint8(0)),
        },
      ],
    },
  ],
  [
    0x10,
    {
      size: 9,
      read: (data) => [
        {
          status: (data.getUint8(0) >> 3) & 1,
          channelType: data.getUint8(0) & 7,
          sensorEui: hex(data, 1, 9),
        },
      ],
    },
  ],
  [0x4a, airAndSun],
  [0x4b, windAndRain],
  [
    0x4c,
    {
      size: 6,
      read: (data) => [
        measured(data.getInt16(0) / 10, '4191', 'Peak Wind Gust'),
        measured(data.getInt32(2) / 1000, '4213', 'Rain Accumulation'),
      ],
    },
  ],
])
