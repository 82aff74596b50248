/**
 * Packets generated from the grammar of MQTT 3.1.1 and mutated, several per connection: before, inside and after a
 * valid CONNECT. The packets of a connection end with the first that must end it, so that each one sent is judged.
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

/** The nth conversation of a seed, with the device's own secret where needed. */
export function conversation(seed: string, number: number, device: Publisher): Conversation {
  const chance = draw(`${seed}/packets/${number}`)
  const reader = packetReader()
  const parts: Buffer[] = []
  const isKnown = chance.chance(0.75)
  const add = (bytes: Buffer): boolean => {
    parts.push(bytes)
    reader.add(Buffer.from(bytes))
    for (let next = reader.next(); next !== null; next = reader.next())
      if ('kind' in next || endsIt(next.bytes, device)) return false
    // a truncated packet swallows the following ones, which would not be judged
    return !reader.hasMore()
  }
  let isOpen = add(isKnown ? generate(connectPacket(device)) : connecting(chance, device))
  while (isOpen && isKnown && parts.length < MOST_PACKETS) {
    const bytes = packet(chance, device)
    isOpen = add(chance.chance(SPOILT) ? spoilBytes(bytes, chance) : bytes)
  }
  return { packets: parts.length, bytes: Buffer.concat(parts) }
}

/** Valid, but the broker must close the connection: not its topic, or DISCONNECT. */
function endsIt(bytes: Buffer, device: Publisher): boolean {
  const type = bytes[0]! >> 4
  if (type === 14) return true
  if (type !== 3) return false
  const from = bytes.findIndex((byte, index) => index > 0 && byte < 0x80) + 1
  const topic = bytes.toString('utf8', from + 2, from + 2 + bytes.readUInt16BE(from))
  const saying = { topic, qos: (bytes[0]! >> 1) & 3, retain: (bytes[0]! & 1) !== 0 }
  return !mayPublish({ kind: 'device', org: ORG, device: device.id }, saying).ok
}

function connecting(chance: Draw, device: Publisher): Buffer {
  const text = () =>
    chance.of([device.id, device.id, 'probe-1', 'service:x', ...strangeTexts]).slice(0, 1_500)
  const keepalive = chance.of([0, 1, 10, 60, 300, 301, 65_535])
  const packetBytes = safely(chance, {
    ...connectPacket(device),
    clientId: text(),
    username: text(),
    keepalive,
    clean: chance.chance(0.5),
    ...(chance.chance(0.3) ? { password: chance.bytes(chance.int(0, 60)) } : {}),
    ...(chance.chance(0.5)
      ? {
          will: {
            topic: chance.of([
              topicOf(ORG, device.id, 'online'),
              ...strangeTexts.filter((topic) => topic !== ''),
            ]),
            payload: chance.bytes(chance.int(0, 100)),
            qos: chance.of([0, 1, 2] as const),
            retain: chance.chance(0.5),
          },
        }
      : {}),
  })
  return chance.chance(0.6) ? spoilBytes(packetBytes, chance) : packetBytes
}

function packet(chance: Draw, device: Publisher): Buffer {
  const messageId = chance.of([1, 2, 7, 255, 256, 65_535, chance.int(1, 65_535)])
  const topics = [...deviceKinds, 'command', 'lease', 'config'].map((kind) =>
    topicOf(ORG, device.id, kind as 'command'),
  )
  const topic = chance.chance(0.95) ? chance.of(topics) : chance.of(strangeTexts)
  const kind = chance.of([
    'publish',
    'publish',
    'publish',
    'subscribe',
    'unsubscribe',
    'ping',
    'puback',
    'other',
  ])
  if (kind === 'publish') return publish(chance, device, messageId)
  if (kind === 'ping') return Buffer.from([0xc0, 0])
  if (kind === 'puback') return generate({ cmd: 'puback', messageId })
  if (kind === 'unsubscribe')
    return safely(chance, { cmd: 'unsubscribe', messageId, unsubscriptions: [topic] })
  if (kind === 'subscribe')
    return safely(chance, {
      cmd: 'subscribe',
      messageId,
      subscriptions: Array.from({ length: chance.int(1, 12) }, () => ({
        topic: chance.chance(0.7) ? chance.of(topics) : chance.of([...strangeTexts, topic]),
        qos: chance.of([0, 1, 2] as const),
      })),
    })
  // rarely a server packet, a QoS 2 flow, a second CONNECT, or noise
  if (chance.chance(0.85)) return Buffer.from([0xc0, 0])
  return chance.of([
    generate({ cmd: 'pubrel', messageId }),
    generate({ cmd: 'pubrec', messageId }),
    generate({ cmd: 'disconnect' }),
    generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }),
    generate(connectPacket(device)),
    chance.bytes(chance.int(1, 40)),
  ])
}

function publish(chance: Draw, { id }: Publisher, messageId: number): Buffer {
  const kind = chance.of(deviceKinds)
  const isRight = chance.chance(0.97)
  const qos = isRight ? (kind === 'heartbeat' ? 0 : 1) : chance.of([0, 1, 2] as const)
  const retain = isRight ? kind === 'online' || kind === 'state' : chance.chance(0.5)
  const length = chance.of([0, 1, 2, 100, 127, 128, 1_000, chance.chance(0.02) ? 65_536 : 300])
  return safely(chance, {
    cmd: 'publish',
    topic: topicOf(ORG, id, kind),
    payload: chance.chance(0.5)
      ? Buffer.alloc(length, chance.int(0, 255))
      : chance.bytes(Math.min(length, 300)),
    qos,
    retain,
    dup: qos > 0 && chance.chance(0.1),
    ...(qos > 0 ? { messageId } : {}),
  })
}

/** The generator rejects some deliberate faults: then noise is sent. */
function safely(chance: Draw, template: Packet): Buffer {
  try {
    return generate(template)
  } catch {
    return Buffer.concat([
      Buffer.from([chance.of([0x10, 0x30, 0x32, 0x82, 0xa2])]),
      chance.bytes(chance.int(0, 60)),
    ])
  }
}
