/** Which fields a drafted spray is of: joined and left out until somebody agrees, each with its own area, volume and days. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, dayOf, HOUR_MS } from '../../../../broker/contract/time.ts'
import type { PestControlView, TreatmentView } from '../../../../services/api/schemas.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type Answer, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string

beforeAll(async () => {
  tilth = await startTestApi()
  const { state } = tilth
  for (const org of ['midori', 'akane']) await plantFarm(state, org)
  await state.deleteFrom('treatment').execute()
  await state.updateTable('season').set({ crop: 'apple' }).where('id', '=', 'midori-season').execute()
  await state.updateTable('productUse').set({ crop: 'apple', phiDays: 14 }).execute()
  const of = (table: 'field' | 'season', id: string) =>
    state
      .selectFrom(table as 'field')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  const field = await of('field', 'midori-field')
  const season = await of('season', 'midori-season')
  for (const [n, areaM2] of [
    [2, 1500],
    [3, 900],
  ] as const) {
    const more = { ...field, id: `midori-field-${n}`, name: `Field ${n}`, areaM2 }
    await state.insertInto('field').values(more).execute()
    const grown = { ...season, id: `midori-season-${n}`, fieldId: more.id }
    await state
      .insertInto('season')
      .values(grown as never)
      .execute()
  }
  // too soon for a product of 14 days to harvest
  const harvestPlannedDay = dayOf(NOW_MS + 5 * DAY_MS, 'Asia/Tokyo')
  await state.updateTable('season').set({ harvestPlannedDay }).where('id', '=', 'midori-season-3').execute()
  operator = await tilth.signUp('midori', 'operator')
})
afterAll(() => tilth.stop())

const named = (...fields: number[]) => fields.map((n) => ({ fieldId: `midori-field-${n}` }))
const draft = async (set: object = {}): Promise<TreatmentView> => {
  const { status, body, text } = await tilth.call(operator, 'POST', '/api/treatments', {
    fieldId: 'midori-field',
    target: 'codling-moth',
    productId: 'midori-product',
    operator: 'Sato',
    fromMs: NOW_MS + HOUR_MS,
    toMs: NOW_MS + 3 * HOUR_MS,
    unit: 'mL/10a',
    dilution: 2500,
    volumeL10a: 200,
    ...set,
  })
  expect([status, text]).toEqual([200, text])
  return body
}
const change = (id: string, set: object) => tilth.call(operator, 'PATCH', `/api/treatments/${id}`, set)
const refused = ({ status, body }: Answer) => [status, body.error]
const read = async (id: string): Promise<TreatmentView> =>
  (await tilth.call(operator, 'GET', `/api/treatments/${id}`)).body
const phiOf = (checks: TreatmentView['plan']['checks']) => checks.find(({ key }) => key === 'phi')!.result

describe('a draft of one field', () => {
  it('becomes one of several: each new one complete, of the same strength, and checked against its own harvest', async () => {
    const one = await draft()
    const { status, body } = await change(one.id, { alsoIn: named(2, 3) })
    expect(status).toBe(200)
    const { plan, also, batch } = body as TreatmentView
    expect(batch).toEqual(expect.any(String))
    expect(also!.map(({ fieldId, dose }) => [fieldId, dose.areaM2])).toEqual([
      ['midori-field-2', 1500],
      ['midori-field-3', 900],
    ])
    for (const { dose } of also!) {
      expect(dose).toMatchObject({ dilution: 2500, volumeL10a: 200, amount: plan.dose.amount })
      expect(dose.totalSprayL).toBeCloseTo((200 * dose.areaM2) / 1000, 9)
      expect(dose.totalProduct / dose.areaM2).toBeCloseTo(plan.dose.totalProduct / plan.dose.areaM2, 9)
    }
    expect([plan.checks, ...also!.map(({ checks }) => checks)].map(phiOf)).toEqual([
      ...[phiOf(one.plan.checks), phiOf(one.plan.checks), 'forbidden'],
    ])
    for (const { id } of also!) expect(await read(id)).toMatchObject({ state: 'planned', batch })
  })

  it('is shown with its other fields on each of them', async () => {
    const { treatments } = (await tilth.call(operator, 'GET', '/api/fields/midori-field-2/pest-control'))
      .body as PestControlView
    expect(treatments).toMatchObject([
      { also: [{ fieldId: expect.any(String) }, { fieldId: expect.any(String) }] },
    ])
    expect(treatments[0]!.also!.map(({ fieldId }) => fieldId).sort()).toEqual([
      'midori-field',
      'midori-field-3',
    ])
  })

  it('of a part of it remains single', async () => {
    const part = await draft({ areaM2: 500 })
    expect(refused(await change(part.id, { alsoIn: named(2) }))).toEqual([400, 'BAD_REQUEST'])
    expect((await change(part.id, { alsoIn: [] })).status).toBe(200)
    expect((await read(part.id)).plan.dose.areaM2).toBe(500)
  })
})

describe('a draft of several fields', () => {
  it('removes a field with a reason and adds another, in one change with its dose', async () => {
    const { id, also } = await draft({ alsoIn: named(2) })
    const set = { alsoIn: named(3), dilution: 3000, volumeL10a: 150 }
    expect(refused(await change(id, set))).toEqual([400, 'BAD_REQUEST'])
    expect(await read(also![0]!.id)).toMatchObject({ state: 'planned' })
    const { body } = await change(id, { ...set, reason: 'sprayed last week' })
    expect(body.also).toMatchObject([
      { fieldId: 'midori-field-3', dose: { dilution: 3000, volumeL10a: 150 } },
    ])
    expect(await read(also![0]!.id)).toMatchObject({ state: 'void', voidReason: 'sprayed last week' })
    const { detail } = await tilth.state
      .selectFrom('audit')
      .select('detail')
      .where('action', '=', 'treatment.change')
      .orderBy('n', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(JSON.parse(detail as never)).toMatchObject({ alsoIn: named(3), reason: 'sprayed last week' })
  })

  it('without its other fields is of one field again, and may be of a part', async () => {
    const { id } = await draft({ alsoIn: named(2) })
    const { body } = await change(id, { alsoIn: [], reason: 'too windy there' })
    expect([body.batch, body.also]).toEqual([null, []])
    expect((await change(id, { areaM2: 400 })).body.plan.dose.areaM2).toBe(400)
  })

  it('is unchanged when its fields are not specified', async () => {
    const { id, also, batch } = await draft({ alsoIn: named(2) })
    const { body } = await change(id, { operator: 'Mori' })
    expect(body).toMatchObject({ batch, also: [{ id: also![0]!.id }] })
    expect((await read(also![0]!.id)).plan.operator).toBe('Mori')
  })
})

describe('a refused change', () => {
  const rows = async () =>
    JSON.stringify(await tilth.state.selectFrom('treatment').selectAll().orderBy('id').execute())

  it('changes nothing: a field of another farm, named twice, without a crop, or with a part', async () => {
    const { id } = await draft({ alsoIn: named(2) })
    await tilth.state
      .updateTable('season')
      .set({ harvestedDay: '2026-06-01' })
      .where('id', '=', 'midori-season-3')
      .execute()
    const before = await rows()
    expect(refused(await change(id, { alsoIn: [{ fieldId: 'akane-field' }] }))).toEqual([404, 'NOT_FOUND'])
    expect(refused(await change(id, { alsoIn: [...named(2), ...named(2)] }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await change(id, { alsoIn: [{ fieldId: 'midori-field' }] }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await change(id, { alsoIn: named(2), areaM2: 100 }))).toEqual([400, 'BAD_REQUEST'])
    const bare = await change(id, { alsoIn: named(2, 3), operator: 'Ito' })
    expect([...refused(bare), bare.body.message]).toEqual([
      409,
      'CONFLICT',
      expect.stringMatching(/^Field 3: /),
    ])
    expect(await rows()).toBe(before)
  })

  it('after an approval, no field joins', async () => {
    const { id } = await draft()
    await tilth.state.updateTable('treatment').set({ state: 'confirmed' }).where('id', '=', id).execute()
    const before = await rows()
    expect(refused(await change(id, { alsoIn: named(2) }))).toEqual([409, 'CONFLICT'])
    expect(await rows()).toBe(before)
  })
})
