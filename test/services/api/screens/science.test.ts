/** What the models say, over the API: cards of fits, risks, the soil as it was learned, moisture ahead. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { DAY_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { modelLimitKeys } from '../../../../services/api/http/message-keys.ts'
import { FieldDetail } from '../../../../services/api/screens/field-schemas.ts'
import { ModelCard, ModelCards } from '../../../../services/api/models/model-schemas.ts'
import { diseaseViews } from '../../../../services/api/screens/disease-view.ts'
import { parseModelId } from '../../../../services/api/models/model-view.ts'
import { pestViews } from '../../../../services/api/screens/pest-view.ts'
import { waterYield } from '../../../../services/api/screens/water-yield-view.ts'
import { soilView } from '../../../../services/api/screens/field-detail-view.ts'
import {
  toJson,
  type DiseaseDayRow,
  type FieldRow,
  type FieldStateRow,
  type SeasonRow,
  type DegreeDayTrackerRow,
} from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let cookie: string

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  cookie = await tilth.signUp('midori', 'viewer')
  const soil = (atMs: number) => ({
    org: 'midori',
    farm: 'midori-farm',
    field: 'midori-field',
    device: 'midori-probe',
    quantity: 'soil.moisture',
    depthCm: 30,
    atMs,
    value: 21.4,
    flag: 1 as const,
    origin: 'measured' as const,
  })
  await tilth.series.append([soil(NOW_MS - 40 * MINUTE_MS), soil(NOW_MS - 20 * MINUTE_MS)])
})
afterAll(() => tilth.stop())

async function read<S extends TSchema>(url: string, schema: S): Promise<Static<S>> {
  const answer = await tilth.call(cookie, 'GET', url)
  expect(answer.status, answer.text).toBe(200)
  const first = Compile(schema).Errors(answer.body)[0]
  expect(first && `${first.instancePath} ${first.message}`).toBeUndefined()
  return answer.body
}
const CARD = 'soil-moisture:midori-probe@30'

describe('model cards', () => {
  it('show the data of a fit, its quality compared to physics and persistence, and whether it drifts', async () => {
    const card = await read(`/api/models/${CARD}`, ModelCard)
    expect(card).toMatchObject({
      id: CARD,
      kind: 'soil-moisture',
      fieldName: 'midori North 3',
      deviceId: 'midori-probe',
      depthCm: 30,
      state: 'used',
      reason: { key: 'beats-both', params: { skillPercent: 41 } },
      fromDay: '2026-05-01',
      throughDay: '2026-07-22',
      skill: [{ key: 'days-1', n: 30, rmse: 0.9, persistence: 1.5, physics: 1.2, skill: 0.25 }],
      terms: [{ key: 'et0', coefficient: -0.21, sd: 0.02 }],
      drift: { rmse: 1, expected: 0.9, isDrifting: false },
      // version 1 was no longer as good as it had promised
      replaced: { throughDay: '2026-07-22', n: 9, rmse: 1.6, expected: 0.8 },
    })
    for (const { key } of card.limits) expect(Object.keys(modelLimitKeys)).toContain(key)
  })

  it('show the newest fit of each subject', async () => {
    expect((await read(`/api/models/${CARD}`, ModelCard)).version).toBe(2)
    const { models } = await read('/api/models', ModelCards)
    expect(models.map(({ id, version }) => [id, version])).toEqual([
      ['et0:midori-farm', 1],
      [CARD, 2],
    ])
  })

  it('of one field are its own and those of its farm', async () => {
    const { models } = await read('/api/models?fieldId=midori-field', ModelCards)
    expect(models.map(({ id }) => id)).toEqual(['et0:midori-farm', CARD])
    const { models: ofPaddy } = await read('/api/models?fieldId=midori-paddy', ModelCards)
    expect(ofPaddy.map(({ id }) => id)).toEqual(['et0:midori-farm'])
    expect((await tilth.call(cookie, 'GET', '/api/models?fieldId=nowhere')).status).toBe(404)
  })

  it('whose subject has a slash is found by its name in a path', async () => {
    const [row] = await tilth.state.selectFrom('model').selectAll().limit(1).execute()
    const subject = 'midori-field/codling-moth/2'
    await tilth.state
      .insertInto('model')
      .values({ ...row!, kind: 'pest-flight', subject, fieldId: 'midori-field', deviceId: null })
      .execute()
    const id = `pest-flight:${subject}`
    expect(await read(`/api/models/${encodeURIComponent(id)}`, ModelCard)).toMatchObject({ id, subject })
    await tilth.state.deleteFrom('model').where('kind', '=', 'pest-flight').execute()
  })

  it.each(['', 'soil-moisture:', 'fortune:teller', 'toString:x'])('no card is named %j', async (id) => {
    expect([null, '']).toContain(parseModelId(id)?.subject ?? null)
    if (id !== '') expect((await tilth.call(cookie, 'GET', `/api/models/${id}`)).status).toBe(404)
  })
})

describe('a field', () => {
  it('has the learned soil, with the number of events behind it', async () => {
    const { soil } = await read('/api/fields/midori-field', FieldDetail)
    expect(soil).toEqual({
      fieldCapacity: { v: 0.31, sd: 0.01, from: 'learned', events: 5 },
      // loam by FAO-56 Table 19
      wiltingPoint: { v: 0.12, sd: 0.03, from: 'texture', events: 0 },
    })
    expect((await read('/api/fields/midori-paddy', FieldDetail)).soil).toBeNull()
  })

  it('has the forecast readings of its probe, only from the newest outlook, and their model card', async () => {
    const { sensors, models } = await read('/api/fields/midori-field', FieldDetail)
    expect(sensors.find(({ depthCm }) => depthCm === 30)!.ahead).toEqual({
      atMs: [1, 2, 3].map((days) => NOW_MS + days * DAY_MS),
      mid: [20.5, 20, 19.5],
      lo: [19, 18.5, 18],
      hi: [22, 21.5, 21],
      method: ['model', 'model', 'model'],
      modelId: CARD,
    })
    expect(models.map(({ kind }) => kind)).toEqual(['et0', 'soil-moisture'])
    expect(models[1]).toEqual({
      id: CARD,
      kind: 'soil-moisture',
      subject: 'midori-probe@30',
      state: 'used',
      deviceId: 'midori-probe',
      deviceName: 'midori probe',
      depthCm: 30,
      reason: { key: 'beats-both', params: { skillPercent: 41 } },
    })
  })

  it('has its insects with their expected dates, and whether the catches require action', async () => {
    const { pests } = await read('/api/fields/midori-field', FieldDetail)
    expect(pests).toMatchObject([
      {
        subject: 'codling-moth',
        confirmed: false,
        source: expect.stringContaining('UC IPM'),
        outlook: { fromDay: '2026-07-26', midDay: '2026-07-28', toDay: '2026-07-31', from: 'both' },
        threshold: { count: 5, perDays: 7, caught: 70, isReached: true },
      },
    ])
  })

  it('has its diseases: the last day judged, and the days before it', async () => {
    const { diseases } = await read('/api/fields/midori-field', FieldDetail)
    expect(diseases).toMatchObject([
      {
        disease: 'late-blight-hutton',
        level: 'unknown',
        value: null,
        throughDay: '2026-07-23',
        reason: { key: 'input-missing-since' },
        confirmed: false,
        source: expect.stringContaining('Hutton'),
        days: [
          { day: '2026-07-21', level: 'low' },
          { day: '2026-07-22', level: 'high' },
          { day: '2026-07-23', level: 'unknown' },
        ],
      },
    ])
  })
})

describe('the yield loss by a shortage of water (FAO-56 Eq. 90)', () => {
  const season = { crop: 'maize', plantedDay: '2026-06-01' } as SeasonRow
  const water = { etaMm: 360, etcMm: 400, knownDays: 80, lastDay: '2026-08-29' } // 90 days
  it('maize that lacks a tenth of its water loses an eighth: Ky 1.25', () => {
    const lost = waterYield(season, water)
    expect(lost).toMatchObject({ ky: 1.25, etaMm: 360, etcMm: 400, missingDays: 10 })
    expect(lost!.share).toBeCloseTo(0.875, 9)
  })
  it('is unknown for a crop without a Ky, for half a season, and before the first day', () => {
    expect(waterYield({ ...season, crop: 'lettuce' }, water)).toBeNull()
    expect(waterYield({ ...season, crop: 'moonflower' }, water)).toBeNull()
    expect(waterYield(season, { ...water, knownDays: 45 })).toBeNull()
    expect(waterYield(season, null)).toBeNull()
    expect(waterYield(null, water)).toBeNull()
  })
  it('is on the page of a field, from the days of its season', async () => {
    const { state } = tilth
    await state
      .updateTable('season')
      .set({ plantedDay: '2026-06-14' })
      .where('fieldId', '=', 'midori-field')
      .execute()
    await state
      .updateTable('fieldDay')
      .set({ etaMm: 4 })
      .where('fieldId', '=', 'midori-field')
      .where('day', '>=', '2026-07-04')
      .execute()
    const { waterYield: lost } = await read('/api/fields/midori-field', FieldDetail)
    // 20 days of 5 mm and 20 of 4, where 200 could have been
    expect(lost).toMatchObject({ etaMm: 180, etcMm: 200, missingDays: 0 })
  })
})

describe('a limit of the soil', () => {
  const limit = { v: 0.2, sd: 0.02, from: 'field' as const, events: 0 }
  const of = (wiltingPoint: number, soilTexture = 'loam') =>
    soilView(
      { soilTexture, fieldCapacity: 0.25, wiltingPoint } as FieldRow,
      { soil: toJson({ fieldCapacity: limit, wiltingPoint: limit }) } as FieldStateRow,
    )
  it('that differs from its texture was entered by a person', () => {
    expect(of(0.12)).toMatchObject({ fieldCapacity: { from: 'texture' }, wiltingPoint: { from: 'texture' } })
    expect(of(0.1)).toMatchObject({ fieldCapacity: { from: 'texture' }, wiltingPoint: { from: 'entered' } })
    expect(of(0.12, 'volcanic ash')).toMatchObject({ fieldCapacity: { from: 'entered' } })
  })
})

describe('the list of diseases', () => {
  it('shows the worst first; an unknown risk is above a low one', () => {
    const row = (disease: string, level: DiseaseDayRow['level']): DiseaseDayRow => ({
      fieldId: 'f',
      disease,
      day: '2026-07-23',
      org: 'midori',
      level,
      value: null,
      unit: '',
      reason: toJson({ key: 'x', params: {} }),
      wetness: 'none',
      paramsVersion: '1',
    })
    const rows = [row('a', 'low'), row('b', 'unknown'), row('c', 'moderate'), row('d', 'high')]
    expect(diseaseViews(rows).map(({ disease }) => disease)).toEqual(['d', 'c', 'b', 'a'])
  })
})

describe('an insect', () => {
  const watch: DegreeDayTrackerRow = {
    fieldId: 'f',
    subject: 'codling-moth',
    org: 'midori',
    biofixDay: '2026-05-01',
    sumCd: 300,
    throughDay: '2026-07-23',
    missingDays: 0,
    nextEvent: null,
    outlook: null,
  }
  it('without an outlook has no dates and no threshold, rather than invented ones', () => {
    expect(pestViews([watch], [], 'Asia/Tokyo')).toMatchObject([{ outlook: null, threshold: null }])
  })
  it('with unknown catches is not shown as below the threshold', () => {
    const outlook = {
      next: null,
      threshold: { count: 5, perDays: 7, caught: null, isReached: null },
      paramsVersion: '1',
    }
    const [view] = pestViews([{ ...watch, outlook: toJson(outlook) }], [], 'Asia/Tokyo')
    expect(view).toMatchObject({
      outlook: null, // nothing can be dated; the threshold is told all the same
      threshold: { count: 5, perDays: 7, caught: null, isReached: null },
    })
  })
  it('with traps but without a forecast has its catches, and no date', () => {
    const atMs = Date.parse('2026-07-20T15:00:00Z') // the 21st in Tokyo
    const caught = ['pod-borer', watch.subject, 'pod-borer'].map((subject) => ({ subject, atMs, count: 2 }))
    const views = pestViews([watch], caught, 'Asia/Tokyo')
    expect(views.map(({ subject }) => subject)).toEqual([watch.subject, 'pod-borer'])
    expect(views[1]).toMatchObject({
      biofixDay: null,
      sumCd: null,
      next: null,
      outlook: null,
      catches: [{ day: '2026-07-21', count: 4 }],
    })
  })
  it('that no table names any longer is unconfirmed', () => {
    expect(pestViews([{ ...watch, subject: 'gone' }], [], 'Asia/Tokyo')).toMatchObject([
      { confirmed: false, source: '' },
    ])
  })
})
