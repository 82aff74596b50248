/** Tilth behind Debian's Mosquitto (BUS=mqtt://...): killed in mid-stream it loses nothing, and valves are commanded through it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../broker/sqlite/database.ts'
import { topicOf } from '../../broker/contract/topics.ts'
import { systemClock } from '../../broker/contract/time.ts'
import { openJournal } from '../../broker/journal/journal.ts'
import { openSqliteSeries } from '../../services/adapters/sqlite/series.ts'
import type { Reading } from '../../services/ports.ts'
import { silent } from '../broker/rig.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { requireProgram } from '../support/require.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'
import { builtProgram } from '../support/program.ts'
import { openAndStop } from './open-and-stop.ts'

const root = join(import.meta.dirname, '../..')
const ORG = 'ja-test'
const MESSAGES = 3_000
const BATCH = 50

requireProgram('mosquitto', 'apt-get install mosquitto mosquitto-clients')('Tilth behind Mosquitto', () => {
  let dir: string
  let mosquitto: Mosquitto
  let farm: Farm | null
  let child: ChildProcess | null
  let output = ''

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-behind-'))
    mosquitto = await startMosquitto(ORG, ['soil-1', 'ctl-one'])
    farm = child = null
  })
  afterEach(async () => {
    await kill()
    await farm?.stop()
    await mosquitto.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const env = () => ({
    DATA_DIR: dir,
    BUS: mosquitto.url.replace('//', `//tilth:${mosquitto.secretOf('tilth')}@`),
  })

  async function startProcess(): Promise<void> {
    output = ''
    const tilth = spawn(process.execPath, builtProgram('services/main.ts'), {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', ...env() },
    })
    child = tilth
    tilth.stdout.on('data', (text: Buffer) => (output += text.toString()))
    tilth.stderr.on('data', (text: Buffer) => (output += text.toString()))
    await eventually(async () => {
      if (tilth.exitCode !== null) throw new Error(`it ended with ${tilth.exitCode}: ${output}`)
      return output.includes('Tilth is ready.') || null
    }, 30_000)
  }

  async function kill(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** The stored readings of this device, by message number. */
  async function stored(): Promise<Reading[]> {
    const series = await openSqliteSeries(join(dir, 'series.db'))
    const readings: Reading[] = []
    for await (const reading of series.stream({ org: ORG })) readings.push(reading)
    await series.close()
    return readings
  }

  it('loses no message and stores none twice over 3 x kill -9 in mid-stream and a restart of Mosquitto', async () => {
    farm = await setUpFarm(env())
    await farm.post('/api/devices', { id: 'soil-1', name: 'Probe', kind: 'probe', fieldId: farm.fieldId })
    expect(farm.tilth.mqttPort).toBeNull()
    await farm.stop()
    farm = null

    await startProcess()
    const probe = await mqtt.connectAsync(mosquitto.url, {
      clientId: 'soil-1',
      username: 'soil-1',
      password: mosquitto.secretOf('soil-1'),
      reconnectPeriod: 50,
    })
    probe.on('error', () => {})
    const startMs = Date.UTC(2026, 6, 6)
    for (let n = 1; n <= MESSAGES; n += BATCH) {
      // killed while the batch is in transit: some messages committed but not acknowledged, some not read
      const saying = sayBatch(probe, n, startMs)
      if ([501, 1_501, 2_201].includes(n)) {
        await kill()
        void startProcess().catch(() => {})
      }
      if (n === 1_001) await mosquitto.restart()
      await saying
    }
    probe.end(true)
    await eventually(async () => (output.includes('Tilth is ready.') ? true : null), 30_000)
    await eventually(lastIsTakenIn, 60_000)
    const exited = once(child!, 'exit')
    child!.kill('SIGTERM')
    await exited

    const values = (await stored()).map(({ value }) => value)
    expect(values).toHaveLength(MESSAGES)
    expect(new Set(values)).toEqual(new Set(Array.from({ length: MESSAGES }, (_, i) => valueOf(i + 1))))
    const journal = openJournal({ path: join(dir, 'journal.db'), clock: systemClock, log: silent })
    expect(journal.countDeadLetters()).toBe(0)
    void journal.close()
  }, 120_000)

  const valueOf = (n: number) => Math.round(n) / 100

  const sayBatch = (probe: MqttClient, from: number, startMs: number) =>
    Promise.all(
      Array.from({ length: BATCH }, (_, i) => {
        const n = from + i
        const time = new Date(startMs + n * 1_000).toISOString()
        const measurements = [{ soil: { depth: 30, moisture: valueOf(n) } }]
        const message = JSON.stringify({ v: 1, n, boot: 1, monoMs: n * 1_000, time, measurements })
        return probe.publishAsync(topicOf(ORG, 'soil-1', 'telemetry'), message, { qos: 1 })
      }),
    )

  /** Whether the last message is in the journal and processed by ingest: Mosquitto delivers in order. */
  async function lastIsTakenIn(): Promise<true | null> {
    const journal = openDatabase(join(dir, 'journal.db'), { readOnly: true })
    try {
      const newest = journal.prepare('select seq, payload from record order by seq desc limit 1').get() as
        | { seq: number; payload: Uint8Array }
        | undefined
      const passed = journal.prepare('select seq from cursor').get() as { seq: number } | undefined
      const isLast = newest !== undefined && Buffer.from(newest.payload).includes(`"n":${MESSAGES},`)
      return (isLast && passed?.seq === newest.seq) || null
    } finally {
      void journal.close()
    }
  }

  it('opens a valve and stops it through Mosquitto', async () => {
    farm = await setUpFarm(env())
    await openAndStop(farm, {
      url: mosquitto.url,
      secret: mosquitto.secretOf('ctl-one'),
      flashDir: mkdtempSync(join(dir, 'flash-')),
    })
  }, 60_000)
})
