/** The water record over HTTP: manual irrigation, its confirmation, and its withdrawal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import type { IrrigationList, IrrigationView, NewIrrigation } from '../../../../services/api/schemas.ts'
import { readRuns as readDayRuns } from '../../../../services/estimate/days/day-readings.ts'
import { meteredRuns } from '../../../../services/learn/valve-flow/metered-runs.ts'
import { readFarms } from '../../../../services/plan/snapshot.ts'
import { readSeasonRecords } from '../../../../services/report/season/season-records.ts'
import { readSpring } from '../../../../services/report/spring/read-spring.ts'
import { readAuditDetail, toJson } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm, TODAY } from '../rows.ts'
import { startTestApi, type Answer, type TestApi } from '../test-api.ts'
import type { SeasonRecord } from '../../../../services/report/season/record.ts'
import { readSeasonRuns } from '../../../../services/report/formats/season-adapt.ts'

let tilth: TestApi
let operator: string
let viewer: string
let other: string

beforeAll(async () => {
  tilth = await startTestApi()
  for (const org of ['midori', 'akane']) await plantFarm(tilth.state, org)
  operator = await tilth.signUp('midori', 'operator')
  viewer = await tilth.signUp('midori', 'viewer')
  other = await tilth.signUp('akane', 'operator')
  const zone = await zoneOf('midori-zone')
  await tilth.state
    .insertInto('zone')
    .values([
      { ...zone, id: 'midori-east', name: 'East', areaM2: 1000, applicationRateMmH: 0, valve: null },
      { ...zone, id: 'midori-drain', name: 'Drain', method: 'outlet', valve: null },
    ])
    .execute()
  await plantOrder()
})
afterAll(() => tilth.stop())

/** The order that midori's run came of, and a share of water that it counts against. */
async function plantOrder(): Promise<void> {
  const atMs = NOW_MS - 3 * DAY_MS
  await tilth.state
    .insertInto('command')
    .values({
      id: 'midori-command-done',
      org: 'midori',
      deviceId: 'midori-controller',
      valve: 'V1',
      seq: 900,
      op: 'open',
      ofSeq: null,
      runId: 'midori-run-done',
      requestId: null,
      durMs: null,
      litres: null,
      state: 'done',
      lifecycle: toJson({}),
      outcome: 'timer',
      actor: 'plan:1',
      reason: 'plan',
      expiresAtMs: atMs,
      createdAtMs: atMs,
      sentAtMs: atMs,
      confirmedAtMs: atMs,
      endedAtMs: atMs,
      ranMs: null,
      ranLitres: null,
    })
    .execute()
  await tilth.state
    .updateTable('pump')
    .set({ schedule: toJson({ season: { m3: 9000, fromDay: '2026-06-01' } }) })
    .where('id', '=', 'midori-pump')
    .execute()
}

const zoneOf = (id: string) =>
  tilth.state.selectFrom('zone').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const byHand: NewIrrigation = {
  idem: 'by-hand-1',
  fields: [{ fieldId: 'midori-field' }],
  atMs: NOW_MS - DAY_MS,
  amount: { value: 10, unit: 'mm' },
}
const write = (change: Partial<NewIrrigation> = {}, cookie = operator): Promise<Answer> =>
  tilth.call(cookie, 'POST', '/api/irrigations', { ...byHand, ...change })
const listOf = async (field: string): Promise<IrrigationList> =>
  (await tilth.call(operator, 'GET', `/api/fields/${field}/irrigations`)).body
const refused = ({ status, body }: Answer) => [status, body.error]
const rowsOf = (batch: string) =>
  tilth.state.selectFrom('irrigation').selectAll().where('batch', '=', batch).orderBy('zoneId').execute()
const linesOf = async (action: string) =>
  (await tilth.state.selectFrom('audit').selectAll().where('action', '=', action).execute()).map((line) => ({
    subject: line.subject,
    ...(readAuditDetail(line.detail) as object),
  }))
const voidRun = (id: string, reason = 'another field', cookie = operator) =>
  tilth.call(cookie, 'POST', `/api/irrigations/${id}/void`, { reason })
const confirm = (untilMs: number, fieldId = 'midori-field') =>
  tilth.call(operator, 'POST', '/api/irrigations/confirm', { fieldId, untilMs })

