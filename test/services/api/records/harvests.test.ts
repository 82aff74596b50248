/** What is weighed at harvest, and the season's report over HTTP. */
import readSheet from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string
let viewer: string
beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  operator = await tilth.signUp('midori', 'operator')
  viewer = await tilth.signUp('midori', 'viewer')
  // the farm's own rows have a load: these tests begin without
  await tilth.state.deleteFrom('harvestLoad').execute()
})
afterAll(() => tilth.stop())

const load = {
  seasonId: 'midori-rice',
  day: '2026-09-20',
  ticket: 'A-17',
  form: 'rough-rice',
  grossKg: 1688,
  moisturePct: 25.48,
  foreignPct: 0,
  grade: '1',
  sieveMm: 1.85,
  destination: 'JA',
}
const enter = (change: object = {}) =>
  tilth.call(operator, 'POST', '/api/fields/midori-paddy/loads', { ...load, ...change })
const harvest = async () =>
  (await tilth.call(viewer, 'GET', '/api/fields/midori-paddy/loads')).body.seasons[0]
// rough rice to 14.5 %, hulled, to 15 %
const brownKg = (share: number) => (1688 * 0.7452 * share) / 0.85

describe('loads of a field', () => {
  it('are entered as weighed, shown on the base moisture, and their sum is the yield of the season', async () => {
    expect(await harvest()).toMatchObject({ from: null, kg: null, forms: ['rough-rice', 'brown-rice'] })
    expect((await enter()).status).toBe(200)
    expect((await enter({ ticket: 'A-18', form: 'brown-rice', grossKg: 100, moisturePct: 15 })).status).toBe(
      200,
    )
    const found = await harvest()
    expect(found).toMatchObject({ from: 'loads', basis: { form: 'brown-rice', moisturePct: 15 } })
    expect(found.kg).toBeCloseTo(brownKg(0.8) + 100, 6)
    expect(found.loads).toHaveLength(2)
  })

  it('follow the measured share of hulling and the harvested area', async () => {
    const whole = { hullShare: 0.7144, harvestedM2: 4800 }
    const answer = await tilth.call(operator, 'POST', '/api/seasons/midori-rice/harvest', whole)
    expect(answer.status).toBe(200)
    const found = await harvest()
    expect(found).toMatchObject({ areaM2: 4800, hullShare: 0.7144 })
    expect(found.kg).toBeCloseTo(brownKg(0.7144) + 100, 6)
  })

  it('without moisture leave the yield unknown until the load is voided, with its reason', async () => {
    const { body } = await enter({ ticket: null, moisturePct: null })
    expect(await harvest()).toMatchObject({ from: 'loads', kg: null })
    const wrong = await tilth.call(operator, 'POST', `/api/loads/${body.id}/void`, { reason: ' ' })
    expect(wrong.status).toBe(400)
    const voided = () =>
      tilth.call(operator, 'POST', `/api/loads/${body.id}/void`, { reason: 'weighed twice' })
    expect((await voided()).status).toBe(200)
    const found = await harvest()
    expect(found.kg).toBeCloseTo(brownKg(0.7144) + 100, 6)
    expect(found.loads.find(({ id }: { id: string }) => id === body.id).voidReason).toBe('weighed twice')
    expect((await voided()).status).toBe(409)
  })

  it('are corrected: the wrong one stays on record with the reason, and values not named stay', async () => {
    const { body } = await enter({ ticket: 'C-1', grossKg: 9_120, meter: 'Kett' })
    const correct = (change: object) =>
      tilth.call(operator, 'POST', `/api/loads/${body.id}/correct`, { reason: 'a digit too many', ...change })
    expect((await correct({})).status).toBe(400)
    expect((await correct({ day: '2026-05-01', grossKg: 912 })).status).toBe(400)
    const corrected = await correct({ grossKg: 912 })
    expect(corrected.status).toBe(200)
    const loads = (await harvest()).loads as Record<string, unknown>[]
    expect(loads.find(({ id }) => id === corrected.body.id)).toMatchObject({
      grossKg: 912,
      ticket: 'C-1',
      voidReason: null,
    })
    expect(loads.find(({ id }) => id === body.id)).toMatchObject({
      grossKg: 9_120,
      voidReason: 'a digit too many',
    })
    const row = await tilth.state
      .selectFrom('harvestLoad')
      .select('meter')
      .where('id', '=', corrected.body.id)
      .executeTakeFirst()
    expect(row?.meter).toBe('Kett')
    expect((await correct({ grossKg: 900 })).status).toBe(409)
    const gone = await tilth.call(operator, 'POST', `/api/loads/${corrected.body.id}/void`, {
      reason: 'test',
    })
    expect(gone.status).toBe(200)
  })

  it.each([
    ['a form that the crop does not have', { form: 'grain' }],
    ['a day before planting', { day: '2026-05-01' }],
    ['an invalid day', { day: '2026-09-31' }],
    ['nothing weighed', { grossKg: 0 }],
    ['more water than grain', { moisturePct: 61 }],
    ['the season of another field', { seasonId: 'midori-season' }],
    ['a sieve of size 0', { sieveMm: 0 }],
  ])('are refused with %s', async (_, change) => expect((await enter(change)).status).toBe(400))

  it('keep their season: it cannot be deleted any more', async () => {
    const agronomist = await tilth.signUp('midori', 'agronomist')
    expect((await tilth.call(agronomist, 'DELETE', '/api/seasons/midori-rice')).status).toBe(409)
  })

  it('leave a line each in the audit', async () => {
    const lines = await tilth.state.selectFrom('audit').select('action').where('org', '=', 'midori').execute()
    const actions = lines.map(({ action }) => action)
    expect(actions.filter((action) => action === 'harvest.load')).toHaveLength(4)
    expect(actions).toEqual(expect.arrayContaining(['harvest.void', 'harvest.correct', 'season.harvest']))
  })
})

