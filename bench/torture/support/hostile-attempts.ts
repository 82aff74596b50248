/** Attacks of a device with a valid secret on others: each with the required rejection and its audit subject. */
import { generate, type IPublishPacket, type Packet } from 'mqtt-packet'
import { topicOf } from '../../../broker/contract/topics.ts'
import type { Publisher } from '../../support/generator.ts'
import { ORG } from '../../support/place.ts'
import { OTHER_ORG } from './other-org.ts'
import { connectPacket, openWire, signIn, type WireOptions } from './wire.ts'

export interface Attempt {
  name: string
  what: 'connect' | 'publish' | 'subscribe' | 'packet'
  /** audit subject */
  subject: string
  /** true: rejected */
  run(): Promise<boolean>
}

export interface Roles {
  hostile: Publisher
  /** of the same organisation */
  victim: Publisher
  /** of another one */
  other: Publisher
}

/** All attempts, each once, in execution order. */
export function hostileAttempts(wireOptions: WireOptions, roles: Roles): Attempt[] {
  return [
    ...subscriptions(wireOptions, roles),
    ...publishes(wireOptions, roles),
    ...packets(wireOptions, roles),
    ...connects(wireOptions, roles),
  ]
}

function subscriptions(wireOptions: WireOptions, { hostile, victim, other }: Roles): Attempt[] {
  const filters = [
    '#',
    '+/#',
    '+/+/+/+/+',
    'tilth/#',
    'tilth/v1/+/+/command',
    `tilth/v1/${ORG}/#`,
    `tilth/v1/${ORG}/+/telemetry`,
    topicOf(ORG, victim.id, 'command'),
    topicOf(ORG, victim.id, 'lease'),
    topicOf(ORG, victim.id, 'config'),
    topicOf(ORG, victim.id, 'telemetry'),
    topicOf(OTHER_ORG, other.id, 'command'),
    topicOf(OTHER_ORG, other.id, 'telemetry'),
    topicOf(ORG, hostile.id, 'telemetry'),
    `${topicOf(ORG, hostile.id, 'command')}/#`,
    `tilth/v1/${ORG}/${hostile.id}/+`,
    '$SYS/#',
    '$SYS/broker/clients/total',
    '$share/all/#',
    `$share/all/${topicOf(ORG, victim.id, 'command')}`,
    `tilth/internal/${ORG}/event`,
    'tilth/internal/+/request',
  ]
  return filters.map((topic) => ({
    name: `subscribe ${topic}`,
    what: 'subscribe',
    subject: hostile.id,
    async run() {
      const wire = await signIn(wireOptions, hostile)
      wire.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 2 }] })
      const suback = await wire.next('suback')
      wire.end()
      return suback !== null && suback.granted.every((code) => code === 0x80)
    },
  }))
}

const open = `{"op":"open","id":"00000000-forged","valve":"V1","seq":999,"durMs":600000,"sess":"b1.c1.0","n":1,"expMonoMs":999999999,"mac":"${'0'.repeat(32)}"}`
const reading = '{"v":1,"n":1,"boot":1,"monoMs":1,"measurements":[{"soil":{"depth":30,"moisture":99}}]}'

function publishes(wireOptions: WireOptions, { hostile, victim, other }: Roles): Attempt[] {
  const ownTopic = (kind: Parameters<typeof topicOf>[2]) => topicOf(ORG, hostile.id, kind)
  const messages: (Pick<IPublishPacket, 'topic' | 'payload'> & Partial<IPublishPacket>)[] = [
    { topic: victim.topic, payload: reading },
    { topic: other.topic, payload: reading },
    { topic: topicOf(ORG, victim.id, 'state'), payload: '{}', retain: true },
    { topic: topicOf(ORG, victim.id, 'online'), payload: '{"on":0,"sess":"x"}', retain: true },
    { topic: topicOf(ORG, victim.id, 'ack'), payload: '{}' },
    { topic: topicOf(ORG, victim.id, 'command'), payload: open },
    { topic: topicOf(ORG, victim.id, 'command'), payload: open, retain: true },
    { topic: topicOf(ORG, victim.id, 'lease'), payload: '{"sess":"x","n":1,"mac":""}', qos: 0 },
    { topic: topicOf(ORG, victim.id, 'config'), payload: '{"v":1,"version":9}', retain: true },
    { topic: topicOf(OTHER_ORG, other.id, 'command'), payload: open },
    // its own id in another organisation: the organisation comes from the credential
    { topic: topicOf(OTHER_ORG, hostile.id, 'telemetry'), payload: reading },
    { topic: ownTopic('command'), payload: open },
    { topic: ownTopic('config'), payload: '{"v":1,"version":9}', retain: true },
    { topic: `${ownTopic('telemetry')}/more`, payload: reading },
    { topic: ownTopic('telemetry').toUpperCase(), payload: reading },
    { topic: `tilth/internal/${ORG}/request`, payload: '{"id":"forged"}' },
    { topic: `tilth/internal/${ORG}/event`, payload: '{"event":"command"}' },
    { topic: '$SYS/broker/version', payload: 'forged' },
    { topic: '/', payload: 'x' },
    // its own topics, against the contract
    { topic: ownTopic('telemetry'), payload: reading, qos: 0 },
    { topic: ownTopic('telemetry'), payload: reading, qos: 2 },
    { topic: ownTopic('telemetry'), payload: reading, retain: true },
    { topic: ownTopic('state'), payload: '{}', qos: 2, retain: true },
    { topic: ownTopic('ack'), payload: '{}', retain: true },
    { topic: ownTopic('heartbeat'), payload: '{}', qos: 1 },
    { topic: ownTopic('heartbeat'), payload: '{}', qos: 0, retain: true },
  ]
  return messages.map(({ topic, payload, qos = 1, retain = false }) => ({
    name: `publish ${topic}, QoS ${qos}${retain ? ', retained' : ''}`,
    what: 'publish',
    subject: hostile.id,
    run: () =>
      isDisconnected(wireOptions, hostile, {
        cmd: 'publish',
        topic,
        payload,
        qos,
        retain,
        dup: false,
        ...(qos > 0 ? { messageId: 7 } : {}),
      }),
  }))
}

