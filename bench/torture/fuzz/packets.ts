/**
 * Packets made from the grammar of MQTT 3.1.1 and then spoilt, several on a connection: before a CONNECT, in it, and
 * behind a right one. A connection's packets end with the first that has to end it, so that each one sent is judged.
 */
import { generate, type Packet } from 'mqtt-packet'
import { deviceKinds, topicOf } from '../../../broker/contract/topics.ts'
import { mayPublish } from '../../../broker/access/authorize.ts'
import { packetReader } from '../../../broker/packets/packet-reader.ts'
import type { Publisher } from '../../support/generator.ts'
import { ORG } from '../../support/place.ts'
import { connectPacket } from '../support/wire.ts'
import { draw, spoilBytes, strangeTexts, type Draw } from './draw.ts'

export interface Conversation {
  packets: number
  bytes: Buffer
}

const MOST_PACKETS = 40
const SPOILT = 0.15

/** The nth conversation of a seed, with this device's own secret where it needs one. */
export function conversation(seed: string, number: number, device: Publisher): Conversation {
  const own = draw(`${seed}/packets/${number}`)
  const reader = packetReader()
  const parts: Buffer[] = []
  const isKnown = own.chance(0.75)
  const add = (bytes: Buffer): boolean => {
    parts.push(bytes)
    reader.add(Buffer.from(bytes))
    for (let next = reader.next(); next !== null; next = reader.next())
      if ('kind' in next || endsIt(next.bytes, device)) return false
    // a packet that was cut off swallows what comes behind it: the next ones would not be judged as themselves
    return !reader.hasMore()
  }
  let isOpen = add(isKnown ? generate(connectPacket(device)) : connecting(own, device))
  while (isOpen && isKnown && parts.length < MOST_PACKETS) {
    const bytes = packet(own, device)
    isOpen = add(own.chance(SPOILT) ? spoilBytes(bytes, own) : bytes)
  }
  return { packets: parts.length, bytes: Buffer.concat(parts) }
}

/** In order, but the broker has to hang up: not its topic, or goodbye. */
function endsIt(bytes: Buffer, device: Publisher): boolean {
  const type = bytes[0]! >> 4
  if (type === 14) return true
  if (type !== 3) return false
  const from = bytes.findIndex((byte, index) => index > 0 && byte < 0x80) + 1
  const topic = bytes.toString('utf8', from + 2, from + 2 + bytes.readUInt16BE(from))
  const saying = { topic, qos: (bytes[0]! >> 1) & 3, retain: (bytes[0]! & 1) !== 0 }
  return !mayPublish({ kind: 'device', org: ORG, device: device.id }, saying).ok
}

function connecting(own: Draw, device: Publisher): Buffer {
  const text = () => own.of([device.id, device.id, 'probe-1', 'service:x', ...strangeTexts]).slice(0, 1_500)
  const keepalive = own.of([0, 1, 10, 60, 300, 301, 65_535])
  const made = safely(own, {
    ...connectPacket(device),
    clientId: text(),
    username: text(),
    keepalive,
    clean: own.chance(0.5),
    ...(own.chance(0.3) ? { password: own.bytes(own.int(0, 60)) } : {}),
    ...(own.chance(0.5)
      ? {
          will: {
            topic: own.of([topicOf(ORG, device.id, 'online'), ...strangeTexts.filter((it) => it !== '')]),
            payload: own.bytes(own.int(0, 100)),
            qos: own.of([0, 1, 2] as const),
            retain: own.chance(0.5),
          },
        }
      : {}),
  })
  return own.chance(0.6) ? spoilBytes(made, own) : made
}

function packet(own: Draw, device: Publisher): Buffer {
  const messageId = own.of([1, 2, 7, 255, 256, 65_535, own.int(1, 65_535)])
  const topics = [...deviceKinds, 'command', 'lease', 'config'].map((kind) =>
    topicOf(ORG, device.id, kind as 'command'),
  )
  const topic = own.chance(0.95) ? own.of(topics) : own.of(strangeTexts)
  const kind = own.of([
    'publish',
    'publish',
    'publish',
    'subscribe',
    'unsubscribe',
    'ping',
    'puback',
    'other',
  ])
  if (kind === 'publish') return publish(own, device, messageId)
  if (kind === 'ping') return Buffer.from([0xc0, 0])
  if (kind === 'puback') return generate({ cmd: 'puback', messageId })
  if (kind === 'unsubscribe') return safely(own, { cmd: 'unsubscribe', messageId, unsubscriptions: [topic] })
  if (kind === 'subscribe')
    return safely(own, {
      cmd: 'subscribe',
      messageId,
      subscriptions: Array.from({ length: own.int(1, 12) }, () => ({
        topic: own.chance(0.7) ? own.of(topics) : own.of([...strangeTexts, topic]),
        qos: own.of([0, 1, 2] as const),
      })),
    })
  // rarely what only a server says, a flow of QoS 2, a second CONNECT, or noise
  if (own.chance(0.85)) return Buffer.from([0xc0, 0])
  return own.of([
    generate({ cmd: 'pubrel', messageId }),
    generate({ cmd: 'pubrec', messageId }),
    generate({ cmd: 'disconnect' }),
    generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }),
    generate(connectPacket(device)),
    own.bytes(own.int(1, 40)),
  ])
}

function publish(own: Draw, { id }: Publisher, messageId: number): Buffer {
  const kind = own.of(deviceKinds)
  const isRight = own.chance(0.97)
  const qos = isRight ? (kind === 'heartbeat' ? 0 : 1) : own.of([0, 1, 2] as const)
  const retain = isRight ? kind === 'online' || kind === 'state' : own.chance(0.5)
  const length = own.of([0, 1, 2, 100, 127, 128, 1_000, own.chance(0.02) ? 65_536 : 300])
  return safely(own, {
    cmd: 'publish',
    topic: topicOf(ORG, id, kind),
    payload: own.chance(0.5) ? Buffer.alloc(length, own.int(0, 255)) : own.bytes(Math.min(length, 300)),
    qos,
    retain,
    dup: qos > 0 && own.chance(0.1),
    ...(qos > 0 ? { messageId } : {}),
  })
}

/** The generator refuses some of what may be said on purpose: then it is noise. */
function safely(own: Draw, what: Packet): Buffer {
  try {
    return generate(what)
  } catch {
    return Buffer.concat([Buffer.from([own.of([0x10, 0x30, 0x32, 0x82, 0xa2])]), own.bytes(own.int(0, 60))])
  }
}
