/** Sprays that are over, as a person writes them down afterwards, with and without signal meanwhile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { readTreatmentPlan } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type Answer, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string
const planted = Date.parse('2026-06-10T00:00:00+09:00')

beforeAll(async () => {
  tilth = await startTestApi()
  for (const org of ['midori', 'aoba']) await plantFarm(tilth.state, org)
  await tilth.state.deleteFrom('treatment').execute()
  operator = await tilth.signUp('midori', 'operator')
  await tilth.series.append(
    [19, 21].map((value, i) => ({
      org: 'midori',
      farm: 'midori-farm',
      field: '-',
      device: 'midori-station',
      value,
      quantity: 'air.temperature',
      depthCm: null,
      flag: 1 as const,
      origin: 'measured' as const,
      atMs: NOW_MS - 2 * DAY_MS + i * 10 * MINUTE_MS,
    })),
  )
})
afterAll(() => tilth.stop())

const spray = {
  fieldId: 'midori-field',
  target: 'weeds',
  productId: 'midori-product',
  operator: 'Sato',
  unit: 'mL/10a',
  dilution: 2500,
  volumeL10a: 200,
  fromMs: NOW_MS - 2 * DAY_MS,
  toMs: NOW_MS - 2 * DAY_MS + HOUR_MS,
}
const write = (idem: string, change: object = {}, cookie = operator) =>
  tilth.call(cookie, 'POST', '/api/treatments/past', { ...spray, idem, ...change })
const refused = ({ status, body }: Answer) => [status, body.error]
const rows = () => tilth.state.selectFrom('treatment').selectAll().orderBy('createdAtMs').execute()
const views = async () => (await tilth.call(operator, 'GET', '/api/treatments')).body.treatments

describe('a past spray', () => {
  it('is recorded with the weather of its start, whatever the label; it needs no approval, but confirmation', async () => {
    const answer = await write('spray-one', { dilution: 500 })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toEqual({ id: 'spray-one', receivedMs: NOW_MS })
    const [view] = await views()
    expect(view).toMatchObject({
      state: 'done',
      target: 'weeds',
      fromMs: spray.fromMs,
      toMs: spray.toMs,
      confirmedBy: null,
      record: { dose: { dilution: 500 }, operator: 'Sato', weather: { tempC: 19, flag: 1 } },
    })
    const results = new Map(view.plan.checks.map(({ key, result }: Record<string, string>) => [key, result]))
    // the target pest is not on the label, and the view shows this next to the treatment
    expect(results.get('target')).toBe('forbidden')
    // the past has no forecast
    expect([results.has('weather'), results.has('irrigation')]).toEqual([false, false])
    const recorded = await tilth.call(operator, 'POST', `/api/treatments/${view.id}/record`)
    expect(recorded.body.state).toBe('recorded')
  })

  it('sent again is recorded once, also when its record was confirmed meanwhile; its key fits nothing else', async () => {
    expect(await write('spray-one', { dilution: 500 })).toMatchObject({ status: 200 })
    expect(await rows()).toHaveLength(1)
    expect(refused(await write('spray-one', { target: 'rice-leaf-blast' }))).toEqual([409, 'CONFLICT'])
    // another organisation may choose the same key
    const theirs = await tilth.signUp('aoba', 'operator')
    const own = { fieldId: 'aoba-field', productId: 'aoba-product' }
    expect((await write('spray-one', own, theirs)).status).toBe(200)
    expect(await rows()).toHaveLength(2)
  })

  it('of two fields is a record of each, all or nothing, and the refusal names the field', async () => {
    const before = (await rows()).length
    const alsoIn = [{ fieldId: 'midori-paddy' }]
    expect((await write('spray-two', { alsoIn })).status).toBe(200)
    const both = (await rows()).filter(({ batch }) => batch === 'spray-two')
    expect(both.map(({ fieldId, state }) => `${fieldId} ${state}`).sort()).toEqual([
      ...['midori-field done', 'midori-paddy done'],
    ])
    expect(refused(await write('spray-part', { alsoIn, areaM2: 100 }))).toEqual([400, 'BAD_REQUEST'])
    await tilth.state.deleteFrom('season').where('fieldId', '=', 'midori-paddy').execute()
    const bare = await write('spray-bare', { alsoIn })
    expect(refused(bare)).toEqual([409, 'NO_ACTIVE_SEASON'])
    expect(bare.body.params).toEqual({ field: 'midori Paddy 7' })
    expect(await rows()).toHaveLength(before + 2)
  })

  it('is of the season that grew on its day, also when that is harvested, and of the seedlings before they are planted', async () => {
    const seasonOf = async (idem: string) => (await rows()).find(({ batch }) => batch === idem)?.seasonId
    const boxes = { fromMs: planted - 3 * DAY_MS, toMs: planted - 3 * DAY_MS + HOUR_MS }
    expect((await write('spray-boxes', boxes)).status).toBe(200)
    expect(await seasonOf('spray-boxes')).toBe('midori-season')
    await tilth.state
      .updateTable('season')
      .set({ harvestedDay: '2026-07-22' })
      .where('id', '=', 'midori-season')
      .execute()
    const late = await write('spray-late')
    expect(late.status, late.text).toBe(200)
    expect(await seasonOf('spray-late')).toBe('midori-season')
    // days to harvest are counted to the harvest that was
    const plan = (await rows()).find(({ batch }) => batch === 'spray-late')!.plan
    const { checks } = readTreatmentPlan(plan)
    expect(checks.find(({ key }) => key === 'phi')!.params.harvestDay).toBe('2026-07-22')
    const afterwards = { fromMs: NOW_MS - 2 * HOUR_MS, toMs: NOW_MS - HOUR_MS }
    expect(refused(await write('spray-after', afterwards))).toEqual([409, 'NO_ACTIVE_SEASON'])
  })

  it('lies behind, has hours and a dose, and is of a product that is here', async () => {
    const before = (await rows()).length
    for (const [change, expected] of [
      [{ toMs: NOW_MS + HOUR_MS }, [400, 'BAD_REQUEST']],
      [{ toMs: spray.fromMs }, [400, 'BAD_REQUEST']],
      [{ dilution: null }, [400, 'BAD_REQUEST']],
      [{ areaM2: 1e8 }, [400, 'BAD_REQUEST']],
      [{ productId: 'no-such' }, [404, 'NOT_FOUND']],
      [{ fieldId: 'aoba-field' }, [404, 'NOT_FOUND']],
    ] as const)
      expect([change, refused(await write('spray-wrong', change))]).toEqual([change, expected])
    expect(await rows()).toHaveLength(before)
  })
})