/** Connects and sends; true when it is disconnected without an acknowledgement. */
async function isDisconnected(
  wireOptions: WireOptions,
  device: Publisher,
  packet: Packet | Buffer,
): Promise<boolean> {
  const wire = await signIn(wireOptions, device)
  wire.send(packet)
  const isClosed = await wire.closed()
  wire.end()
  return isClosed && !wire.received.some(({ cmd }) => cmd !== 'connack')
}

function packets(wireOptions: WireOptions, { hostile }: Roles): Attempt[] {
  const topic = hostile.topic
  const publish = (publishTopic: string, payload: Buffer | string) =>
    generate({
      cmd: 'publish',
      topic: publishTopic,
      payload,
      qos: 1,
      retain: false,
      dup: false,
      messageId: 7,
    })
  const valid = publish(topic, reading)
  const spoilt = (bytes: Buffer, offset: number, value: number) => {
    const mutated = Buffer.from(bytes)
    mutated[offset] = value
    return mutated
  }
  const invalidPackets: Record<string, Buffer> = {
    PUBREC: generate({ cmd: 'pubrec', messageId: 7 }),
    PUBREL: generate({ cmd: 'pubrel', messageId: 7 }),
    PUBCOMP: generate({ cmd: 'pubcomp', messageId: 7 }),
    'a second CONNECT': generate(connectPacket(hostile)),
    'CONNACK from a client': Buffer.from([0x20, 2, 0, 0]),
    'packet type 0': Buffer.from([0x00, 0]),
    'packet type 15': Buffer.from([0xf0, 0]),
    'QoS 3': spoilt(valid, 0, 0x36),
    'a topic with a wildcard': spoilt(valid, valid.indexOf(topic) + 3, 0x23),
    'a topic with U+0000': spoilt(valid, valid.indexOf(topic), 0),
    'a topic that is not UTF-8': spoilt(valid, valid.indexOf(topic), 0xff),
    'packet id 0': generate({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [topic] }).fill(0, 2, 4),
    'a SUBSCRIBE that asks for QoS 3': spoilt(
      generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] }),
      2 + 2 + 2 + topic.length,
      3,
    ),
    'a packet over the limit': publish(topic, Buffer.alloc(70_000, 0x20)),
    'a length of five bytes': Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]),
  }
  return Object.entries(invalidPackets).map(([name, bytes]) => ({
    name,
    what: 'packet',
    subject: hostile.id,
    run: () => isDisconnected(wireOptions, hostile, bytes),
  }))
}

function connects(wireOptions: WireOptions, { hostile, victim, other }: Roles): Attempt[] {
  type Hello = Parameters<typeof connectPacket>[1]
  const online = topicOf(ORG, hostile.id, 'online')
  const will = (topic: string, fields: { qos?: 0 | 1 | 2; retain?: boolean } = {}): Hello => ({
    will: { topic, payload: Buffer.from(open), qos: 1, retain: true, ...fields },
  })
  const secret = (text: string): Hello => ({ password: Buffer.from(text) })
  const cases: [name: string, subject: string, Hello][] = [
    ['a will on the victim', hostile.id, will(topicOf(ORG, victim.id, 'online'))],
    ['a will that opens a valve', hostile.id, will(topicOf(ORG, victim.id, 'command'), { retain: false })],
    ['a will in the other organisation', hostile.id, will(topicOf(OTHER_ORG, other.id, 'online'))],
    ['a will on its own telemetry', hostile.id, will(hostile.topic, { retain: false })],
    ['a will on its own command', hostile.id, will(topicOf(ORG, hostile.id, 'command'), { retain: false })],
    ['a will on $SYS', hostile.id, will('$SYS/broker/version')],
    ['a will to the services', hostile.id, will(`tilth/internal/${ORG}/request`, { retain: false })],
    ['a will with QoS 2', hostile.id, will(online, { qos: 2 })],
    ['a will with QoS 0', hostile.id, will(online, { qos: 0 })],
    ['a will that is not retained', hostile.id, will(online, { retain: false })],
    ['no keepalive', hostile.id, { keepalive: 0 }],
    ['no client id', hostile.id, { clientId: '' }],
    ["the victim's name, its own user name", victim.id, { clientId: victim.id }],
    ["its own name, the victim's user name", hostile.id, { username: victim.id }],
    ["the victim's name throughout", victim.id, { clientId: victim.id, username: victim.id }],
    ["the other's name throughout", other.id, { clientId: other.id, username: other.id }],
    ['a service', hostile.id, { clientId: 'service:plan', username: hostile.id }],
    ['a wrong secret', hostile.id, secret('wrong')],
    ['an empty secret', hostile.id, secret('')],
  ]
  return cases.map(([name, subject, fields], index) => ({
    name: `connect with ${name}`,
    what: 'connect',
    subject,
    async run() {
      // the response to a failed sign-in is delayed, increasingly per address
      const wire = await openWire({ ...wireOptions, from: `127.0.1.${index + 1}` })
      wire.send(connectPacket(hostile, fields))
      const connack = await wire.next('connack', 20_000)
      const isClosed = await wire.closed()
      wire.end()
      return isClosed && connack?.returnCode !== 0
    },
  }))
}
