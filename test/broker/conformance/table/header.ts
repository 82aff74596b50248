/** Chapters 2 and 4.8: the fixed header, packet identifiers, and what no client may send. */
import {
  bytes,
  connack,
  connect,
  field,
  packet,
  pingreq,
  pingresp,
  puback,
  publish,
  remainingLength,
  suback,
  subscribe,
  type,
  u16,
  unsuback,
  unsubscribe,
} from '../packets.ts'
import { device, other, own, sequence, service } from '../say.ts'

/** A whole packet of the type, right but for its flags. */
const flagged: [name: string, right: Buffer, wrongFlags: number[]][] = [
  ['PUBACK', puback(1), [1, 2, 8]],
  ['SUBSCRIBE', subscribe(1, [own('command'), 1]), [0, 1, 3, 6, 10]],
  ['UNSUBSCRIBE', unsubscribe(1, own('command')), [0, 1, 3, 10]],
  ['PINGREQ', pingreq, [1, 2, 8]],
  ['DISCONNECT', bytes(type.disconnect, 0), [1, 2, 8]],
]
const withFlags = (right: Buffer, flags: number): Buffer =>
  Buffer.concat([bytes((right[0]! & 0xf0) | flags), right.subarray(1)])

const notOfAClient: [name: string, bytes: Buffer][] = [
  ['type 0', packet(0x00)],
  ['CONNACK', connack(0)],
  ['SUBACK', suback(1, 0)],
  ['UNSUBACK', unsuback(1)],
  ['PINGRESP', pingresp],
  ['type 15', packet(0xf0)],
]

