/** The access list against a table written by hand: every cell in the functions, a seeded sample over the wire. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  mayBeRetained,
  mayReceive,
  mayLeaveWill,
  mayPublish,
  maySubscribe,
  type Party,
} from '../../../broker/access/authorize.ts'
import {
  deviceKinds,
  internalKinds,
  internalTopic,
  serverKinds,
  topicOf,
} from '../../../broker/contract/topics.ts'
import { connack, connect, disconnect, pingreq, publish, subscribe, type } from '../conformance/packets.ts'
import { openRaw, type RawClient } from '../conformance/raw-client.ts'
import { asService } from '../conformance/say.ts'
import { eventually, startBrokerRig, type BrokerRig } from '../rig.ts'
import { cells, topics } from './cells.ts'
import { isAllowed, isKept, roles, type Cell } from './rules.ts'

const partyOf = (role: Cell['role']): Party => {
  const device = roles[role]
  return device === null ? { kind: 'service' } : { kind: 'device', ...device }
}
const text = ({ role, operation, topic, qos, retain }: Cell) =>
  `${role}: ${operation} ${topic} QoS ${qos}${retain ? ' retained' : ''}`

function judged({ role, operation, topic, qos, retain }: Cell): boolean {
  const party = partyOf(role)
  if (operation === 'publish') return mayPublish(party, { topic, qos, retain }).ok
  if (operation === 'will') return mayLeaveWill(party, { topic, qos, retain }).ok
  return operation === 'subscribe' ? maySubscribe(party, topic).ok : mayReceive(party, topic)
}

describe('the access list', () => {
  it('has at least 2,000 cells, no two alike, for each role some that are allowed (B6)', () => {
    expect(cells.length).toBeGreaterThanOrEqual(2_000)
    expect(new Set(cells.map(text)).size).toBe(cells.length)
    for (const [role, count] of [
      ['probe1 of coop', 12],
      ['probe2 of coop', 12],
      ['probe of coop', 12],
      ['probe3 of another organisation', 12],
    ] as const)
      expect(cells.filter((cell) => cell.role === role && isAllowed(cell))).toHaveLength(count)
  })

  it('decides every cell as the contract does (B6)', () => {
    const wrong = cells.filter((cell) => judged(cell) !== isAllowed(cell)).map(text)
    expect(wrong).toEqual([])
  })

  it('retains only the topics that the contract allows, and never a command or a lease (I12)', () => {
    expect(topics.filter((topic) => mayBeRetained(topic) !== isKept(topic))).toEqual([])
    expect(topics.filter((topic) => isKept(topic) && /command|lease/.test(topic))).toEqual([])
  })

  it("a device receives no topic of the server's own services: no slow reader is on their topics", () => {
    const ofPrograms = [
      ...deviceKinds.map((kind) => topicOf('coop', 'probe1', kind)),
      ...internalKinds.map((kind) => internalTopic('coop', kind)),
    ]
    expect(ofPrograms.filter((topic) => mayReceive(partyOf('probe1 of coop'), topic))).toEqual([])
    expect(deviceKinds.filter((kind) => (serverKinds as readonly string[]).includes(kind))).toEqual([])
  })
})

// every one that is allowed, and as many that are not as time allows; the same on every run
const REFUSED = 160
const sample = [
  ...cells.filter((cell) => cell.operation !== 'hear' && cell.role !== 'a service' && isAllowed(cell)),
  ...fc.sample(
    fc.constantFrom(...cells.filter((cell) => cell.operation !== 'hear' && !isAllowed(cell))),
    REFUSED,
  ),
  ...fc.sample(
    fc.constantFrom(
      ...cells.filter((cell) => cell.operation !== 'hear' && cell.role === 'a service' && isAllowed(cell)),
    ),
    40,
  ),
]

describe('the access list, over the wire', () => {
  let rig: BrokerRig
  /** receives everything that the broker forwards */
  let witness: RawClient
  let marks = 0
  beforeAll(async () => {
    rig = await startBrokerRig()
    for (const device of Object.values(roles)) if (device) rig.register(device.org, device.device)
    witness = await openRaw(rig.broker.port)
    await witness.send(connect({ ...asService, id: 'service:witness', user: 'service:test' }))
    expect(await witness.next()).toEqual(connack(0))
    await witness.send(subscribe(1, ['tilth/#', 0]))
    await witness.next()
  })
  afterAll(() => rig.stop())

  const accountOf = ({ role }: Cell) => {
    const device = roles[role]
    return device === null ? asService : { id: device.device }
  }

  /** The messages that the witness receives until his own message arrives. */
  async function heardByNow(): Promise<string[]> {
    const mark = `tilth/mark/${++marks}`
    await witness.send(publish(mark, ''))
    const heard: string[] = []
    for (;;) {
      const packet = await witness.next()
      if (packet === 'closed') throw new Error('the witness was cut off')
      const length = packet[1]! < 0x80 ? 2 : 3
      const topic = packet.subarray(length + 2, length + 2 + packet.readUInt16BE(length)).toString()
      if (topic === mark) return heard
      heard.push(topic)
    }
  }

  async function isLetThrough(cell: Cell): Promise<boolean> {
    const { operation, topic, qos, retain } = cell
    const client = await openRaw(rig.broker.port)
    try {
      const will = operation === 'will' ? { will: { topic, message: '{}', qos, retain } } : {}
      await client.send(connect({ ...accountOf(cell), ...will }))
      const answer = await client.next()
      if (operation === 'will' && (answer === 'closed' || answer[3] !== 0)) return false
      expect(answer).toEqual(connack(0))
      if (operation === 'will') {
        await heardByNow()
        client.drop()
        await eventually(() => rig.broker.connected() === 0)
        return true
      }
      if (operation === 'subscribe') {
        await client.send(subscribe(7, [topic, 1]))
        const suback = await client.next()
        return suback !== 'closed' && suback[4] !== 0x80
      }
      // QoS 0 has no answer of its own
      await client.send(publish(topic, '{}', { qos, retain, id: 9 }), ...(qos === 0 ? [pingreq] : []))
      const said = await client.next()
      if (said === 'closed') return false
      expect(said[0]).toBe(qos === 0 ? type.pingresp : type.puback)
      return true
    } finally {
      await client.send(disconnect).catch(() => {})
      client.drop()
    }
  }

  it.each(sample.map((cell) => [text(cell), cell] as const))('%s', async (_text, cell) => {
    await heardByNow()
    const isThrough = await isLetThrough(cell)
    expect(isThrough).toBe(isAllowed(cell))
    const { operation, topic, retain } = cell
    if (operation === 'subscribe') return
    if (isThrough && operation === 'will') {
      // the will fires when the connection is lost, and not before
      let heard: string[] = []
      for (let tries = 0; tries < 200 && !heard.includes(topic); tries++) heard = await heardByNow()
      expect(heard).toEqual([topic])
    } else expect(await heardByNow()).toEqual(isThrough ? [topic] : [])
    if (!isThrough || !retain) return
    const later = await openRaw(rig.broker.port)
    await later.send(connect({ ...asService, id: 'service:later', user: 'service:test' }))
    await later.next()
    await later.send(subscribe(1, [topic, 0]))
    await later.next()
    await later.send(pingreq)
    const kept = await later.next()
    expect(kept !== 'closed' && (kept[0]! & 0xf1) === 0x31).toBe(isKept(topic))
    later.drop()
  })
})
