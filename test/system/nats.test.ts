/** Tilth behind the MQTT gateway of Debian's NATS, set up from docs/nats. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { topicOf } from '../../broker/contract/topics.ts'
import { readSettings } from '../../services/config/settings.ts'
import { startTilth } from '../../services/app/start.ts'
import { closed, silent } from '../broker/rig.ts'
import { INSTALL_NATS, startNats, type Nats } from '../support/nats.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'
import { connectProbe, valuesTo } from './numbered-probe.ts'
import { openAndStop } from './open-and-stop.ts'

const ORG = 'ja-test'
const BATCH = 250
const MESSAGES = 4 * BATCH

requireProgram('nats-server', INSTALL_NATS)('Tilth behind NATS', () => {
  let nats: Nats
  let dir: string
  let farm: Farm
  const clients: MqttClient[] = []
  /** of each connection: whether its session was there */
  const sessions: boolean[] = []

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-behind-nats-'))
    nats = await startNats(ORG, ['soil-1', 'soil-2', 'ctl-one'])
    farm = await setUpFarm({
      DATA_DIR: dir,
      BUS: nats.url.replace('//', `//tilth:${nats.secretOf('tilth')}@`),
    })
    for (const id of ['soil-1', 'soil-2'])
      await farm.post('/api/devices', { id, name: 'Probe', kind: 'probe', fieldId: farm.fieldId })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true)
    await farm.stop()
    await nats.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const env = () => ({
    DATA_DIR: dir,
    BUS: nats.url.replace('//', `//tilth:${nats.secretOf('tilth')}@`),
  })

  async function connect(id: string, clientId = id, clean = true): Promise<MqttClient> {
    const account = { clientId, username: id, password: nats.secretOf(id), clean }
    const client = mqtt.connect(nats.url, { ...account, reconnectPeriod: 0, connectTimeout: 3_000 })
    clients.push(client)
    await new Promise<void>((resolve, reject) => {
      client.once('connect', ({ sessionPresent }) => {
        sessions.push(sessionPresent)
        resolve()
      })
      client.on('error', reject)
      client.once('close', () => reject(new Error('closed')))
    })
    return client
  }

  it('stores every message once over 3 x kill -9 of NATS in mid-stream, and one while messages wait for Tilth', async () => {
    const probe = await connectProbe(nats.url, { org: ORG, id: 'soil-1', secret: nats.secretOf('soil-1') })
    clients.push(probe.client)
    for (let n = 1; n <= MESSAGES; n += BATCH) {
      const publishing = probe.publish(n, n + BATCH - 1)
      if (n > BATCH) {
        await nats.kill()
        await nats.startServer()
      }
      await publishing
    }
    await stored(MESSAGES)

    await farm.tilth.stop()
    await probe.publish(MESSAGES + 1, MESSAGES + BATCH)
    await nats.kill()
    await nats.startServer()
    const settings = readSettings({ ...env(), HOST: '127.0.0.1', PORT: '0' }, null)
    if (!settings.ok) throw new Error(settings.error)
    farm.tilth = await startTilth(settings.value, { log: silent })
    await stored(MESSAGES + BATCH)

    async function stored(last: number): Promise<void> {
      await eventually(async () => (await probe.stored(farm.tilth)).length >= last || null, 30_000)
      await farm.tilth.settled()
      expect(await probe.stored(farm.tilth)).toEqual(valuesTo(last))
    }
  }, 60_000)

  it('opens a valve and stops it', async () => {
    await openAndStop(farm, {
      url: nats.url,
      secret: nats.secretOf('ctl-one'),
      flashDir: mkdtempSync(join(dir, 'flash-')),
    })
  }, 60_000)

  it('a device receives on its own topics only; what it publishes on others is acknowledged and reaches nobody', async () => {
    const received: string[] = []
    await farm.tilth.bus.subscribe('tilth/v1/+/+/heartbeat', ({ topic }) => void received.push(topic))
    const device = await connect('soil-1')
    for (const topic of [
      topicOf(ORG, 'soil-2', 'config'),
      topicOf(ORG, 'soil-1', 'telemetry'),
      'tilth/v1/+/+/command',
      '#',
      '$MQTT/sub/#',
    ])
      await expect(device.subscribeAsync(topic, { qos: 1 }), topic).rejects.toThrow()
    const own = topicOf(ORG, 'soil-1', 'heartbeat')
    for (const topic of [
      topicOf(ORG, 'soil-2', 'heartbeat'),
      topicOf('other-org', 'soil-1', 'heartbeat'),
      own,
    ])
      await device.publishAsync(topic, '{}', { qos: 1 })
    await expect.poll(() => received).toEqual([own])
  })

  it('a device with the client id of another ends its connection and its session, and receives nothing of it', async () => {
    const command = topicOf(ORG, 'soil-1', 'command')
    const owner = await connect('soil-1', 'soil-1', false)
    await owner.subscribeAsync(command, { qos: 1 })
    const ended = closed(owner)
    const thief = await connect('soil-2', 'soil-1', false)
    await ended
    let received = 0
    thief.on('message', () => received++)
    await farm.tilth.bus.publish(command, '{}', { qos: 1, retain: false })
    // a message of its own that it does receive, after that one
    await thief.subscribeAsync(topicOf(ORG, 'soil-2', 'config'), { qos: 1 })
    await farm.tilth.bus.publish(topicOf(ORG, 'soil-2', 'config'), '{}', { qos: 1, retain: false })
    await expect.poll(() => received).toBe(1)
    thief.end(true)
    // while NATS still sees the connection before, it refuses one with a client id that changes hands
    await eventually(() => connect('soil-2', 'soil-1', true).catch(() => null))
    clients.pop()!.end(true)
    await eventually(() => connect('soil-1', 'soil-1', false).catch(() => null))
    expect(sessions.at(-1)).toBe(false)
  })

  it('a device that is removed from its list of users is off when the list is loaded again', async () => {
    const [device, other] = [await connect('soil-1'), await connect('soil-2')]
    const ended = closed(device)
    await nats.setDevices(['soil-2', 'ctl-one'])
    await ended
    await expect(connect('soil-1')).rejects.toThrow()
    expect(other.connected).toBe(true)
  })
})
