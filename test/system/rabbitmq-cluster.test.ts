/** Three nodes of RabbitMQ behind a proxy: one is killed and all goes on; one alone refuses devices, which keep. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit } from '../support/rabbitmq.ts'
import { startRelay, type Relay } from '../support/relay.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'
import { connectProbe, valuesTo } from './numbered-probe.ts'

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('Tilth behind three nodes of RabbitMQ', () => {
  let rabbit: Rabbit
  let relay: Relay
  let dir: string
  let farm: Farm

  beforeAll(async () => {
    rabbit = await startRabbit(3)
    relay = await startRelay(...rabbit.nodes.map(({ port }) => port))
    dir = mkdtempSync(join(tmpdir(), 'tilth-cluster-'))
    const [, , last] = rabbit.nodes
    farm = await setUpFarm({
      DATA_DIR: dir,
      BUS: `mqtt://tilth:${rabbit.secretOf('tilth')}@127.0.0.1:${relay.port}`,
      BUS_USERS: `rabbitmq:${last!.management.replace('//', `//tilth-users:${rabbit.secretOf('tilth-users')}@`)}`,
    })
  }, 120_000)
  afterAll(async () => {
    await farm.stop()
    await relay.stop()
    await rabbit.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  async function isAccepted(url: string): Promise<boolean> {
    const account = { clientId: 'tilth-test', username: 'tilth', password: rabbit.secretOf('tilth') }
    try {
      const client = await mqtt.connectAsync(url, { ...account, reconnectPeriod: 0, connectTimeout: 3_000 })
      await client.endAsync(true)
      return true
    } catch {
      return false
    }
  }

  it('goes on with two of three, refuses devices with one, and loses nothing that it acknowledged', async () => {
    const { id, secret } = await farm.post<{ id: string; secret: string }>('/api/devices', {
      id: 'probe-one',
      name: 'Probe',
      kind: 'probe',
      fieldId: farm.fieldId,
    })
    const probe = await connectProbe(`mqtt://127.0.0.1:${relay.port}`, { org: farm.org, id, secret })
    const stored = (count: number) => async () => (await probe.stored(farm.tilth)).length >= count || null
    const [first, second, third] = rabbit.nodes

    const isWritten = () => rabbit.nodes.every((node) => node.hasWritten('mqtt-subscription-tilth-'))
    await eventually(async () => isWritten() || null)
    await probe.publish(1, 200)
    // Tilth and the device are on the first node
    const publishing = probe.publish(201, 400)
    await first!.kill()
    await publishing
    await eventually(stored(400), 30_000)

    await second!.kill()
    const kept = probe.publish(401, 500)
    // the third notices that it is alone, closes its ports and ends its connections
    const isRefused = async () => !(await isAccepted(third!.url)) && !probe.client.connected
    await eventually(async () => (await isRefused()) || null, 30_000)
    expect(probe.acknowledged()).toBeLessThan(500)

    await Promise.all([first!.startServer(), second!.startServer()])
    await kept
    await eventually(stored(500), 60_000)
    expect(await probe.stored(farm.tilth)).toEqual(valuesTo(500))
    probe.client.end(true)
  }, 180_000)
})
