/** Revoking or changing a device on the dashboard affects its open connection: a complete Tilth, over HTTP. */
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { topicOf } from '../../broker/contract/topics.ts'
import type { DeviceCredentials } from '../../services/api/devices/device-schemas.ts'
import type { Static } from 'typebox'
import { closed } from '../broker/rig.ts'
import { setUpFarm, type Farm } from './farm.ts'

type Credentials = Static<typeof DeviceCredentials>

let farm: Farm
const clients: MqttClient[] = []
beforeAll(async () => void (farm = await setUpFarm({ MQTT_LIMITS: 'first-delay=1,longest-delay=1' })))
afterAll(async () => {
  for (const client of clients) client.end(true)
  await farm.stop()
})

async function connect({ id, secret }: Pick<Credentials, 'id' | 'secret'>): Promise<MqttClient> {
  const account = { clientId: id, username: id, password: secret, reconnectPeriod: 0 }
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${farm.tilth.mqttPort}`, account)
  client.on('error', () => {})
  clients.push(client)
  return client
}
const newDevice = (id: string) =>
  farm.post<Credentials>('/api/devices', { id, name: id, kind: 'probe', fieldId: farm.fieldId })
const publishes = (client: MqttClient, id: string) =>
  client.publishAsync(topicOf(farm.org, id, 'heartbeat'), '{}', { qos: 0 })

it('a device stays connected through one rotation; the second change disconnects it, and only the newest two secrets are valid (B4)', async () => {
  const first = await newDevice('probe-rotated')
  const client = await connect(first)
  const second = await farm.post<Credentials>(`/api/devices/${first.id}/rotate`, {})
  await publishes(client, first.id)
  expect(client.connected).toBe(true)
  const third = await farm.post<Credentials>(`/api/devices/${first.id}/rotate`, {})
  await closed(client)
  await expect(connect(first)).rejects.toThrow(/Not authorized/)
  const lateClient = await connect({ id: first.id, secret: second.secret })
  const newest = await connect({ id: first.id, secret: third.secret })
  await closed(lateClient) // replaced: one connection per device
  expect(newest.connected).toBe(true)
})

it('a device that is revoked is closed at once, and does not come back', async () => {
  const device = await newDevice('probe-revoked')
  const [client, otherClient] = [await connect(device), await connect(await newDevice('probe-beside'))]
  await farm.post(`/api/devices/${device.id}/revoke`, {})
  await closed(client)
  await expect(connect(device)).rejects.toThrow(/Not authorized/)
  expect(otherClient.connected).toBe(true)
  expect(farm.tilth.broker!.counters().sessionsRevoked).toBe(2)
})
