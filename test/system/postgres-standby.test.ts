/**
 * A primary with a synchronous standby: the primary is killed in mid-stream with a valve open, and the standby promoted.
 * Tilth finds it by the second host of STATE and SERIES; nothing that was acknowledged is lost, and STOP closes meanwhile
 * (T6).
 */
import { randomUUID } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../broker/contract/time.ts'
import type { Controller } from '../../firmware-sim/devices/controller.ts'
import type { RequestResult } from '../../services/api/irrigation/command-schemas.ts'
import { describeWithPostgres, startPostgres, type Postgres, type Standby } from '../support/postgres.ts'
import { connectProbe, setUpFarm, type Farm } from './farm.ts'
import { startSimulated } from './simulated-controller.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

describeWithPostgres('a primary that is lost', () => {
  let primary: Postgres
  let standby: Standby
  let farm: Farm
  let controller: Controller
  let probe: MqttClient
  beforeAll(async () => {
    primary = await startPostgres()
    const { url } = await primary.newDatabase()
    standby = await primary.startStandby()
    const hosts = url.replace(`:${primary.port}/`, `:${primary.port},127.0.0.1:${standby.port}/`)
    farm = await setUpFarm({ STATE: hosts, SERIES: hosts, MQTT_LIMITS: 'none' }, { log: quiet })
    controller = await startSimulated(farm)
    probe = await connectProbe(farm)
  }, 120_000)
  afterAll(async () => {
    await probe?.endAsync()
    await controller?.stop()
    await farm?.stop()
    await primary?.stop()
    await standby?.stop()
  })

  const send = (n: number) => {
    const measurements = [{ soil: { depth: 30, moisture: n / 100 } }]
    const text = JSON.stringify({ v: 1, n, boot: 1, monoMs: n * 1_000, measurements })
    return probe.publishAsync(`tilth/v1/${farm.org}/probe-one/telemetry`, text, { qos: 1 })
  }
  const isReady = async () => (await fetch(`${farm.url}/readyz`)).status === 200
  const stored = async () => {
    const of = { org: farm.org, quantity: 'soil.moisture', fromMs: 0, toMs: systemClock.now() + 3_600_000 }
    return (await farm.tilth.series.range(of)).flatMap(({ value }) => value)
  }

  it('is replaced by its standby: what was acknowledged is there, once, and STOP closed meanwhile', async () => {
    const asked = { idem: randomUUID(), zoneId: farm.zoneId, minutes: 10 }
    expect((await farm.post<RequestResult>('/api/start', asked)).state).toBe('accepted')
    await expect.poll(() => controller.isOpen('V1')).toBe(true)

    const MESSAGES = 600
    const names: string[] = []
    for (let n = 1; n <= MESSAGES; n += 20) {
      const sending = Promise.all(Array.from({ length: 20 }, (_, i) => send(n + i)))
      const isAway = n > MESSAGES / 2
      if (!isAway) {
        const name = `Person ${n}`
        await farm.post('/api/members', { name, email: `p${n}@farm.example`, password: name, role: 'viewer' })
        names.push(name)
      }
      // in mid-stream: twenty messages are on their way
      if (n === MESSAGES / 2 + 1) await primary.kill()
      await sending
    }
    expect(await isReady()).toBe(false)
    const idem = randomUUID()
    const stop = farm.post('/api/stop', { idem, zoneId: farm.zoneId })
    await expect(stop).rejects.toThrow(/the server cannot record now; STOP was sent/)
    await expect.poll(() => controller.isOpen('V1')).toBe(false)

    standby.promote()
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true)
    const all = Array.from({ length: MESSAGES }, (_, i) => (i + 1) / 100)
    await expect.poll(async () => (await stored()).length, { timeout: 30_000 }).toBe(MESSAGES)
    expect((await stored()).sort((a, b) => a! - b!)).toEqual(all)
    const members = await farm.get<{ name: string }[]>('/api/members')
    expect(members.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
    const { state } = farm.tilth
    await expect
      .poll(() => state.selectFrom('request').select(['id', 'state']).where('kind', '=', 'stop').execute())
      .toEqual([{ id: idem, state: 'accepted' }])
    await expect
      .poll(() => state.selectFrom('irrigation').select('zoneId').execute())
      .toEqual([{ zoneId: farm.zoneId }])
    expect((await farm.get<{ broken: unknown }>('/api/audit/verify')).broken).toBe(null)
  }, 120_000)
})
