/** The share of a pump over HTTP: manual irrigation counts in it, also when its volume is unknown. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import type { NewIrrigation } from '../../../../services/api/schemas.ts'
import type { PlanView } from '../../../../services/api/irrigation/plan-schemas.ts'
import { readFarms } from '../../../../services/plan/snapshot.ts'
import { toJson } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm, TODAY } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  operator = await tilth.signUp('midori', 'operator')
  await tilth.state
    .updateTable('pump')
    .set({ schedule: toJson({ season: { m3: 9000, fromDay: '2026-06-01' } }) })
    .execute()
})
afterAll(() => tilth.stop())

const pumpOn = async (day: string): Promise<PlanView['pumps'][number]> =>
  (await tilth.call(operator, 'GET', `/api/plan?day=${day}`)).body.pumps[0]
const share = async () => {
  const { usedM3, unknownRuns } = await pumpOn(TODAY)
  const [farm] = await readFarms(tilth.state, { org: 'midori' }, NOW_MS)
  return { usedM3, unknownRuns, seasonM3: farm!.seasonLitres!.get('midori-pump')! / 1000 }
}
const give = (idem: string, amount: NewIrrigation['amount']) =>
  tilth.call(operator, 'POST', '/api/irrigations', {
    idem,
    fields: [{ fieldId: 'midori-field' }],
    atMs: NOW_MS - MINUTE_MS,
    amount,
  })

it('counts the entered volume, and the largest run of the zone where it is unknown, until the record is voided', async () => {
  const { usedM3, unknownRuns, seasonM3 } = await share()
  expect(unknownRuns).toBe(0)
  expect((await give('by-hand-told', { value: 10, unit: 'mm' })).status).toBe(200)
  const told = await share()
  expect(told).toEqual({
    unknownRuns: 0,
    usedM3: expect.closeTo(usedM3 + 30, 6),
    seasonM3: expect.closeTo(seasonM3 + 30, 6),
  })
  expect((await give('by-hand-none', null)).status).toBe(200)
  // 30 mm on 3,000 m², the deepest run, are less than 240 minutes at 8.3 mm/h
  expect(await share()).toEqual({
    unknownRuns: 1,
    usedM3: expect.closeTo(usedM3 + 120, 6),
    seasonM3: expect.closeTo(seasonM3 + 120, 6),
  })
  const yesterday = await pumpOn('2026-07-23')
  expect(yesterday).toMatchObject({ usedM3: 0, unknownRuns: 0 })
  const { id } = await tilth.state
    .selectFrom('irrigation')
    .select('id')
    .where('batch', '=', 'by-hand-none')
    .executeTakeFirstOrThrow()
  const reason = 'it was 5 mm'
  expect((await tilth.call(operator, 'POST', `/api/irrigations/${id}/void`, { reason })).status).toBe(200)
  expect(await share()).toEqual(told)
})

it('counts the minutes of a run without a meter reading, and shows its water as unknown', async () => {
  const before = await share()
  await tilth.state
    .updateTable('irrigation')
    .set({ litres: null, volumeSource: 'unknown', grossMm: null, netMm: null })
    .where('id', '=', 'midori-irrigation')
    .execute()
  const after = await share()
  // 53.4 m³ were metered; 130 minutes of 8.3 mm/h on 3,000 m² are 53.95
  const moreM3 = (8.3 * 3 * 130) / 60 - 53.4
  expect(after).toEqual({
    unknownRuns: 1,
    usedM3: expect.closeTo(before.usedM3 + moreM3, 6),
    seasonM3: expect.closeTo(before.seasonM3 + moreM3, 6),
  })
})

it('of a main is the past and planned volume of all its pumps', async () => {
  const { id: _, ...pump } = await tilth.state.selectFrom('pump').selectAll().executeTakeFirstOrThrow()
  const main = { ...pump, id: 'midori-main', name: 'Main', schedule: null }
  await tilth.state.insertInto('pump').values(main).execute()
  await tilth.state
    .updateTable('pump')
    .set({ schedule: toJson({ feedsFrom: 'midori-main' }) })
    .where('id', '=', 'midori-pump')
    .execute()
  const { pumps } = (await tilth.call(operator, 'GET', `/api/plan?day=${TODAY}`)).body as PlanView
  const sums = pumps.map(({ aheadM3, usedM3, unknownRuns }) => ({ aheadM3, usedM3, unknownRuns }))
  expect(sums[0]).toMatchObject({ aheadM3: 54, unknownRuns: 1 })
  expect(sums).toEqual([sums[0], sums[0]])
})

it.each(['2099-12-31', '1900-01-01'])('a plan of %s has no runs', async (day) => {
  const { status, body } = await tilth.call(operator, 'GET', `/api/plan?day=${day}`)
  expect([status, (body as PlanView).runs]).toEqual([200, []])
})

it.each(['2026-02-30', '6615-51-38', '9999-12-31', '0000-01-01'])(
  'a plan of %s is refused by name',
  async (day) => {
    const { status, body } = await tilth.call(operator, 'GET', `/api/plan?day=${day}`)
    expect([status, body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(body.message).toMatch(/^day: must/)
  },
)
