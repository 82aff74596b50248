/** EM500 and EM300: soil, air, level, pressure and pulses. */
import {
  always,
  channel,
  channelTable,
  choice,
  f32,
  gap,
  history,
  i16,
  measured,
  passed,
  rounded,
  u16,
  u32,
  u8,
  value,
  type Channel,
  type Part,
} from './channel.ts'
import { battery, enabled, replies, type Model } from './model.ts'

const em500Replies = replies(
  [0x02, 0x03, 0x10, 0x11, 0x17, 0x1c, 0x27, 0x28, 0x35, 0x3b, 0x4a, 0x68, 0x69, 0x6a, 0x84],
  [
    [0x06, passed(9)], // alarms
    [0x96, passed(8)], // device to device
    [0xf1, passed(4)], // calibration
    [0xf2, channel(value('alarm_report_counts', u16))],
    [0xf5, enabled('alarm_release_enable')],
  ],
)
const em500 = (...channels: [number, number, Channel][]): Model => ({
  channels: channelTable(battery, ...channels),
  replies: em500Replies,
})

const temperature = value('temperature', i16, 10)
const humidity = value('humidity', u8, 2)
const soilTemperature = measured('temperature', i16, 10)
const soilMoisture = measured('moisture', u16, 100)
const electricity = measured('electricity', u16, 1) // uS/cm
const depth = measured('depth', u16, 1) // cm
const distance = value('distance', u16) // mm
const pressure = value('pressure', i16) // kPa
const temperatureAlarms = ['threshold alarm release', 'threshold alarm', 'mutation alarm']
const distanceAlarms = ['normal', 'threshold_alarm', 'mutation_alarm']

const gpioLevels = ['low', 'high']
const waterAlarms = [
  'none',
  'water outage timeout alarm',
  'water outage timeout alarm release',
  'water flow timeout alarm',
  'water flow timeout alarm release',
  'gpio alarm',
  'gpio alarm release',
]
const flowAlarms: Record<number, string> = Object.fromEntries(
  Object.entries(waterAlarms).filter(([number]) => Number(number) >= 1 && Number(number) <= 4),
)
const water = [value('water_conv', u16, 10), value('pulse_conv', u16, 10), value('water', rounded(f32))]

/** A stored pulse record has room for a level and for a count; its type shows which of them was used. */
const gpioOr = (counted: Part[]): Part => ({
  size: 2 + counted.reduce((sum, part) => sum + part.size, 0),
  read: (data, at) => {
    const mode = data.getUint8(at)
    const type = choice('gpio_type', { 1: 'gpio', 2: 'counter' }).read(data, at)
    if (mode === 1) return { ...type, ...choice('gpio', gpioLevels).read(data, at + 1) }
    if (mode !== 2) return type
    let next = at + 2
    for (const part of counted) {
      Object.assign(type, part.read(data, next))
      next += part.size
    }
    return type
  },
})

export const emModels: Record<string, Model> = {
  'EM500-SMTC': {
    channels: channelTable(
      battery,
      [0x03, 0x67, channel(soilTemperature)],
      [0x04, 0x68, channel(value('moisture', u8, 2))], // older firmware: steps of 0.5
      [0x04, 0xca, channel(soilMoisture)],
      [0x05, 0x7f, channel(electricity)],
      [
        0x83,
        0xd7,
        channel(
          temperature,
          value('temperature_mutation', i16, 10),
          choice('temperature_alarm', temperatureAlarms),
        ),
      ],
      [0x20, 0xce, history(electricity, soilTemperature, soilMoisture)],
    ),
    replies: new Map([...em500Replies, [0x18, passed(2)]]), // which sensors are on
  },
  'EM500-UDL': em500(
    [0x03, 0x82, channel(distance)],
    [
      0x83,
      0xe9,
      channel(
        value('distance', u16, 10),
        value('distance_mutation', u16, 10),
        choice('distance_alarm', distanceAlarms),
      ),
    ],
    [0x20, 0xce, history(distance)],
  ),
  'EM500-SWL': em500(
    [0x03, 0x77, channel(depth)],
    [0xff, 0x1b, passed(5)], // range of the sensor
    [0x20, 0xce, history(depth)],
  ),
  'EM500-PP': em500([0x03, 0x7b, channel(pressure)], [0x20, 0xce, history(pressure)]),
  'EM300-TH': {
    channels: channelTable(
      battery,
      [0x03, 0x67, channel(temperature)],
      [0x04, 0x68, channel(humidity)],
      [0x20, 0xce, history(temperature, humidity, gap(1))],
    ),
    replies: replies(
      [0x02, 0x03, 0x10, 0x27, 0x28, 0x68, 0x69, 0x6a],
      [
        [0x06, passed(9)], // alarms
        [0x6d, passed(1)],
        [0x79, passed(6)], // device to device
        [0xd6, passed(6)], // calibration
        [0xd7, passed(1)],
        [0xea, passed(3)], // calibration
      ],
    ),
  },
  'EM300-DI': {
    channels: channelTable(
      battery,
      [0x03, 0x67, channel(temperature)],
      [0x04, 0x68, channel(humidity)],
      [0x05, 0x00, channel(choice('gpio', gpioLevels))],
      [0x05, 0xc8, channel(value('pulse', u32))],
      [0x05, 0xe1, channel(...water)],
      [
        0x85,
        0x00,
        channel(choice('gpio', gpioLevels), choice('gpio_alarm', ['gpio alarm release', 'gpio alarm'])),
      ],
      [0x85, 0xe1, channel(...water, choice('water_alarm', flowAlarms))],
      [0x20, 0xce, history(temperature, humidity, gpioOr([value('pulse', u32)]))],
      [0x21, 0xce, history(temperature, humidity, choice('alarm', waterAlarms), gpioOr(water))],
    ),
    replies: replies(
      [0x02, 0x03, 0x10, 0x17, 0x27, 0x35, 0x4a, 0x68, 0x69, 0x6a],
      [
        [0x06, passed(9)], // alarms
        [0x28, channel(always('query_device_status', 'yes'))],
        [0x4e, passed(2)], // counter control
        [0x79, passed(4)], // device to device
        [0x92, channel(gap(1), value('counter', u32))],
        [0xa1, passed(7)], // water alarms
        [0xa2, passed(9)], // pulse conversion
        [0xa3, passed(2)],
        [0xa4, passed(2)],
        [0xc3, channel(choice('gpio_mode', { 1: 'digital', 2: 'counter' }))],
      ],
    ),
  },
}
