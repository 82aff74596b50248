/** Tilth behind Debian's RabbitMQ, set up from docs/rabbitmq, with its users kept by Tilth (BUS_USERS). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Static } from 'typebox'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { topicOf } from '../../broker/contract/topics.ts'
import type { DeviceCredentials } from '../../services/api/devices/device-schemas.ts'
import { closed } from '../broker/rig.ts'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit } from '../support/rabbitmq.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'
import { openAndStop } from './open-and-stop.ts'

type Credentials = Pick<Static<typeof DeviceCredentials>, 'id' | 'secret'>

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('Tilth behind RabbitMQ', () => {
  let rabbit: Rabbit
  let dir: string
  let farm: Farm | null
  const clients: MqttClient[] = []

  beforeAll(async () => void (rabbit = await startRabbit()), 60_000)
  afterAll(() => rabbit.stop())
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-behind-rabbitmq-'))
    farm = null
    farm = await setUpFarm(env())
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true)
    await farm?.stop()
    // the next test is another Tilth, which leaves the users of this one alone
    for (const name of await users())
      if (!own.includes(name)) await rabbit.manage('DELETE', `/api/users/${name}`)
    rmSync(dir, { recursive: true, force: true })
  })

  const node = () => rabbit.nodes[0]!
  const env = () => ({
    DATA_DIR: dir,
    BUS: node().url.replace('//', `//tilth:${rabbit.secretOf('tilth')}@`),
    BUS_USERS: `rabbitmq:${node().management.replace('//', `//tilth-users:${rabbit.secretOf('tilth-users')}@`)}`,
  })

  async function connect({ id, secret }: Credentials, clientId = id): Promise<MqttClient> {
    const client = await mqtt.connectAsync(node().url, {
      clientId,
      username: id,
      password: secret,
      reconnectPeriod: 0,
    })
    client.on('error', () => {})
    clients.push(client)
    return client
  }
  /** RabbitMQ answers a wrong secret after seconds. */
  const refused = (...devices: readonly Credentials[]) =>
    Promise.all(
      devices.map((device, i) =>
        expect(connect(device, `${device.id}-${i}`)).rejects.toThrow(/Bad username or password/),
      ),
    )
  const newDevice = (id: string) =>
    farm!.post<Credentials>('/api/devices', { id, name: id, kind: 'probe', fieldId: farm!.fieldId })
  const users = async () =>
    (await rabbit.manage<{ name: string }[]>('GET', '/api/users')).map(({ name }) => name).sort()
  const own = ['tilth', 'tilth-users']

  it('a device that is revoked while it is connected is off within a second, and does not come back (B4)', async () => {
    const [device, other] = [await newDevice('probe-revoked'), await newDevice('probe-beside')]
    const [client, beside] = [await connect(device), await connect(other)]
    const startMs = performance.now()
    const ended = closed(client)
    await farm!.post(`/api/devices/${device.id}/revoke`, {})
    await ended
    expect(performance.now() - startMs).toBeLessThan(1_000)
    await refused(device)
    expect(beside.connected).toBe(true)
    expect(await users()).toEqual(['ctl-one', 'probe-beside', ...own].sort())
  })

  it('a device stays connected through one rotation and not through the second; the newest secret alone signs in', async () => {
    const first = await newDevice('probe-rotated')
    const client = await connect(first)
    const second = await farm!.post<Credentials>(`/api/devices/${first.id}/rotate`, {})
    await pause(200) // a session that must end ends within milliseconds
    expect(client.connected).toBe(true)
    const third = await farm!.post<Credentials>(`/api/devices/${first.id}/rotate`, {})
    await closed(client)
    await refused(first, second)
    expect((await connect(third)).connected).toBe(true)
  })

  it('a device publishes and receives on its own topics only, and with its own session only', async () => {
    const [device, other] = [await newDevice('probe-one'), await newDevice('probe-two')]
    const topics = [
      topicOf(farm!.org, 'probe-two', 'config'),
      topicOf(farm!.org, 'probe-one', 'telemetry'),
      'tilth/v1/+/+/command',
      `tilth/internal/${farm!.org}/event`,
      '#',
    ]
    for (const topic of topics) {
      const client = await connect(device)
      await expect(client.subscribeAsync(topic, { qos: 1 }), topic).rejects.toThrow()
      client.end(true)
    }
    const received: string[] = []
    await farm!.tilth.bus.subscribe('tilth/v1/+/+/heartbeat', ({ topic }) => void received.push(topic))
    for (const topic of [
      topicOf(farm!.org, 'probe-two', 'heartbeat'),
      topicOf('other-org', 'probe-one', 'heartbeat'),
      topicOf(farm!.org, 'probe-one', 'command'),
    ]) {
      const client = await connect(device)
      client.publish(topic, '{}', { qos: 1 })
      await closed(client)
    }
    // the session of another device
    const thief = await connect(device, other.id)
    await expect(thief.subscribeAsync(topicOf(farm!.org, device.id, 'config'), { qos: 1 })).rejects.toThrow()
    const client = await connect(device)
    await client.subscribeAsync(topicOf(farm!.org, device.id, 'config'), { qos: 1 })
    await client.publishAsync(topicOf(farm!.org, device.id, 'heartbeat'), '{}', { qos: 1 })
    await expect.poll(() => received).toEqual([topicOf(farm!.org, device.id, 'heartbeat')])
  })

  it('opens a valve and stops it; a controller receives its configuration at each connection, retained or not', async () => {
    await openAndStop(farm!, {
      url: node().url,
      secret: farm!.controller.secret,
      flashDir: mkdtempSync(join(dir, 'flash-')),
    })
    const client = await connect(farm!.controller)
    const configs: boolean[] = []
    client.on('message', (_topic, _payload, { retain }) => void configs.push(retain))
    await client.subscribeAsync(topicOf(farm!.org, 'ctl-one', 'config'), { qos: 1 })
    await client.publishAsync(topicOf(farm!.org, 'ctl-one', 'online'), '{"on":1,"sess":"b1.c1.00000001"}', {
      qos: 1,
    })
    await expect.poll(() => configs).toContain(false)
  }, 60_000)

  it('keeps a message that Tilth receives 30 times and cannot acknowledge, as while its disk is full', async () => {
    const device = await connect(await newDevice('probe-kept'))
    const topic = topicOf(farm!.org, 'probe-kept', 'heartbeat')
    const account = { username: 'tilth', password: rabbit.secretOf('tilth'), reconnectPeriod: 0 }
    const session = { ...account, clientId: 'tilth-full', clean: false }
    const first = await mqtt.connectAsync(node().url, session)
    await first.subscribeAsync(topic, { qos: 1 })
    await first.endAsync()
    await device.publishAsync(topic, 'kept', { qos: 1 })
    for (let times = 1; times <= 30; times++) {
      const client = mqtt.connect(node().url, session)
      clients.push(client)
      client.handleMessage = () => {} // mqtt.js would acknowledge
      const received = await Promise.race([
        new Promise<string>((resolve) => client.once('message', (_, payload) => resolve(payload.toString()))),
        pause(5_000, 'nothing'),
      ])
      expect(received, `delivery ${times}`).toBe('kept')
      client.end(true)
    }
    await (await mqtt.connectAsync(node().url, { ...session, clean: true })).endAsync()
  }, 60_000)

  it('changes that RabbitMQ does not take, because it is away, are there soon after it is back; users of others stay', async () => {
    await rabbit.manage('PUT', '/api/users/probe-of-others', { password: 'theirs', tags: '' })
    await newDevice('probe-of-others')
    const device = await newDevice('probe-going')
    await node().kill()
    await farm!.post(`/api/devices/${device.id}/revoke`, {})
    const late = await newDevice('probe-late')
    await node().startServer()
    await eventually(
      async () => (await users().catch(() => [] as string[])).includes('probe-late') || null,
      40_000,
    )
    expect(await users()).toEqual(['ctl-one', 'probe-late', 'probe-of-others', ...own].sort())
    expect((await connect(late)).connected).toBe(true)
  }, 60_000)
})