describe('manual irrigation', () => {
  it('by depth is one record for each zone that waters the field, from a person, also when sent twice', async () => {
    const [first, second] = await Promise.all([write(), write()])
    expect(first.body, first.text).toEqual({ id: 'by-hand-1', receivedMs: NOW_MS })
    expect(second.body).toEqual(first.body)
    const rows = await rowsOf('by-hand-1')
    expect(rows).toMatchObject([
      {
        zoneId: 'midori-east',
        litres: 10_000,
        grossMm: 10,
        netMm: 8.5,
        volumeSource: 'reported',
        cause: 'manual-entry',
      },
      { zoneId: 'midori-zone', litres: 30_000, grossMm: 10, netMm: 8.5, volumeSource: 'reported', ranMs: 0 },
    ])
    expect(await linesOf('irrigation.add')).toMatchObject([{ subject: 'midori-field', idem: 'by-hand-1' }])
  })

  it('is refused if its key belongs to other water, and may have the key of another organisation', async () => {
    expect(refused(await write({ atMs: byHand.atMs - 1 }))).toEqual([409, 'CONFLICT'])
    expect(refused(await write({ fields: [{ fieldId: 'midori-paddy' }] }))).toEqual([409, 'CONFLICT'])
    const one = [{ fieldId: 'midori-field', zoneId: 'midori-zone' }]
    expect(refused(await write({ fields: one }))).toEqual([409, 'CONFLICT'])
    expect((await write({ fields: [{ fieldId: 'akane-field' }] }, other)).status).toBe(200)
  })

  it('by volume is split by the areas of all named fields, including one without a zone', async () => {
    const fields = [{ fieldId: 'midori-field' }, { fieldId: 'midori-paddy' }]
    const { areaM2 } = await tilth.state
      .selectFrom('field')
      .select('areaM2')
      .where('id', '=', 'midori-paddy')
      .executeTakeFirstOrThrow()
    expect((await write({ idem: 'by-hand-m3', fields, amount: { value: 80, unit: 'm3' } })).status).toBe(200)
    const rows = await rowsOf('by-hand-m3')
    const mm = 80_000 / (4000 + areaM2)
    expect(rows.map(({ zoneId }) => zoneId)).toEqual(['midori-east', 'midori-paddy', 'midori-zone'])
    for (const row of rows) expect(row.grossMm).toBeCloseTo(mm, 9)
    // what stands on a paddy has arrived; how it came onto it nobody has entered
    expect(rows[1]!.netMm).toBeCloseTo(mm, 9)
    expect((await listOf('midori-paddy')).runs).toMatchObject([{ zoneId: null, volumeSource: 'reported' }])
  })

  it('by minutes is calculated where the rate is known, otherwise unknown and not 0; without any amount it is unknown', async () => {
    expect((await write({ idem: 'by-hand-min', amount: { value: 60, unit: 'min' } })).status).toBe(200)
    const [east, zone] = await rowsOf('by-hand-min')
    expect(zone).toMatchObject({ volumeSource: 'rate', ranMs: HOUR_MS, closedAtMs: byHand.atMs + HOUR_MS })
    expect(zone!.grossMm).toBeCloseTo(8.3, 9)
    expect(east).toMatchObject({ volumeSource: 'unknown', litres: null, grossMm: null, ranMs: HOUR_MS })
    const one = [{ fieldId: 'midori-field', zoneId: 'midori-zone' }]
    expect((await write({ idem: 'by-hand-none', fields: one, amount: null })).status).toBe(200)
    expect(await rowsOf('by-hand-none')).toMatchObject([
      { zoneId: 'midori-zone', volumeSource: 'unknown', litres: null, closedAtMs: null },
    ])
  })

  it('is a confirmed record at once, because a person entered it, and is in the history', async () => {
    const { runs } = await listOf('midori-field')
    const [view] = runs.filter(({ cause, litres }) => cause === 'manual-entry' && litres === 30_000)
    const name = (await tilth.call(operator, 'GET', '/api/me')).body.user.name as string
    expect(view).toMatchObject({ state: 'confirmed', minutes: null, actorName: name, confirmedByName: name })
    const detail = await tilth.call(operator, 'GET', '/api/fields/midori-field')
    const logged = detail.body.log.filter(({ message }: { message: { key: string } }) =>
      message.key.startsWith('log-watered'),
    )
    expect(logged).toHaveLength(7)
    expect(logged.map(({ message }: { message: object }) => message)).toContainEqual({
      key: 'log-watered',
      params: { mm: 10, source: 'reported' },
    })
  })

  it('must be in the past, on a field with a season, and at most the amount that a field accepts', async () => {
    await tilth.state.deleteFrom('season').where('fieldId', '=', 'akane-paddy').execute()
    const count = async () =>
      (await tilth.state.selectFrom('irrigation').select('id').where('cause', '=', 'manual-entry').execute())
        .length
    const before = await count()
    const field = { fieldId: 'midori-field' }
    for (const [change, expected] of [
      ...([
        [{ atMs: NOW_MS + 1 }, [400, 'BAD_REQUEST']],
        [{ atMs: NOW_MS - MINUTE_MS, amount: { value: 5, unit: 'min' } }, [400, 'BAD_REQUEST']],
        [{ atMs: NOW_MS - 400 * DAY_MS }, [409, 'NO_ACTIVE_SEASON']],
      ] as const),
      ...([
        [{ amount: { value: 10, unit: 'm' } }, [400, 'BAD_REQUEST']],
        [{ amount: { value: 0, unit: 'mm' } }, [400, 'BAD_REQUEST']],
        [{ amount: { value: 30_000, unit: 'mm' } }, [400, 'BAD_REQUEST']],
        [{ amount: { value: 30_000, unit: 'm3' } }, [400, 'BAD_REQUEST']],
        [{ amount: { value: 30_000, unit: 'min' } }, [400, 'BAD_REQUEST']],
      ] as const),
      ...([
        [{ fields: [] }, [400, 'BAD_REQUEST']],
        [{ fields: [field, field] }, [400, 'BAD_REQUEST']],
        [{ fields: [{ fieldId: 'akane-field' }] }, [404, 'NOT_FOUND']],
        [{ fields: [{ ...field, zoneId: 'midori-drain' }] }, [404, 'NOT_FOUND']],
        [{ fields: [{ fieldId: 'midori-paddy', zoneId: 'midori-zone' }] }, [404, 'NOT_FOUND']],
      ] as const),
    ] as const)
      expect([
        change,
        refused(await write({ idem: 'by-hand-wrong', ...change } as Partial<NewIrrigation>)),
      ]).toEqual([change, expected])
    const bare = await write({ idem: 'by-hand-bare', fields: [{ fieldId: 'akane-paddy' }] }, other)
    expect([refused(bare), bare.body.params]).toEqual([[409, 'NO_ACTIVE_SEASON'], { field: 'akane Paddy 7' }])
    expect(refused(await write({ idem: 'by-hand-seen' }, viewer))).toEqual([403, 'FORBIDDEN'])
    expect(await count()).toBe(before)
  })
})

