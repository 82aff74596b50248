/** The plan of a day states the water of its night, the part before midnight, and the water of the day. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HOUR_MS, startOfDay } from '../../../../broker/contract/time.ts'
import type { PlanView } from '../../../../services/api/irrigation/plan-schemas.ts'
import { plantFarm, TODAY } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

const MIDNIGHT_MS = startOfDay(TODAY, 'Asia/Tokyo')

let tilth: TestApi
let operator: string

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  operator = await tilth.signUp('midori', 'operator')
  const record = await tilth.state.selectFrom('irrigation').selectAll().limit(1).executeTakeFirstOrThrow()
  await tilth.state.deleteFrom('irrigation').execute()
  const flow = (id: string, fromH: number, toH: number, litres: number) => ({
    ...record,
    id,
    runId: id,
    commandedAtMs: MIDNIGHT_MS + fromH * HOUR_MS,
    openedAtMs: MIDNIGHT_MS + fromH * HOUR_MS,
    closedAtMs: MIDNIGHT_MS + toH * HOUR_MS,
    ranMs: (toH - fromH) * HOUR_MS,
    litres,
    voidedAtMs: null,
  })
  await tilth.state
    .insertInto('irrigation')
    .values([
      flow('evening', -5, -4, 1_000),
      flow('across', -1, 3, 8_000),
      flow('morning', 4, 5, 500),
      flow('noon', 11, 12, 300),
      flow('afternoon-before', -10, -9, 9_999),
    ])
    .execute()
})
afterAll(() => tilth.stop())

it('so that a night with more water than its day adds up', async () => {
  const { body } = await tilth.call(operator, 'GET', `/api/plan?day=${TODAY}`)
  // 18:00 to 08:00, with a quarter of the run across midnight on the day before
  expect([body.night.litres, body.eveningLitres, body.given.litres]).toEqual([9_500, 3_000, 6_800])
  // the rest of the night is of the day, and so is what came after 08:00
  expect(body.night.litres - body.eveningLitres + 300).toBe(body.given.litres)
})

it('and what its pumps gave and what no pump gave are its water, by the same hours', async () => {
  const zone = await tilth.state.selectFrom('zone').selectAll().executeTakeFirstOrThrow()
  await tilth.state
    .insertInto('zone')
    .values({ ...zone, id: 'midori-spring', name: 'Spring', pumpId: null })
    .execute()
  const moved = tilth.state.updateTable('irrigation').set({ zoneId: 'midori-spring' })
  await moved.where('id', '=', 'noon').execute()
  const { body } = await tilth.call(operator, 'GET', `/api/plan?day=${TODAY}`)
  const { given, pumps, noPump } = body as PlanView
  expect([pumps.length, pumps[0]!.given.litres, noPump.litres]).toEqual([1, 6_500, 300])
  expect(pumps[0]!.given.litres + noPump.litres).toBe(given.litres)
  // the limit counts a run on the day on which it begins: the one across midnight is not of today
  expect(pumps[0]!.usedM3).toBe(0.5)
})
