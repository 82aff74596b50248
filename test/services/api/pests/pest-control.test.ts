/** From a risk to a record, over the API: proposed, planned, agreed to by name, sprayed, recorded, and never changed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { PestControlView, TreatmentView } from '../../../../services/api/pests/treatment-schemas.ts'
import { ImportPreview } from '../../../../services/api/pests/product-schemas.ts'
import type { Forecast, ForecastHour } from '../../../../services/ports/forecast.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type Answer, type Method, type TestApi } from '../test-api.ts'

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
          atMs,
          tempC: 22,
          humidityPct: 70,
          rainMm: atMs > RAIN_MS ? 2 : 0,
          rainChance: 0,
          windMps: 2,
          gustMps: 4,
          radiationWm2: 300,
          cloud: 0.2,
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
  await tilth.state.updateTable('degreeDayTracker').set({ sumCd: 120 }).execute() // before the eggs hatch
  await tilth.state.updateTable('productUse').set({ crop: 'apple' }).execute()
  operator = await tilth.signUp('midori', 'operator')
  agronomist = await tilth.signUp('midori', 'agronomist')
  const reading = (quantity: string, value: number) => ({
    org: 'midori',
    farm: 'midori-farm',
    field: '-',
    device: 'midori-station',
    quantity,
    value,
    depthCm: null,
    atMs: NOW_MS - 10 * MINUTE_MS,
    flag: 1 as const,
    origin: 'measured' as const,
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
      fieldId: 'midori-field',
      target: 'codling-moth',
      productId: 'midori-product',
      operator: 'Sato',
      ...window,
      unit: 'mL/10a',
      dilution: 2500,
      volumeL10a: 200,
      flowering: false,
      ...set,
    },
    TreatmentView,
  )

describe('the field', () => {
  it('shows the proposals, with windows that contain no rain and no night', async () => {
    const view = await look()
    expect(view).toMatchObject({
      crop: 'apple',
      weather: { from: 'hours', station: 'midori station' },
      preHarvest: { state: 'elapsed', earliestDay: null },
    })
    expect(view.hours[0]).toMatchObject({ source: 'measured' })
    const proposal = await moth()
    expect(proposal).toMatchObject({ action: 'treat', key: 'catch-and-event' })
    const [offer] = proposal.options
    expect(offer).toMatchObject({ productId: 'midori-product', dose: { unit: 'mL/10a' } })
    expect(offer!.windows.length).toBeGreaterThan(0)
    for (const { toMs, fromMs } of offer!.windows) {
      expect(toMs + 2 * HOUR_MS).toBeLessThanOrEqual(RAIN_MS + HOUR_MS)
      expect(fromMs).toBeGreaterThanOrEqual(NOW_MS - HOUR_MS)
    }
    window = { fromMs: offer!.windows[0]!.fromMs, toMs: offer!.windows[0]!.fromMs + 2 * HOUR_MS }
  })

  it('options no window that would break the interval to harvest', async () => {
    const harvest = (day: string | null) =>
      tilth.call(operator, 'POST', '/api/seasons/midori-season/planned-harvest', { day })
    expect((await harvest('2026-08-01')).status).toBe(200)
    const [offer] = (await moth()).options
    expect(offer).toMatchObject({ result: 'forbidden', windows: [] })
    expect(offer!.checks.find(({ key }) => key === 'phi')).toMatchObject({
      result: 'forbidden',
      params: { days: 14, harvestDay: '2026-08-01' },
    })
    expect((await harvest('2026-02-30')).status).toBe(400)
    expect((await harvest('2026-10-10')).status).toBe(200)
    expect((await moth()).options[0]!.result).not.toBe('forbidden')
  })
})

describe('a treatment', () => {
  it('is refused where it does not fit, before anything is stored', async () => {
    const draft = (set: object) =>
      tilth.call(operator, 'POST', '/api/treatments', {
        fieldId: 'midori-field',
        target: 'codling-moth',
        productId: 'midori-product',
        operator: 'x',
        ...window,
        unit: 'mL/10a',
        amount: 80,
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
    expect(strong.plan.checks.find(({ key }) => key === 'dilution')!.result).toBe('forbidden')
    const all = strong.plan.checks.map(({ key }) => key)
    expect(refused(await act(strong.id, 'confirm', { accepts: all }))).toEqual([409, 'CONFLICT'])
    expect((await act(strong.id, 'void', { reason: 'too strong' })).status).toBe(200)
  })

  it('that is forbidden has alternatives: its dose, hours, operator or area change, and every rule is checked again', async () => {
    const change = (id: string, set: object) => tilth.call(operator, 'PATCH', `/api/treatments/${id}`, set)
    const strong = await plan({ dilution: 500 })
    const later = { fromMs: window.fromMs + HOUR_MS, toMs: window.toMs + HOUR_MS }
    const shifted = await change(strong.id, later)
    expect(shifted.body).toMatchObject({ ...later, state: 'planned', plan: { dose: { dilution: 500 } } })
    const weaker = await change(strong.id, { unit: 'mL/10a', dilution: 2500, volumeL10a: 200, areaM2: 800 })
    expect(weaker.body).toMatchObject({
      ...later,
      id: strong.id,
      createdBy: strong.createdBy,
      createdAtMs: strong.createdAtMs,
      plan: { operator: 'Sato', dose: { dilution: 2500, areaM2: 800 } },
    })
    expect(weaker.body.plan.checks.map(({ result }: { result: string }) => result)).not.toContain('forbidden')
    expect((await change(strong.id, { operator: 'Tanaka' })).body.plan).toMatchObject({
      operator: 'Tanaka',
      dose: weaker.body.plan.dose,
    })
    // what a draft may not say, a changed one may not say either
    expect(refused(await change(strong.id, { areaM2: 1e7 }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await change(strong.id, { toMs: NOW_MS - DAY_MS }))).toEqual([400, 'BAD_REQUEST'])
    expect(refused(await change(strong.id, { productId: 'no-such' }))).toEqual([404, 'NOT_FOUND'])
    expect(refused(await change(strong.id, {}))).toEqual([400, 'BAD_REQUEST'])
    const lines = await tilth.state.selectFrom('audit').selectAll().where('subject', '=', strong.id).execute()
    expect(lines.filter(({ action }) => action === 'treatment.change')).toHaveLength(3)
    expect((await act(strong.id, 'void', { reason: 'a trial' })).status).toBe(200)
    expect(refused(await change(strong.id, { operator: 'Sato' }))).toEqual([409, 'CONFLICT'])
  })

  it('is approved only with the caution and unknown points named', async () => {
    const { id, plan: planned } = await plan()
    const open = planned.checks.filter(({ result }) => result !== 'allowed').map(({ key }) => key)
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
      crop: 'apple',
      variety: 'Enrei',
      target: 'codling-moth',
      operator: 'Sato',
      method: 'foliar',
      dose: { dilution: 2400, volumeL10a: 210, amount: 87.5, totalSprayL: 630 },
      weather: { device: 'midori-station', tempC: 21.5, humidityPct: 74, windMps: 1.8, flag: 1 },
      phiDays: 14,
      earliestHarvestDay: '2026-08-07',
      daysToHarvest: 78, // until 10 October, as it was planned
      reentryMs: times.endMs + 12 * HOUR_MS,
      rules: 'pest-1',
    })
    expect(drafted.body.record.weather.deltaTC).toBeGreaterThan(2)
    // until it is confirmed a person may say it again
    expect((await act(id, 'done', times)).body.record.method).toBeNull()
    const recorded = await act(id, 'record')
    expect(recorded.body.state).toBe('recorded')
    expect(refused(await act(id, 'done', times))).toEqual([409, 'CONFLICT'])
    expect(refused(await act(id, 'record'))).toEqual([409, 'CONFLICT'])
    expect((await look()).preHarvest).toMatchObject({
      state: 'active',
      earliestDay: '2026-08-07',
      treatmentId: id,
    })

    // and stands in the file of each scheme for as long as it stands
    const file = async (scheme: string) =>
      (await tilth.call(operator, 'GET', `/api/reports/season.sprays?year=2026&scheme=${scheme}`)).text
    for (const scheme of ['eu', 'us', 'jgap']) expect(await file(scheme)).toContain('midori North 3')
    expect((await file('us')).trim().split('\r\n')).toHaveLength(3) // title, headings, one row

    const voided = await act(id, 'void', { reason: 'another field' })
    expect(await file('us')).not.toContain('midori North 3')
    expect(voided.body).toMatchObject({ state: 'void', voidReason: 'another field' })
    expect(voided.body.record).toEqual(recorded.body.record)
    expect(refused(await act(id, 'void', { reason: 'again' }))).toEqual([409, 'CONFLICT'])
  })

  it('leaves a record with all fields that each scheme requires', async () => {
    const { id } = await plan()
    const said = {
      method: 'foliar',
      equipment: 'Sprayer 2',
      lot: 'L-7',
      bbch: 75,
      cropEppo: 'MABSD',
      operatorCertificate: 'PA-1',
      certifiedBy: 'Ito',
      customer: 'Abe',
      justification: 'catches',
    }
    const times = { startMs: NOW_MS - 30 * MINUTE_MS, endMs: NOW_MS - 5 * MINUTE_MS }
    const record = (await act(id, 'done', { ...times, ...said })).body.record as object
    const of = (path: string): unknown =>
      path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], record)
    // the columns of records-and-standards: what is asked for, and where it stands
    const asked = {
      'EU 2023/564': [
        ...['product.name', 'product.registrationNumber', 'crop', 'cropEppo', 'bbch', 'field.latDeg'],
        ...['field.areaM2', 'dose.amount', 'dose.unit', 'dose.areaM2', 'startMs', 'method', 'operator'],
      ],
      '7 CFR 110.3 and 40 CFR 171.303': [
        ...['product.registrationNumber', 'crop', 'field.lonDeg', 'dose.totalProduct', 'dose.areaM2'],
        ...['startMs', 'operator', 'operatorCertificate', 'certifiedBy', 'customer'],
      ],
      'JGAP C5.3.4': [
        ...['product.name', 'product.ingredients', 'product.use.crop', 'product.use.target', 'field.name'],
        ...['dose.dilution', 'dose.volumeL10a', 'startMs', 'daysToHarvest', 'method', 'equipment'],
        ...['operator', 'lot', 'earliestHarvestDay'],
      ],
      'GLOBALG.A.P.': [
        ...['product.name', 'product.ingredients', 'crop', 'variety', 'field.name', 'startMs', 'endMs'],
        ...['target', 'justification', 'phiDays', 'reiHours', 'reentryMs', 'weather.windMps'],
        ...['weather.flag', 'rules'],
      ],
    }
    for (const [scheme, paths] of Object.entries(asked))
      expect([scheme, paths.filter((path) => of(path) == null)]).toEqual([scheme, []])
    await act(id, 'void', { reason: 'a trial' })
  })

  it('confirmed twice concurrently has one record', async () => {
    const { id, plan: planned } = await plan({ fromMs: window.fromMs + DAY_MS, toMs: window.toMs + DAY_MS })
    const accepts = planned.checks.map(({ key }) => key)
    const answers = await Promise.all([act(id, 'confirm', { accepts }), act(id, 'confirm', { accepts })])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })
})

describe('products', () => {
  it('are imported from the fictitious list only after a preview, and are marked as fictitious', async () => {
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

  it('that are removed are no longer offered', async () => {
    expect((await tilth.call(agronomist, 'POST', '/api/products/midori-product/retire')).status).toBe(200)
    const offered = (await moth()).options.map(({ productId }) => productId)
    expect(offered).not.toContain('midori-product')
    // the fictitious ones for apple are labelled for another moth
    const other = (await look()).otherTargets!.find(({ target }) => target === 'oriental-fruit-moth')
    expect(other!.options).toHaveLength(2)
  })
})

describe('the figures of a field', () => {
  const set = (body: object, cookie = agronomist) =>
    tilth.call(cookie, 'POST', '/api/fields/midori-field/pest-economics', { target: 'codling-moth', ...body })
  const moth = async () => (await look()).proposals.find(({ target }) => target === 'codling-moth')!

  it('replace the threshold of the table when a person sets them, and missing ones are named', async () => {
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
    fieldId: 'midori-field',
    target: 'codling-moth',
    productId: 'midori-product',
    operator: 'Sato',
    ...window,
    unit: 'mL/10a',
    amount: 80,
    areaM2: 400,
    part,
  })

  it('is in the plan and in the record with its area, and closes either the field or only itself', async () => {
    for (const [part, holds] of [
      [{ name: 'edge' }, 'field'],
      [{ name: 'edge', hasOwnIntervals: true }, 'part'],
    ] as const) {
      const made = await tilth.call(operator, 'POST', '/api/treatments', spray(part))
      expect(made.status, made.text).toBe(200)
      expect(made.body.plan).toMatchObject({ part: { name: 'edge', holds }, dose: { areaM2: 400 } })
      const done = await tilth.call(operator, 'POST', `/api/treatments/${made.body.id}/done`, {
        startMs: NOW_MS - 2 * HOUR_MS,
        endMs: NOW_MS - HOUR_MS,
      })
      expect(done.status, done.text).toBe(200)
      expect(done.body.record).toMatchObject({
        part: { name: 'edge', holds, areaM2: 400 },
        field: { areaM2: 3000 },
      })
      const beyond = await tilth.call(operator, 'POST', `/api/treatments/${made.body.id}/done`, {
        startMs: NOW_MS - 2 * HOUR_MS,
        endMs: NOW_MS - HOUR_MS,
        areaM2: 3001,
      })
      expect(refused(beyond)).toEqual([400, 'BAD_REQUEST'])
      await tilth.call(operator, 'POST', `/api/treatments/${made.body.id}/void`, { reason: 'a test' })
    }
  })
})

describe('a spray of two fields', () => {
  const both = { alsoIn: [{ fieldId: 'midori-field-2' }] }
  const stateOf = async (id: string) =>
    (await tilth.call(operator, 'GET', `/api/treatments/${id}`)).body.state as string
  beforeAll(async () => {
    await tilth.state.deleteFrom('treatment').execute()
    // offered, but the re-entry interval is unknown: a person takes responsibility for it
    await tilth.state.updateTable('product').set({ retiredAtMs: null, reiHours: null }).execute()
    const of = (table: 'field' | 'season', id: string) =>
      tilth.state
        .selectFrom(table as 'field')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    const field = await of('field', 'midori-field')
    const season = await of('season', 'midori-season')
    await tilth.state
      .insertInto('field')
      .values({ ...field, id: 'midori-field-2', name: 'Field 2', areaM2: 1500 })
      .execute()
    await tilth.state
      .insertInto('season')
      .values({ ...season, id: 'midori-season-2', fieldId: 'midori-field-2' } as never)
      .execute()
  })

  it('is planned as a treatment of each with its own area, with the objections for each', async () => {
    const { id, batch, also, plan: own } = await plan(both)
    expect(batch).toEqual(expect.any(String))
    expect(also).toMatchObject([{ fieldId: 'midori-field-2', dose: { areaM2: 1500, dilution: 2500 } }])
    expect(also![0]!.dose.totalProduct / 1500).toBeCloseTo(own.dose.totalProduct / own.dose.areaM2, 9)
    expect(also![0]!.checks.map(({ key }) => key)).toEqual(expect.arrayContaining(['phi', 'rei']))
    // and is changed on both, each whole
    const change = (set: object) => tilth.call(operator, 'PATCH', `/api/treatments/${id}`, set)
    const weaker = await change({ dilution: 3000, volumeL10a: 200 })
    expect([weaker.body.plan.dose.dilution, weaker.body.also[0].dose]).toMatchObject([
      ...[3000, { areaM2: 1500, dilution: 3000 }],
    ])
    expect(refused(await change({ areaM2: 500 }))).toEqual([400, 'BAD_REQUEST'])
    for (const one of [id, also![0]!.id]) await act(one, 'void', { reason: 'a trial' })
  })

  it('is approved with one request, all of it or nothing', async () => {
    const { id, also, plan: own } = await plan(both)
    const otherId = also![0]!.id
    const keys = [...own.checks, ...also![0]!.checks].map(({ key }) => key)
    expect(refused(await act(id, 'confirm', { accepts: [] }))).toEqual([409, 'CONFLICT'])
    expect([await stateOf(id), await stateOf(otherId)]).toEqual(['planned', 'planned'])
    const agreed = await act(otherId, 'confirm', { accepts: keys })
    expect(agreed.status, agreed.text).toBe(200)
    expect([await stateOf(id), await stateOf(otherId)]).toEqual(['confirmed', 'confirmed'])
    // each is sprayed in its own time and leaves a record of its own
    const times = { startMs: NOW_MS - 30 * MINUTE_MS, endMs: NOW_MS - 5 * MINUTE_MS }
    expect((await act(otherId, 'done', times)).body.record.field.id).toBe('midori-field-2')
    expect(await stateOf(id)).toBe('confirmed')
  })

  it('is not planned if one of them cannot be sprayed, and the refusal names it', async () => {
    const count = async () => (await tilth.state.selectFrom('treatment').select('id').execute()).length
    const before = await count()
    const asked = (set: object) =>
      tilth.call(operator, 'POST', '/api/treatments', {
        fieldId: 'midori-field',
        target: 'codling-moth',
        productId: 'midori-product',
        operator: 'Sato',
        ...window,
        unit: 'mL/10a',
        dilution: 2500,
        volumeL10a: 200,
        ...set,
      })
    await tilth.state
      .updateTable('season')
      .set({ harvestedDay: '2026-07-01' })
      .where('id', '=', 'midori-season-2')
      .execute()
    const answer = await asked(both)
    expect([answer.status, answer.body.message]).toEqual([409, expect.stringContaining('Field 2: ')])
    expect((await asked({ ...both, areaM2: 100 })).status).toBe(400)
    expect((await asked({ alsoIn: [{ fieldId: 'midori-field' }] })).status).toBe(400)
    expect(await count()).toBe(before)
  })
})
