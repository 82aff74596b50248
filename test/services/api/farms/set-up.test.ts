/** A farm set up over HTTP alone, from nothing to a device's credentials; taken away again; exported and erased. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hashSecret } from '../../../../broker/access/authenticate.ts'
import { everyInternal } from '../../../../broker/contract/topics.ts'
import { startIngest } from '../../../../services/ingest/ingest.ts'
import type { ChangeEvent } from '../../../../services/ports.ts'
import { silent } from '../../../broker/rig.ts'
import { readAuditDetail } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type Method, type TestApi } from '../test-api.ts'
import { irrigationRow } from '../../plan/farm.ts'

let tilth: TestApi
let admin: string
const changes: ChangeEvent[] = []
const ids: Record<string, string> = {}

beforeAll(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  await tilth.bus.subscribe(everyInternal('event'), ({ payload }) => {
    changes.push(JSON.parse(new TextDecoder().decode(payload)) as ChangeEvent)
  })
})
afterAll(() => tilth.stop())

const call = (method: Method, url: string, body?: unknown) => tilth.call(admin, method, url, body)
async function make(what: string, url: string, body: unknown): Promise<void> {
  const answer = await call('POST', url, body)
  expect(answer.status, answer.text).toBe(200)
  ids[what] = answer.body.id
}
async function refused(
  answer: ReturnType<typeof call>,
  status: number,
  error: string,
  text: RegExp,
): Promise<void> {
  const { status: came, body } = await answer
  expect([came, body.error]).toEqual([status, error])
  expect(body.message).toMatch(text)
}

const farm = { name: 'Sato farm', timeZone: 'Asia/Tokyo', latDeg: 36.4, lonDeg: 140.2, elevationM: 30 }
const zone = {
  name: 'V1',
  areaM2: 3000,
  method: 'sprinkler',
  applicationRateMmH: 8.3,
  efficiency: 0.85,
  wettedFraction: 1,
  maxDepthMm: 30,
  minMinutes: 5,
  maxMinutes: 240,
  window: { fromMin: 1320, toMin: 360 },
}

describe('a farm', () => {
  it('is set up without SQL: farm, field, crop, pump, controller, zone, probe, pest', async () => {
    await make('farm', '/api/farms', { ...farm, memberCode: '0412-0031' })
    await make('field', '/api/fields', {
      farmId: ids.farm,
      name: 'North 3',
      kind: 'upland',
      areaM2: 3000,
      soilTexture: 'loam',
      soilDepthM: 0.8,
    })
    await make('season', '/api/seasons', {
      fieldId: ids.field,
      year: 2026,
      crop: 'soybean',
      variety: 'Enrei',
      plantedDay: '2026-06-10',
      initialVwc: 0.22,
    })
    await make('pump', '/api/pumps', {
      farmId: ids.farm,
      name: 'Pump 1',
      capacityLpm: 600,
      dailyM3: 60,
      maxOpenValves: 2,
    })
    await make('controller', '/api/devices', {
      id: 'valves-1',
      name: 'Valves',
      kind: 'controller',
      farmId: ids.farm,
    })
    await make('probe', '/api/devices', { id: 'probe-1', name: 'Probe', kind: 'probe', fieldId: ids.field })
    await make('zone', '/api/zones', {
      ...zone,
      fieldId: ids.field,
      controllerId: 'valves-1',
      valve: 'V1',
      pumpId: ids.pump,
    })
    const watch = await call('POST', `/api/fields/${ids.field}/degree-day-trackers`, {
      subject: 'codling-moth',
      biofixDay: '2026-05-01',
    })
    expect(watch.status).toBe(200)

    // FAO-56 Table 19, loam: field capacity 0.20-0.30, wilting point 0.07-0.17
    const field = await tilth.state.selectFrom('field').selectAll().executeTakeFirstOrThrow()
    expect(field).toMatchObject({ org: 'midori', fieldCapacity: 0.25, wiltingPoint: 0.12 })
    // no valve opens before a person approves it
    const row = await tilth.state.selectFrom('zone').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ mode: 'approve', windowFromMin: 1320, windowToMin: 360, farmId: ids.farm })
    expect(row.valveAssignedAtMs).toBe(NOW_MS)
    const { body } = await call('GET', '/api/farms')
    expect(body.fields).toMatchObject([{ id: ids.field, soilDepthM: 0.8 }])
    expect(body.seasons).toMatchObject([{ id: ids.season, initialVwc: 0.22 }])
    expect(body.farms).toMatchObject([{ id: ids.farm, name: 'Sato farm', memberCode: '0412-0031' }])
    expect(body.zones).toMatchObject([{ id: ids.zone, valve: 'V1', controllerId: 'valves-1' }])
  })

  it('stands at sea level until its elevation is entered; the correction is in the audit', async () => {
    const { elevationM: _, ...unmeasured } = farm
    const made = await call('POST', '/api/farms', { ...unmeasured, name: 'Hill farm' })
    const own = async () =>
      (await call('GET', '/api/farms')).body.farms.find(({ id }: { id: string }) => id === made.body.id)
    expect((await own()).elevationM).toBe(0)
    expect((await call('PATCH', `/api/farms/${made.body.id}`, { elevationM: 640 })).status).toBe(200)
    expect(await own()).toMatchObject({ name: 'Hill farm', elevationM: 640, latDeg: 36.4 })
    const line = await tilth.state
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'farm.change')
      .executeTakeFirstOrThrow()
    expect(readAuditDetail(line.detail)).toEqual({ before: { elevationM: 0 }, after: { elevationM: 640 } })
    await tilth.state.deleteFrom('farm').where('id', '=', made.body.id).execute()
  })

  it('shows its field as unknown until something is measured, never as OK', async () => {
    const { body } = await call('GET', '/api/today')
    expect(body.counts).toEqual({ act: 0, soon: 0, ok: 0, wet: 0, unknown: 1 })
    expect(body.fields[0]).toMatchObject({
      status: 'unknown',
      water: null,
      verdict: { key: 'cannot-judge', params: { reason: 'no-state' } },
    })
    const detail = await call('GET', `/api/fields/${ids.field}?range=season`)
    expect(detail.body).toMatchObject({ water: null, levels: null, heat: null, rain: [], sensors: [] })
    expect(detail.body.zones).toMatchObject([{ position: 'unknown', reportedAtMs: null }])
  })

  it('refuses invalid values, by name', async () => {
    await refused(
      call('POST', '/api/farms', { ...farm, timeZone: 'Asia/Tokio' }),
      400,
      'BAD_REQUEST',
      /timeZone.*Asia\/Tokio/,
    )
    await refused(call('POST', '/api/farms', { ...farm, latDeg: 136 }), 400, 'BAD_REQUEST', /latDeg.*136/)
    await refused(call('POST', '/api/farms', { ...farm, name: '   ' }), 400, 'BAD_REQUEST', /name/)
    const field = { farmId: ids.farm, name: 'x', kind: 'upland', areaM2: 1, soilTexture: 'moon dust' }
    await refused(call('POST', '/api/fields', field), 400, 'BAD_REQUEST', /soilTexture.*moon dust/)
    const upsideDown = { ...field, fieldCapacity: 0.1, wiltingPoint: 0.2, saturation: 0.4 }
    await refused(
      call('POST', '/api/fields', upsideDown),
      400,
      'BAD_REQUEST',
      /wiltingPoint, fieldCapacity, saturation: must rise/,
    )
    const loam = { ...field, soilTexture: 'loam' }
    await refused(
      call('POST', '/api/fields', { ...loam, soilDepthM: 0.05 }),
      400,
      'BAD_REQUEST',
      /soilDepthM.*0\.1.*got 0\.05/,
    )
    await refused(
      call('POST', '/api/fields', { ...loam, soilDepthM: 60 }),
      400,
      'BAD_REQUEST',
      /soilDepthM.*5.*got 60/,
    )
    const season = { fieldId: ids.field, year: 2026, crop: 'triffid', plantedDay: '2026-06-10' }
    await refused(call('POST', '/api/seasons', season), 400, 'BAD_REQUEST', /crop.*triffid/)
    await refused(
      call('POST', '/api/seasons', { ...season, crop: 'maize', plantedDay: '2026-02-30' }),
      400,
      'BAD_REQUEST',
      /plantedDay.*2026-02-30/,
    )
    await refused(
      call('POST', '/api/seasons', { ...season, crop: 'maize', initialVwc: 22 }),
      400,
      'BAD_REQUEST',
      /initialVwc.*0\.6.*got 22/,
    )
    await refused(
      call('POST', '/api/seasons', { ...season, crop: 'maize', initialVwc: 0 }),
      400,
      'BAD_REQUEST',
      /initialVwc.*0\.01.*got 0/,
    )
    await refused(
      call('POST', '/api/seasons', { ...season, crop: 'maize' }),
      409,
      'CONFLICT',
      /plantedDay: soybean grows on this field from 2026-06-10, got 2026-06-10/,
    )
    const again = { ...zone, name: 'V1 again', fieldId: ids.field, controllerId: 'valves-1', valve: 'V1' }
    await refused(call('POST', '/api/zones', again), 409, 'CONFLICT', /V1 is already/)
    await refused(
      call('POST', '/api/zones', { ...again, controllerId: 'probe-1' }),
      400,
      'BAD_REQUEST',
      /controllerId.*probe/,
    )
    await refused(
      call('POST', '/api/devices', { id: 'probe-1', name: 'x', kind: 'probe' }),
      409,
      'CONFLICT',
      /probe-1 is taken/,
    )
    await refused(
      call('POST', '/api/devices', { id: 'a/b', name: 'x', kind: 'probe' }),
      400,
      'BAD_REQUEST',
      /id.*a\/b/,
    )
  })

  it('does not delete rows with a history: a pump in use, a field with zones', async () => {
    await refused(call('DELETE', `/api/pumps/${ids.pump}`), 409, 'CONFLICT', /V1 takes its water/)
    await refused(call('DELETE', `/api/fields/${ids.field}`), 409, 'CONFLICT', /zones/)
  })

  it('can be deleted again in order', async () => {
    const spare = await call('POST', '/api/fields', {
      farmId: ids.farm,
      name: 'Spare',
      kind: 'upland',
      areaM2: 1,
      soilTexture: 'clay',
    })
    expect((await call('DELETE', `/api/fields/${spare.body.id}`)).status).toBe(200)
    const pump = await call('POST', '/api/pumps', {
      farmId: ids.farm,
      name: 'Spare',
      capacityLpm: 1,
      maxOpenValves: 1,
    })
    const other = await call('POST', '/api/zones', { ...zone, fieldId: ids.field, pumpId: pump.body.id })
    expect((await call('DELETE', `/api/zones/${other.body.id}`)).status).toBe(200)
    expect((await call('DELETE', `/api/pumps/${pump.body.id}`)).status).toBe(200)
  })
})

describe('a zone', () => {
  const patch = (body: unknown) => call('PATCH', `/api/zones/${ids.zone}`, body)

  it('is paused for a day, or until an instant, and resumes', async () => {
    expect((await patch({ pause: { hours: 24 } })).body.pausedUntilMs).toBe(NOW_MS + 24 * 3_600_000)
    expect((await patch({ pause: { untilMs: NOW_MS + 5_000 } })).body.pausedUntilMs).toBe(NOW_MS + 5_000)
    expect((await patch({ pause: null })).body.pausedUntilMs).toBeNull()
  })

  it('changes mode, window and depth, and notifies plan', async () => {
    changes.length = 0
    const { body } = await patch({ mode: 'auto', adjustPercent: -25, window: { fromMin: 0, toMin: 300 } })
    expect(body).toMatchObject({ mode: 'auto', adjustPercent: -25 })
    const change = { event: 'plan', fields: [ids.field], atMs: NOW_MS }
    await vi.waitFor(() => expect(changes).toContainEqual(change))
    const row = await tilth.state
      .selectFrom('zone')
      .selectAll()
      .where('id', '=', ids.zone!)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ windowFromMin: 0, windowToMin: 300 })
  })

  it('shows all that was entered, and takes a change of each', async () => {
    const change = { wettedFraction: 0.4, efficiency: 0.9, minMinutes: 15, maxMinutes: 120, maxDepthMm: 25 }
    const { body } = await patch(change)
    expect(body).toMatchObject({ ...change, method: 'sprinkler', window: { fromMin: 0, toMin: 300 } })
    expect((await patch({ minMinutes: 121 })).body.error).toBe('BAD_REQUEST')
  })

  it('a form that is saved unchanged leaves no line in the audit; nor does that of a pump', async () => {
    const lines = () => tilth.state.selectFrom('audit').select('n').execute()
    const pump = await call('POST', '/api/pumps', {
      farmId: ids.farm,
      name: 'Well',
      capacityLpm: 90,
      maxOpenValves: 1,
    })
    const before = (await lines()).length
    expect((await patch({ minMinutes: 15, window: { fromMin: 0, toMin: 300 } })).status).toBe(200)
    const pumpPath = `/api/pumps/${pump.body.id}`
    expect((await call('PATCH', pumpPath, { capacityLpm: 90, schedule: null })).status).toBe(200)
    expect(await lines()).toHaveLength(before)
    const windows = [{ fromMin: 1320, toMin: 300 }]
    expect((await call('PATCH', pumpPath, { schedule: { windows } })).status).toBe(200)
    const { body } = await call('GET', '/api/farms')
    expect(body.pumps.find(({ name }: { name: string }) => name === 'Well').schedule).toEqual({ windows })
    expect((await call('DELETE', pumpPath)).status).toBe(200)
  })

  it('has watered once a confirmed opening with litres is on record, not before', async () => {
    const zoneOf = async () => (await call('GET', '/api/farms')).body.zones[0]
    expect(await zoneOf()).toMatchObject({ hasWatered: false, areaM2: 3000, method: 'sprinkler' })
    const record = {
      ...irrigationRow({
        id: 'first',
        zoneId: ids.zone!,
        fieldId: ids.field!,
        farmId: ids.farm!,
        org: 'midori',
      }),
      litres: 0,
    }
    await tilth.state.insertInto('irrigation').values(record).execute()
    expect((await zoneOf()).hasWatered).toBe(false)
    await tilth.state.updateTable('irrigation').set({ litres: 29.4 }).where('id', '=', 'first').execute()
    expect((await zoneOf()).hasWatered).toBe(true)
    await tilth.state.deleteFrom('irrigation').where('id', '=', 'first').execute()
  })

  it('without a valve gets one later, and another valve after that does not change the first assignment', async () => {
    const bare = await call('POST', '/api/zones', { ...zone, fieldId: ids.field })
    const wired = () =>
      tilth.state
        .selectFrom('zone')
        .select(['valveAssignedAtMs', 'mode'])
        .where('id', '=', bare.body.id)
        .executeTakeFirstOrThrow()
    const wire = (valve: string) =>
      call('PATCH', `/api/zones/${bare.body.id}`, { controllerId: 'valves-1', valve })
    expect((await wired()).valveAssignedAtMs).toBeNull()
    expect((await wired()).mode).toBe('advise') // it has nothing to open
    expect((await wire('V7')).status).toBe(200)
    expect((await wired()).valveAssignedAtMs).toBe(NOW_MS)
    await tilth.state
      .updateTable('zone')
      .set({ valveAssignedAtMs: 1 })
      .where('id', '=', bare.body.id)
      .execute()
    expect((await wire('V8')).status).toBe(200)
    expect((await wired()).valveAssignedAtMs).toBe(1)
    expect((await call('DELETE', `/api/zones/${bare.body.id}`)).status).toBe(200)
  })

  it.each([
    {},
    { adjustPercent: 51 },
    { mode: 'always' },
    { maxMinutes: 4 },
    { org: 'akane' },
    { pause: { hours: -1 } },
  ])('refuses %o', async (body) => expect((await patch(body)).body.error).toBe('BAD_REQUEST'))
})

describe('a device', () => {
  it('shows its secret once, stored as a hash; a controller gets a command key in addition (B3)', async () => {
    const answer = await call('POST', '/api/devices', {
      id: 'valves-2',
      name: 'Valves 2',
      kind: 'controller',
    })
    expect(answer.headers['cache-control']).toBe('no-store')
    const { secret, commandKey } = answer.body
    expect(secret.length).toBeGreaterThanOrEqual(43) // 256 bits in base64url
    expect(commandKey).toMatch(/^[0-9a-f]{64}$/)
    const row = await tilth.state
      .selectFrom('device')
      .selectAll()
      .where('id', '=', 'valves-2')
      .executeTakeFirstOrThrow()
    expect(row.secretHash).toBe(hashSecret(secret, 'pepper'))
    const lists = await Promise.all([call('GET', '/api/devices'), call('GET', '/api/export')])
    for (const { text } of lists) {
      expect(text).toContain('valves-2')
      for (const hidden of [secret, commandKey, row.secretHash]) expect(text).not.toContain(hidden)
    }
    const audit = await tilth.state.selectFrom('audit').selectAll().execute()
    expect(JSON.stringify(audit) + JSON.stringify(tilth.logged)).not.toContain(secret)
  })

  it('has two valid secrets during a rotation, and none when revoked', async () => {
    const before = await tilth.state
      .selectFrom('device')
      .selectAll()
      .where('id', '=', 'probe-1')
      .executeTakeFirstOrThrow()
    const { body } = await call('POST', '/api/devices/probe-1/rotate')
    const row = () =>
      tilth.state.selectFrom('device').selectAll().where('id', '=', 'probe-1').executeTakeFirstOrThrow()
    expect(await row()).toMatchObject({
      secretHash: hashSecret(body.secret, 'pepper'),
      previousSecretHash: before.secretHash,
    })
    tilth.changedDevices.length = 0
    expect((await call('POST', '/api/devices/probe-1/revoke')).status).toBe(200)
    expect(await row()).toMatchObject({ revokedAtMs: NOW_MS, previousSecretHash: null })
    expect(tilth.changedDevices).toEqual(['probe-1'])
    expect((await call('POST', '/api/devices/probe-1/rotate')).status).toBe(409)
  })

  it('moves to another field, and notifies ingest', async () => {
    changes.length = 0
    expect((await call('PATCH', '/api/devices/valves-2', { fieldId: ids.field })).status).toBe(200)
    const change = { event: 'device', id: 'valves-2', fields: [ids.field], atMs: NOW_MS }
    await vi.waitFor(() => expect(changes).toContainEqual(change))
    const row = await tilth.state
      .selectFrom('device')
      .selectAll()
      .where('id', '=', 'valves-2')
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({ fieldId: ids.field, farmId: ids.farm })
  })

  it('has a calibration from raw readings to moisture; an invalid one is refused', async () => {
    const calibrate = (calibration: unknown) => call('PATCH', '/api/devices/probe-1', { calibration })
    const points = { kind: 'two-point', rawDry: 820, rawWet: 380, vwcDry: 0.05, vwcWet: 0.4 }
    expect((await calibrate({ 'soil.raw@10': points })).status).toBe(200)
    const row = () =>
      tilth.state.selectFrom('device').selectAll().where('id', '=', 'probe-1').executeTakeFirstOrThrow()
    expect(JSON.parse((await row()).calibration!)).toEqual({ 'soil.raw@10': points })
    await refused(
      calibrate({ 'soil.raw': { ...points, vwcWet: 40 } }),
      400,
      'BAD_REQUEST',
      /vwcWet|calibration/,
    )
    await refused(calibrate({ 'air.raw': points }), 400, 'BAD_REQUEST', /calibration/)
    expect((await calibrate(null)).status).toBe(200)
    expect((await row()).calibration).toBeNull()
  })
})

describe('a harvest', () => {
  it('is entered with its basis and day', async () => {
    const record = (body: unknown) => call('POST', `/api/seasons/${ids.season}/yield`, body)
    await refused(
      record({ kg: 900, basis: '13 %', harvestedDay: '2026-06-01' }),
      400,
      'BAD_REQUEST',
      /harvestedDay/,
    )
    await refused(record({ kg: null, basis: '13 %' }), 400, 'BAD_REQUEST', /kg.*null/)
    expect((await record({ kg: 780.5, basis: '13 % moisture', harvestedDay: '2026-10-20' })).status).toBe(200)
    await refused(call('DELETE', `/api/seasons/${ids.season}`), 409, 'CONFLICT', /yield/)
    const { text } = await call('GET', '/api/reports/season.csv?year=2026&lang=ja')
    expect(text).toContain('780.5,13 % moisture')
  })

  it('that was entered by mistake and voided does not hold its season', async () => {
    const field = { fieldId: ids.field, year: 2024, crop: 'soybean', plantedDay: '2024-06-01' }
    const season = ((await call('POST', '/api/seasons', field)).body as { id: string }).id
    const load = { seasonId: season, day: '2024-10-10', grossKg: 100, form: 'grain' }
    const { body, status, text } = await call('POST', `/api/fields/${ids.field}/loads`, {
      ...load,
      moisturePct: 15,
      foreignPct: 0,
    })
    expect(status, text).toBe(200)
    await refused(call('DELETE', `/api/seasons/${season}`), 409, 'CONFLICT', /yield/)
    await call('POST', `/api/loads/${(body as { id: string }).id}/void`, { reason: 'another field' })
    expect((await call('DELETE', `/api/seasons/${season}`)).status).toBe(200)
  })
})

describe('a dead letter', () => {
  it('is seen with its reason and tried again', async () => {
    const payload = new TextEncoder().encode('{"v":1')
    await tilth.journal.deadLetter({
      receivedMs: NOW_MS,
      org: 'midori',
      device: 'probe-1',
      topic: 'tilth/v1/midori/probe-1/telemetry',
      reason: 'not JSON in UTF-8',
      payload,
      bytes: payload.length,
    })
    const { body } = await call('GET', '/api/dead-letters')
    expect(body).toMatchObject([
      { device: 'probe-1', reason: 'not JSON in UTF-8', payload: '{"v":1', bytes: 6 },
    ])
    const head = tilth.journal.head()
    expect((await call('POST', `/api/dead-letters/${body[0].id}/replay`)).status).toBe(200)
    expect(tilth.journal.read(head, 10)).toMatchObject([{ org: 'midori', device: 'probe-1' }])
    expect((await call('GET', '/api/dead-letters')).body).toEqual([])
  })

  it('is listed by its reason, and deleted by a person who has seen it', async () => {
    const bury = (n: number, device: string, reason: string, org = 'midori') =>
      tilth.journal.deadLetter({
        receivedMs: NOW_MS + n,
        org,
        device,
        topic: `tilth/v1/${org}/${device}/telemetry`,
        reason,
        payload: new TextEncoder().encode(`{"n":${n}`),
        bytes: 6,
      })
    const reasons = async () => (await call('GET', '/api/dead-letters/reasons')).body
    for (const n of [1, 2]) await bury(n, `probe-${n}`, 'not JSON')
    await bury(3, 'probe-1', 'v: expected 1, got 2')
    await bury(4, 'probe-9', 'not JSON', 'akane')
    const [newest, older] = await reasons()
    expect([newest, older]).toMatchObject([
      { reason: 'v: expected 1, got 2', count: 1, devices: 1, newestMs: NOW_MS + 3 },
      { reason: 'not JSON', count: 2, devices: 2, newestMs: NOW_MS + 2 },
    ])
    const ofReason = await call('GET', `/api/dead-letters?reason=${encodeURIComponent('not JSON')}`)
    expect(ofReason.body.map(({ payload }: { payload: string }) => payload)).toEqual(['{"n":1', '{"n":2'])
    // one that comes after it was looked at stays
    await bury(5, 'probe-1', 'not JSON')
    const discard = (body: object) => call('POST', '/api/dead-letters/discard', body)
    expect(await discard({ reason: 'not JSON', upToId: older.newestId })).toMatchObject({
      status: 200,
      body: { discarded: 2 },
    })
    expect(await reasons()).toMatchObject([{ reason: 'not JSON', count: 1 }, { count: 1 }])
    expect((await discard({ reason: 'not JSON', upToId: older.newestId })).status).toBe(404)
    expect((await discard({ reason: 'not JSON' })).status).toBe(400)
    const gone = `/api/dead-letters/${newest.newestId}`
    expect((await call('DELETE', gone)).status).toBe(200)
    expect((await call('DELETE', gone)).status).toBe(404)
    expect(tilth.journal.deadLetters({ org: 'akane' })).toMatchObject([{ device: 'probe-9' }])
    const lines = await tilth.state
      .selectFrom('audit')
      .select(['action', 'subject', 'detail'])
      .where('action', 'like', 'dead-letter.discard%')
      .orderBy('n')
      .execute()
    expect(lines.map((line) => ({ ...line, detail: readAuditDetail(line.detail) }))).toEqual([
      {
        action: 'dead-letter.discard-all',
        subject: '*',
        detail: { reason: 'not JSON', upToId: older.newestId, discarded: 2 },
      },
      { action: 'dead-letter.discard', subject: String(newest.newestId), detail: {} },
    ])
    // the other reason is not touched by trying this one again
    await bury(6, 'probe-2', 'v: expected 1, got 2')
    expect((await call('POST', '/api/dead-letters/replay', { reason: 'not JSON' })).body).toMatchObject({
      replayed: 1,
      left: 0,
    })
    expect(await reasons()).toMatchObject([{ reason: 'v: expected 1, got 2', count: 1 }])
    await discard({ reason: 'v: expected 1, got 2', upToId: Number.MAX_SAFE_INTEGER })
    expect(await reasons()).toEqual([])
  })

  it('is replayed with the others, of one device or of all; truncated ones remain', async () => {
    const bury = (n: number, device: string, bytes = 6) =>
      tilth.journal.deadLetter({
        receivedMs: NOW_MS + n,
        org: 'midori',
        device,
        topic: `tilth/v1/midori/${device}/telemetry`,
        reason: 'not JSON in UTF-8',
        payload: new TextEncoder().encode('{"v":1'),
        bytes,
      })
    await Promise.all([1, 2, 3].map((n) => bury(n, 'probe-1')))
    await Promise.all([4, 5].map((n) => bury(n, 'probe-2')))
    await bury(6, 'probe-2', 70_000)
    const replay = (body: object) => call('POST', '/api/dead-letters/replay', body)
    await refused(replay({ device: 'probe-9' }), 404, 'NOT_FOUND', /probe-9/)
    expect((await replay({ device: 'probe-1' })).body).toEqual({ replayed: 3, left: 0, nextAfterId: null })
    expect((await replay({})).body).toEqual({ replayed: 2, left: 1, nextAfterId: null })
    expect((await call('GET', '/api/dead-letters')).body).toMatchObject([
      { device: 'probe-2', bytes: 70_000 },
    ])
    const told = await tilth.state.selectFrom('audit').select(['subject', 'detail']).execute()
    expect(told).toContainEqual({ subject: '*', detail: '{"replayed":2,"left":1,"nextAfterId":null}' })
  })
})

describe('everything of an organisation', () => {
  it('is exported as lines of JSON, rows and readings, and a farm is erased by its own name', async () => {
    await plantFarm(tilth.state, 'akane')
    const akane = await tilth.signUp('akane', 'admin')
    const reading = {
      org: 'akane',
      farm: 'akane-farm',
      field: 'akane-field',
      device: 'akane-probe',
      quantity: 'soil.moisture',
      depthCm: 30,
      atMs: NOW_MS,
      value: 21.4,
      flag: 1 as const,
      origin: 'measured' as const,
    }
    await tilth.series.append([reading])
    const lines = async () =>
      (await tilth.call(akane, 'GET', '/api/export')).text
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as { type: string; table?: string })
    const all = await lines()
    expect(all[0]).toMatchObject({ type: 'tilth-export', version: 1, org: 'akane' })
    expect(all.filter(({ table }) => table === 'fieldDay')).toHaveLength(40)
    expect(all.at(-2)).toEqual({ type: 'reading', ...reading })
    expect(all.at(-1)).toMatchObject({ type: 'end', lines: all.length - 1 })

    const erase = (name: string) => tilth.call(akane, 'DELETE', '/api/farms/akane-farm', { name })
    expect((await erase('akane')).status).toBe(400)
    await tilth.state
      .updateTable('command')
      .set({ state: 'running' })
      .where('id', '=', 'akane-command')
      .execute()
    expect((await erase('akane Sato')).body).toMatchObject({ error: 'CONFLICT' })
    await tilth.state
      .updateTable('command')
      .set({ state: 'done' })
      .where('id', '=', 'akane-command')
      .execute()
    // the erasure waits for what ingest has still to take in: the letter that was replayed above
    const ingest = await startIngest({ ...tilth, log: silent })
    expect((await erase('akane Sato')).status).toBe(200)
    await ingest.stop()

    const left = (await lines()).filter(({ type }) => type === 'row' || type === 'reading')
    expect(new Set(left.map(({ table }) => table))).toEqual(new Set(['audit', 'product', 'productUse']))
    expect(tilth.changedDevices).toEqual(expect.arrayContaining(['akane-probe', 'akane-controller']))
    // and nothing of anyone else
    expect((await call('GET', '/api/farms')).body.farms).toHaveLength(1)
  })
})
