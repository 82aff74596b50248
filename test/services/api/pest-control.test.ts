/** From a risk to a record, over the API: proposed, planned, agreed to by name, sprayed, recorded, and never changed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { ImportPreview, PestControlView, TreatmentView } from '../../../services/api/pest-schemas.ts'
import type { Forecast, ForecastHour } from '../../../services/ports.ts'
import { NOW_MS, plantFarm } from './rows.ts'
import { startTestApi, type Answer, type Method, type TestApi } from './test-api.ts'

/** A fine week by the hour; at the third morning it rains. */
const RAIN_MS = NOW_MS + 50 * HOUR_MS
const forecast: Forecast = {
  daily: () =>
    Promise.resolve({
      source: 'test',
      issuedMs: NOW_MS,
      days: [],
      hours: Array.from({ length: 96 }, (_, i): ForecastHour => {
        const atMs = NOW_MS - (NOW_MS % HOUR_MS) - 5 * HOUR_MS + i * HOUR_MS
        return {
          ...{ atMs, tempC: 22, humidityPct: 70, rainMm: atMs > RAIN_MS ? 2 : 0, rainChance: 0 },
          ...{ windMps: 2, gustMps: 4, radiationWm2: 300, cloud: 0.2 },
        }
      }),
    }),
}

let tilth: TestApi
let operator: string
let agronomist: string

beforeAll(async () => {
  tilth = await startTestApi({}, { forecast })
  await plantFarm(tilth.state, 'midori')
  await tilth.state.deleteFrom('treatment').execute()
  // codling moth has an action threshold in apple
  await tilth.state.updateTable('season').set({ crop: 'apple' }).where('id', '=', 'midori-season').execute()
  await tilth.state.updateTable('heatWatch').set({ sumCd: 120 }).execute() // before the eggs hatch
  await tilth.state.updateTable('productUse').set({ crop: 'apple' }).execute()
  operator = await tilth.signUp('midori', 'operator')
  agronomist = await tilth.signUp('midori', 'agronomist')
  const reading = (quantity: string, value: number) => ({
    ...{ org: 'midori', farm: 'midori-farm', field: '-', device: 'midori-station', quantity, value },
    ...{ depthCm: null, atMs: NOW_MS - 10 * MINUTE_MS, flag: 1 as const, origin: 'measured' as const },
  })
  await tilth.series.append([
    reading('air.temperature', 21.5),
    reading('air.relativeHumidity', 74),
    reading('wind.speed', 1.8),
  ])
})
afterAll(() => tilth.stop())

async function ask<S extends TSchema>(
  cookie: string,
  method: Method,
  url: string,
  body: object | undefined,
  schema: S,
): Promise<Static<S>> {
  const answer = await tilth.call(cookie, method, url, body)
  expect(answer.status, answer.text).toBe(200)
  const first = Compile(schema).Errors(answer.body)[0]
  expect(first && `${first.instancePath} ${first.message}`).toBeUndefined()
  return answer.body
}
const look = () => ask(operator, 'GET', '/api/fields/midori-field/pest-control', undefined, PestControlView)
const moth = async () => (await look()).proposals.find(({ target }) => target === 'codling-moth')!
const act = (id: string, what: string, body?: object) =>
  tilth.call(operator, 'POST', `/api/treatments/${id}/${what}`, body)
const refused = ({ status, body }: Answer) => [status, body.error]

let window: { fromMs: number; toMs: number }
const plan = async (set: object = {}) =>
  ask(
    operator,
    'POST',
    '/api/treatments',
    {
      ...{ fieldId: 'midori-field', target: 'codling-moth', productId: 'midori-product', operator: 'Sato' },
      ...{ ...window, unit: 'mL/10a', dilution: 2500, volumeL10a: 200, flowering: false },
      ...set,
    },
    TreatmentView,
  )

