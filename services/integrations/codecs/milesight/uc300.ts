/** UC300: inputs, counters, outputs, PT100, current, voltage and Modbus, whose meaning the farm assigns. */
import { err, ok, type Result } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import {
  channel,
  channelTable,
  characters,
  choice,
  f16,
  f32,
  i16,
  passed,
  readParts,
  rounded,
  u32,
  value,
  type Channel,
  type Part,
} from './channel.ts'
import { bitsOf, modbusError, onOffOf, statistics } from './inputs.ts'
import { onOff, replies, type Model } from './model.ts'

const MAX_MIN_AVG = ['', '_max', '_min', '_avg']
const half = rounded(f16)

/** Bytes of a Modbus value by its type: coil, discrete, 16-bit, 32-bit, float, and halves of 32 bits. */
const modbusSizes = [1, 1, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4]
const isFloat = (type: number): boolean => type === 5 || type === 7
const isLowerHalf = (type: number): boolean => type === 8 || type === 10
const isUpperHalf = (type: number): boolean => type === 9 || type === 11

/** A Modbus value; bit 7 of its type shows whether it has a sign. */
function modbusValue(data: DataView, code: number, at: number): unknown {
  const [type, isSigned] = [code & 0x7f, code >> 7 === 1]
  const short = (from: number) => (isSigned ? data.getInt16(from, true) : data.getUint16(from, true))
  if (type === 0) return onOffOf(data.getUint8(at))
  if (type === 1) return isSigned ? data.getInt8(at) : data.getUint8(at)
  if (isFloat(type)) return rounded(f32).read(data, at)
  if (isUpperHalf(type)) return short(at + 2)
  if (type < 4 || isLowerHalf(type)) return short(at)
  return isSigned ? data.getInt32(at, true) : data.getUint32(at, true)
}

const modbusSize = (code: number): Result<number> => {
  const size = modbusSizes[code & 0x7f]
  return size === undefined ? err(`unknown Modbus type ${code & 0x7f}`) : ok(size)
}

const modbus: Channel = {
  size: (rest) => {
    if (rest.byteLength < 3) return ok(3)
    const size = modbusSize(rest.getUint8(2))
    return size.ok ? ok(3 + size.value) : size
  },
  read: (data) => ({ [`modbus_chn_${data.getUint8(0) + 1}`]: modbusValue(data, data.getUint8(2), 3) }),
}

const MODBUS_HEADER = 8
const MODBUS_ENTRY = 5

const modbusHistory: Channel = {
  size: (rest) => {
    if (rest.byteLength < MODBUS_HEADER) return ok(MODBUS_HEADER)
    const size = MODBUS_HEADER + MODBUS_ENTRY * bitsOf(rest.getUint32(4, true), 32).length
    for (let at = MODBUS_HEADER; at < Math.min(size, rest.byteLength); at += MODBUS_ENTRY) {
      const type = modbusSize(rest.getUint8(at))
      if (!type.ok) return type
    }
    return ok(size)
  },
  read: (data) => {
    const record: Fields = { timestamp: data.getUint32(0, true) }
    for (const [i, bit] of bitsOf(data.getUint32(4, true), 32).entries()) {
      const at = MODBUS_HEADER + i * MODBUS_ENTRY
      record[`modbus_chn_${bit + 1}`] = modbusValue(data, data.getUint8(at), at + 1)
    }
    return { modbus_history: [record] }
  },
}

/** A stored input: a level or a count. */
const storedInput = (index: number): Part => ({
  size: 5,
  read: (data, at) => {
    const number = data.getUint32(at + 1, true)
    return data.getUint8(at) === 0
      ? { [`gpio_input_${index}`]: onOffOf(number) }
      : { [`gpio_counter_${index}`]: number }
  },
})
const storedText: Part = { size: 48, read: (data, at) => ({ text: characters(data, at, at + 48) }) }

/** What a stored record holds for each bit of its mask. */
const storedParts: Part[][] = [
  ...[1, 2, 3, 4].map((index) => [storedInput(index)]),
  ...[1, 2].map((index) => [choice(`gpio_output_${index}`, onOff)]),
  ...[1, 2].map((index) => [value(`pt100_${index}`, half)]),
  ...[1, 2].map((index) => statistics(`adc_${index}`, MAX_MIN_AVG, half)),
  ...[1, 2].map((index) => statistics(`adv_${index}`, MAX_MIN_AVG, half)),
  [storedText],
]
const CHANNEL_HEADER = 6
const storedOf = (mask: number): Part[] =>
  bitsOf(mask, storedParts.length).flatMap((bit) => storedParts[bit]!)

const channelHistory: Channel = {
  size: (rest) => {
    if (rest.byteLength < CHANNEL_HEADER) return ok(CHANNEL_HEADER)
    const mask = rest.getUint16(4, true)
    if (mask >> storedParts.length !== 0) return err(`the mask ${mask} names an unknown channel`)
    return ok(storedOf(mask).reduce((sum, part) => sum + part.size, CHANNEL_HEADER))
  },
  read: (data) => ({
    channel_history: [
      {
        timestamp: data.getUint32(0, true),
        ...readParts(storedOf(data.getUint16(4, true)), data, CHANNEL_HEADER),
      },
    ],
  }),
}

const inputs = [1, 2, 3, 4].flatMap((index): [number, number, Channel][] => [
  [0x02 + index, 0x00, channel(choice(`gpio_input_${index}`, onOff))],
  [0x02 + index, 0xc8, channel(value(`gpio_counter_${index}`, u32))],
])
const pairs = [1, 2].flatMap((index): [number, number, Channel][] => [
  [0x06 + index, 0x01, channel(choice(`gpio_output_${index}`, onOff))],
  [0x08 + index, 0x67, channel(value(`pt100_${index}`, i16, 10))],
  [0x08 + index, 0xe2, channel(...statistics(`pt100_${index}`, MAX_MIN_AVG, half))],
  [0x0a + index, 0x02, channel(value(`adc_${index}`, u32, 100))], // mA
  [0x0a + index, 0xe2, channel(...statistics(`adc_${index}`, MAX_MIN_AVG, half))],
  [0x0c + index, 0x02, channel(value(`adv_${index}`, u32, 100))], // V
  [0x0c + index, 0xe2, channel(...statistics(`adv_${index}`, MAX_MIN_AVG, half))],
])

const outputControl = channel({
  size: 6,
  read: (data, at) => ({
    [`gpio_output_${data.getUint8(at)}_control`]: {
      status: onOffOf(data.getUint8(at + 1)),
      duration: data.getUint32(at + 2, true),
    },
  }),
})

const model: Model = {
  channels: channelTable(
    ...inputs,
    ...pairs,
    [0xff, 0x19, modbus],
    [0xff, 0x15, modbusError(1)],
    [0x20, 0xdc, channelHistory],
    [0x20, 0xdd, modbusHistory],
  ),
  replies: replies(
    [0x02, 0x03, 0x11, 0x17],
    [
      [0x91, passed(5)], // jitter
      [0x93, outputControl],
    ],
  ),
}

export const uc300Models: Record<string, Model> = { UC300: model }
