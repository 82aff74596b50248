/** RabbitMQ is killed while messages wait in it for Tilth: a node of its own, with the session of one Tilth only. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import mqtt from 'mqtt'
import { expect, it } from 'vitest'
import { topicOf } from '../../broker/contract/topics.ts'
import { disableNagle } from '../../firmware-sim/devices/link.ts'
import { readSettings } from '../../services/config/settings.ts'
import { startTilth, type Tilth } from '../../services/app/start.ts'
import { silent } from '../broker/rig.ts'
import { INSTALL_RABBITMQ, startRabbit } from '../support/rabbitmq.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, setUpFarm } from './farm.ts'

const WAITING = 500

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('RabbitMQ between devices and Tilth', () => {
  it(`kill -9 of RabbitMQ with ${WAITING} messages waiting: all are stored, none twice`, async () => {
    const rabbit = await startRabbit()
    const node = rabbit.nodes[0]!
    const dir = mkdtempSync(join(tmpdir(), 'tilth-behind-rabbitmq-'))
    const env = {
      DATA_DIR: dir,
      BUS: node.url.replace('//', `//tilth:${rabbit.secretOf('tilth')}@`),
      BUS_USERS: `rabbitmq:${node.management.replace('//', `//tilth-users:${rabbit.secretOf('tilth-users')}@`)}`,
    }
    const farm = await setUpFarm(env)
    const device = await farm.post<{ id: string; secret: string }>('/api/devices', {
      id: 'probe-many',
      name: 'Probe',
      kind: 'probe',
      fieldId: farm.fieldId,
    })
    await farm.tilth.stop()
    const client = await mqtt.connectAsync(node.url, {
      clientId: device.id,
      username: device.id,
      password: device.secret,
      reconnectPeriod: 0,
    })
    disableNagle(client)
    client.on('error', () => {})
    const startMs = Date.UTC(2026, 6, 6)
    const say = (n: number) =>
      client.publishAsync(
        topicOf(farm.org, device.id, 'telemetry'),
        JSON.stringify({
          v: 1,
          n,
          boot: 1,
          monoMs: n * 1_000,
          time: new Date(startMs + n * 1_000).toISOString(),
          measurements: [{ soil: { depth: 30, moisture: n / 1_000 } }],
        }),
        { qos: 1 },
      )
    const all = Array.from({ length: WAITING }, (_, i) => i + 1)
    for (let i = 0; i < WAITING; i += 500) await Promise.all(all.slice(i, i + 500).map(say))
    await node.kill()

    const settings = readSettings({ ...env, HOST: '127.0.0.1', PORT: '0' }, null)
    if (!settings.ok) throw new Error(settings.error)
    // both start at once: RabbitMQ refuses Tilth until its users are loaded
    const starting = startTilth(settings.value, { log: silent })
    await node.startServer()
    const tilth: Tilth = await starting
    try {
      const values = async () => {
        const found: unknown[] = []
        for await (const { value, device: from } of tilth.series.stream({ org: farm.org }))
          if (from === device.id) found.push(value)
        return found
      }
      // reading them all keeps this process busy, and Tilth runs in it
      await eventually(async () => {
        await pause(500)
        return (await values()).length >= WAITING || null
      }, 90_000)
      await tilth.settled()
      const found = await values()
      expect(found).toHaveLength(WAITING)
      expect(new Set(found).size).toBe(WAITING)
    } finally {
      client.end(true)
      await tilth.stop()
      await rabbit.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  }, 180_000)
})
