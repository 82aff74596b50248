/** Fields that are divided or put together: what was stays on record, what comes goes on with valves and sensors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let agronomist: string
beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  agronomist = await tilth.signUp('midori', 'agronomist')
  const [zone] = await tilth.state.selectFrom('zone').selectAll().execute()
  for (const id of ['inlet', 'outlet'])
    await tilth.state
      .insertInto('zone')
      .values({ ...zone!, id, name: id, fieldId: 'midori-paddy', controllerId: null, valve: null })
      .execute()
})
afterAll(() => tilth.stop())

const post = (url: string, body: object) => tilth.call(agronomist, 'POST', url, body)
const halves = [
  { name: 'Paddy north', areaM2: 2000 },
  { name: 'Paddy south', areaM2: 2800 },
]
const split = (change: object = {}) =>
  post('/api/fields/midori-paddy/split', { day: '2026-11-01', parts: halves, ...change })
const field = (id: string) =>
  tilth.state.selectFrom('field').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const names = async (): Promise<string[]> =>
  (await tilth.call(agronomist, 'GET', '/api/farms')).body.fields.map((one: { name: string }) => one.name)

describe('a field that is divided', () => {
  it('must be harvested, without open valves, and as large as its parts: the error shows the remedy', async () => {
    const areaM2 = (await field('midori-paddy')).areaM2
    halves[0]!.areaM2 = areaM2 * 0.4
    halves[1]!.areaM2 = areaM2 * 0.6
    const growing = await split()
    expect([growing.status, growing.body.message]).toEqual([
      409,
      expect.stringContaining('enter its harvest first'),
    ])
    await tilth.state
      .updateTable('season')
      .set({ harvestedDay: '2026-09-20' })
      .where('fieldId', '=', 'midori-paddy')
      .execute()
    const large = await split({ parts: [halves[0], { name: 'x', areaM2: areaM2 * 0.8 }] })
    expect([large.status, large.body.message]).toEqual([400, expect.stringContaining('within 10 %')])
    for (const body of [{ parts: [halves[0]] }, { day: '2026-02-30' }, { parts: [] }])
      expect((await split(body)).status).toBe(400)
    expect((await field('midori-paddy')).endedDay).toBeNull()
  })

  it('ends, its parts have its soil, its zones and devices, and its seasons stay its own', async () => {
    const before = await field('midori-paddy')
    const zones = await tilth.state
      .selectFrom('zone')
      .select('id')
      .where('fieldId', '=', 'midori-paddy')
      .execute()
    expect(zones.length).toBeGreaterThan(0)
    const strange = await split({ parts: [{ ...halves[0], zoneIds: ['nowhere'] }, halves[1]] })
    expect(strange.status).toBe(400)
    const { status, body } = await split({ parts: [halves[0], { ...halves[1], zoneIds: [zones[0]!.id] }] })
    expect(status).toBe(200)
    const [north, south] = await Promise.all(body.fields.map(({ id }: { id: string }) => field(id)))
    expect((await field('midori-paddy')).endedDay).toBe('2026-11-01')
    for (const part of [north!, south!])
      expect(part).toMatchObject({
        farmId: before.farmId,
        kind: before.kind,
        soilTexture: before.soilTexture,
        endedDay: null,
        fieldCapacity: before.fieldCapacity,
      })
    expect(await names()).toEqual(expect.arrayContaining(['Paddy north', 'Paddy south']))
    expect(await names()).not.toContain(before.name)
    const moved = await tilth.state.selectFrom('zone').select(['id', 'fieldId']).execute()
    expect(moved.find(({ id }) => id === zones[0]!.id)!.fieldId).toBe(south!.id)
    expect(moved.some(({ fieldId }) => fieldId === 'midori-paddy')).toBe(false)
    // the old one still exists for people who look at its history
    expect((await tilth.call(agronomist, 'GET', '/api/fields/midori-paddy')).status).toBe(200)
    const shares = await tilth.state.selectFrom('fieldLineage').select(['fieldId', 'share']).execute()
    expect(shares.map(({ share }) => share).sort()).toEqual(
      [0.4, 0.6].map((share) => expect.closeTo(share, 9)),
    )
    const runs = await tilth.state
      .selectFrom('run')
      .select('id')
      .where('fieldId', '=', 'midori-paddy')
      .where('state', 'in', ['proposed', 'approved'])
      .execute()
    expect(runs).toEqual([])
  })

  it('accepts no further crop, and is divided only once', async () => {
    const season = { fieldId: 'midori-paddy', year: 2027, crop: 'rice', plantedDay: '2027-05-18' }
    expect((await post('/api/seasons', season)).status).toBe(409)
    expect((await split()).status).toBe(409)
  })
})

describe('fields that are merged', () => {
  const idOf = async (name: string) =>
    (await tilth.state.selectFrom('field').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id

  it('must be of one farm and kind, and each named once', async () => {
    const north = await idOf('Paddy north')
    const other = await tilth.state
      .selectFrom('field')
      .select('id')
      .where('kind', '=', 'upland')
      .executeTakeFirstOrThrow()
    await tilth.state
      .updateTable('season')
      .set({ harvestedDay: '2026-09-20' })
      .where('fieldId', '=', other.id)
      .execute()
    const merge = (ids: string[]) =>
      post(`/api/fields/${north}/merge`, { day: '2026-11-05', fieldIds: ids, name: 'All' })
    expect((await merge([north])).status).toBe(400)
    expect((await merge([other.id])).status).toBe(409)
    expect((await merge(['nowhere'])).status).toBe(404)
  })

  it('are one, with the area of all and their zones; the report reads their earlier years', async () => {
    const [north, south] = [await idOf('Paddy north'), await idOf('Paddy south')]
    const was = await field('midori-paddy')
    const { status, body } = await post(`/api/fields/${north}/merge`, {
      day: '2026-11-05',
      fieldIds: [south],
      name: 'Paddy',
    })
    expect(status).toBe(200)
    const whole = await field(body.fields[0].id)
    expect(whole.areaM2).toBeCloseTo(was.areaM2, 6)
    // all that each of them gave is its own now
    const given = await tilth.state
      .selectFrom('fieldLineage')
      .select(['fromFieldId', 'share'])
      .where('fieldId', '=', whole.id)
      .execute()
    expect(new Map(given.map(({ fromFieldId, share }) => [fromFieldId, share]))).toEqual(
      new Map([north, south].map((id) => [id, 1])),
    )
    await tilth.state
      .updateTable('season')
      .set({ yieldKg: 240, yieldBasis: 'brown rice, 15 % moisture', year: 2026 })
      .where('fieldId', '=', 'midori-paddy')
      .execute()
    await tilth.state.deleteFrom('harvestLoad').where('fieldId', '=', 'midori-paddy').execute()
    const next = { fieldId: whole.id, year: 2027, crop: 'rice', plantedDay: '2027-05-18' }
    expect((await post('/api/seasons', next)).status).toBe(200)
    const report = await tilth.call(
      agronomist,
      'GET',
      `/api/reports/season?year=2027&crop=rice&farmId=${whole.farmId}`,
    )
    const line = report.body.member.fields.find((one: { fieldId: string }) => one.fieldId === whole.id)
    expect(line.years).toEqual([{ year: 2026, kgHa: expect.closeTo((240 / was.areaM2) * 10_000, 6) }])
  })
})
