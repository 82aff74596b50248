/** What the PUBACK of a foreign message means: Tilth is killed right after it, before the message can be decoded. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashSecret } from '../../broker/access/authenticate.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import { loadSecrets } from '../../services/config/secrets.ts'
import type { UnassignedMessageRow } from '../../services/tables.ts'
import { integrationRow } from '../support/integration-row.ts'
import { closed } from '../broker/rig.ts'
import { freePort } from '../support/free-port.ts'
import { builtProgram } from '../support/program.ts'

const root = join(import.meta.dirname, '../..')
const textOf = ({ payload }: Pick<UnassignedMessageRow, 'payload'>) =>
  Buffer.from(payload, 'base64').toString()

describe('foreign messages when Tilth is killed', () => {
  const ROUNDS = Number(process.env.KILLS ?? 3)
  const PER_ROUND = 200
  const TOPICS = 100 // at most 200 messages of a topic are kept
  let dir: string
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tilth-gateway-'))))
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  async function start() {
    const port = await freePort()
    const env = { PATH: process.env.PATH ?? '', DATA_DIR: dir, HOST: '127.0.0.1', PORT: '0' }
    const child = spawn(process.execPath, builtProgram('services/main.ts'), {
      cwd: root,
      env: { ...env, MQTT_HOST: '127.0.0.1', MQTT_PORT: `${port}`, MQTT_LIMITS: 'none', LOG_LEVEL: 'silent' },
    })
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
    await new Promise<void>((resolve, reject) => {
      child.stdout.on(
        'data',
        (chunk: Buffer) => void (chunk.toString().includes('Tilth is ready') && resolve()),
      )
      void ended.then(() => reject(new Error('it ended')))
    })
    const end = (signal: NodeJS.Signals) => (child.kill(signal), ended)
    return { port, end }
  }
  async function withState<T>(
    read: (state: Awaited<ReturnType<typeof openSqliteState>>['state']) => Promise<T>,
  ) {
    const { state, close } = await openSqliteState(join(dir, 'state.db'))
    return read(state).finally(close)
  }

  it(
    'loses none that it acknowledged, and keeps none twice (kill -9 right after a PUBACK)',
    async () => {
      await (await start()).end('SIGTERM')
      const { pepper } = loadSecrets(dir)
      const row = integrationRow({ farmId: null, secretHash: hashSecret('secret', pepper) })
      await withState((state) => state.insertInto('integration').values(row).execute())

      const acknowledged = new Set<string>()
      let n = 0
      for (let round = 0; round < ROUNDS; round++) {
        const { port, end } = await start()
        const box = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
          clientId: 'box',
          username: row.id,
          password: 'secret',
          reconnectPeriod: 0,
        })
        box.on('error', () => {})
        const before = acknowledged.size
        const isOver = closed(box)
        const sayNext = () => {
          const own = `${++n}`
          box.publish(`tele/${n % TOPICS}/SENSOR`, own, { qos: 1 }, (error) => {
            if (error) return
            acknowledged.add(own)
            if (acknowledged.size - before === PER_ROUND + round) void end('SIGKILL')
            else if (box.connected) sayNext()
          })
        }
        for (let i = 0; i < 20; i++) sayNext()
        await isOver
        box.end(true)
      }
      const last = await start()
      await withState((state) =>
        expect
          .poll(
            async () => {
              const rows = await state.selectFrom('unassignedMessage').select('payload').execute()
              const kept = new Set(rows.map(textOf))
              return [...acknowledged].filter((each) => !kept.has(each))
            },
            { timeout: 30_000 },
          )
          .toEqual([]),
      )
      await last.end('SIGTERM')
      const payloads = await withState((state) =>
        state.selectFrom('unassignedMessage').select('payload').execute(),
      )
      expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * PER_ROUND)
      expect(new Set(payloads.map(textOf)).size).toBe(payloads.length)
      expect(payloads.length).toBeLessThanOrEqual(n)
    },
    (ROUNDS + 2) * 60_000,
  )
})
