/** What all Milesight models share: attributes of the device, the battery, and replies to common settings. */
import {
  always,
  channel,
  channelTable,
  choice,
  gap,
  hexText,
  i16,
  u16,
  u32,
  u8,
  value,
  type Channel,
  type Part,
} from './channel.ts'

export interface Model {
  channels: Map<number, Channel> // by `channelKey`
  replies: Map<number, Channel> // by type; the id is fe or ff
}

const version = (name: string, read: (major: number, minor: number) => string): Part => ({
  size: 2,
  read: (data, at) => ({ [name]: read(data.getUint8(at), data.getUint8(at + 1)) }),
})

/** Sent when a device joins. */
export const attributes = channelTable(
  [
    0xff,
    0x01,
    channel({
      size: 1,
      read: (data, at) => ({ ipso_version: `v${data.getUint8(at) >> 4}.${data.getUint8(at) & 0x0f}` }),
    }),
  ],
  [0xff, 0x09, channel(version('hardware_version', (a, b) => `v${a.toString(16)}.${b >> 4}`))],
  [0xff, 0x0a, channel(version('firmware_version', (a, b) => `v${a.toString(16)}.${b.toString(16)}`))],
  [0xff, 0x0b, channel(always('device_status', 'on'))],
  [0xff, 0x0f, channel(choice('lorawan_class', ['Class A', 'Class B', 'Class C', 'Class CtoB']))],
  [0xff, 0x16, channel(hexText('sn', 8))],
  [0xff, 0xfe, channel(always('reset_event', 'reset'))],
  [0xff, 0xff, channel(version('tsl_version', (a, b) => `v${a}.${b}`))],
)

export const battery: [number, number, Channel] = [0x01, 0x75, channel(value('battery', u8))]

export const onOff = ['off', 'on']
export const enabled = (name: string): Channel => channel(choice(name, ['disable', 'enable']))
export const done = (name: string): Channel => channel(always(name, 'yes'))

/** -35 is `UTC-3:30`: hours, then 5 for half an hour and 7 for three quarters. */
const timeZone: Part = {
  size: 2,
  read: (data, at) => {
    const tenths = i16.read(data, at)!
    const [hours, part] = [Math.floor(Math.abs(tenths) / 10), Math.abs(tenths) % 10]
    const minutes = { 0: '', 5: ':30', 7: ':45' }[part]
    if (minutes === undefined || hours > 14) return { time_zone: 'unknown' }
    return { time_zone: tenths === 0 ? 'UTC' : `UTC${tenths < 0 ? '-' : '+'}${hours}${minutes}` }
  },
}

const resendInterval: Channel = channel({
  size: 3,
  read: (data, at) => {
    const name = ['retransmit_interval', 'resend_interval'][data.getUint8(at)]
    return name === undefined ? {} : { [name]: data.getUint16(at + 1, true) }
  },
})

const common = new Map<number, Channel>([
  [0x02, channel(value('collection_interval', u16))],
  [0x03, channel(value('report_interval', u16))],
  [0x10, done('reboot')],
  [0x11, channel(value('timestamp', u32))],
  [0x17, channel(timeZone)],
  [0x1c, channel(gap(2))], // collect again
  [0x27, done('clear_history')],
  [0x28, done('report_status')],
  [0x35, channel(gap(8))], // a key
  [0x3b, enabled('time_sync_enable')],
  [0x4a, done('sync_time')],
  [0x68, enabled('history_enable')],
  [0x69, enabled('retransmit_enable')],
  [0x6a, resendInterval],
  [0x84, enabled('d2d_enable')],
])

/** The common replies of these types, and the model's own. */
export const replies = (types: number[], own: [number, Channel][] = []): Map<number, Channel> =>
  new Map([...types.map((type) => [type, common.get(type)!] as const), ...own])
