/**
 * Two engines on one PostgreSQL, behind one Mosquitto: one is at work and the other stands by. Killed or frozen with a
 * valve open, the first is replaced by the second; no order is given twice, and the water is recorded once.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { topicOf } from '../../broker/contract/topics.ts'
import { systemClock } from '../../broker/contract/time.ts'
import { disableNagle } from '../../firmware-sim/devices/link.ts'
import { parseFleet, startFleet } from '../../firmware-sim/devices/fleet.ts'
import { openSeries } from '../../services/adapters/series.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import { createWorld } from '../../firmware-sim/world.ts'
import { plain, soybeanOnLoam, steady } from '../firmware-sim/places.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { describeWithPostgres, newPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { endEngine, isReady, standsBy, startEngine, type Engine } from './engine-process.ts'
import { eventually, setUpFarm } from './farm.ts'
import { nodesOfOneFarm, type FarmNodes } from './nodes-of-one-farm.ts'

const ORG = 'ja-test'
const TAKES_OVER_WITHIN_MS = 20_000

describeWithPostgres('two engines', () => {
  let nodes: FarmNodes
  let database: PostgresDatabase
  let mosquitto: Mosquitto
  let db: pg.Client
  let engines: Engine[]
  let controller: { isOnline(): boolean; stop(): Promise<void> }
  let zoneId: string
  let cookie: string

  beforeEach(async () => {
    database = await newPostgresDatabase()
    db = new pg.Client({ connectionString: database.url })
    await db.connect()
    mosquitto = await startMosquitto(ORG, ['ctl-one', 'soil-1'])
    engines = []
    nodes = nodesOfOneFarm({ database, broker: mosquitto })
    const farm = await setUpFarm(nodes.envOf('office'))
    zoneId = farm.zoneId
    await farm.post('/api/devices', { id: 'soil-1', name: 'Probe', kind: 'probe', fieldId: farm.fieldId })
    controller = await startController(farm.controller.commandKey)
    await eventually(() => valve('closed'))
    await farm.stop()
  }, 120_000)
  afterEach(async () => {
    for (const engine of engines) await endEngine(engine)
    await controller.stop()
    await mosquitto.stop()
    await db.end()
    await database.drop()
    nodes.remove()
  })

  async function start(name: string): Promise<Engine> {
    const engine = await startEngine(name, nodes.envOf(name))
    engines.push(engine)
    return engine
  }

  async function post(engine: Engine, path: string, body: unknown): Promise<void> {
    const response = await fetch(engine.url + path, {
      method: 'POST',
      headers: { cookie, origin: engine.url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const cookies = response.headers.getSetCookie().map((text) => text.split(';')[0])
    if (cookies.length > 0) cookie = cookies.join('; ')
    expect(response.status, `POST ${path}: ${await response.text()}`).toBe(200)
  }

  async function signIn(engine: Engine): Promise<void> {
    cookie = ''
    await post(engine, '/api/auth/sign-in/email', {
      email: 'sato@farm.example',
      password: 'kome-to-mizu-2026',
    })
  }

  async function valve(pos: 'open' | 'closed'): Promise<true | null> {
    const { rows } = await db.query<{ pos: string }>(
      `select pos from valve_state where device_id = 'ctl-one' and valve = 'V1'`,
    )
    return rows[0]?.pos === pos || null
  }
  /** An engine opens a valve only after a heartbeat that it has received itself. */
  async function openValve(engine: Engine): Promise<void> {
    const sinceMs = systemClock.now()
    await eventually(async () => {
      const { rows } = await db.query<{ at: string }>('select heartbeat_at_ms as at from valve_state')
      return Number(rows[0]?.at) > sinceMs || null
    }, 30_000)
    await post(engine, '/api/start', { idem: randomUUID(), zoneId, minutes: 10 })
    await eventually(() => valve('open'))
  }
  const commands = async () =>
    (await db.query<{ op: string; seq: number }>('select op, seq::int from command order by seq')).rows
  const recorded = async () =>
    (await db.query<{ litres: number }>('select litres from irrigation where litres is not null')).rows

  async function startController(commandKey: string | null) {
    const fleet = parseFleet(
      JSON.stringify([
        {
          id: 'ctl-one',
          kind: 'controller',
          secret: mosquitto.secretOf('ctl-one'),
          commandKey,
          field: 'north-3',
          valves: [{ id: 'V1', ratedLpm: 80 }],
        },
      ]),
    )
    if (!fleet.ok) throw new Error(fleet.error)
    const summer = steady().day('2026-07-01')!
    const forever = {
      ...steady(),
      lastDay: '2099-12-31' as const,
      day: (day: string) => ({ ...summer, day }),
    }
    const [first] = await startFleet(fleet.value, {
      org: ORG,
      url: mosquitto.url,
      clock: systemClock,
      seed: '7',
      flashDir: mkdtempSync(join(nodes.dir, 'flash-')),
      note: () => {},
      world: createWorld({
        weather: weatherAt(forever, plain, 'test'),
        fields: [soybeanOnLoam],
        startMs: systemClock.now(),
        seed: 'test',
      }),
    })
    await eventually(async () => (first!.isOnline() ? true : null))
    return first!
  }

  it('the one that stands by takes over from one that is killed with its valve open, and orders nothing twice', async () => {
    const office = await start('office')
    await eventually(() => isReady(office), 30_000)
    const barn = await start('barn')
    await eventually(() => standsBy(barn), 30_000)
    expect(await isReady(barn)).toBeNull()
    expect((await fetch(`${barn.url}/healthz`)).status).toBe(200)

    const expected: { op: string; seq: number }[] = []
    let [active, waiting] = [office, barn]
    for (let kill = 1; kill <= 2; kill++) {
      await signIn(active)
      await openValve(active)
      await endEngine(active)
      const killedMs = performance.now()
      await eventually(() => isReady(waiting), TAKES_OVER_WITHIN_MS)
      await post(waiting, '/api/stop', { idem: randomUUID(), zoneId })
      await eventually(() => valve('closed'), TAKES_OVER_WITHIN_MS)
      expect(performance.now() - killedMs).toBeLessThan(TAKES_OVER_WITHIN_MS)
      expected.push({ op: 'open', seq: 2 * kill - 1 }, { op: 'close', seq: 2 * kill })
      expect(await commands()).toEqual(expected)
      const again = await start(active.name)
      await eventually(() => standsBy(again), 30_000)
      ;[active, waiting] = [waiting, again]
    }
    await eventually(async () => (await recorded()).length === 2 || null)
    for (const { litres } of await recorded()) expect(litres).toBeGreaterThan(0)
  }, 180_000)

  it('loses no acknowledged reading with a machine and its disk, and stores none twice', async () => {
    const office = await start('office')
    await eventually(() => isReady(office), 30_000)
    const barn = await start('barn')
    await eventually(() => standsBy(barn), 30_000)
    const probe = await mqtt.connectAsync(mosquitto.url, {
      clientId: 'soil-1',
      username: 'soil-1',
      password: mosquitto.secretOf('soil-1'),
    })
    disableNagle(probe)
    const startMs = Date.UTC(2026, 6, 6)
    const publish = (n: number) =>
      probe.publishAsync(
        topicOf(ORG, 'soil-1', 'telemetry'),
        JSON.stringify({
          v: 1,
          n,
          boot: 1,
          monoMs: n * 1_000,
          time: new Date(startMs + n * 1_000).toISOString(),
          measurements: [{ soil: { depth: 30, moisture: n / 100 } }],
        }),
        { qos: 1 },
      )
    const MESSAGES = 2_000
    await probe.publishAsync(topicOf(ORG, 'soil-1', 'telemetry'), 'no JSON', { qos: 1 })
    for (let n = 1; n <= MESSAGES; n += 100) {
      const sending = Promise.all(Array.from({ length: 100 }, (_, i) => publish(n + i)))
      if (n === 1_001) {
        await endEngine(office)
        rmSync(join(nodes.dir, 'office'), { recursive: true })
      }
      await sending
    }
    probe.end(true)
    await eventually(() => isReady(barn), 30_000)
    const values = await eventually(async () => {
      const stored = await soilMoistures()
      return new Set(stored).size === MESSAGES ? stored : null
    }, 30_000)
    expect(values).toHaveLength(MESSAGES)
    await signIn(barn)
    const rejected = async () =>
      (await (await fetch(`${barn.url}/api/dead-letters`, { headers: { cookie } })).json()) as unknown
    await expect.poll(rejected).toMatchObject([{ device: 'soil-1', payload: 'no JSON' }])
  }, 120_000)

  async function soilMoistures(): Promise<(number | null)[]> {
    const series = await openSeries(database.url, nodes.dir)
    const values: (number | null)[] = []
    for await (const reading of series.stream({ org: ORG }))
      if (reading.quantity === 'soil.moisture' && reading.device === 'soil-1') values.push(reading.value)
    await series.close()
    return values
  }

  it('one that was frozen and wakes up writes nothing, sends nothing, and ends', async () => {
    const office = await start('office')
    await eventually(() => isReady(office), 30_000)
    const barn = await start('barn')
    await eventually(() => standsBy(barn), 30_000)
    await signIn(office)
    await openValve(office)
    office.process.kill('SIGSTOP')
    await eventually(() => isReady(barn), 30_000)
    await post(barn, '/api/stop', { idem: randomUUID(), zoneId })
    await eventually(() => valve('closed'), TAKES_OVER_WITHIN_MS)
    const before = await commands()
    const exited = once(office.process, 'exit')
    office.process.kill('SIGCONT')
    const [code] = (await exited) as [number]
    expect(code).toBe(1)
    expect(office.output()).toContain('another engine has taken over')
    expect(await commands()).toEqual(before)
    expect(await valve('closed')).toBe(true)
    expect(await isReady(barn)).toBe(true)
  }, 120_000)
})
