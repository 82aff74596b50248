/** Messages of another ecosystem at a real Mosquitto: raw in the journal, then acknowledged there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { standardLimits } from '../../../broker/access/limits.ts'
import { parseBrokerUrl } from '../../../broker/bridge/broker-stream.ts'
import {
  startForeignBridge,
  type ForeignBridge,
  type ForeignBridgeOptions,
} from '../../../broker/bridge/foreign-bridge.ts'
import type { BridgeProblem } from '../../../broker/bridge/bridge-problems.ts'
import { MAX_CATALOGUE_BYTES, MAX_FOREIGN_BYTES } from '../../../broker/contract/foreign-topics.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import { startMosquitto, type Mosquitto } from '../../support/mosquitto.ts'
import { requireProgram } from '../../support/require.ts'
import { silent } from '../rig.ts'

const RULES = 'user tilth\ntopic readwrite #\nuser box\ntopic readwrite #\nuser guest\ntopic read allowed/#\n'
const waitFor = (isSo: () => void) => vi.waitFor(isSo, { timeout: 15_000, interval: 20 })

requireProgram('mosquitto', 'apt-get install mosquitto mosquitto-clients')('a bridge', () => {
  let folder: string
  let mosquitto: Mosquitto
  let journal: BrokerJournal
  let bridge: ForeignBridge | null
  const clients: MqttClient[] = []
  const received: string[] = []
  const states: (BridgeProblem['problem'] | 'connected')[] = []

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-bridge-'))
    mosquitto = await startMosquitto('coop', ['box', 'guest'], RULES)
    journal = openJournal({ path: join(folder, 'journal.db'), clock: systemClock, log: silent })
    bridge = null
    received.length = states.length = 0
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true)
    await bridge?.stop()
    await mosquitto.stop()
    void journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(changes: Partial<ForeignBridgeOptions> = {}): ForeignBridge {
    bridge = startForeignBridge({
      org: 'coop',
      integration: 'chirp',
      address: parseBrokerUrl(mosquitto.url)!,
      userName: 'tilth',
      password: mosquitto.secretOf('tilth'),
      clientId: 'tilth-1-chirp',
      version: 4,
      filters: ['application/#', 'zigbee2mqtt/#'],
      journal,
      clock: systemClock,
      log: silent,
      rate: { burst: 100_000, packets: 100_000, bytes: 100_000_000 },
      retainedBytes: standardLimits['gateway-retained'],
      onMessage: ({ topic, payload, isRetained }) =>
        void received.push(`${isRetained ? 'retained ' : ''}${topic} ${Buffer.from(payload).toString()}`),
      onState: (problem) => void states.push(problem?.problem ?? 'connected'),
      ...changes,
    })
    return bridge
  }
  async function startConnected(changes: Partial<ForeignBridgeOptions> = {}): Promise<ForeignBridge> {
    const started = start(changes)
    await waitFor(() => expect(started.isConnected()).toBe(true))
    return started
  }
  async function box(): Promise<MqttClient> {
    const client = await mqtt.connectAsync(mosquitto.url, {
      clientId: 'box',
      username: 'box',
      password: mosquitto.secretOf('box'),
      reconnectPeriod: 50,
    })
    client.on('error', () => {})
    clients.push(client)
    return client
  }
  const say = (client: MqttClient, from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from + 1 }, (_, i) =>
        client.publishAsync('application/1/device/a/event/up', `${from + i}`, { qos: 1 }),
      ),
    )
  const journalled = () => journal.read(0, 100_000).map(({ payload }) => Buffer.from(payload).toString())
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`)

  it('with stores that others take over, a message is acknowledged once it is there: until then it comes again', async () => {
    let stored = (): void => {}
    const first = await startConnected({ untilStored: () => new Promise((resolve) => (stored = resolve)) })
    const client = await box()
    await say(client, 1, 1)
    await waitFor(() => expect(journalled()).toEqual(['1']))
    await first.stop()
    const second = await startConnected({ untilStored: () => new Promise((resolve) => (stored = resolve)) })
    await waitFor(() => expect(journalled()).toEqual(['1', '1']))
    stored()
    await second.stop()
    await startConnected()
    await say(client, 2, 2)
    await waitFor(() => expect(journalled()).toEqual(['1', '1', '2']))
  })

  describe.each([
    ['MQTT 3.1.1', 4 as const],
    ['MQTT 5', 5 as const],
  ])('of %s', (_name, version) => {
    it('journals the messages raw with their topic, in their order', async () => {
      await startConnected({ version })
      const client = await box()
      await say(client, 1, 300)
      await waitFor(() => expect(journalled()).toEqual(numbers(1, 300)))
      await client.publishAsync('zigbee2mqtt/valve', '{"state":"OFF"}', { qos: 0, retain: true })
      await waitFor(() => expect(journalled().at(-1)).toBe('{"state":"OFF"}'))
      expect(journal.read(0, 1)).toMatchObject([
        {
          org: 'coop',
          device: 'chirp',
          foreign: { integration: 'chirp', topic: 'application/1/device/a/event/up', isRetained: false },
        },
      ])
      expect(received.at(-1)).toBe('zigbee2mqtt/valve {"state":"OFF"}')
    })

    it('receives what came while it was away, over a restart of the other broker', async () => {
      await (await startConnected({ version })).stop()
      const client = await box()
      await say(client, 1, 500)
      client.end(true)
      await mosquitto.restart()
      await startConnected({ version })
      await waitFor(() => expect(journalled()).toEqual(numbers(1, 500)))
    })

    it('reconnects after an outage, and subscribes again where the session was lost', async () => {
      await startConnected({ version })
      const client = await box()
      await say(client, 1, 5)
      await waitFor(() => expect(journal.head()).toBe(5))
      await mosquitto.stopServer()
      await waitFor(() => expect(states.at(-1)).toBe('unreachable'))
      mosquitto.forget()
      await mosquitto.startServer()
      await waitFor(() => expect(states.at(-1)).toBe('connected'))
      await say(client, 6, 10)
      await waitFor(() => expect(journalled()).toEqual(numbers(1, 10)))
    })

    it('acknowledges nothing that is not stored; it comes again when there is room', async () => {
      let isRefused = true
      const refusing: ForeignBridgeOptions['journal'] = {
        ...journal,
        append: (record) => (isRefused ? Promise.reject(new Error('no room')) : journal.append(record)),
      }
      await startConnected({ version, journal: refusing })
      await say(await box(), 1, 20)
      await waitFor(() => expect(states.filter((state) => state === 'unreachable').length).toBeGreaterThan(0))
      expect(journal.head()).toBe(0)
      isRefused = false
      await waitFor(() => expect(new Set(journalled())).toEqual(new Set(numbers(1, 20))))
    })

    it('names a wrong password, and is not connected', async () => {
      start({ version, password: 'wrong' })
      await waitFor(() => expect(states).toContain('wrong-password'))
      expect(bridge!.isConnected()).toBe(false)
      expect(await bridge!.publish({ topic: 'a', payload: 'b', qos: 1 })).toBe(false)
    })
  })

  it('names an address without an answer', async () => {
    start({ address: { host: '127.0.0.1', port: 1, isTls: false } })
    await waitFor(() => expect(states).toEqual(['unreachable']))
  })

  it('names a broker that speaks no TLS', async () => {
    start({ address: { ...parseBrokerUrl(mosquitto.url)!, isTls: true } })
    await waitFor(() => expect(states[0]).toBe('unreachable'))
  })

  it('takes more than eight filters', async () => {
    await startConnected({
      filters: Array.from({ length: 12 }, (_, i) => `homeassistant/sensor/s${i}/state`),
    })
    const client = await box()
    await client.publishAsync('homeassistant/sensor/s11/state', '21.4', { qos: 1 })
    await waitFor(() => expect(journalled()).toEqual(['21.4']))
  })

  it('keeps the retained messages of the connection at their newest value, for one who watches later', async () => {
    const client = await box()
    await client.publishAsync('zigbee2mqtt/bridge/state', 'online', { qos: 1, retain: true })
    const { retained } = await startConnected()
    await waitFor(() => expect(received).toEqual(['retained zigbee2mqtt/bridge/state online']))
    await client.publishAsync('zigbee2mqtt/bridge/state', 'offline', { qos: 1, retain: true })
    await waitFor(() => expect(received).toHaveLength(2))
    expect(received[1]).toBe('zigbee2mqtt/bridge/state offline')
    expect(retained().map(({ payload }) => Buffer.from(payload).toString())).toEqual(['offline'])
  })

  it('buries a message that is too long, acknowledges it, and continues', async () => {
    await startConnected()
    const client = await box()
    const sizes = [MAX_FOREIGN_BYTES + 1, MAX_CATALOGUE_BYTES * 8]
    for (const size of sizes)
      await client.publishAsync('application/long', Buffer.alloc(size, 'x'), { qos: 1 })
    await client.publishAsync('zigbee2mqtt/bridge/devices', Buffer.alloc(120_870, 'x'), { qos: 1 })
    await say(client, 1, 3)
    await waitFor(() => expect(journalled().slice(1)).toEqual(numbers(1, 3)))
    expect(journal.deadLetters({ org: 'coop' }).map(({ reason }) => reason)).toEqual([
      `payload: expected at most ${MAX_FOREIGN_BYTES} bytes, got ${MAX_FOREIGN_BYTES + 1}`,
      expect.stringMatching(/^packet: too long, got 83\d{5} bytes$/),
    ])
    await bridge!.stop()
    await startConnected()
    await say(client, 4, 4)
    await waitFor(() => expect(journalled().slice(1)).toEqual(numbers(1, 4)))
  })

  it('reads a flood at the rate of a gateway; the rest waits at the other broker', async () => {
    await startConnected({ rate: { burst: 50, packets: 100, bytes: 1_000_000 } })
    const startMs = performance.now()
    await say(await box(), 1, 200)
    await waitFor(() => expect(journal.head()).toBe(200))
    expect(performance.now() - startMs).toBeGreaterThan(1_000)
    expect(journalled()).toEqual(numbers(1, 200))
  })

  it('publishes at once or not at all: after a reconnection nothing old is sent', async () => {
    const { publish } = await startConnected()
    const client = await box()
    const orders: string[] = []
    client.on('message', (_topic, payload) => void orders.push(payload.toString()))
    await client.subscribeAsync('zigbee2mqtt/valve/set', { qos: 1 })
    expect(await publish({ topic: 'zigbee2mqtt/valve/set', payload: 'ON', qos: 1 })).toBe(true)
    await waitFor(() => expect(orders).toEqual(['ON']))
    await mosquitto.stopServer()
    const sent = await publish({ topic: 'zigbee2mqtt/valve/set', payload: 'late', qos: 1 })
    await waitFor(() => expect(states.at(-1)).toBe('unreachable'))
    await mosquitto.startServer()
    await waitFor(() => expect(states.at(-1)).toBe('connected'))
    expect(await publish({ topic: 'zigbee2mqtt/valve/set', payload: 'OFF', qos: 1 })).toBe(true)
    await waitFor(() => expect(orders.at(-1)).toBe('OFF'))
    expect([sent, orders]).toEqual([expect.any(Boolean), ['ON', 'OFF']])
  })
})