export const header = [
  ...[1, 2, 4, 8].map((flags) =>
    sequence(
      'MQTT-2.2.2-2',
      `CONNECT with flags ${flags} closes the connection`,
      other.sends(connect({ first: type.connect | flags })),
      other.isClosed(),
    ),
  ),
  ...flagged.flatMap(([name, right, wrong]) =>
    wrong.map((flags) =>
      sequence(
        'MQTT-2.2.2-2',
        `${name} with flags ${flags} closes the connection`,
        device.isIn(),
        device.sends(withFlags(right, flags)),
        device.isClosed(),
      ),
    ),
  ),
  sequence(
    'MQTT-3.8.1-1',
    'SUBSCRIBE has the flags 0010',
    device.isIn(),
    device.sends(subscribe(9, [own('command'), 1])),
    device.hears(suback(9, 1)),
  ),
  sequence(
    'MQTT-3.10.1-1',
    'UNSUBSCRIBE has the flags 0010',
    device.isIn(),
    device.sends(unsubscribe(9, own('command'))),
    device.hears(unsuback(9)),
  ),
  ...[0, 1, 3, 10].map((flags) =>
    sequence(
      'MQTT-3.6.1-1',
      `PUBREL with flags ${flags} closes the connection`,
      device.isIn(),
      device.sends(packet((type.pubrel & 0xf0) | flags, u16(1))),
      device.isClosed(),
    ),
  ),
  ...notOfAClient.map(([name, sent]) =>
    sequence(
      'MQTT-4.8.0-1',
      `${name} does not come from a client: the connection is closed`,
      device.isIn(),
      device.sends(sent),
      device.isClosed(),
    ),
  ),

  sequence(
    'MQTT-4.8.0-1',
    'a remaining length of five bytes closes the connection',
    device.isIn(),
    device.sends(bytes(type.publish, 0x80, 0x80, 0x80, 0x80, 0x01)),
    device.isClosed(),
  ),
  sequence(
    'MQTT-4.8.0-1',
    'a remaining length of five bytes closes the connection, also of a CONNECT',
    other.sends(bytes(type.connect, 0xff, 0xff, 0xff, 0xff, 0x7f)),
    other.isClosed(),
  ),
  sequence(
    'MQTT-4.8.0-1',
    'a remaining length may have more bytes than it needs (2.2.3 does not forbid it)',
    device.isIn(),
    device.sends(bytes(type.pingreq, 0x80, 0x00)),
    device.hears(pingresp),
  ),
  sequence(
    'MQTT-4.2.0-1',
    'a remaining length of two bytes is read, 128 bytes of body',
    service.isIn(),
    service.sends(subscribe(1, ['tilth/long', 0])),
    service.hears(suback(1, 0)),
    service.sends(publish('tilth/long', 'x'.repeat(116))),
    service.hears(publish('tilth/long', 'x'.repeat(116))),
  ),
  sequence(
    'MQTT-4.2.0-1',
    'a remaining length of three bytes is read, 20,000 bytes of body',
    service.isIn(),
    service.sends(subscribe(1, ['tilth/long', 0])),
    service.hears(suback(1, 0)),
    service.sends(publish('tilth/long', 'y'.repeat(20_000))),
    service.hears(publish('tilth/long', 'y'.repeat(20_000))),
  ),
  sequence(
    'MQTT-4.2.0-1',
    'a stream that comes byte after byte is the same stream',
    device.sendsSlowly(
      Buffer.concat([connect(), publish(own('state'), '{}', { qos: 1, retain: true, id: 5 })]),
    ),
    device.hears(connack(0), puback(5)),
    device.sendsSlowly(pingreq),
    device.hears(pingresp),
  ),
  sequence(
    'MQTT-4.2.0-1',
    'many packets in one segment are answered one by one, in order',
    device.sends(
      connect(),
      subscribe(1, [own('command'), 1]),
      pingreq,
      publish(own('ack'), '{}', { qos: 1, id: 2 }),
      unsubscribe(3, own('command')),
      pingreq,
    ),
    device.hears(connack(0), suback(1, 1), pingresp, puback(2), unsuback(3), pingresp),
  ),

  ...(
    [
      ['PUBLISH with QoS 1', publish(own('ack'), '{}', { qos: 1, id: 0 })],
      ['SUBSCRIBE', subscribe(0, [own('command'), 1])],
      ['UNSUBSCRIBE', unsubscribe(0, own('command'))],
      ['PUBACK', puback(0)],
    ] as const
  ).map(([name, sent]) =>
    sequence(
      'MQTT-2.3.1-1',
      `${name} with packet id 0 closes the connection`,
      device.isIn(),
      device.sends(sent),
      device.isClosed(),
    ),
  ),
  ...[1, 255, 256, 65_535].map((id) =>
    sequence(
      'MQTT-2.3.1-6',
      `PUBACK has the packet id of the PUBLISH: ${id}`,
      device.isIn(),
      device.sends(publish(own('ack'), '{}', { qos: 1, id })),
      device.hears(puback(id)),
    ),
  ),
  ...[1, 256, 65_535].map((id) =>
    sequence(
      'MQTT-2.3.1-7',
      `SUBACK and UNSUBACK have the packet id of what they answer: ${id}`,
      device.isIn(),
      device.sends(subscribe(id, [own('config'), 1])),
      device.hears(suback(id, 1)),
      device.sends(unsubscribe(id, own('config'))),
      device.hears(unsuback(id)),
    ),
  ),
  sequence(
    'MQTT-2.3.1-5',
    'a PUBLISH with QoS 0 has no packet id: what stands there is its message',
    service.isIn(),
    service.sends(subscribe(1, ['tilth/plain', 0])),
    service.hears(suback(1, 0)),
    service.sends(packet(type.publish, field('tilth/plain'), u16(7), Buffer.from('!'))),
    service.hears(publish('tilth/plain', bytes(0, 7, 0x21))),
  ),
  sequence(
    'MQTT-2.3.1-4',
    'the broker gives no packet id twice while it waits for its PUBACK',
    service.isIn(),
    service.sends(subscribe(1, ['tilth/many', 1])),
    service.hears(suback(1, 1)),
    ['a', 'b', 'c'].map((message, at) => [
      service.sends(publish('tilth/many', message, { qos: 1, id: at + 1 })),
      service.hears(puback(at + 1)),
      service.hearsQos1('tilth/many', message, { acknowledges: false }),
    ]),
  ),
  sequence(
    'MQTT-2.3.1-2',
    'a packet id that has been acknowledged may be used again',
    device.isIn(),
    [1, 2, 3].map(() => [
      device.sends(publish(own('ack'), '{}', { qos: 1, id: 4 })),
      device.hears(puback(4)),
    ]),
  ),

  ...remainingLengthsOfNothing().map(([name, sent]) =>
    sequence(
      'MQTT-4.8.0-1',
      `${name} with a body closes the connection`,
      device.isIn(),
      device.sends(sent),
      device.isClosed(),
    ),
  ),
  ...(
    [
      ['PUBACK with one byte', packet(type.puback, bytes(0))],
      ['PUBACK with three bytes', packet(type.puback, u16(1), bytes(0))],
      ['PUBREC', packet(type.pubrec, u16(1))],
      ['PUBREL', packet(type.pubrel, u16(1))],
      ['PUBCOMP', packet(type.pubcomp, u16(1))],
    ] as const
  ).map(([name, sent]) =>
    sequence(
      'MQTT-4.8.0-1',
      `${name} closes the connection: no message with QoS 2 can be on its way`,
      device.isIn(),
      device.sends(sent),
      device.isClosed(),
    ),
  ),
]

function remainingLengthsOfNothing(): [name: string, bytes: Buffer][] {
  return [
    ['PINGREQ', Buffer.concat([bytes(type.pingreq), remainingLength(1), bytes(0)])],
    ['DISCONNECT', Buffer.concat([bytes(type.disconnect), remainingLength(2), u16(0)])],
  ]
}
