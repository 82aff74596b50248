/** Three nodes of RabbitMQ: one is killed and all goes on; one alone refuses devices, which keep what it did not acknowledge. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit, type RabbitNode } from '../support/rabbitmq.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'
import { connectProbe, valuesTo } from './numbered-probe.ts'

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('Tilth with three nodes of RabbitMQ', () => {
  let rabbit: Rabbit
  let dir: string
  let farm: Farm | null = null

  beforeAll(async () => void (rabbit = await startRabbit(3)), 120_000)
  afterAll(async () => {
    await farm?.stop()
    await rabbit?.stop()
    if (dir) rmSync(dir, { recursive: true, force: true })
  })

  const hosts = (of: 'url' | 'management') =>
    rabbit.nodes.map((node) => node[of].replace(/^.*\/\//, '')).join(',')

  /** mqtt.js waits for good for a node that ends the connection without an answer, unless it must not try again. */
  async function accepts({ url }: RabbitNode, username: string, password: string): Promise<boolean> {
    const account = { clientId: `test-${username}`, username, password }
    const once = { ...account, reconnectPeriod: 0, connectTimeout: 3_000 }
    try {
      await (await mqtt.connectAsync(url, once, false)).endAsync(true)
      return true
    } catch {
      return false
    }
  }

  it('goes on with two of three, refuses devices with one, and loses nothing that it acknowledged', async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-cluster-'))
    const own = (farm = await setUpFarm({
      DATA_DIR: dir,
      BUS: `mqtt://tilth:${rabbit.secretOf('tilth')}@${hosts('url')}`,
      BUS_USERS: `rabbitmq:http://tilth-users:${rabbit.secretOf('tilth-users')}@${hosts('management')}`,
    }))
    const addProbe = (id: string) =>
      own.post<{ id: string; secret: string }>('/api/devices', {
        id,
        name: 'Probe',
        kind: 'probe',
        fieldId: own.fieldId,
      })
    const probe = await connectProbe(`mqtt://${hosts('url')}`, {
      org: own.org,
      ...(await addProbe('probe-one')),
    })
    const [first, second, third] = rabbit.nodes as [RabbitNode, RabbitNode, RabbitNode]
    const isStored = async (count: number, withinMs: number) => {
      let stored = 0
      await eventually(
        async () => (stored = (await probe.stored(own.tilth)).length) >= count || null,
        withinMs,
        () =>
          `of ${count} readings ${probe.acknowledged()} are acknowledged and ${stored} stored; the probe is ${probe.client.connected ? '' : 'not '}connected, and so is the bus: ${own.tilth.bus.isConnected()}`,
      )
    }

    const isWritten = () => rabbit.nodes.every((node) => node.hasWritten('mqtt-subscription-tilth-'))
    await eventually(
      async () => isWritten() || null,
      15_000,
      () => 'a node has not written the queue of Tilth',
    )
    // Tilth and the device are on the first node
    const publishing = probe.publish(1, 200)
    await first.kill()
    await isStored(200, 30_000)
    await publishing
    // the users of devices are kept through another node
    const added = await addProbe('probe-two')
    await eventually(
      async () => (await accepts(second, added.id, added.secret)) || null,
      15_000,
      () => 'RabbitMQ has no user for the new probe',
    )

    await second.kill()
    const kept = probe.publish(201, 300)
    // the third notices that it is alone, closes its ports and ends its connections
    await eventually(
      async () =>
        (!(await accepts(third, 'tilth', rabbit.secretOf('tilth'))) && !probe.client.connected) || null,
      30_000,
      () => 'the third node, alone, still accepts devices',
    )
    expect(probe.acknowledged()).toBeLessThan(300)

    await Promise.all([first.startServer(), second.startServer()])
    await isStored(300, 60_000)
    await kept
    expect(await probe.stored(own.tilth)).toEqual(valuesTo(300))
    probe.client.end(true)
  }, 240_000)
})
