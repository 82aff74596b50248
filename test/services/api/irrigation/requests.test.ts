/**
 * Start, STOP, approve, skip over HTTP, the store and the bus. Dispatch is replaced by the rows that it would write and the
 * outcome that it would publish.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { everyInternal } from '../../../../broker/contract/topics.ts'
import { orDefaultAfter } from '../../../../services/api/http/with-timeout.ts'
import { publishOutcome } from '../../../../services/runtime/request-events.ts'
import { toJson, type RequestRow } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'
import { breakTable } from '../../../support/broken-table.ts'

let tilth: TestApi
let cookie: string
const heard: RequestRow[] = []
const unrecorded: object[] = []
let answer: ((request: RequestRow) => Partial<RequestRow>) | null = null

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  cookie = await tilth.signUp('midori', 'operator')
  await tilth.bus.subscribe(everyInternal('request'), async ({ topic, payload }) => {
    expect(topic).toBe('tilth/internal/midori/request')
    const { id, unrecorded: shut } = JSON.parse(new TextDecoder().decode(payload)) as {
      id: string
      unrecorded?: object
    }
    if (shut !== undefined) return void unrecorded.push(shut)
    const row = await tilth.state
      .selectFrom('request')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    heard.push(row)
    if (!answer) return
    await tilth.state.updateTable('request').set(answer(row)).where('id', '=', id).execute()
    await publishOutcome(tilth.bus, 'midori', { id, state: 'accepted' })
  })
})
afterAll(() => tilth.stop())

const start = (idem: string, minutes = 30) =>
  tilth.call(cookie, 'POST', '/api/start', { idem, zoneId: 'midori-zone', minutes })

describe('Start', () => {
  it('returns the command to the valve, in its true state', async () => {
    await tilth.state
      .insertInto('command')
      .values({
        id: 'command-42',
        org: 'midori',
        deviceId: 'midori-controller',
        valve: 'V1',
        seq: 42,
        op: 'open',
        ofSeq: null,
        runId: null,
        requestId: 'start-accepted',
        durMs: 1_800_000,
        litres: null,
        state: 'sent',
        lifecycle: toJson({}),
        outcome: null,
        actor: 'x',
        reason: 'manual',
        expiresAtMs: NOW_MS + 60_000,
        createdAtMs: NOW_MS,
        sentAtMs: NOW_MS,
        confirmedAtMs: null,
        endedAtMs: null,
        ranMs: null,
        ranLitres: null,
      })
      .execute()
    answer = () => ({ state: 'accepted', resultId: 'command-42' })
    const { status, body } = await start('start-accepted')
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: 'start-accepted', state: 'accepted', reason: null })
    // sent is not open: the response shows no confirmation before the valve confirms
    expect(body.command).toMatchObject({
      id: 'command-42',
      state: 'sent',
      confirmedAtMs: null,
      endsAtMs: null,
    })
    // should it open at the last moment it may: closed 30 min later
    expect(body.command.boundMs).toBe(NOW_MS + 60_000 + 1_800_000)
    expect((await tilth.call(cookie, 'GET', '/api/commands/command-42')).body).toEqual(body.command)
    expect((await tilth.call(cookie, 'GET', '/api/requests/start-accepted')).body).toEqual(body)
  })

  it('sent twice with one key is one request', async () => {
    const before = heard.length
    const [first, second] = await Promise.all([start('start-twice'), start('start-twice')])
    expect(first.body.id).toBe(second.body.id)
    const rows = await tilth.state
      .selectFrom('request')
      .select('id')
      .where('id', '=', 'start-twice')
      .execute()
    expect(rows).toHaveLength(1)
    expect(heard.length - before).toBeGreaterThan(0)
    const audit = await tilth.state
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'request.start')
      .execute()
    expect(audit.filter(({ detail }) => detail.includes('start-twice'))).toHaveLength(1)
  })

  it('with a key that was used for something else is a conflict', async () => {
    const { status, body } = await start('start-twice', 31)
    expect([status, body.error]).toEqual([409, 'CONFLICT'])
  })

  it('that dispatch refuses carries the reason', async () => {
    answer = () => ({ state: 'refused', reason: 'controller-offline' })
    expect((await start('start-refused')).body).toEqual({
      id: 'start-refused',
      state: 'refused',
      reason: 'controller-offline',
      command: null,
    })
  })

  it('without a response from dispatch within a second is new, and claims nothing else', async () => {
    answer = null
    expect((await start('start-silent')).body).toEqual({
      id: 'start-silent',
      state: 'new',
      reason: null,
      command: null,
    })
  })

  it.each([0, 1441, -5, null, '30', Number.NaN])('for %s minutes is refused by name', async (minutes) => {
    const { status, body } = await start('start-bad-minutes', minutes as number)
    expect([status, body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(body.message).toContain('minutes')
  })
})

describe('STOP', () => {
  it('of one zone, and of all zones', async () => {
    answer = () => ({ state: 'accepted' })
    expect(
      (await tilth.call(cookie, 'POST', '/api/stop', { idem: 'stop-zone', zoneId: 'midori-zone' })).body
        .state,
    ).toBe('accepted')
    expect((await tilth.call(cookie, 'POST', '/api/stop', { idem: 'stop-everything' })).body.state).toBe(
      'accepted',
    )
    expect(heard.slice(-2).map(({ kind, zoneId }) => [kind, zoneId])).toEqual([
      ['stop', 'midori-zone'],
      ['stop-all', null],
    ])
  })

  it('that arrives while the bus is down is announced when it is back', async () => {
    answer = () => ({ state: 'accepted' })
    const before = heard.length
    tilth.dropBus()
    await vi.waitFor(() => expect(tilth.bus.isConnected()).toBe(false))
    const asked = await tilth.call(cookie, 'POST', '/api/stop', { idem: 'stop-without-bus' })
    expect(asked.status).toBe(200)
    await vi.waitFor(() => expect(heard.slice(before).map(({ id }) => id)).toContain('stop-without-bus'), {
      timeout: 10_000,
    })
  })

  it('whose author cannot be written is an error and stores nothing; the same request again is accepted', async () => {
    const { state } = tilth
    const repair = await breakTable(state, 'audit', ['insert'])
    const tap = () => tilth.call(cookie, 'POST', '/api/stop', { idem: 'stop-without-disk' })
    expect((await tap()).status).toBe(503)
    // the valves are shut all the same, without a record
    await vi.waitFor(() => expect(unrecorded).toMatchObject([{ zoneId: null }]))
    const kept = () =>
      state.selectFrom('request').select('id').where('id', '=', 'stop-without-disk').execute()
    expect(await kept()).toEqual([])
    await repair()
    expect((await tap()).body.state).toBe('accepted')
  })

  it('is executed where nothing can be written, also in a session that is due for extension', async () => {
    const { state } = tilth
    const rows = state.withoutPlugins()
    // prolonged once a day: this one was ten days ago
    const expiresAt = new Date(Date.now() + 80 * 86_400_000).toISOString()
    await sql`update session set ${sql.ref('expiresAt')} = ${expiresAt}`.execute(rows)
    const repairs = [
      await breakTable(rows, 'audit', ['insert']),
      await breakTable(rows, 'session', ['update']),
    ]
    const before = unrecorded.length
    const read = await tilth.call(cookie, 'GET', '/api/me')
    const tap = await tilth.call(cookie, 'POST', '/api/stop', { idem: 'stop-of-an-old-session' })
    for (const repair of repairs) await repair()
    expect(read.status).toBe(200) // it is due, and it could not be extended
    expect([tap.status, tap.body.error]).toEqual([503, 'STOP_UNRECORDED'])
    expect(tap.body.message).toMatch(/^the server cannot record now; STOP was sent to the valves/)
    await vi.waitFor(() => expect(unrecorded.slice(before)).toMatchObject([{ zoneId: null }]))
  })

  it('is never limited: fifty taps are fifty requests', async () => {
    const taps = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        tilth.call(cookie, 'POST', '/api/stop', { idem: `tap-number-${i}` }),
      ),
    )
    expect(taps.map(({ status }) => status)).toEqual(Array(50).fill(200))
  })
})

describe('a proposed run', () => {
  it('is approved or skipped through dispatch, with or without a body', async () => {
    answer = () => ({ state: 'accepted' })
    for (const [path, kind] of [
      ['approve', 'approve'],
      ['skip', 'skip-run'],
    ]) {
      expect((await tilth.call(cookie, 'POST', `/api/runs/midori-run/${path}`)).body.state).toBe('accepted')
      const idem = `by-phone-${path}`
      expect((await tilth.call(cookie, 'POST', `/api/runs/midori-run/${path}`, { idem })).body.id).toBe(idem)
      expect(heard.at(-1)).toMatchObject({ kind, runId: 'midori-run', zoneId: 'midori-zone' })
    }
  })
})

describe('every request', () => {
  it('has an author in the audit', async () => {
    const lines = await tilth.state
      .selectFrom('audit')
      .selectAll()
      .where('action', 'like', 'request.%')
      .execute()
    const { body } = await tilth.call(cookie, 'GET', '/api/me')
    expect(lines.length).toBeGreaterThan(50)
    expect(new Set(lines.map(({ actor }) => actor))).toEqual(new Set([body.user.id]))
  })
})

describe('while the series store is unavailable', () => {
  beforeAll(() => tilth.series.close())

  it('a start returns its command, with unknown flow', async () => {
    answer = () => ({ state: 'accepted', resultId: 'command-42' })
    const { status, body } = await start('start-without-series')
    expect(status).toBe(200)
    expect(body.command).toMatchObject({ id: 'command-42', flowLpm: null })
  })

  it('Today shows open valves, and STOP is accepted', async () => {
    const today = await tilth.call(cookie, 'GET', '/api/today')
    expect(today.status).toBe(200)
    expect(today.body.running).toMatchObject([{ id: 'command-42' }])
    answer = () => ({ state: 'accepted' })
    expect((await tilth.call(cookie, 'POST', '/api/stop', { idem: 'stop-without-series' })).status).toBe(200)
  })

  it('a field shows its valves, and its sensors as unknown', async () => {
    const { status, body } = await tilth.call(cookie, 'GET', '/api/fields/midori-field')
    expect(status).toBe(200)
    expect(body.zones).toMatchObject([{ id: 'midori-zone' }])
    expect(body).toMatchObject({ seriesUnavailable: true, sensors: [] })
  })
})

describe('an optional part of a response', () => {
  it('is awaited, with a limit', async () => {
    expect(await orDefaultAfter(Promise.resolve([1]), [], 1_000)).toEqual([1])
    expect(await orDefaultAfter(new Promise<number[]>(() => {}), [], 5)).toEqual([])
  })

  it('is omitted only if its store is unavailable: an internal error remains an error', async () => {
    await expect(orDefaultAfter(Promise.reject(new TypeError('ours')), [], 1_000)).rejects.toThrow('ours')
  })
})
