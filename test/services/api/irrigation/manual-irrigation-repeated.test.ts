/** Water by hand that a phone sends again: the same is one record, other water under the same key is refused. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import type { NewIrrigation } from '../../../../services/api/schemas.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

type Amount = NewIrrigation['amount']

let tilth: TestApi
let operator: string

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  operator = await tilth.signUp('midori', 'operator')
})
afterAll(() => tilth.stop())

// one with a zone, one without: two areas that share a volume
const fields = [{ fieldId: 'midori-field' }, { fieldId: 'midori-paddy' }]
const give = (idem: string, amount: Amount) =>
  tilth.call(operator, 'POST', '/api/irrigations', { idem, fields, atMs: NOW_MS - DAY_MS, amount })
const countOf = async (batch: string) =>
  (await tilth.state.selectFrom('irrigation').select('id').where('batch', '=', batch).execute()).length

const others: Amount[] = [
  null,
  ...(['mm', 'm3', 'L', 'min'] as const).flatMap((unit) => [7, 12.3].map((value) => ({ value, unit }))),
]

it.each<[string, Amount]>([
  ['depth', { value: 12.3, unit: 'mm' }],
  ['volume', { value: 12.3, unit: 'm3' }],
  ['minutes', { value: 12.3, unit: 'min' }],
  ['no amount', null],
])('by %s gets the first response again, and is refused with another amount', async (name, amount) => {
  const idem = `by-hand-${name.replace(' ', '-')}`
  const first = await give(idem, amount)
  expect(first.status, first.text).toBe(200)
  expect((await give(idem, amount)).body).toEqual(first.body)
  const wrong = others.filter((other) => other?.unit !== amount?.unit || other?.value !== amount?.value)
  expect(wrong).toHaveLength(others.length - 1)
  for (const other of wrong) {
    const { status, body } = await give(idem, other)
    expect([other, status, body.error, body.message]).toEqual([
      ...[other, 409, 'CONFLICT', 'idem: this key was used for another entry; create a new key'],
    ])
  }
  expect(await countOf(idem)).toBe(2)
})

it('the same water in another unit is the same water', async () => {
  const first = await give('by-hand-litres', { value: 12_300, unit: 'L' })
  expect(first.status, first.text).toBe(200)
  expect((await give('by-hand-litres', { value: 12.3, unit: 'm3' })).body).toEqual(first.body)
})

it('a corrected rate and a voided record change nothing of it', async () => {
  const amount = { value: 45, unit: 'min' } as const
  const first = await give('by-hand-mended', amount)
  await tilth.state.updateTable('zone').set({ applicationRateMmH: 5, areaM2: 2500 }).execute()
  const { id } = await tilth.state
    .selectFrom('irrigation')
    .select('id')
    .where('batch', '=', 'by-hand-mended')
    .executeTakeFirstOrThrow()
  const voided = await tilth.call(operator, 'POST', `/api/irrigations/${id}/void`, { reason: 'slip' })
  expect(voided.status).toBe(200)
  expect((await give('by-hand-mended', amount)).body).toEqual(first.body)
})