describe('the report of a season', () => {
  it('shows the member, the mean and the fields of the requested member', async () => {
    const url = '/api/reports/season?year=2026&crop=rice&farmId=midori-farm'
    const { body } = await tilth.call(viewer, 'GET', url)
    expect(body).toMatchObject({ crop: 'rice', memberCount: 1, fields: 1, crops: ['rice', 'soybean'] })
    expect(body.members[0].kgHa).toBeCloseTo((10_000 * (brownKg(0.7144) + 100)) / 4800, 6)
    expect(body.mean.kgHa).toBeCloseTo(body.members[0].kgHa, 6)
    expect(body.member.fields).toHaveLength(1)
  })

  it('of a crop or year without any season is empty, and of an unknown crop refused', async () => {
    expect((await tilth.call(viewer, 'GET', '/api/reports/season?year=2019')).body).toMatchObject({
      crop: null,
      members: [],
      years: [2026],
    })
    expect((await tilth.call(viewer, 'GET', '/api/reports/season?year=soon')).status).toBe(400)
    expect((await tilth.call(viewer, 'GET', '/api/reports/season?year=2026&crop=1%27')).status).toBe(400)
  })

  it('as a workbook opens, with the same yield', async () => {
    const answer = await tilth.api.inject({
      method: 'GET',
      url: '/api/reports/season.xlsx?year=2026&crop=rice&unit=kg/10a&lang=ja',
      headers: { host: 'farm.local', cookie: viewer },
    })
    expect(answer.headers['content-disposition']).toContain('tilth-season-2026-rice.xlsx')
    const book = (await readSheet(answer.rawPayload)) as unknown as { sheet: string; data: unknown[][] }[]
    const [, row] = book.find(({ sheet }) => sheet === '集計')!.data.slice(-2)
    expect(row).toContain(Number((((brownKg(0.7144) + 100) / 4800) * 1000).toFixed(1)))
  })
})
