/** A Tilth that is killed at each step of an opening, with a real Zigbee2MQTT: it is opened once, and known to be closed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import { eventually } from './farm.ts'
import { describeZigbee, FROM_MS, NOW, SPEED, startRig, type Rig } from './zigbee-rig.ts'

describeZigbee(NOW)('a Tilth that is killed while a valve behind Zigbee2MQTT', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tilth-killed-'))
  const zeroMs = Date.now()
  let rig: Rig
  let tilth: ChildProcess
  let url = ''
  let cookie = ''
  beforeAll(async () => {
    rig = await startRig(NOW, { DATA_DIR: dir })
    await rig.farm.post(`/api/devices/${rig.deviceId}/valves/V1/test`, undefined)
    await eventually(async () => (await rig.valves()).valves[0]?.testedProof, 120_000)
    await rig.stopFarm()
  }, 180_000)
  afterAll(async () => {
    tilth.kill('SIGKILL')
    await rig.stop()
    rmSync(dir, { recursive: true, force: true })
  }, 60_000)

  async function startProcess(): Promise<void> {
    tilth = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, '../support/fast-tilth.ts')],
      {
        env: {
          PATH: process.env.PATH,
          DATA_DIR: dir,
          HOST: '127.0.0.1',
          MQTT_HOST: '127.0.0.1',
          PORT: '0',
          MQTT_PORT: '0',
          LOG_LEVEL: 'silent',
          FAST_SPEED: String(SPEED),
          FAST_FROM_MS: String(FROM_MS),
          FAST_ZERO_MS: String(zeroMs),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const port = await new Promise<string>((resolve, reject) => {
      tilth.stdout!.on('data', (text: Buffer) => {
        const ready = /ready (\d+)/.exec(text.toString())
        if (ready) resolve(ready[1]!)
      })
      tilth.once('exit', (code) => reject(new Error(`Tilth ended with ${code}`)))
    })
    url = `http://127.0.0.1:${port}`
    const credentials = { email: 'sato@farm.example', password: 'kome-to-mizu-2026' }
    const response = await call('POST', '/api/auth/sign-in/email', credentials)
    cookie = response.headers
      .getSetCookie()
      .map((text) => text.split(';')[0])
      .join('; ')
  }
  const call = (method: string, path: string, body?: object) =>
    fetch(url + path, {
      method,
      headers: { cookie, origin: url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const position = async () => {
    const response = await call('GET', `/api/fields/${rig.farm.fieldId}?range=24h`)
    return ((await response.json()) as FieldDetail).zones[0]!.position
  }
  const untilClosed = () => eventually(async () => ((await position()) === 'closed' ? true : null), 120_000)
  async function kill(): Promise<void> {
    const ended = once(tilth, 'exit')
    tilth.kill('SIGKILL')
    await ended
  }

  it.each<[string, () => Promise<unknown>, number]>([
    ['is ordered open', async () => {}, 0],
    ['has just opened', () => eventually(async () => rig.valve.isOpen() || null), 1],
    [
      'is known to be open',
      () => eventually(async () => ((await position()) === 'open' ? true : null), 30_000),
      1,
    ],
    [
      'has just closed',
      async () => {
        await eventually(async () => rig.valve.isOpen() || null)
        await eventually(async () => !rig.valve.isOpen() || null, 90_000)
      },
      1,
    ],
  ])(
    '%s opens it once, and shows it closed when that is proved',
    async (_name, step, atLeast) => {
      await startProcess()
      await untilClosed()
      const before = rig.valve.openings.length
      await eventually(async () => {
        const request = { zoneId: rig.farm.zoneId, minutes: 2, idem: `start-${crypto.randomUUID()}` }
        const answer = (await (await call('POST', '/api/start', request)).json()) as { state: string }
        return answer.state === 'refused' ? null : answer.state
      }, 30_000)
      await step()
      await kill()
      await startProcess()
      await untilClosed()
      expect(rig.valve.isOpen()).toBe(false)
      // two minutes of the farm, in which nothing may resume
      await new Promise((resolve) => setTimeout(resolve, 4_000))
      const opened = rig.valve.openings.length - before
      expect(opened).toBeGreaterThanOrEqual(atLeast)
      expect(opened).toBeLessThanOrEqual(1)
      expect(rig.valve.isOpen()).toBe(false)
      await kill()
    },
    240_000,
  )
})
