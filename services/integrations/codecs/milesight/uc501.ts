/** UC501: inputs, counters, analogue inputs, SDI-12 and Modbus, whose meaning the farm assigns. */
import { ok } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import {
  channel,
  channelTable,
  characters,
  choice,
  f16,
  f32,
  i16,
  u16,
  u32,
  u8,
  value,
  wordOf,
  type Channel,
  type Part,
} from './channel.ts'
import { maskedHistory, modbusError, onOffOf, statistics } from './inputs.ts'
import { battery, onOff, replies, type Model } from './model.ts'

type Row = [number, number, Channel]

const alarms = { 1: 'threshold alarm', 2: 'value change alarm' }
const MIN_MAX_AVG = ['', '_min', '_max', '_avg']

/** Modbus value by type of three bits: coil, discrete, 16-bit, 32-bit, float. */
const modbusTypes = [u8, u8, u16, u16, u32, f32, u32, f32]
const SDI_TEXT = 36

const modbus = (hasAlarm: boolean): Channel => ({
  size: (rest) =>
    ok(rest.byteLength < 2 ? 2 : 2 + modbusTypes[rest.getUint8(1) & 7]!.size + (hasAlarm ? 1 : 0)),
  read: (data) => {
    const name = `modbus_chn_${data.getUint8(0) - 6}`
    const type = data.getUint8(1) & 7
    const fields: Fields =
      type < 2 ? { [name]: onOffOf(data.getUint8(2)) } : { [name]: modbusTypes[type]!.read(data, 2) }
    if (hasAlarm) fields[`${name}_alarm`] = wordOf(alarms, data.getUint8(data.byteLength - 1))
    return fields
  },
})

/** A stored input: type, then 4 bytes. */
const storedGpio = (index: number): Part => ({
  size: 5,
  read: (data, at) => {
    const [type, number] = [data.getUint8(at), data.getUint32(at + 1, true)]
    if (type === 0) return { [`gpio_input_${index}`]: onOffOf(number) }
    if (type === 1) return { [`gpio_output_${index}`]: onOffOf(number) }
    return type === 2 ? { [`gpio_counter_${index}`]: number } : {}
  },
})

const inputHistory: Channel = {
  size: () => ok(22),
  read: (data) => ({
    history: [
      {
        timestamp: data.getUint32(0, true),
        ...storedGpio(1).read(data, 4),
        ...storedGpio(2).read(data, 9),
        analog_input_1: data.getInt32(14, true) / 1000,
        analog_input_2: data.getInt32(18, true) / 1000,
      },
    ],
  }),
}

const inputs: Row[] = [1, 2].flatMap((index): Row[] => [
  [0x02 + index, 0x00, channel(choice(`gpio_input_${index}`, onOff))],
  [0x02 + index, 0x01, channel(choice(`gpio_output_${index}`, onOff))],
  [0x02 + index, 0xc8, channel(value(`gpio_counter_${index}`, u32))],
  [0x04 + index, 0x02, channel(...statistics(`analog_input_${index}`, MIN_MAX_AVG, i16, 1000))],
  [0x04 + index, 0xe2, channel(...statistics(`analog_input_${index}`, MIN_MAX_AVG, f16))],
  [
    0x84 + index,
    0xe2,
    channel(
      ...statistics(`analog_input_${index}`, MIN_MAX_AVG, f16),
      choice(`analog_input_${index}_alarm`, alarms),
    ),
  ],
])

const model: Model = {
  channels: channelTable(
    battery,
    ...inputs,
    [
      0xff,
      0x14,
      channel({
        size: 1,
        read: (data, at) => ({
          [`analog_input_${data.getUint8(at) >> 4}_type`]: wordOf(
            ['current', 'voltage'],
            data.getUint8(at) & 0x0f,
          ),
        }),
      }),
    ],
    [
      0x08,
      0xdb,
      channel({
        size: 1 + SDI_TEXT,
        read: (data, at) => ({
          [`sdi12_${data.getUint8(at) + 1}`]: characters(data, at + 1, at + 1 + SDI_TEXT),
        }),
      }),
    ],
    [0xff, 0x0e, modbus(false)],
    [0x80, 0x0e, modbus(true)],
    [0xff, 0x15, modbusError(-6)],
    [0x20, 0xdc, inputHistory],
    [
      0x20,
      0xe0,
      maskedHistory(SDI_TEXT, (data, at, bit) => ({
        [`sdi12_${bit + 1}`]: characters(data, at, at + SDI_TEXT),
      })),
    ],
    [
      0x20,
      0xdd,
      maskedHistory(5, (data, at, bit) => {
        const type = data.getUint8(at) & 7
        return { [`modbus_chn_${bit + 1}`]: (type === 5 || type === 7 ? f32 : u32).read(data, at + 1) }
      }),
    ],
  ),
  replies: replies([0x02, 0x03, 0x10, 0x11, 0x17, 0x27, 0x28, 0x68, 0x69, 0x6a]),
}

export const uc501Models: Record<string, Model> = { UC501: model }