describe('the field', () => {
  it('says what is proposed, with windows that hold no rain and no night', async () => {
    const view = await look()
    expect(view).toMatchObject({
      ...{ crop: 'apple', weather: { from: 'hours', station: 'midori-station' } },
      gate: { state: 'open', earliestDay: null },
    })
    expect(view.hours[0]).toMatchObject({ source: 'measured' })
    const proposal = await moth()
    expect(proposal).toMatchObject({ action: 'treat', key: 'catch-and-event' })
    const [offer] = proposal.offers
    expect(offer).toMatchObject({ productId: 'midori-product', dose: { unit: 'mL/10a' } })
    expect(offer!.windows.length).toBeGreaterThan(0)
    for (const { toMs, fromMs } of offer!.windows) {
      expect(toMs + 2 * HOUR_MS).toBeLessThanOrEqual(RAIN_MS + HOUR_MS)
      expect(fromMs).toBeGreaterThanOrEqual(NOW_MS - HOUR_MS)
    }
    window = { fromMs: offer!.windows[0]!.fromMs, toMs: offer!.windows[0]!.fromMs + 2 * HOUR_MS }
  })

  it('offers no window that would break the interval to harvest', async () => {
    const harvest = (day: string | null) =>
      tilth.call(operator, 'POST', '/api/seasons/midori-season/planned-harvest', { day })
    expect((await harvest('2026-08-01')).status).toBe(200)
    const [offer] = (await moth()).offers
    expect(offer).toMatchObject({ vote: 'forbidden', windows: [] })
    expect(offer!.checks.find(({ key }) => key === 'phi')).toMatchObject({
      ...{ vote: 'forbidden', params: { days: 14, harvestDay: '2026-08-01' } },
    })
    expect((await harvest('2026-02-30')).status).toBe(400)
    expect((await harvest('2026-10-10')).status).toBe(200)
    expect((await moth()).offers[0]!.vote).not.toBe('forbidden')
  })
})

