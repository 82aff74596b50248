/**
 * A complete Tilth with its state in PostgreSQL: a farm is set up, a command given and acknowledged; connections end, the
 * server dies in mid-stream and comes back, or is frozen; nothing that was acknowledged is lost, and STOP closes meanwhile (T6).
 */
import { randomUUID } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Controller } from '../../firmware-sim/devices/controller.ts'
import type { RequestResult } from '../../services/api/irrigation/command-schemas.ts'
import { describeWithPostgres, startPostgres, type Postgres } from '../support/postgres.ts'
import { connectProbe, setUpFarm, type Farm } from './farm.ts'
import { startSimulated } from './simulated-controller.ts'

const logged: string[] = []
const line = (_fields: object, text: string) => void logged.push(text)
const log = { debug() {}, info: line, warn: line, error: line }

describeWithPostgres('Tilth with STATE=postgres://', () => {
  let server: Postgres
  let farm: Farm
  let controller: Controller
  let probe: MqttClient
  let n = 0
  beforeAll(async () => {
    server = await startPostgres()
    const { url } = await server.newDatabase()
    farm = await setUpFarm({ STATE: url }, { log })
    controller = await startSimulated(farm)
    probe = await connectProbe(farm)
  }, 120_000)
  afterAll(async () => {
    await probe?.endAsync()
    await controller?.stop()
    await farm?.stop()
    await server?.stop()
  })

  /** Resolves when it is acknowledged. */
  const send = (moisture: number) => {
    const measurements = [{ soil: { depth: 30, moisture } }]
    const text = JSON.stringify({ v: 1, n: ++n, boot: 1, monoMs: n * 60_000, measurements })
    return probe.publishAsync(`tilth/v1/${farm.org}/probe-one/telemetry`, text, { qos: 1 })
  }
  const stored = async () => {
    const of = { org: farm.org, quantity: 'soil.moisture', fromMs: 0, toMs: Date.now() + 600_000 }
    return (await farm.tilth.series.range(of)).flatMap(({ value }) => value)
  }
  const isReady = async () => (await fetch(`${farm.url}/readyz`)).status === 200
  const runStates = async () =>
    (await farm.tilth.state.selectFrom('run').select(['state']).execute()).map(({ state }) => state)

  it('sets up a farm, opens a valve, and stores readings', async () => {
    const asked = { idem: randomUUID(), zoneId: farm.zoneId, minutes: 10 }
    expect((await farm.post<RequestResult>('/api/start', asked)).state).toBe('accepted')
    await expect.poll(runStates).toEqual(['running'])
    expect(controller.isOpen('V1')).toBe(true)
    await send(21)
    await expect.poll(stored).toEqual([21])
  }, 60_000)

  it('goes on with the run when its connections have ended', async () => {
    await server.endConnections()
    await expect.poll(isReady).toBe(true)
    expect(controller.isOpen('V1')).toBe(true)
  }, 60_000)

  it('acknowledges readings and closes the valve on STOP while the server is away; records each once when it is back', async () => {
    await farm.get('/api/me')
    await server.kill()
    await send(22)
    await send(23)
    expect(await isReady()).toBe(false)
    // from then on another engine may be at work: nothing but a STOP is sent
    await expect.poll(() => logged.join(), { timeout: 20_000 }).toContain('it sends nothing until it is')
    expect(controller.isOpen('V1')).toBe(true)
    const idem = randomUUID()
    const stop = farm.post('/api/stop', { idem, zoneId: farm.zoneId })
    await expect(stop).rejects.toThrow(/the server cannot record now; STOP was sent/)
    await expect.poll(() => controller.isOpen('V1')).toBe(false)
    await expect(farm.get('/api/me')).rejects.toThrow(/50\d/)
    await server.startServer()
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true)
    await send(24)
    await expect.poll(stored, { timeout: 30_000 }).toEqual([21, 22, 23, 24])
    const { state } = farm.tilth
    await expect
      .poll(() => state.selectFrom('request').select(['id', 'state']).where('kind', '=', 'stop').execute())
      .toEqual([{ id: idem, state: 'accepted' }])
    const audit = state.selectFrom('audit').select('subject').where('action', '=', 'request.stop')
    expect(await audit.execute()).toEqual([{ subject: farm.zoneId }])
    await expect
      .poll(() => state.selectFrom('irrigation').select(['zoneId', 'endReason']).execute())
      .toMatchObject([{ zoneId: farm.zoneId }])
    const verified = await farm.get<{ broken: unknown }>('/api/audit/verify')
    expect(verified.broken).toBe(null)
  }, 90_000)

  it('STOP closes while the server is frozen; Tilth states it, and records everything once when it goes on', async () => {
    const start = { zoneId: farm.zoneId, minutes: 10 }
    await expect
      .poll(
        async () => (await farm.post<RequestResult>('/api/start', { ...start, idem: randomUUID() })).state,
        {
          timeout: 20_000,
          interval: 1_000,
        },
      )
      .toBe('accepted')
    await expect.poll(() => controller.isOpen('V1')).toBe(true)
    server.freeze()
    const idem = randomUUID()
    const pressedMs = performance.now()
    const stop = farm.post('/api/stop', { idem, zoneId: farm.zoneId })
    await expect(stop).rejects.toThrow(/the server cannot record now; STOP was sent/)
    expect(performance.now() - pressedMs).toBeLessThan(10_000)
    await expect.poll(() => controller.isOpen('V1')).toBe(false)
    await send(25)
    expect(await isReady()).toBe(false)
    server.thaw()
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true)
    await expect.poll(stored, { timeout: 30_000 }).toEqual([21, 22, 23, 24, 25])
    const stops = () =>
      farm.tilth.state.selectFrom('request').select('state').where('id', '=', idem).execute()
    await expect.poll(stops).toEqual([{ state: 'accepted' }])
  }, 90_000)
})
