/** While telemetry waits for room in the journal, what controllers say of their valves does not. */
import { setTimeout as pause } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { delivery, topicOf, type DeviceKind } from '../../../broker/contract/topics.ts'
import { closed, eventually, startBrokerRig, type BrokerRig } from '../rig.ts'

const LIMIT_BYTES = 400_000 // SQLite itself answers SQLITE_FULL at this size
const reading = (n: number) =>
  JSON.stringify({ v: 1, n, boot: 1, monoMs: n, measurements: [{ air: { temperature: 20 } }] })
const heartbeat = (n: number) => JSON.stringify({ sess: 'b1.c1.x', n, monoMs: n })

describe('a journal without room', () => {
  let rig: BrokerRig
  let heard: string[]
  let closeService = () => {}
  beforeEach(async () => {
    rig = await startBrokerRig({ journalBytes: LIMIT_BYTES })
    rig.register('coop', 'probe1')
    rig.register('coop', 'valves', { isController: true })
    const service = await mqtt.connectAsync(`mqtt://127.0.0.1:${rig.broker.port}`, {
      clientId: 'service:test',
      username: 'service:test',
      password: 'service secret',
      reconnectPeriod: 0,
    })
    heard = []
    service.on('message', (topic, payload) => heard.push(`${topic.split('/')[4]} ${payload.toString()}`))
    for (const kind of ['ack', 'state', 'heartbeat'] as const)
      await service.subscribeAsync(topicOf('coop', 'valves', kind), { qos: 1 })
    closeService = () => service.end(true)
  })
  afterEach(async () => {
    closeService()
    await rig.stop()
  })

  /** Until nothing more is taken. */
  async function fill(): Promise<void> {
    for (let n = 1; !rig.journal.isFailing(); n++) {
      const kept = rig.journal.append({
        receivedMs: n,
        org: 'coop',
        device: 'filler',
        payload: Buffer.alloc(20_000, 32),
      })
      kept.catch(() => {})
      await Promise.race([kept, pause(20)])
    }
  }

  async function makeRoom(): Promise<void> {
    await rig.journal.checkpoint('ingest', rig.journal.head(), [])
    rig.journal.trim()
  }

  const say = (client: MqttClient, kind: DeviceKind, text: string) =>
    client.publishAsync(topicOf('coop', 'valves', kind), text, delivery[kind])

  it('accepts acks, states and heartbeats of a controller behind its own telemetry, which is acknowledged when there is room', async () => {
    await fill()
    const valves = await rig.connect('valves')
    let isAcknowledged = false
    const told = say(valves, 'telemetry', reading(1)).then(() => void (isAcknowledged = true))
    await say(valves, 'ack', 'shut')
    await say(valves, 'state', 'closed')
    await say(valves, 'heartbeat', heartbeat(1))
    await eventually(() => heard.length === 3)
    expect(heard).toEqual(['ack shut', 'state closed', `heartbeat ${heartbeat(1)}`])
    expect(isAcknowledged).toBe(false)
    expect(rig.journal.isFailing()).toBe(true)

    await makeRoom()
    await told
    expect(valves.connected).toBe(true)
    expect(rig.journal.read(0, 1_000).filter(({ device }) => device === 'valves')).toHaveLength(1)
  })

  it('a controller that connects meanwhile receives and publishes', async () => {
    await fill()
    const valves = await rig.connect('valves')
    await valves.subscribeAsync(topicOf('coop', 'valves', 'command'), { qos: 1 })
    await say(valves, 'state', 'hello')
    await eventually(() => heard.includes('state hello'))
  })

  it('continues to read a controller when it reads no probe, because the buffer is full', async () => {
    await fill()
    const probe = await rig.connect('probe1')
    const valves = await rig.connect('valves')
    // as much as the group commit holds before it asks the network to wait
    for (let n = 0; !rig.journal.isFull(); n++)
      rig.journal
        .append({ receivedMs: n, org: 'coop', device: 'filler', payload: Buffer.alloc(60_000) })
        .catch(() => {})
    let pings = 0
    probe.on('packetreceive', ({ cmd }) => void (cmd === 'pingresp' && pings++))
    probe.publish(topicOf('coop', 'probe1', 'telemetry'), reading(1), { qos: 1 }, () => {})
    probe.sendPing()
    say(valves, 'telemetry', reading(1)).catch(() => {})
    await say(valves, 'ack', 'shut')
    await eventually(() => heard.includes('ack shut'))
    expect(pings).toBe(0)
    await makeRoom()
  })

  it('disconnects a controller with more messages in flight than the contract allows, and no other', async () => {
    await fill()
    const valves = await rig.connect('valves')
    for (let n = 1; n <= 20; n++) say(valves, 'telemetry', reading(n)).catch(() => {})
    await say(valves, 'ack', 'still here')
    await eventually(() => heard.includes('ack still here'))
    expect(valves.connected).toBe(true)
    say(valves, 'telemetry', reading(21)).catch(() => {})
    await closed(valves)
    expect(rig.broker.counters().notAcknowledged).toBe(1)
  })

  it("at 90 % stores field readings, acknowledges reports of the device's own condition, and counts them", async () => {
    const probe = await rig.connect('probe1')
    const telemetry = topicOf('coop', 'probe1', 'telemetry')
    const ofItself = (n: number) =>
      JSON.stringify({ v: 1, n, boot: 1, monoMs: n, measurements: [{}], battery: 3.6 })
    await probe.publishAsync(telemetry, ofItself(1), { qos: 1 })
    expect(rig.journal.head()).toBe(1)
    for (let n = 1; rig.journal.capacity().level !== 'degraded'; n++)
      await rig.journal.append({ receivedMs: n, org: 'coop', device: 'filler', payload: Buffer.alloc(8_000) })
    const head = rig.journal.head()
    await probe.publishAsync(telemetry, ofItself(2), { qos: 1 })
    expect(rig.journal.head()).toBe(head)
    await probe.publishAsync(telemetry, reading(3), { qos: 1 })
    expect(rig.journal.head()).toBe(head + 1)
    expect(rig.broker.counters().diagnosticsDropped).toBe(1)
  })
})
