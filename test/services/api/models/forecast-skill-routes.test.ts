/** How good forecasts have been, and what a habit would have used, as rows with words. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comparisonView } from '../../../../services/api/irrigation/comparison-view.ts'
import { forecastSkillView } from '../../../../services/api/models/forecast-skill-routes.ts'
import { verifySource, type VerifiedDay } from '../../../../services/plan/forecast/skill.ts'
import {
  toJson,
  type WaterComparison,
  type WaterComparisonRow,
  type FixedScheduleRow,
} from '../../../../services/tables.ts'
import { startTestApi, type TestApi } from '../test-api.ts'
import { plantFarm } from '../rows.ts'

const water = (m3: number, stressDays = 0) => ({ m3, runs: 3, stressDays, drainedMm: 2 })
const comparison = (over: Partial<WaterComparison['spans'][number]> = {}): WaterComparisonRow => ({
  fieldId: 'f',
  org: 'midori',
  throughDay: '2026-07-23',
  atMs: 0,
  body: toJson<WaterComparison>({
    fixedSchedule: { mm: 35, days: 7 },
    spans: (['week', 'season'] as const).map((key) => ({
      key,
      fromDay: '2026-05-19',
      throughDay: '2026-07-23',
      days: 66,
      missingDays: 0,
      actual: { ...water(40.2), isMetered: true },
      tilth: water(30),
      fixedSchedule: water(102.4),
      ...over,
    })),
  }),
})
const habit: FixedScheduleRow = {
  fieldId: 'f',
  org: 'midori',
  depthMm: 35,
  everyDays: 7,
  waterPricePerM3: 12,
  currency: 'JPY',
}
const keys = (view: { messages: { key: string }[] } | null) => view!.messages.map(({ key }) => key)

describe('the comparison', () => {
  it('while Tilth waters: the additional water of the old timer this week', () => {
    const view = comparisonView({ comparison: comparison(), zones: [{ zone: { mode: 'auto' } }] })
    expect(view!.messages).toEqual([
      { key: 'fixed-schedule-more', params: { m3: 62, depthMm: 35, everyDays: 7 } },
    ])
  })
  it('a week drier than with the old timer is no saving, and it is stated', () => {
    const dry = { actual: { ...water(40.2, 5), isMetered: true } }
    const view = comparisonView({ comparison: comparison(dry), zones: [{ zone: { mode: 'auto' } }] })
    expect(view!.messages.slice(0, 2)).toEqual([
      { key: 'fixed-schedule-more', params: { m3: 62, depthMm: 35, everyDays: 7 } },
      { key: 'fixed-schedule-wetter', params: { actual: 5, fixedSchedule: 0 } },
    ])
  })
  it('advised water that was not given is no saving against the old timer', () => {
    const dry = { actual: { ...water(20), isMetered: true } }
    const view = comparisonView({ comparison: comparison(dry), zones: [{ zone: { mode: 'approve' } }] })
    expect(view!.messages[0]).toEqual({
      key: 'fixed-schedule-not-given',
      params: { actualM3: 20, tilthM3: 30, fixedM3: 102, depthMm: 35, everyDays: 7 },
    })
  })
  it('in shadow mode: the water of the valve, the water of Tilth, and the difference in money', () => {
    const view = comparisonView({ comparison: comparison(), habit, zones: [{ zone: { mode: 'advise' } }] })
    expect(view!.messages.slice(0, 2)).toEqual([
      { key: 'tilth-less', params: { actualM3: 40, tilthM3: 30, m3: 10, fromDay: '2026-05-19' } },
      { key: 'saved-money', params: { money: '120 JPY', price: '12 JPY' } },
    ])
  })
  it('reports when Tilth would use more, or let the crop go dry more often, or no meter counted', () => {
    const over = { tilth: water(55, 4), actual: { ...water(40), isMetered: false }, missingDays: 3 }
    const view = comparisonView({ comparison: comparison(over), zones: [{ zone: { mode: 'advise' } }] })
    expect(keys(view)).toEqual([
      'tilth-more',
      'drier-days',
      'fixed-schedule-more',
      'not-metered',
      'days-missing',
    ])
    expect(view!.spans[1]!.actual.isMetered).toBe(false)
  })
  it('is empty without a comparison', () => {
    expect(comparisonView({ zones: [] })).toBeNull()
  })
})

describe('the record of the forecasts', () => {
  const pair = (i: number): VerifiedDay => ({
    lead: 1,
    forecast: { rainMm: { lo: 6, mid: 12, hi: 18 }, rainChance: 1, tempMinC: 20, tempMaxC: 31, et0Mm: 5 },
    observed: { rainMm: i % 4 === 0 ? 8 : 1, tempMinC: 20, tempMaxC: 30, et0Mm: 5 },
  })
  const view = (days: number) =>
    forecastSkillView(
      {
        farmId: 'f',
        source: 'open-meteo',
        org: 'midori',
        throughDay: '2026-07-23',
        atMs: 0,
        leads: toJson(
          verifySource(
            'open-meteo',
            Array.from({ length: days }, (_, i) => pair(i)),
          ).leads,
        ),
      },
      'North farm',
    )
  it('of a few days reports only that', () => {
    expect(keys(view(4))).toEqual(['skill-few'])
  })
  it('reports its forecast, its wet bias, and its weight', () => {
    const row = view(40)
    expect(keys(row)).toEqual(['skill-heavy', 'skill-wet', 'skill-heat', 'skill-correction-less'])
    expect(row.messages[0]!.params).toEqual({ heavy: 10, hits: 10, falseAlarms: 30 })
    expect(row.leads).toMatchObject([
      { fromLead: 1, days: 40, hitRate: 1, falseAlarmShare: 0.75, tempMaxMaeC: 1 },
    ])
    expect(row.leads[0]!.correction.lo).toBeLessThan(0.5)
  })
})

describe('over HTTP', () => {
  let tilth: TestApi
  let admin: string
  beforeAll(async () => {
    tilth = await startTestApi()
    admin = await tilth.signUp('midori', 'admin')
    await plantFarm(tilth.state, 'midori')
  })
  afterAll(() => tilth.stop())

  it('the habit is stored, replaced, and requests a new comparison', async () => {
    const own = { ...comparison(), fieldId: 'midori-field' }
    await tilth.state
      .insertInto('waterComparison')
      .values(own)
      .onConflict((c) => c.column('fieldId').doUpdateSet(own))
      .execute()
    // a Why shows the water that the old timer would have used
    const why = await tilth.call(admin, 'GET', '/api/decisions/midori-why')
    expect(why.body.compare).toEqual({
      key: 'fixed-schedule-more',
      params: { depthMm: 35, everyDays: 7, m3: 62 },
    })
    for (const depthMm of [30, 25])
      expect(
        (
          await tilth.call(admin, 'POST', '/api/fields/midori-field/fixed-schedule', {
            depthMm,
            everyDays: 5,
          })
        ).status,
      ).toBe(200)
    expect(
      await tilth.state
        .selectFrom('fixedSchedule')
        .selectAll()
        .where('fieldId', '=', 'midori-field')
        .execute(),
    ).toMatchObject([{ depthMm: 25, everyDays: 5, waterPricePerM3: null }])
    expect(
      await tilth.state
        .selectFrom('waterComparison')
        .selectAll()
        .where('fieldId', '=', 'midori-field')
        .execute(),
    ).toEqual([])
    expect((await tilth.call(admin, 'GET', '/api/decisions/midori-why')).body.compare).toBeNull()
  })
  it.each([
    { depthMm: 0, everyDays: 7 },
    { depthMm: 30, everyDays: 0.5 },
    { depthMm: 30 },
    { depthMm: 30, everyDays: 7, currency: 'yen' },
  ])('a habit of %j is refused', async (body) => {
    expect((await tilth.call(admin, 'POST', '/api/fields/midori-field/fixed-schedule', body)).status).toBe(
      400,
    )
  })
  it('a row a farm and source', async () => {
    const { leads } = verifySource('open-meteo', [
      {
        lead: 1,
        observed: { rainMm: 3, tempMinC: 1, tempMaxC: 2, et0Mm: 1 },
        forecast: { rainMm: { lo: 0, mid: 4, hi: 9 }, tempMinC: 1, tempMaxC: 2, et0Mm: 1 },
      },
    ])
    const row = {
      farmId: 'midori-farm',
      source: 'test-source',
      org: 'midori',
      throughDay: '2026-07-23',
      atMs: 0,
      leads: toJson(leads),
    }
    await tilth.state.insertInto('forecastSkill').values(row).execute()
    const { text } = await tilth.call(admin, 'GET', '/api/forecast-skill')
    const rows = JSON.parse(text) as { source: string }[]
    expect(rows.find(({ source }) => source === 'test-source')).toMatchObject({
      farmId: 'midori-farm',
      leads: [{ fromLead: 1, toLead: 1, days: 1 }],
    })
  })
})
