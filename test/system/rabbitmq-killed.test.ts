/** RabbitMQ is killed while messages wait in it for Tilth: a node of its own, with the session of one Tilth only. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSettings } from '../../services/config/settings.ts'
import { startTilth, type Tilth } from '../../services/app/start.ts'
import { silent } from '../broker/rig.ts'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit } from '../support/rabbitmq.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, setUpFarm } from './farm.ts'
import { connectProbe, valuesTo } from './numbered-probe.ts'

const WAITING = 5_000
const AT_ONCE = 500

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('RabbitMQ between devices and Tilth', () => {
  let rabbit: Rabbit | null = null
  let tilth: Tilth | null = null
  let dir: string
  beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'tilth-behind-rabbitmq-'))))
  afterAll(async () => {
    await tilth?.stop()
    await rabbit?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('kill -9 of RabbitMQ with 5,000 messages waiting: all are stored, none twice', async () => {
    rabbit = await startRabbit()
    const node = rabbit.nodes[0]!
    const env = {
      DATA_DIR: dir,
      BUS: node.url.replace('//', `//tilth:${rabbit.secretOf('tilth')}@`),
      BUS_USERS: `rabbitmq:${node.management.replace('//', `//tilth-users:${rabbit.secretOf('tilth-users')}@`)}`,
    }
    const farm = await setUpFarm(env)
    await eventually(async () => node.hasWritten('mqtt-subscription-tilth-') || null)
    const device = await farm.post<{ id: string; secret: string }>('/api/devices', {
      id: 'probe-many',
      name: 'Probe',
      kind: 'probe',
      fieldId: farm.fieldId,
    })
    await farm.tilth.stop()
    const probe = await connectProbe(node.url, { org: farm.org, id: device.id, secret: device.secret })
    for (let n = 1; n <= WAITING; n += AT_ONCE) await probe.publish(n, n + AT_ONCE - 1)
    probe.client.end(true)
    await node.kill()

    const settings = readSettings({ ...env, HOST: '127.0.0.1', PORT: '0' }, null)
    if (!settings.ok) throw new Error(settings.error)
    // both start at once: RabbitMQ refuses Tilth until its users are loaded
    const starting = startTilth(settings.value, { log: silent })
    await node.startServer()
    const again = (tilth = await starting)
    // reading them all keeps this process busy, and Tilth runs in it
    await eventually(async () => {
      await pause(500)
      return (await probe.stored(again)).length >= WAITING || null
    }, 45_000)
    await again.settled()
    expect(await probe.stored(again)).toEqual(valuesTo(WAITING))
  }, 120_000)
})
