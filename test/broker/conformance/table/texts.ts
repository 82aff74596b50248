/** Chapter 1.5.3: UTF-8 encoded strings, in every field that holds one. */
import {
  bytes,
  connect,
  field,
  packet,
  publish,
  puback,
  suback,
  subscribe,
  type,
  u16,
  u8,
} from '../packets.ts'
import { device, other, own, sequence, service } from '../say.ts'

const illFormed: [what: string, text: Buffer][] = [
  ['a surrogate', bytes(0xed, 0xa0, 0x80)],
  ['a pair of surrogates', bytes(0xed, 0xa0, 0xbd, 0xed, 0xb2, 0xa9)],
  ['a letter in more bytes than it needs', bytes(0xc1, 0x81)],
  ['a letter that is cut off', bytes(0x61, 0xe6, 0xb0)],
  ['a code point above U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80)],
  ['a byte that never occurs', bytes(0xff)],
  ['a continuation without a beginning', bytes(0x80)],
]
const surrogate = illFormed[0]![1]
const nul = bytes(0x61, 0x00, 0x62)
const will = { message: '{}', qos: 1, retain: true }

export const texts = [
  ...illFormed.map(([what, text]) =>
    sequence(
      'MQTT-1.5.3-1',
      `a client id with ${what} closes the connection`,
      other.sends(connect({ id: text, user: 'probe1', secret: 'x' })),
      other.isClosed(),
    ),
  ),
  ...illFormed.map(([what, text]) =>
    sequence(
      'MQTT-1.5.3-1',
      `a topic of a message with ${what} closes the connection`,
      device.isIn(),
      device.sends(publish(text, '{}', { qos: 1 })),
      device.isClosed(),
    ),
  ),
  ...illFormed.map(([what, text]) =>
    sequence(
      'MQTT-1.5.3-1',
      `a topic filter with ${what} closes the connection`,
      device.isIn(),
      device.sends(subscribe(1, [text, 0])),
      device.isClosed(),
    ),
  ),
  sequence(
    'MQTT-3.1.3-4',
    'the client id is a text',
    other.sends(connect({ id: surrogate, user: 'probe1', secret: 'x' })),
    other.isClosed(),
  ),
  sequence(
    'MQTT-3.1.3-10',
    'the topic of the will is a text',
    other.sends(connect({ will: { ...will, topic: surrogate } })),
    other.isClosed(),
  ),
  sequence(
    'MQTT-3.1.3-11',
    'the user name is a text',
    other.sends(connect({ user: surrogate })),
    other.isClosed(),
  ),
  sequence(
    'MQTT-3.3.2-1',
    'the topic of a message is a text',
    device.isIn(),
    device.sends(publish(Buffer.concat([Buffer.from(own('state')), surrogate]), '{}', { qos: 1 })),
    device.isClosed(),
  ),
  sequence(
    'MQTT-3.8.3-1',
    'the topic filters of SUBSCRIBE are texts, also behind one that is',
    device.isIn(),
    device.sends(subscribe(1, [own('command'), 1], [surrogate, 1])),
    device.isClosed(),
  ),
  sequence(
    'MQTT-3.10.3-1',
    'the topic filters of UNSUBSCRIBE are texts',
    device.isIn(),
    device.sends(packet(type.unsubscribe, u16(1), field(surrogate))),
    device.isClosed(),
  ),
  sequence(
    'MQTT-1.5.3-2',
    'a client id with U+0000 closes the connection',
    other.sends(connect({ id: nul, user: 'probe1', secret: 'x' })),
    other.isClosed(),
  ),
  sequence(
    'MQTT-1.5.3-2',
    'a user name with U+0000 closes the connection',
    other.sends(connect({ user: nul })),
    other.isClosed(),
  ),
  sequence(
    'MQTT-1.5.3-2',
    'a topic of a will with U+0000 closes the connection',
    other.sends(connect({ will: { ...will, topic: nul } })),
    other.isClosed(),
  ),
  sequence(
    'MQTT-4.7.3-2',
    'a topic of a message with U+0000 closes the connection',
    device.isIn(),
    device.sends(publish(nul, '{}', { qos: 1 })),
    device.isClosed(),
  ),
  sequence(
    'MQTT-4.7.3-2',
    'a topic filter of SUBSCRIBE with U+0000 closes the connection',
    device.isIn(),
    device.sends(subscribe(1, [nul, 0])),
    device.isClosed(),
  ),
  sequence(
    'MQTT-4.7.3-2',
    'a topic filter of UNSUBSCRIBE with U+0000 closes the connection',
    device.isIn(),
    device.sends(packet(type.unsubscribe, u16(1), field(nul))),
    device.isClosed(),
  ),
  sequence(
    'MQTT-1.5.3-3',
    'EF BB BF at the beginning of a text is U+FEFF, and stays where it is',
    service.isIn(),
    service.sends(subscribe(1, ['tilth/\uFEFFwater', 0], ['tilth/water', 1])),
    service.hears(suback(1, 0, 1)),
    service.sends(publish('tilth/\uFEFFwater', 'with')),
    service.hears(publish('tilth/\uFEFFwater', 'with')),
    service.isOpen(),
  ),
  sequence(
    'MQTT-1.5.3-3',
    'U+FEFF before a client id makes it another one',
    other.sends(connect({ id: '\uFEFFprobe1', user: 'probe1', secret: 'secret-of-probe1' })),
    other.hears(bytes(type.connack, 2, 0, 5)),
    other.isClosed(),
  ),
  sequence(
    'MQTT-1.5.3-1',
    'letters of two, three and four bytes pass as they are',
    service.isIn(),
    service.sends(subscribe(1, ['tilth/é/水/🌾', 1])),
    service.hears(suback(1, 1)),
    service.sends(publish('tilth/é/水/🌾', '水', { qos: 1, id: 7 })),
    service.hears(puback(7)),
    service.hearsQos1('tilth/é/水/🌾', '水'),
  ),
  sequence(
    'MQTT-1.5.3-1',
    'a message is bytes, not a text: every byte passes',
    service.isIn(),
    service.sends(subscribe(1, ['tilth/bytes', 0])),
    service.hears(suback(1, 0)),
    service.sends(publish('tilth/bytes', bytes(0, 0xff, 0xed, 0xa0, 0x80))),
    service.hears(packet(type.publish, field('tilth/bytes'), bytes(0, 0xff, 0xed, 0xa0, 0x80))),
  ),
  sequence(
    'MQTT-1.5.3-1',
    'a password is bytes, not a text: it may be wrong, but not malformed',
    other.sends(connect({ secret: bytes(0, 0xff, 0xed, 0xa0, 0x80) })),
    other.hears(bytes(type.connack, 2, 0, 5)),
    other.isClosed(),
  ),
  sequence(
    'MQTT-1.5.3-1',
    'the message of a will is bytes, not a text',
    other.sends(
      connect({ will: { ...will, topic: own('online'), message: Buffer.concat([u8(0xff), u8(0)]) } }),
    ),
    other.hears(bytes(type.connack, 2, 0, 0)),
    other.isOpen(),
  ),
]
