/** Weather stations and controllers over HTTP: they push to Tilth, or Tilth asks them. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HOUR_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IntegrationKind, UnassignedMessageRow } from '../../services/tables.ts'
import { fetchStoredUplinks } from '../../services/connections/stored-uplinks.ts'
import { messageIntake } from '../../services/app/connection-wiring.ts'
import { silent } from '../broker/rig.ts'
import { setUpFarm, type Farm } from './farm.ts'

const textOf = ({ payload }: Pick<UnassignedMessageRow, 'payload'>) =>
  Buffer.from(payload, 'base64').toString()
const FORM = 'PASSKEY=A1B2&stationtype=EasyWeatherV1.5.3&dateutc=2026-07-06+05:20:00&tempf=68.0&humidity=60'

describe('devices over HTTP', () => {
  let farm: Farm
  const servers: Server[] = []
  beforeAll(async () => void (farm = await setUpFarm()))
  afterAll(async () => {
    for (const server of servers) server.close()
    await farm.stop()
  })

  const add = (kind: IntegrationKind, more: object = {}) =>
    farm.post<{ id: string; secret: string }>('/api/integrations', { name: kind, kind, ...more })
  const kept = (id: string) =>
    farm.tilth.state
      .selectFrom('unassignedMessage')
      .selectAll()
      .where('integrationId', '=', id)
      .orderBy('seq')
      .execute()
  const push = (token: string, body: string) =>
    fetch(`${farm.url}/api/push/ecowitt/${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
  const update = (query: string) => fetch(`${farm.url}/weatherstation/updateweatherstation.php?${query}`)
  const statusOf = (id: string) => farm.tilth.connections.statusOf(id)
  async function serve(answer: (url: string) => { status?: number; body: string; location?: string }) {
    const server = createServer((request, response) => {
      const { status = 200, body, location } = answer(request.url!)
      response.writeHead(status, location === undefined ? {} : { location }).end(body)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('an Ecowitt console is answered when its form is on disk; an unknown token learns nothing', async () => {
    const { id, secret } = await add('ecowitt')
    await expect.poll(() => statusOf(id)?.state).toBe('waiting')
    const taken = await push(secret, FORM)
    expect([taken.status, await taken.text()]).toEqual([200, ''])
    expect(taken.headers.get('access-control-allow-origin')).toBeNull()
    expect(taken.headers.get('set-cookie')).toBeNull()
    await farm.tilth.ingest.settled()
    expect((await kept(id)).map((row) => [row.topic, textOf(row)])).toEqual([
      ['POST /api/push/ecowitt', FORM],
    ])
    expect(statusOf(id)).toMatchObject({ state: 'connected', problem: null })
    const metrics = await (await fetch(`${farm.url}/metrics`)).text()
    expect(metrics).toContain('tilth_integrations{integration="ecowitt",state="connected"} 1')
    for (const [outcome, count] of Object.entries({ received: 1, unassigned: 1, stored: 0, repeats: 0 }))
      expect(metrics).toContain(
        `tilth_integration_messages_total{integration="ecowitt",outcome="${outcome}"} ${count}`,
      )
    const unknown = await push(`${secret}x`, FORM)
    expect([unknown.status, await unknown.text()]).toEqual([401, ''])
    expect((await push(secret, 'x'.repeat(8_193))).status).toBe(400)
    await farm.tilth.ingest.settled()
    expect(await kept(id)).toHaveLength(1)
  })

  it('a Wunderground console is answered `success`; its password is not stored', async () => {
    const { id, secret } = await add('wunderground')
    await expect.poll(() => statusOf(id)).not.toBeNull()
    const fields = 'ID=KCASANFR5&dateutc=now&tempf=68.0&softwaretype=Bresser%201.0'
    const taken = await update(`PASSWORD=${secret}&${fields}`)
    expect([taken.status, await taken.text()]).toEqual([200, 'success\n'])
    expect((await update(`P%41SSWORD=${secret}&${fields}`)).status).toBe(200)
    expect((await update(fields)).status).toBe(401)
    // a token is of one protocol only
    expect((await push(secret, FORM)).status).toBe(401)
    await farm.tilth.ingest.settled()
    const messages = (await kept(id)).map(textOf)
    expect(messages).toEqual([fields, fields])
  })

  it('a station that floods is held to 30 a minute, and no other is', async () => {
    const [first, other] = [await add('ecowitt'), await add('ecowitt')]
    await expect.poll(() => statusOf(other.id)).not.toBeNull()
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => (await push(first.secret, `${FORM}&n=${i}`)).status),
    )
    expect(outcomes.filter((status) => status === 200)).toHaveLength(30)
    expect(new Set(outcomes)).toEqual(new Set([200, 429]))
    expect((await push(other.secret, FORM)).status).toBe(200)
  })

  it('a switched-off or rotated station is refused by its old token', async () => {
    const { id, secret } = await add('ecowitt')
    await farm.patch(`/api/integrations/${id}`, { state: 'off' })
    await expect.poll(() => statusOf(id)).toBeNull()
    expect((await push(secret, FORM)).status).toBe(401)
    await farm.patch(`/api/integrations/${id}`, { state: 'on' })
    await expect.poll(() => statusOf(id)).not.toBeNull()
    const rotated = await farm.post<{ secret: string }>(`/api/integrations/${id}/rotate`, {})
    await expect.poll(async () => (await push(rotated.secret, FORM)).status).toBe(200)
    expect((await push(secret, FORM)).status).toBe(200) // the one before stays valid until the next
    await farm.post(`/api/integrations/${id}/rotate`, {})
    await expect.poll(async () => (await push(secret, FORM)).status).toBe(401)
  })

  it('OpenSprinkler is asked with the digest of its password, and by the driver at its own address only', async () => {
    const asked: string[] = []
    let sbits = '[1,0]'
    const url = await serve((path) => {
      asked.push(path)
      return { body: `{"devt":${asked.length},"sbits":${sbits},"ps":[[99,5,0,0]],"nq":0}` }
    })
    const { id } = await add('opensprinkler', { url, secret: 'opendoor' })
    await expect.poll(() => farm.tilth.connections.isConnected(id)).toBe(true)
    expect(asked[0]).toBe('/jc?pw=a6d82bced638de3def1e9bbb4983225c')
    await farm.tilth.ingest.settled()
    await expect.poll(async () => (await kept(id)).map(({ topic }) => topic)).toEqual(['GET /jc'])
    expect(await farm.tilth.connections.get(id, `${url}/cm?sid=0`)).toContain('"nq":0')
    expect(await farm.tilth.connections.get(id, `${await serve(() => ({ body: 'x' }))}/cm`)).toBeNull()
    // after 5 s, because a station runs; its clock alone is no news
    await expect.poll(() => asked.length, { timeout: 8_000 }).toBeGreaterThan(2)
    sbits = '[0,0]'
    await expect.poll(async () => (await kept(id)).length, { timeout: 8_000 }).toBe(2)
  }, 30_000)

  it.each([
    ['a redirect', { status: 302, body: '', location: 'http://127.0.0.1/' }, 'answer'],
    ['a refusal', { status: 401, body: '' }, 'wrong-password'],
    ['an answer without end', { body: 'x'.repeat(300_000) }, 'answer'],
  ])('%s is named as the problem of the integration, and nothing is kept', async (_name, answer, problem) => {
    const { id } = await add('weatherlink-live', { url: await serve(() => answer) })
    await expect.poll(() => statusOf(id)?.problem).toBe(problem)
    expect(await kept(id)).toEqual([])
  })

  it('an address outside of the farm is refused', async () => {
    const { id } = await add('weatherlink-live', { url: 'http://8.8.8.8' })
    await expect.poll(() => statusOf(id)?.problem).toBe('address')
  })

  it('The Things Stack: what was stored while Tilth was away is fetched, line by line', async () => {
    const { id } = await add('the-things-stack', {
      url: 'mqtts://127.0.0.1:1',
      userName: 'farm@ttn',
      secret: 'KEY',
    })
    const asked: string[] = []
    const line = (n: number) =>
      JSON.stringify({
        result: {
          end_device_ids: { device_id: `probe-${n}`, dev_eui: `000000000000000${n}`, dev_addr: '01020304' },
          uplink_message: { f_cnt: n, frm_payload: 'AQ==', received_at: '2026-07-06T05:20:00Z' },
        },
      })
    const base = await serve((url) => {
      asked.push(url)
      return { body: [line(1), 'no JSON', '', 'x'.repeat(70_000), line(2)].join('\n') }
    })
    const { state, clock } = farm.tilth
    const row = await state
      .selectFrom('integration')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const deps = { intake: messageIntake(farm.tilth.journal), clock, log: silent, base }
    const lastMs = clock.now() - HOUR_MS
    expect(await fetchStoredUplinks(row, lastMs, deps)).toBe(2)
    const after = encodeURIComponent(new Date(lastMs - 5 * MINUTE_MS).toISOString())
    expect(asked).toEqual([`/api/v3/as/applications/farm/packages/storage/uplink_message?after=${after}`])
    await farm.tilth.ingest.settled()
    expect((await kept(id)).map(({ topic, address }) => [topic, address])).toEqual([
      ['v3/farm@ttn/devices/probe-1/up', 'lw:0000000000000001'],
      ['v3/farm@ttn/devices/probe-2/up', 'lw:0000000000000002'],
    ])
  })
})
