/**
 * An engine and a node that serves pages only, on one PostgreSQL and one RabbitMQ: what a person does at the page reaches
 * the valve through the engine, and is kept while no engine is at work.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../broker/contract/time.ts'
import { closed } from '../broker/rig.ts'
import { describeWithPostgres, newPostgresDatabase, type PostgresDatabase } from '../support/postgres.ts'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit } from '../support/rabbitmq.ts'
import { requireProgram } from '../support/require.ts'
import { endEngine, isReady, startEngine, type Engine } from './engine-process.ts'
import { eventually, setUpFarm } from './farm.ts'
import { nodesOfOneFarm, type FarmNodes } from './nodes-of-one-farm.ts'
import { startFleetController } from './open-and-stop.ts'

const ENGINE_AWAY_WITHIN_MS = 20_000

requireProgram('rabbitmq-server', INSTALL_RABBITMQ)('a node of pages and an engine', () =>
  describeWithPostgres('on one database', () => {
    let nodes: FarmNodes
    let database: PostgresDatabase
    let db: pg.Client
    let rabbit: Rabbit
    let controller: { isOnline(): boolean; stop(): Promise<void> }
    let engine: Engine
    let pages: Engine
    let zoneId: string
    let fieldId: string
    let probe: { id: string; secret: string }
    let cookie = ''

    beforeAll(async () => {
      const [made, started] = await Promise.all([newPostgresDatabase(), startRabbit()])
      database = made
      rabbit = started
      db = new pg.Client({ connectionString: database.url })
      await db.connect()
      const { url, management } = rabbit.nodes[0]!
      const users = management.replace('//', `//tilth-users:${rabbit.secretOf('tilth-users')}@`)
      nodes = nodesOfOneFarm({
        database,
        broker: { url, secretOf: rabbit.secretOf },
        env: { BUS_USERS: `rabbitmq:${users}` },
      })
      const farm = await setUpFarm(nodes.envOf('setup'))
      zoneId = farm.zoneId
      fieldId = farm.fieldId
      const { id, secret } = await farm.post<{ id: string; secret: string }>('/api/devices', {
        id: 'soil-1',
        name: 'Probe',
        kind: 'probe',
        fieldId,
      })
      probe = { id, secret }
      await farm.stop()
      ;[engine, pages] = await Promise.all([start('engine'), start('api')])
      await eventually(() => isReady(engine), 30_000)
      await eventually(() => isReady(pages), 30_000)
      // a controller states its valves when it connects; RabbitMQ hands over no retained state
      controller = await startFleetController(farm, {
        url: rabbit.nodes[0]!.url,
        secret: farm.controller.secret,
        flashDir: mkdtempSync(join(nodes.dir, 'flash-')),
      })
      await eventually(() => valve('closed'))
    }, 120_000)
    afterAll(async () => {
      for (const node of [engine, pages]) if (node) await endEngine(node)
      await controller?.stop()
      await rabbit?.stop()
      await db?.end()
      await database?.drop()
      nodes?.remove()
    })

    const start = (role: 'engine' | 'api'): Promise<Engine> =>
      startEngine(role, { ...nodes.envOf(role), ROLES: role })

    /** At the node that serves pages. */
    async function call<T>(
      method: string,
      path: string,
      body?: unknown,
    ): Promise<{ status: number; body: T }> {
      const response = await fetch(pages.url + path, {
        method,
        headers: { cookie, origin: pages.url, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      const cookies = response.headers.getSetCookie().map((text) => text.split(';')[0])
      if (cookies.length > 0) cookie = cookies.join('; ')
      return { status: response.status, body: (await response.json()) as T }
    }
    const valve = async (pos: 'open' | 'closed'): Promise<true | null> => {
      const { rows } = await db.query<{ pos: string }>(
        `select pos from valve_state where device_id = 'ctl-one'`,
      )
      return rows[0]?.pos === pos || null
    }
    const missing = async () => (await call<{ missing: string[] }>('GET', '/readyz')).body.missing
    const stop = () => call<{ state: string }>('POST', '/api/stop', { idem: randomUUID(), zoneId })

    it('a person signs in at the node of pages, approves a run, and stops it there: the engine opens and shuts the valve', async () => {
      expect(await missing()).not.toContain('engine')
      const account = { email: 'sato@farm.example', password: 'kome-to-mizu-2026' }
      expect((await call('POST', '/api/auth/sign-in/email', account)).status).toBe(200)
      const field = await call<{ name: string }>('GET', `/api/fields/${fieldId}`)
      expect(JSON.stringify(field.body)).toContain('North 3')
      const nowMs = systemClock.now()
      await db.query(
        `insert into run (id, org, farm_id, field_id, zone_id, day, start_ms, minutes, net_mm, gross_mm, state, cause,
         plan_version, actor, updated_at_ms)
       select 'run-1', org, farm_id, field_id, id, $1, $2, 10, 1, 1, 'proposed', 'balance', 'test', 'plan', $2
       from zone`,
        [new Date(nowMs).toISOString().slice(0, 10), nowMs],
      )
      const approved = await call<{ state: string }>('POST', '/api/runs/run-1/approve', {
        seen: { startMs: nowMs, minutes: 10 },
      })
      expect(approved.body.state).toBe('accepted')
      await eventually(() => valve('open'))
      expect((await stop()).body.state).toBe('accepted')
      await eventually(() => valve('closed'))
    }, 90_000)

    it('a device that is revoked there is off within a second', async () => {
      const client = await mqtt.connectAsync(rabbit.nodes[0]!.url, {
        clientId: probe.id,
        username: probe.id,
        password: probe.secret,
        reconnectPeriod: 0,
      })
      client.on('error', () => {})
      const startMs = performance.now()
      const ended = closed(client)
      expect((await call('POST', `/api/devices/${probe.id}/revoke`, {})).status).toBe(200)
      await ended
      expect(performance.now() - startMs).toBeLessThan(1_000)
    }, 30_000)

    it('without an engine it answers and states it; STOP is kept and shuts the valve when an engine is back', async () => {
      // the STOP before wins over a start for two seconds
      await eventually(async () => {
        const { body } = await call<{ state: string }>('POST', '/api/start', {
          idem: randomUUID(),
          zoneId,
          minutes: 10,
        })
        return body.state === 'accepted' || null
      })
      await eventually(() => valve('open'))
      await endEngine(engine)
      await eventually(async () => (await missing()).includes('engine') || null, ENGINE_AWAY_WITHIN_MS)
      expect((await call('GET', '/readyz')).status).toBe(200)
      expect((await call('GET', '/api/dead-letters')).body).toMatchObject({ error: 'ENGINE_ONLY' })
      expect((await stop()).body.state).toBe('new')
      await eventually(async () => {
        const { body } = await call<unknown>('GET', '/api/today')
        return JSON.stringify(body).includes('engine-away') || null
      }, ENGINE_AWAY_WITHIN_MS)
      expect(await valve('open')).toBe(true)
      engine = await start('engine')
      await eventually(() => valve('closed'), 30_000)
      await eventually(async () => !(await missing()).includes('engine') || null)
      const states = await db.query(`select distinct state from request where kind = 'stop'`)
      expect(states.rows).toEqual([{ state: 'accepted' }])
      await eventually(async () => {
        const { rows } = await db.query(
          `select from alert where cause = 'engine-away' and cleared_ms is null`,
        )
        return rows.length === 0 || null
      })
    }, 120_000)
  }),
)
