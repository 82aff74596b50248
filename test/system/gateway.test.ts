/** A gateway and a complete Tilth: its credential and its end. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revokeGateway, rotateGatewaySecret } from '../../services/api/integrations/credentials.ts'
import { createIntegration } from '../../services/api/integrations/integrations.ts'
import type { UnassignedMessageRow } from '../../services/tables.ts'
import { closed, silent } from '../broker/rig.ts'
import { setUpFarm, type Farm } from './farm.ts'

const textOf = ({ payload }: Pick<UnassignedMessageRow, 'payload'>) =>
  Buffer.from(payload, 'base64').toString()

describe('the credential of a gateway', () => {
  let farm: Farm
  const clients: MqttClient[] = []
  beforeAll(async () => void (farm = await setUpFarm({ MQTT_LIMITS: 'first-delay=1,longest-delay=1' })))
  afterAll(async () => {
    for (const client of clients) client.end(true)
    await farm.stop()
  })

  const connect = async (
    gateway: { id: string; secret: string },
    clientId: string,
    options: IClientOptions = {},
  ): Promise<MqttClient> => {
    const account = {
      clientId,
      username: gateway.id,
      password: gateway.secret,
      reconnectPeriod: 0,
      ...options,
    }
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${farm.tilth.mqttPort}`, account)
    client.on('error', () => {})
    clients.push(client)
    return client
  }
  const deps = () => ({
    state: farm.tilth.state,
    clock: farm.tilth.clock,
    bus: farm.tilth.bus,
    log: silent,
    credentials: farm.tilth.credentials,
    onDeviceChanged: (id: string) => void farm.tilth.broker!.deviceChanged(id),
  })
  const admin = () => ({ org: farm.org, userId: 'console' })
  const newGateway = async () => {
    const { id, secret } = await createIntegration(deps(), admin(), { name: 'Barn', kind: 'tasmota' })
    return { id, secret: secret! }
  }
  const kept = (id: string) =>
    farm.tilth.state.selectFrom('unassignedMessage').selectAll().where('integrationId', '=', id).execute()

  it('lets foreign devices in, whose messages are kept raw, until it is revoked', async () => {
    const [gateway, otherGateway] = [await newGateway(), await newGateway()]
    const [box, beside] = [await connect(gateway, 'DVES_A1B2C3'), await connect(otherGateway, 'DVES_A1B2C3')]
    await box.publishAsync('tele/box/SENSOR', '{"DS18B20":{"Temperature":21.4}}', { qos: 1 })
    await farm.tilth.ingest.settled()
    expect((await kept(gateway.id)).map((row) => [row.topic, row.org, textOf(row)])).toEqual([
      ['tele/box/SENSOR', farm.org, '{"DS18B20":{"Temperature":21.4}}'],
    ])
    const startMs = performance.now()
    await revokeGateway(deps(), admin(), gateway.id)
    await closed(box)
    expect(performance.now() - startMs).toBeLessThan(1_000)
    await expect(connect(gateway, 'DVES_A1B2C3')).rejects.toThrow(/Not authorized/)
    await expect(rotateGatewaySecret(deps(), admin(), gateway.id)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(beside.connected).toBe(true)
  })

  it('has two valid secrets during a rotation, and belongs to its own organisation', async () => {
    const first = await newGateway()
    const box = await connect(first, 'box')
    const second = await rotateGatewaySecret(deps(), admin(), first.id)
    await box.publishAsync('a', '', { qos: 1 })
    await rotateGatewaySecret(deps(), admin(), first.id)
    await closed(box)
    await expect(connect(first, 'box')).rejects.toThrow(/Not authorized/)
    expect((await connect(second, 'box')).connected).toBe(true)
    const stranger = { org: 'other', userId: 'console' }
    for (const act of [rotateGatewaySecret, revokeGateway])
      await expect(act(deps(), stranger, first.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const audit = () =>
      farm.tilth.state
        .selectFrom('audit')
        .select(['action', 'detail'])
        .where('subject', '=', first.id)
        .execute()
    await expect
      .poll(async () => (await audit()).map(({ action }) => action))
      .toEqual(['integration.create', 'gateway.rotate', 'gateway.rotate', 'device.refused.connect'])
    expect(JSON.stringify(await audit())).not.toContain(first.secret)
  })
  it('is reached through the connections: messages both ways, retained ones first, and who is there', async () => {
    const { connections, broker } = farm.tilth
    const gateway = await newGateway()
    await expect.poll(() => connections.isConnected(gateway.id)).toBe(false)
    const seen: string[] = []
    const end = connections.watch(gateway.id, {
      onConnected: (isConnected) => void seen.push(isConnected ? 'connected' : 'gone'),
      onMessage: ({ topic, payload, isRetained }) =>
        void seen.push(`${isRetained ? 'retained ' : ''}${topic} ${Buffer.from(payload).toString()}`),
    })
    const order = { topic: 'cmnd/box/Power1', payload: Buffer.from('ON'), qos: 1 as const }
    expect(await connections.publish(gateway.id, order)).toBe(false)

    const box = await connect(gateway, 'box')
    await expect.poll(() => connections.isConnected(gateway.id)).toBe(true)
    const received: string[] = []
    box.on('message', (topic, payload) => void received.push(`${topic} ${payload.toString()}`))
    await box.subscribeAsync('cmnd/#', { qos: 1 })
    await box.publishAsync('tele/box/LWT', 'Online', { qos: 1, retain: true })
    await box.publishAsync('tele/box/SENSOR', '{}', { qos: 1 })
    expect(await connections.publish(gateway.id, order)).toBe(true)
    await expect.poll(() => received).toEqual(['cmnd/box/Power1 ON'])
    expect(connections.statusOf(gateway.id)).toMatchObject({ state: 'connected', problem: null })
    await box.endAsync()
    await expect
      .poll(() => seen)
      .toEqual(['gone', 'connected', 'tele/box/LWT Online', 'tele/box/SENSOR {}', 'gone'])

    seen.length = 0
    const again = await connect(gateway, 'box')
    await expect.poll(() => seen).toEqual(['connected', 'retained tele/box/LWT Online'])
    end()
    await again.publishAsync('tele/box/SENSOR', '{}', { qos: 1 })
    expect(seen).toHaveLength(2)

    expect(broker!.retained(farm.org, gateway.id)).toHaveLength(1)
    await revokeGateway(deps(), admin(), gateway.id)
    await closed(again)
    await expect.poll(() => connections.isConnected(gateway.id)).toBeNull()
    expect(connections.statusOf(gateway.id)).toBeNull()
    expect(broker!.retained(farm.org, gateway.id)).toEqual([])
  })

  it('leaves no will in memory when it is revoked', async () => {
    const gateway = await newGateway()
    const will = { topic: 'tele/box/LWT', payload: Buffer.from('Offline'), qos: 1 as const, retain: true }
    const box = await connect(gateway, 'box', { will })
    await revokeGateway(deps(), admin(), gateway.id)
    await closed(box)
    await expect.poll(async () => (await kept(gateway.id)).map(textOf)).toEqual(['Offline'])
    expect(farm.tilth.broker!.retained(farm.org, gateway.id)).toEqual([])
  })
})
