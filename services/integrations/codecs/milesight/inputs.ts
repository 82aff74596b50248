/** What the models with free inputs share: statistics, stored records with a mask, Modbus errors. */
import { ok } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import { channel, value, wordOf, type Channel, type Part } from './channel.ts'
import { onOff } from './model.ts'

/** A value and its statistics, in the order that the model sends. */
export const statistics = (
  name: string,
  order: string[],
  numeral: Parameters<typeof value>[1],
  divisor = 1,
): Part[] => order.map((suffix) => value(name + suffix, numeral, divisor))

/** Numbers of the bits that are set, the lowest first. */
export const bitsOf = (mask: number, count: number): number[] =>
  Array.from({ length: count }, (_, bit) => bit).filter((bit) => ((mask >>> bit) & 1) === 1)

export const onOffOf = (number: number): string => wordOf(onOff, number)

/** A Modbus channel that could not be read. */
export const modbusError = (offset: number): Channel =>
  channel({
    size: 1,
    read: (data, at) => ({ [`modbus_chn_${data.getUint8(at) + offset}_alarm`]: 'read error' }),
  })

const HEADER = 6

/** A stored record: time, a mask of 16 channels, and for each an entry of the same size. */
export const maskedHistory = (
  entry: number,
  read: (data: DataView, at: number, bit: number) => Fields,
): Channel => ({
  size: (rest) =>
    ok(rest.byteLength < HEADER ? HEADER : HEADER + entry * bitsOf(rest.getUint16(4, true), 16).length),
  read: (data) => {
    const record: Fields = { timestamp: data.getUint32(0, true) }
    for (const [i, bit] of bitsOf(data.getUint16(4, true), 16).entries())
      Object.assign(record, read(data, HEADER + i * entry, bit))
    return { history: [record] }
  },
})