describe('a treatment', () => {
  it('is refused where it does not fit, before anything is kept', async () => {
    const draft = (set: object) =>
      tilth.call(operator, 'POST', '/api/treatments', {
        ...{ fieldId: 'midori-field', target: 'codling-moth', productId: 'midori-product', operator: 'x' },
        ...{ ...window, unit: 'mL/10a', amount: 80 },
        ...set,
      })
    expect(refused(await draft({ unit: 'cups' }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await draft({ areaM2: 3001 }))).toEqual([400, 'BAD_REQUEST'])
    // a part is a part: its area is said, and is not the whole
    expect(refused(await draft({ part: { name: 'edge' } }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await draft({ part: { name: 'edge' }, areaM2: 3000 }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await draft({ toMs: window.fromMs }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await draft({ fromMs: NOW_MS - DAY_MS, toMs: NOW_MS - DAY_MS + HOUR_MS }))).toEqual([
      ...[400, 'BAD_REQUEST'],
    ])
    expect(await tilth.state.selectFrom('treatment').selectAll().execute()).toEqual([])
  })

  it('that breaks a rule of the label can be drafted and seen, and never be agreed to', async () => {
    const strong = await plan({ dilution: 500 })
    expect(strong.plan.checks.find(({ key }) => key === 'dilution')!.vote).toBe('forbidden')
    const all = strong.plan.checks.map(({ key }) => key)
    expect(refused(await act(strong.id, 'confirm', { accepts: all }))).toEqual([409, 'CONFLICT'])
    expect((await act(strong.id, 'void', { reason: 'too strong' })).status).toBe(200)
  })

  it('is agreed to only by who names what is guarded or unknown', async () => {
    const { id, plan: planned } = await plan()
    const open = planned.checks.filter(({ vote }) => vote !== 'allowed').map(({ key }) => key)
    expect(open).not.toContain('phi')
    if (open.length > 0) expect(refused(await act(id, 'confirm', { accepts: [] }))).toEqual([409, 'CONFLICT'])
    const answer = await act(id, 'confirm', { accepts: open })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({ state: 'confirmed', plan: { accepted: [...new Set(open)] } })
    expect(answer.body.confirmedBy).not.toBeNull()
    // the insect is provided for: nobody is sent to spray it twice
    expect(await moth()).toMatchObject({ action: 'wait', key: 'treated' })
    expect(refused(await act(id, 'confirm', { accepts: open }))).toEqual([409, 'CONFLICT'])
  })

  it('once sprayed leaves a record with the weather of its start, which is confirmed and then never changes', async () => {
    const { id } = await plan()
    const times = { startMs: NOW_MS - 30 * MINUTE_MS, endMs: NOW_MS - 5 * MINUTE_MS }
    expect(refused(await act(id, 'record'))).toEqual([409, 'CONFLICT'])
    expect(refused(await act(id, 'done', { ...times, endMs: NOW_MS + HOUR_MS }))).toEqual([
      400,
      'BAD_REQUEST',
    ])
    const drafted = await act(id, 'done', { ...times, method: 'foliar', dilution: 2400, volumeL10a: 210 })
    expect(drafted.status, drafted.text).toBe(200)
    expect(drafted.body.record).toMatchObject({
      ...{ crop: 'apple', variety: 'Enrei', target: 'codling-moth', operator: 'Sato', method: 'foliar' },
      dose: { dilution: 2400, volumeL10a: 210, amount: 87.5, totalSprayL: 630 },
      weather: { device: 'midori-station', tempC: 21.5, humidityPct: 74, windMps: 1.8, flag: 1 },
      ...{
        phiDays: 14,
        earliestHarvestDay: '2026-08-07',
        reentryMs: times.endMs + 12 * HOUR_MS,
        rules: 'pest-1',
      },
    })
    expect(drafted.body.record.weather.deltaTC).toBeGreaterThan(2)
    // until it is confirmed a person may say it again
    expect((await act(id, 'done', times)).body.record.method).toBeNull()
    const recorded = await act(id, 'record')
    expect(recorded.body.state).toBe('recorded')
    expect(refused(await act(id, 'done', times))).toEqual([409, 'CONFLICT'])
    expect(refused(await act(id, 'record'))).toEqual([409, 'CONFLICT'])
    expect((await look()).gate).toMatchObject({ state: 'shut', earliestDay: '2026-08-07', treatmentId: id })

    const voided = await act(id, 'void', { reason: 'another field' })
    expect(voided.body).toMatchObject({ state: 'void', voidReason: 'another field' })
    expect(voided.body.record).toEqual(recorded.body.record)
    expect(refused(await act(id, 'void', { reason: 'again' }))).toEqual([409, 'CONFLICT'])
  })

  it('confirmed by two at once stands once', async () => {
    const { id, plan: planned } = await plan({ fromMs: window.fromMs + DAY_MS, toMs: window.toMs + DAY_MS })
    const accepts = planned.checks.map(({ key }) => key)
    const answers = await Promise.all([act(id, 'confirm', { accepts }), act(id, 'confirm', { accepts })])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })
})

describe('products', () => {
  it('are imported from the fictitious list only after a preview, and say that they are fictitious', async () => {
    const body = { format: 'demo', text: '' }
    expect((await tilth.call(operator, 'POST', '/api/products/preview', body)).status).toBe(403)
    const { hash, bad } = await ask(agronomist, 'POST', '/api/products/preview', body, ImportPreview)
    expect(bad).toEqual([])
    const blind = { ...body, hash: '0'.repeat(64), leaveOut: 0 }
    expect((await tilth.call(agronomist, 'POST', '/api/products/import', blind)).status).toBe(400)
    const taken = await tilth.call(agronomist, 'POST', '/api/products/import', { ...body, hash, leaveOut: 0 })
    expect(taken.body).toEqual({ imported: 5, leftOut: 0 })
    const { products } = (await tilth.call(operator, 'GET', '/api/products')).body
    const demo = products.filter(({ isDemo }: { isDemo: boolean }) => isDemo)
    expect(demo).toHaveLength(5)
  })

  it('that are taken off are offered no longer', async () => {
    expect((await tilth.call(agronomist, 'POST', '/api/products/midori-product/retire')).status).toBe(200)
    const offered = (await moth()).offers.map(({ productId }) => productId)
    expect(offered).not.toContain('midori-product')
    expect(offered).toHaveLength(2) // the fictitious ones for apple
  })
})

describe('the figures of a field', () => {
  const set = (body: object, cookie = agronomist) =>
    tilth.call(cookie, 'POST', '/api/fields/midori-field/pest-economics', { target: 'codling-moth', ...body })
  const moth = async () => (await look()).proposals.find(({ target }) => target === 'codling-moth')!

  it('take the place of the table’s threshold when a person says so, and what is missing is named', async () => {
    expect((await moth()).economics).toBeNull()
    expect((await set({ costPerHa: 60, valuePerT: 200, isUsed: true })).status).toBe(200)
    const half = await moth()
    expect([half.action, half.key]).toEqual(['cannot-judge', 'figures-missing'])
    expect(half.economics).toMatchObject({
      level: null,
      missing: ['injuryPerCount', 'lossPerInjury', 'shareSaved'],
    })
    // what was said before stands
    await set({
      injuryPerCount: 0.05,
      lossPerInjury: 0.8,
      shareSaved: 0.75,
      seen: { count: 4, day: '2026-07-24' },
    })
    const whole = await moth()
    expect(whole.economics).toEqual({ level: 10, actAt: 7.5, missing: [], count: 4, isReached: false })
    expect([whole.action, whole.key]).toEqual(['wait', 'catch-below'])
    expect(whole.threshold?.source).toContain('Pedigo')
    await set({ isUsed: false })
    expect((await moth()).economics).toBeNull()
  })

  it('are an agronomist’s, and of an insect and a day that exist', async () => {
    expect((await set({ isUsed: true }, operator)).status).toBe(403)
    const wrong = [
      { target: 'unicorn', isUsed: true },
      { seen: { count: 1, day: '2026-02-30' } },
      { shareSaved: 1.1 },
    ]
    for (const body of wrong) expect((await set(body)).status).toBe(400)
  })
})

describe('a part of a field', () => {
  const spray = (part: object) => ({
    ...{ fieldId: 'midori-field', target: 'codling-moth', productId: 'midori-product', operator: 'Sato' },
    ...{ ...window, unit: 'mL/10a', amount: 80, areaM2: 400, part },
  })

  it('stands with its area in the plan and in the record, and says whom it holds', async () => {
    for (const [part, holds] of [
      [{ name: 'edge' }, 'field'],
      [{ name: 'edge', holdsAlone: true }, 'part'],
    ] as const) {
      const made = await tilth.call(operator, 'POST', '/api/treatments', spray(part))
      expect(made.status, made.text).toBe(200)
      expect(made.body.plan).toMatchObject({ part: { name: 'edge', holds }, dose: { areaM2: 400 } })
      const done = await tilth.call(operator, 'POST', `/api/treatments/${made.body.id}/done`, {
        ...{ startMs: NOW_MS - 2 * HOUR_MS, endMs: NOW_MS - HOUR_MS },
      })
      expect(done.status, done.text).toBe(200)
      expect(done.body.record).toMatchObject({
        part: { name: 'edge', holds, areaM2: 400 },
        field: { areaM2: 3000 },
      })
      const beyond = await tilth.call(operator, 'POST', `/api/treatments/${made.body.id}/done`, {
        ...{ startMs: NOW_MS - 2 * HOUR_MS, endMs: NOW_MS - HOUR_MS, areaM2: 3001 },
      })
      expect(refused(beyond)).toEqual([400, 'BAD_REQUEST'])
      await tilth.call(operator, 'POST', `/api/treatments/${made.body.id}/void`, { reason: 'a test' })
    }
  })
})
