/** Fertiliser and field work over HTTP: entered once however often a phone sends it, confirmed together, never edited. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FieldWorkView, NewFieldWork } from '../../../../services/api/schemas.ts'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string
let other: string

beforeAll(async () => {
  tilth = await startTestApi()
  for (const org of ['midori', 'akane']) await plantFarm(tilth.state, org)
  await tilth.state.deleteFrom('fieldWork').execute()
  operator = await tilth.signUp('midori', 'operator')
  other = await tilth.signUp('akane', 'operator')
})
afterAll(() => tilth.stop())

const urea = { name: 'Urea', nPct: 46, p2o5Pct: 0, k2oPct: null }
const topDressing: NewFieldWork = {
  idem: 'work-0001',
  kind: 'fertiliser',
  day: '2026-07-20',
  operator: 'Sato',
  lot: 'U-7',
  fields: [{ fieldId: 'midori-field' }, { fieldId: 'midori-paddy' }],
  material: urea,
  amount: { value: 5, unit: 'kg/10a', bagKg: null },
}
const enter = (set: Partial<NewFieldWork> = {}, cookie = operator) =>
  tilth.call(cookie, 'POST', '/api/field-work', { ...topDressing, ...set })
const workOf = async (field: string, cookie = operator): Promise<FieldWorkView[]> =>
  (await tilth.call(cookie, 'GET', `/api/fields/${field}/work`)).body.work
const change = (id: string, what: 'confirm' | 'void', body?: object) =>
  tilth.call(operator, 'POST', `/api/field-work/${id}/${what}`, body)
const lines = async (action: string) =>
  (await tilth.state.selectFrom('audit').select('id').where('action', '=', action).execute()).length

describe('field work', () => {
  it('of several fields is a draft of each, entered once though a phone sends it three times', async () => {
    const [first, second] = await Promise.all([enter(), enter()])
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.body).toEqual(first.body)
    expect((await enter()).body).toEqual({ id: 'work-0001', receivedMs: first.body.receivedMs })
    for (const field of ['midori-field', 'midori-paddy'])
      expect(await workOf(field)).toMatchObject([{ batch: 'work-0001', batchFields: 2, state: 'draft' }])
    expect(await lines('field-work.add')).toBe(1)
  })

  it('has calculated nutrients: 5 kg/10a of urea, 46 % N, is 23 kg N/ha, and unknown stays unknown', async () => {
    const [work] = await workOf('midori-field')
    expect(work!.massKg).toBeCloseTo((5 * work!.areaM2) / 1000, 9)
    expect(work!.nutrients!.nKgHa).toBeCloseTo(23, 9)
    expect(work!.nutrients).toMatchObject({ p2o5KgHa: 0, k2oKgHa: null })
  })

  it('belongs to the season that grows on its day, and to none between two', async () => {
    expect(await workOf('midori-field')).toMatchObject([{ seasonId: 'midori-season' }])
    await enter({
      idem: 'work-winter',
      kind: 'tillage',
      day: '2026-01-10',
      fields: topDressing.fields.slice(0, 1),
    })
    const [, winter] = await workOf('midori-field')
    expect(winter).toMatchObject({ kind: 'tillage', seasonId: null })
  })

  it('is refused if its key belongs to other work, and may have the key of another organisation', async () => {
    expect((await enter({ lot: 'U-8' })).body.error).toBe('CONFLICT')
    const own = { fields: [{ fieldId: 'akane-field' }] }
    expect((await enter(own, other)).status).toBe(200)
    expect(await workOf('midori-field')).toMatchObject([{ lot: 'U-7' }, {}])
  })

  it('is confirmed as a whole by one request, and then changes no more', async () => {
    const [work] = await workOf('midori-field')
    expect((await change(work!.id, 'confirm')).status).toBe(200)
    for (const field of ['midori-field', 'midori-paddy'])
      expect((await workOf(field))[0]).toMatchObject({ state: 'confirmed' })
    expect((await change(work!.id, 'confirm')).body.error).toBe('CONFLICT')
    const routes = tilth.api.routes.filter(({ url }) => url.startsWith('/api/field-work'))
    expect(
      routes.map(({ method }) => method).filter((method) => ['PATCH', 'PUT', 'DELETE'].includes(method)),
    ).toEqual([])
  })

  it('is voided on one field with a reason, stays readable, and the other fields are unchanged', async () => {
    const [work] = await workOf('midori-paddy')
    expect((await change(work!.id, 'void', { reason: ' ' })).status).toBe(400)
    expect((await change(work!.id, 'void', { reason: 'another field' })).status).toBe(200)
    expect((await change(work!.id, 'void', { reason: 'again' })).body.error).toBe('CONFLICT')
    expect(await workOf('midori-paddy')).toMatchObject([
      { state: 'void', voidReason: 'another field', batchFields: 1 },
    ])
    expect((await workOf('midori-field'))[0]).toMatchObject({ state: 'confirmed', batchFields: 1 })
  })

  it('in bags is split by area to the gram', async () => {
    await enter({ idem: 'work-bags', amount: { value: 7, unit: 'bag', bagKg: 20 } })
    const inBags = async (field: string) => (await workOf(field)).find(({ batch }) => batch === 'work-bags')!
    const parts = [await inBags('midori-field'), await inBags('midori-paddy')]
    expect(parts.reduce((sum, { massKg }) => sum + Math.round(1000 * massKg!), 0)).toBe(140_000)
    const perM2 = parts.map(({ massKg, areaM2 }) => massKg! / areaM2)
    expect(perM2[0]).toBeCloseTo(perM2[1]!, 5)
  })

  it('needs a past day, fields of the organisation, each once, and at most the existing area', async () => {
    const field = { fieldId: 'midori-field' }
    for (const [wrong, status] of [
      ...([
        [{ day: '2026-02-30' }, 400],
        [{ day: '2030-01-01' }, 400],
        [{ fields: [] }, 400],
      ] as const),
      ...([
        [{ fields: [field, field] }, 400],
        [{ fields: [{ fieldId: 'akane-field' }] }, 404],
      ] as const),
      ...([
        [{ fields: [{ ...field, areaM2: 1e7 }] }, 400],
        [{ endMs: 5 }, 400],
      ] as const),
      [{ startMs: 5, endMs: 4 }, 400],
    ] as const)
      expect([
        wrong,
        (await enter({ idem: 'work-wrong', ...wrong } as Partial<NewFieldWork>)).status,
      ]).toEqual([wrong, status])
    expect((await workOf('midori-field')).some(({ batch }) => batch === 'work-wrong')).toBe(false)
  })
})