async function seasonOfField(): Promise<SeasonRecord[]> {
  const records = []
  const asked = { sources: [{ org: 'midori', share: null }], year: 2026 }
  for await (const record of readSeasonRecords(tilth.state, asked))
    if (record.fieldId === 'midori-field') records.push(record)
  return records
}
/** As the data quality of the season's report has it. */
const unconfirmed = async () => (await seasonOfField())[0]!.runsUnconfirmed

/** What each reader of the records makes of midori's field, L. */
async function countedLitres(): Promise<Record<string, number>> {
  const { state } = tilth
  const sum = (some: readonly { litres: number | null }[]) =>
    some.reduce((total, { litres }) => total + (litres ?? 0), 0)
  const farm = await state
    .selectFrom('farm')
    .selectAll()
    .where('id', '=', 'midori-farm')
    .executeTakeFirstOrThrow()
  const span = { fromMs: NOW_MS - 9 * DAY_MS, toMs: NOW_MS }
  const records = await seasonOfField()
  const spring = await readSpring(state, { org: 'midori', farmId: null }, NOW_MS)
  const [snapshot] = await readFarms(state, { org: 'midori' }, NOW_MS - 2 * DAY_MS)
  return {
    report: records.reduce((total, { waterM3 }) => total + 1000 * waterM3!, 0),
    adapt: sum([...(await readSeasonRuns(state, records)).values()].flat()),
    spring: sum(spring.fields.flatMap(({ runs }) => runs)),
    balance: sum((await readDayRuns(state, 'midori', span)).get('midori-field') ?? []),
    flow: sum(await meteredRuns(state, farm, TODAY)),
    plan: sum(snapshot!.irrigations),
    quota: snapshot!.seasonLitres!.get('midori-pump')!,
  }
}

