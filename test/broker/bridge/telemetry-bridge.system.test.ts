/** The journal fed from a real Mosquitto: what is acknowledged to it is on our disk, and what is not comes again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startBridge, type Bridge } from '../../../broker/bridge/telemetry-bridge.ts'
import { topicOf } from '../../../broker/contract/topics.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { openJournal, type BrokerJournal } from '../../../broker/journal/journal.ts'
import type { Log } from '../../../broker/log.ts'
import { startMosquitto, type Mosquitto } from '../../support/mosquitto.ts'
import { requireProgram } from '../../support/require.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const topic = topicOf('coop', 'probe1', 'telemetry')
const waitFor = (isSo: () => void) => vi.waitFor(isSo, { timeout: 15_000, interval: 20 })

requireProgram('mosquitto', 'apt-get install mosquitto mosquitto-clients')('the bridge', () => {
  let folder: string
  let mosquitto: Mosquitto
  let journal: BrokerJournal
  let bridge: Bridge | null
  const clients: MqttClient[] = []

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-bridge-'))
    mosquitto = await startMosquitto('coop', ['probe1'])
    journal = open()
    bridge = null
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true)
    await bridge?.stop()
    await mosquitto.stop()
    void journal.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = (maxBytes?: number) =>
    openJournal({
      path: join(folder, 'journal.db'),
      clock: systemClock,
      log: silent,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    })
  const options = () => ({
    url: mosquitto.url,
    userName: 'tilth',
    password: mosquitto.secretOf('tilth'),
    clientId: 'tilth-test',
    journal,
    clock: systemClock,
    log: silent,
  })
  const bridgeNow = async () => (bridge = await startBridge(options()))

  async function probe(): Promise<MqttClient> {
    const client = await mqtt.connectAsync(mosquitto.url, {
      clientId: 'probe1',
      username: 'probe1',
      password: mosquitto.secretOf('probe1'),
      reconnectPeriod: 50,
    })
    client.on('error', () => {})
    clients.push(client)
    return client
  }
  const say = (client: MqttClient, from: number, to: number, bytes = 0) =>
    Promise.all(
      Array.from({ length: to - from + 1 }, (_, i) =>
        client.publishAsync(topic, `${from + i} ${'x'.repeat(bytes)}`, { qos: 1 }),
      ),
    )
  const journalled = () =>
    journal.read(0, 100_000).map(({ payload }) => parseInt(Buffer.from(payload).toString()))
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

  it('journals the messages of devices on another broker, in their order, with organisation and device', async () => {
    await bridgeNow()
    await say(await probe(), 1, 500)
    await waitFor(() => expect(journalled()).toEqual(numbers(1, 500)))
    expect(journal.read(0, 1)).toMatchObject([{ org: 'coop', device: 'probe1', replayedMs: null }])
    expect(bridge!.counters()).toMatchObject({ received: 500, stored: 500, notAcknowledged: 0 })
  })

  it('receives the messages from its downtime, also over a restart of the other broker', async () => {
    await bridgeNow()
    await bridge!.stop()
    const client = await probe()
    await say(client, 1, 3_000) // more than the 1,000 that a Mosquitto left to itself keeps
    client.end(true)
    await mosquitto.restart()
    await bridgeNow()
    await waitFor(() => expect(journalled()).toEqual(numbers(1, 3_000)))
  })

  it('reconnects after an outage of the other broker, and misses nothing', async () => {
    await bridgeNow()
    const client = await probe()
    const saying = say(client, 1, 50)
    await waitFor(() => expect(journal.head()).toBeGreaterThan(0))
    await mosquitto.restart()
    await saying
    await say(client, 51, 100)
    await waitFor(() => expect(new Set(journalled())).toEqual(new Set(numbers(1, 100))))
    expect(bridge!.isConnected()).toBe(true)
  })

  it('acknowledges no message that a full disk has rejected; it is sent again, and stored when there is room', async () => {
    void journal.close()
    journal = open(120_000)
    await bridgeNow()
    await say(await probe(), 1, 30, 5_000)
    await waitFor(() => expect(journal.isFailing()).toBe(true))
    const kept = journal.head()
    expect(kept).toBeLessThan(30)
    // the end of this Tilth: what its journal does not hold must still wait at the other broker
    void journal.close()
    await bridge!.stop()
    journal = open()
    expect(journal.head()).toBe(kept)
    await bridgeNow()
    await waitFor(() => expect(new Set(journalled())).toEqual(new Set(numbers(1, 30))))
    expect(bridge!.counters().notAcknowledged).toBe(0)
  })

  it('stores invalid messages as dead letters, and continues after a topic without a device', async () => {
    await bridgeNow()
    const other = await mqtt.connectAsync(mosquitto.url, {
      clientId: 'other',
      username: 'tilth',
      password: mosquitto.secretOf('tilth'),
    })
    clients.push(other)
    await other.publishAsync('tilth/v1/coop/a/telemetry', 'a name too short', { qos: 1 })
    await other.publishAsync(topic, 'y'.repeat(66_000), { qos: 1 })
    await other.publishAsync(topic, '', { qos: 1 })
    await other.publishAsync(topic, '7', { qos: 1 })
    await waitFor(() => expect(journalled()).toEqual([7]))
    expect(journal.deadLetters({}).map(({ reason }) => reason)).toEqual([
      'payload: expected at most 65536 bytes, got 66000',
      'payload: expected a telemetry message, got nothing',
    ])
    expect(bridge!.counters()).toMatchObject({
      refusedTopics: 1,
      deadLettered: 2,
      stored: 1,
      notAcknowledged: 0,
    })
  })

  it('a wrong secret and an unreachable address end the start with one line, without the secret', async () => {
    const wrong = startBridge({ ...options(), password: 'wrong' })
    await expect(wrong).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' })
    await expect(wrong).rejects.toThrow(/cannot bridge from mqtt:\/\/127\.0\.0\.1:\d+: /)
    await mosquitto.stopServer()
    await expect(startBridge(options())).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' })
  })

  it('the devices of the documented access list publish on their own topics and receive no others', async () => {
    await bridgeNow()
    const client = await probe()
    // a refused publish is acknowledged by Mosquitto and goes nowhere
    await client.publishAsync(topicOf('coop', 'probe2', 'telemetry'), '1', { qos: 1 })
    await client.publishAsync(topicOf('other', 'probe1', 'telemetry'), '2', { qos: 1 })
    await client.publishAsync('tilth/internal/coop/event', '3', { qos: 1 })
    await client.publishAsync(topic, '4', { qos: 1 })
    await waitFor(() => expect(journalled()).toEqual([4]))
    expect(bridge!.counters().received).toBe(1)
  })
})
