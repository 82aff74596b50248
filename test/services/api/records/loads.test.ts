/** Loads that are entered without signal, weighed of several fields together, or cut before the days to harvest are over. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import { toJson, type SeasonRow, type TreatmentRow } from '../../../../services/tables.ts'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'
import { treatmentPlan } from '../../../support/treatment-plan.ts'

let tilth: TestApi
let operator: string
beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  operator = await tilth.signUp('midori', 'operator')
  await tilth.state.updateTable('season').set({ harvestedM2: 4800 }).where('id', '=', 'midori-rice').execute()
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
const found = async () => (await tilth.call(operator, 'GET', '/api/fields/midori-paddy/loads')).body
const harvest = async () => (await found()).seasons[0]

describe('a load that a phone queues until it has signal', () => {
  const kept = { idem: 'load-0001', ticket: 'B-1', grossKg: 500 }
  const own = () =>
    tilth.state
      .selectFrom('harvestLoad')
      .selectAll()
      .where('batch', 'like', 'load-%')
      .orderBy('fieldId')
      .execute()
  afterEach(() => tilth.state.deleteFrom('harvestLoad').where('batch', 'is not', null).execute())

  it('is entered once, however often it is sent, also concurrently, and another load with its key is refused', async () => {
    const [first, second] = await Promise.all([enter(kept), enter(kept)])
    expect([first.status, second.status]).toEqual([200, 200])
    expect(first.body).toEqual({ id: 'load-0001', receivedMs: expect.any(Number) as number })
    expect(second.body).toEqual(first.body)
    expect((await enter(kept)).body).toEqual(first.body)
    expect(await own()).toHaveLength(1)
    expect((await enter({ ...kept, grossKg: 501 })).body.error).toBe('CONFLICT')
  })

  it('of two fields is split by area to the gram, and is marked as split', async () => {
    await plantSecondPaddy()
    const answer = await enter({ ...kept, grossKg: 1000.001, alsoIn: [{ fieldId: 'midori-paddy-2' }] })
    expect(answer.status).toBe(200)
    const rows = await own()
    expect(rows.map(({ fieldId, seasonId, batchKg }) => [fieldId, seasonId, batchKg])).toEqual([
      ['midori-paddy', 'midori-rice', 1000.001],
      ['midori-paddy-2', 'midori-rice-2', 1000.001],
    ])
    expect(rows.reduce((sum, { grossKg }) => sum + Math.round(1000 * grossKg), 0)).toBe(1_000_001)
    // 4800 m2 were harvested of the one, all 2400 of the other
    expect(rows[0]!.grossKg).toBeCloseTo((1000.001 * 4800) / 7200, 3)
    expect((await harvest()).loads[0]).toMatchObject({ batchKg: 1000.001 })
  })

  it('cannot come from a field where something else grows', async () => {
    const answer = await enter({ ...kept, alsoIn: [{ fieldId: 'midori-field' }] })
    expect([answer.status, answer.body.message]).toEqual([
      400,
      expect.stringContaining('must be fields with a season of rice'),
    ])
  })
})

describe('the days to harvest', () => {
  // sprayed on 10 September
  const sprayedMs = Date.parse('2026-09-10T06:00+09:00')
  const spray = (id: string, phiDays: number | null): TreatmentRow => ({
    id,
    org: 'midori',
    farmId: 'midori-farm',
    fieldId: 'midori-paddy',
    seasonId: 'midori-rice',
    target: 'rice-leaf-blast',
    productId: 'p',
    state: 'recorded',
    fromMs: sprayedMs,
    toMs: sprayedMs + HOUR_MS,
    record: null,
    createdBy: 'x',
    createdAtMs: 0,
    confirmedBy: null,
    plan: toJson(treatmentPlan({ phiDays })),
    confirmedAtMs: null,
    recordedBy: null,
    recordedAtMs: null,
    voidedBy: null,
    voidedAtMs: null,
    voidReason: null,
  })
  const planned = (day: string) =>
    tilth.call(operator, 'POST', '/api/seasons/midori-rice/planned-harvest', { day })
  const harvested = (route: string, said: object) =>
    tilth.call(operator, 'POST', `/api/seasons/midori-rice/${route}`, { harvestedDay: '2026-09-23', ...said })
  const gates = async () =>
    (await harvest()).loads.map(({ preHarvestState }: { preHarvestState: string }) => preHarvestState)
  afterAll(() => tilth.state.deleteFrom('treatment').where('id', 'like', 'phi-%').execute())

  it('refuse a load, a planned harvest and a harvest day that are too early, with the first allowed day', async () => {
    await tilth.state.insertInto('treatment').values(spray('phi-14', 14)).execute()
    for (const answer of [
      await enter({ day: '2026-09-23' }),
      await planned('2026-09-23'),
      await harvested('harvest', {}),
      await harvested('yield', { kg: 1, basis: 'grain' }),
    ]) {
      expect([answer.status, answer.body.error]).toEqual([409, 'PRE_HARVEST_INTERVAL'])
      expect(answer.body.message).toContain('2026-09-24')
      const params = { field: 'midori Paddy 7', day: '2026-09-24', product: 'Sumithion', days: 14 }
      expect(answer.body.params).toEqual(params)
    }
    expect((await planned('2026-09-24')).status).toBe(200)
    expect((await enter({ day: '2026-09-24', ticket: 'C-1' })).status).toBe(200)
    expect(await gates()).toContain('elapsed')
  })

  it('do not refuse a harvest from before the spray', async () =>
    expect((await enter({ day: '2026-09-09', ticket: 'C-0' })).status).toBe(200))

  it('without a value on the label are unknown with every load, and never count as over', async () => {
    await tilth.state.insertInto('treatment').values(spray('phi-unknown', null)).execute()
    expect((await enter({ day: '2026-09-25', ticket: 'C-2' })).status).toBe(200)
    expect((await gates())[0]).toBe('unknown')
    // today, in July, nothing was sprayed yet
    expect((await found()).preHarvest).toEqual({ state: 'elapsed', earliestDay: null })
  })
})

/** A neighbour of half the size with the same rice. */
async function plantSecondPaddy(): Promise<void> {
  const of = <T extends 'field' | 'season'>(table: T, id: string) =>
    tilth.state
      .selectFrom(table as 'field')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  const field = await of('field', 'midori-paddy')
  await tilth.state
    .insertInto('field')
    .values({ ...field, id: 'midori-paddy-2', name: 'midori paddy 2', areaM2: 2400 })
    .execute()
  const season = (await of('season', 'midori-rice')) as unknown as SeasonRow
  await tilth.state
    .insertInto('season')
    .values({ ...season, id: 'midori-rice-2', fieldId: 'midori-paddy-2', harvestedM2: null })
    .execute()
}