describe('the record of a run', () => {
  it('is a draft of the system until a person confirms all up to an instant; both are recorded', async () => {
    const before = await listOf('midori-field')
    const run = (list: IrrigationList): IrrigationView =>
      list.runs.find(({ id }) => id === 'midori-irrigation')!
    expect([before.drafts, run(before).state]).toEqual([1, 'draft'])
    expect(refused(await confirm(NOW_MS + 1))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await confirm(NOW_MS - 4 * DAY_MS))).toEqual([409, 'CONFLICT'])
    expect(refused(await confirm(NOW_MS, 'akane-field'))).toEqual([404, 'NOT_FOUND'])
    expect(await unconfirmed()).toBe(1)
    expect((await confirm(NOW_MS)).status).toBe(200)
    expect(await unconfirmed()).toBe(0)
    const after = await listOf('midori-field')
    expect(after.drafts).toBe(0)
    expect(run(after)).toMatchObject({ state: 'confirmed', confirmedAtMs: NOW_MS })
    expect(run(after).confirmedByName).not.toBeNull()
    expect(refused(await confirm(NOW_MS))).toEqual([409, 'CONFLICT'])
    expect(await linesOf('irrigation.confirm')).toEqual([
      { subject: 'midori-field', untilMs: NOW_MS, runs: 1 },
    ])
    // another organisation's run waits on
    const theirs = await tilth.call(other, 'GET', '/api/fields/akane-field/irrigations')
    expect(theirs.body.drafts).toBe(1)
  })

  it('cannot be edited: no route changes one', () => {
    const routes = tilth.api.routes.filter(({ url }) => url.startsWith('/api/irrigations'))
    expect(routes.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      ...['POST /api/irrigations', 'POST /api/irrigations/:id/void', 'POST /api/irrigations/confirm'],
    ])
  })

  it('of a run in progress is neither confirmed nor voided', async () => {
    const set = (state: 'running' | 'done') =>
      tilth.state.updateTable('run').set({ state }).where('id', '=', 'akane-run-done').execute()
    await set('running')
    expect(refused(await voidRun('akane-irrigation', 'no', other))).toEqual([409, 'CONFLICT'])
    const of = await tilth.call(other, 'GET', '/api/fields/akane-field/irrigations')
    expect(of.body.drafts).toBe(0)
    await set('done')
  })

  it('is voided with a reason, also after confirmation, counts nowhere, and stays readable', async () => {
    expect(refused(await voidRun('midori-irrigation', ' '))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await voidRun('akane-irrigation'))).toEqual([404, 'NOT_FOUND'])
    expect(refused(await voidRun('midori-irrigation', 'no', viewer))).toEqual([403, 'FORBIDDEN'])
    const before = await countedLitres()
    expect((await voidRun('midori-irrigation')).status).toBe(200)
    expect(refused(await voidRun('midori-irrigation'))).toEqual([409, 'CONFLICT'])
    const after = await countedLitres()
    expect(Object.keys(before)).toEqual(Object.keys(after))
    for (const [reader, litres] of Object.entries(before))
      expect([reader, litres - after[reader]!]).toEqual([reader, expect.closeTo(53_400, 0)])
    const { runs } = await listOf('midori-field')
    expect(runs.find(({ id }) => id === 'midori-irrigation')).toMatchObject({
      state: 'void',
      voidReason: 'another field',
      voidedAtMs: NOW_MS,
      litres: 53_400,
    })
    expect(await linesOf('irrigation.void')).toEqual([
      { subject: 'midori-field', irrigation: 'midori-irrigation', reason: 'another field' },
    ])
    const year = await tilth.call(operator, 'GET', '/api/fields/midori-field/history')
    const told = JSON.stringify(year.body)
    expect([told.includes('midori-irrigation'), told.includes('log-watered')]).toEqual([false, true])
    const plan = await tilth.call(operator, 'GET', `/api/plan?day=${TODAY}`)
    expect(plan.status).toBe(200)
  })
})
