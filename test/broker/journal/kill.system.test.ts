/** What PUBACK means: the broker is killed in mid-stream, and everything that it had acknowledged is there. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashSecret } from '../../../broker/access/authenticate.ts'
import { topicOf } from '../../../broker/contract/topics.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { openJournal } from '../../../broker/journal/journal.ts'
import { silent } from '../rig.ts'
import { builtProgram } from '../../support/program.ts'

const root = join(import.meta.dirname, '../../..')

describe('a broker that is killed', () => {
  let folder: string
  let journalPath: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tilth-kill-'))
    journalPath = join(folder, 'journal.db')
    const device = { id: 'probe1', org: 'coop', secretHashes: [hashSecret('s', 'pepper')] }
    await writeFile(join(folder, 'devices.json'), JSON.stringify([device]))
    await writeFile(join(folder, 'pepper'), 'pepper\n')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function start(more: string[] = ['--port', '0']): Promise<{ child: ChildProcess; out: string }> {
    const files = [
      '--journal',
      journalPath,
      '--devices',
      join(folder, 'devices.json'),
      '--pepper',
      join(folder, 'pepper'),
      '--limits',
      'none',
    ]
    const child = spawn(process.execPath, builtProgram('broker/main.ts', ...files, ...more), {
      cwd: root,
    })
    const [out] = (await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')])) as [Buffer]
    return { child, out: out.toString() }
  }

  it('has lost none of the messages it acknowledged (3 x kill -9)', async () => {
    const acknowledged = new Set<number>()
    let n = 0
    for (let round = 0; round < 3; round++) {
      const { child, out } = await start()
      const port = /:(\d+)/.exec(out)![1]!
      const probe = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
        clientId: 'probe1',
        username: 'probe1',
        password: 's',
        keepalive: 60,
        reconnectPeriod: 0,
      })
      probe.on('error', () => {})
      const before = acknowledged.size
      const isOver = new Promise<void>((resolve) => probe.once('close', () => resolve()))
      const sayNext = () => {
        const own = ++n
        probe.publish(topicOf('coop', 'probe1', 'telemetry'), `${own}`, { qos: 1 }, (error) => {
          if (error) return
          acknowledged.add(own)
          if (acknowledged.size - before === 300) child.kill('SIGKILL')
          else if (probe.connected) sayNext()
        })
      }
      for (let i = 0; i < 20; i++) sayNext()
      await isOver
      probe.end(true)
    }
    const journal = openJournal({ path: journalPath, clock: systemClock, log: silent })
    const kept = new Set(
      journal.read(0, 100_000).map(({ payload }) => Number(Buffer.from(payload).toString())),
    )
    void journal.close()
    expect(acknowledged.size).toBeGreaterThanOrEqual(900)
    expect([...acknowledged].filter((each) => !kept.has(each))).toEqual([])
  })

  it('ends with one line and code 1 for invalid settings', async () => {
    const { child, out } = await start(['--port', 'many'])
    const [code] = (await once(child, 'exit')) as [number]
    expect(out).toBe('--port must be between 0 and 65535, got many\n')
    expect(code).toBe(1)
  })
})
