/** What nobody foresaw ends the process with 1, after what is held has been written: real processes. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { provision } from '../../../bench/support/place.ts'
import { startServer } from '../../../bench/support/server.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { openJournal } from '../../../broker/journal/journal.ts'
import { eventually, silent } from '../rig.ts'

const root = join(import.meta.dirname, '../../..')
const TSX = import.meta.resolve('tsx')

describe('an unexpected fault', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tilth-fault-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const kept = (): string[] => {
    const journal = openJournal({ path: join(folder, 'journal.db'), clock: systemClock, log: silent })
    const payloads = journal.read(0, 100_000).map(({ payload }) => Buffer.from(payload).toString())
    void journal.close()
    return payloads
  }

  it.each([
    ['an error that is thrown', 'throw', /nobody foresaw this/],
    ['a promise that is rejected', 'reject', /nobody looks at this/],
  ])('%s: the journal is written, then the process exits with 1', (_what, how, says) => {
    const program = join(root, 'test/broker/net/fault-process.ts')
    const ran = spawnSync(process.execPath, ['--import', TSX, program, join(folder, 'journal.db'), how], {
      encoding: 'utf8',
    })
    expect(ran.stderr).toMatch(says)
    expect(ran.status).toBe(1)
    expect(kept()).toEqual(['held'])
  })

  it('the complete server exits with 1, and the content of its journal is written', async () => {
    const [publisher] = await provision(folder, { fields: 1, devices: 1, everyS: 60, plantedDaysAgo: 1 })
    const server = await startServer(
      folder,
      ['--import', TSX, '--import', `data:text/javascript,${encodeURIComponent(FAULT_BEFORE_COMMIT)}`],
      { program: join(root, 'services/main.ts') },
    )
    const { id, secret, topic } = publisher!
    const probe = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.mqttPort}`, {
      clientId: id,
      username: id,
      password: secret,
      reconnectPeriod: 0,
    })
    probe.on('error', () => {})
    await probe.publishAsync(topic, '{"v":1,"n":1}', { qos: 1 })
    server.child.kill('SIGUSR2')
    await eventually(() => server.output().includes('armed'), 10_000)
    let isAcknowledged = false
    probe.publish(topic, '{"v":1,"n":2}', { qos: 1 }, (error) => void (isAcknowledged = !error))
    const [code] = (await once(server.child, 'exit')) as [number | null]
    probe.end(true)
    expect(code).toBe(1)
    expect(server.output()).toContain('ended by an uncaught error: Error: nobody foresaw this')
    expect(isAcknowledged).toBe(false)
    expect(kept()).toEqual(['{"v":1,"n":1}', '{"v":1,"n":2}'])
  })
})

/**
 * After SIGUSR2, a fault replaces the journal's next commit. That commit may contain a message other than the next
 * one of the probe, so the fault waits until the probe's message is pending as well.
 */
const FAULT_BEFORE_COMMIT = `
process.on('SIGUSR2', () => {
  const later = globalThis.setTimeout
  for (const name of ['setImmediate', 'setTimeout']) {
    const wait = globalThis[name]
    globalThis[name] = (run, ...rest) =>
      String(run).includes('commitOnce')
        ? later(() => { throw new Error('nobody foresaw this') }, 2000)
        : wait(run, ...rest)
  }
  process.stderr.write('armed\\n')
})`
