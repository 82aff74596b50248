/** WTS506: air, wind, pressure and rain. */
import { channel, channelTable, choice, history, i16, passed, u16, u32, u8, value } from './channel.ts'
import { battery, replies, type Model } from './model.ts'

const temperature = value('temperature', i16, 10)
const humidity = value('humidity', u8, 2)
const windDirection = value('wind_direction', i16, 10)
const pressure = value('pressure', u16, 10) // hPa
const windSpeed = value('wind_speed', u16, 10) // m/s
const shortRain = value('rainfall_total', u16, 100) // mm
const longRain = value('rainfall_total', u32, 100)
const rainCounter = value('rainfall_counter', u8)
const alarm = (name: string) => choice(name, ['threshold alarm release', 'threshold alarm'])
const air = [temperature, humidity, pressure, windDirection, windSpeed]

export const weatherModels: Record<string, Model> = {
  WTS506: {
    channels: channelTable(
      battery,
      [0x03, 0x67, channel(temperature)],
      [0x04, 0x68, channel(humidity)],
      [0x05, 0x84, channel(windDirection)],
      [0x06, 0x73, channel(pressure)],
      [0x07, 0x92, channel(windSpeed)],
      [0x08, 0x77, channel(shortRain, rainCounter)],
      [0x08, 0xec, channel(longRain, rainCounter)],
      [0x83, 0x67, channel(temperature, alarm('temperature_alarm'))],
      [0x86, 0x73, channel(pressure, alarm('pressure_alarm'))],
      [0x87, 0x92, channel(windSpeed, alarm('wind_speed_alarm'))],
      [0x88, 0xec, channel(longRain, rainCounter, alarm('rainfall_alarm'))],
      [0x20, 0xce, history(...air, shortRain)],
      [0x21, 0xce, history(...air, longRain)],
    ),
    replies: replies([0x03, 0x10, 0x11, 0x17, 0x27], [[0x67, passed(1)]]), // 67: after power returns
  },
}
