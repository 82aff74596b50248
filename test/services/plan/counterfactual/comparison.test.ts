/** The recorded irrigation compared with Tilth's rule and the fixed schedule, by one balance. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import '../../../support/seed.ts'
import { addDays, startOfDay } from '../../../../broker/contract/time.ts'
import { compareFields, pastForecast } from '../../../../services/plan/counterfactual/compare-fields.ts'
import {
  compareWater,
  fixedScheduleRule,
  recordedRule,
} from '../../../../services/plan/counterfactual/comparison.ts'
import { simulateSeason, type ReplayDay } from '../../../../services/plan/counterfactual/replay.ts'
import { tilthRule, type TilthRuleInput } from '../../../../services/plan/counterfactual/tilth-rule.ts'
import { uplandNeed } from '../../../../services/plan/run/upland-need.ts'
import { readWaterComparison, type FieldDayRow, type ForecastDayRow } from '../../../../services/tables.ts'
import { farmRow, fieldRow, rainForecast, seasonRow, snapshot, stateRow, tokyo, zoneRow } from '../farm.ts'
import { openTestState } from '../../../support/state.ts'

const first = '2026-06-10'
/** A loam that holds 90 mm, half of it readily; 5 mm a day. */
const dayRow = (i: number, set: Partial<ReplayDay> = {}): ReplayDay => ({
  day: addDays(first, i),
  kc: 1,
  etcMm: 5,
  rainMm: 0,
  runoffMm: 0,
  capillaryMm: 0,
  irrigationMm: 0,
  irrigationSource: 'metered',
  depletionMm: i === 0 ? 10 : null,
  tawMm: 90,
  rawMm: 45,
  depletionSdMm: 4,
  rootDepthM: 0.6,
  ageD: null,
  ...set,
})
const season = (days: number, of: (i: number) => Partial<ReplayDay> = () => ({})): ReplayDay[] =>
  Array.from({ length: days }, (_, i) => dayRow(i, of(i)))
const zone = zoneRow({ efficiency: 0.8, areaM2: 10_000, maxMinutes: 600 })
const ruleOf = (set: Partial<TilthRuleInput> = {}) =>
  tilthRule({
    farm: snapshot(),
    field: fieldRow(),
    season: seasonRow(),
    zone,
    forecastOn: () => null,
    ...set,
  })
const compare = (days: ReplayDay[], habit: { depthMm: number; everyDays: number } | null = null) =>
  compareWater({ days, zones: [zone], habit, tilth: simulateSeason(days, ruleOf()) })!

describe('a season simulated again', () => {
  it('35 mm every 7 days on 1 ha are 350 m³ a week, whatever the recorded irrigation', () => {
    const { spans, fixedSchedule: habit } = compare(season(71))
    expect(habit).toEqual({ mm: 35, days: 7 })
    expect(spans.map(({ key, days }) => [key, days])).toEqual([
      ['week', 7],
      ['season', 70],
    ])
    expect(spans[0]!.fixedSchedule.m3).toBeCloseTo(350, 6)
    expect(spans[1]!.fixedSchedule).toMatchObject({ runs: 10 })
    expect(spans[1]!.fixedSchedule.m3).toBeCloseTo(3_500, 6)
  })

  it("the farmer's own depth and interval are used once they are entered", () => {
    const { spans, fixedSchedule: habit } = compare(season(71), { depthMm: 20, everyDays: 5 })
    expect(habit).toEqual({ mm: 20, days: 5 })
    expect(spans[1]!.fixedSchedule.m3).toBeCloseTo(14 * 200, 6)
  })

  it('in a wet season Tilth gives nothing where the fixed schedule irrigates and drains', () => {
    const { spans } = compare(season(71, () => ({ rainMm: 5 })))
    expect(spans[1]!.tilth).toMatchObject({ m3: 0, runs: 0, stressDays: 0 })
    expect(spans[1]!.fixedSchedule.m3).toBeCloseTo(3_500, 6)
    expect(spans[1]!.fixedSchedule.drainedMm).toBeGreaterThan(200)
  })

  it('in a dry season Tilth gives what the crop used, and keeps it out of stress', () => {
    const { spans } = compare(season(71))
    const seasonSpan = spans[1]!
    expect(seasonSpan.tilth.stressDays).toBe(0)
    expect(seasonSpan.tilth.drainedMm).toBeLessThan(1)
    // 70 days of 5 mm less the water of the soil at the start and the end
    const netMm = (seasonSpan.tilth.m3 * 0.8) / 10
    expect(netMm).toBeGreaterThan(350 - 45)
    expect(netMm).toBeLessThan(350)
    // the schedule's 28 mm net a week are too little, which causes stress
    expect(seasonSpan.fixedSchedule.stressDays).toBeGreaterThan(20)
  })

  it('the recorded irrigation uses the same balance, and is metered only if all of it was', () => {
    const watered = season(15, (i) => (i === 5 ? { irrigationMm: 40 } : {}))
    expect(compare(watered).spans[1]!.actual).toMatchObject({ runs: 1, isMetered: true })
    expect(compare(watered).spans[1]!.actual.m3).toBeCloseTo(500, 6)
    const byRate = season(15, (i) => (i === 5 ? { irrigationMm: 40, irrigationSource: 'rate' } : {}))
    expect(compare(byRate).spans[1]!.actual.isMetered).toBe(false)
  })

  it('days with unknown values are counted as such, and never as known dry days', () => {
    const holes = season(15, (i) => (i === 4 ? { rainMm: null } : i === 9 ? { etcMm: null } : {}))
    const { spans } = compare(holes)
    expect(spans[1]).toMatchObject({ days: 14, missingDays: 2 })
  })

  it('a field without a zone, or without a known day, has no comparison', () => {
    expect(compareWater({ days: season(10), zones: [], habit: null, tilth: [] })).toBeNull()
    expect(compare([dayRow(0, { depletionMm: null })])).toBeNull()
    expect(compare([])).toBeNull()
  })

  it('in any weather every rule conserves water: in = used + drained + stored', () => {
    const anyDay = fc.record({
      rainMm: fc.double({ min: 0, max: 60, noNaN: true }),
      etcMm: fc.double({ min: 0, max: 9, noNaN: true }),
      irrigationMm: fc.constantFrom(0, 0, 0, 30),
    })
    fc.assert(
      fc.property(fc.array(anyDay, { minLength: 2, maxLength: 60 }), (weather) => {
        const days = weather.map((day, i) => dayRow(i, day))
        for (const rule of [recordedRule, fixedScheduleRule({ depthMm: 35, everyDays: 7 }, 0.8), ruleOf()]) {
          const lived = simulateSeason(days, rule)
          expect(lived).toHaveLength(days.length - 1)
          const rain = days.slice(1).reduce((sum, { rainMm }) => sum + rainMm!, 0)
          const water = lived.reduce((sum, { netMm }) => sum + netMm, 0)
          const drained = lived.reduce((sum, { drainedMm }) => sum + drainedMm, 0)
          expect(drained).toBeLessThanOrEqual(rain + water + 1e-6)
          for (const { netMm, drainedMm } of lived)
            expect(Math.min(netMm, drainedMm)).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})

describe("Tilth's own rule in it", () => {
  const byDemand = { ...zone, madFraction: null }
  const dry = (rule: ReturnType<typeof tilthRule>) =>
    simulateSeason(season(40), rule).filter(({ netMm }) => netMm > 0)

  it('irrigates on the evening on which the plan itself would, with the same depth', () => {
    const [first] = dry(ruleOf({ zone: byDemand }))
    const lived = simulateSeason(season(40), ruleOf({ zone: byDemand }))
    const dayAt = lived.findIndex(({ day }) => day === first!.day)
    const book = (depletionMm: number, day: string) => {
      const atMs = startOfDay(day, tokyo)
      const need = uplandNeed(snapshot(), fieldRow(), seasonRow(), byDemand, {
        state: stateRow({
          atMs,
          depletionMm,
          depletionSdMm: 4,
          tawMm: 90,
          rawMm: 45,
          rootDepthM: 0.6,
          heatSumCd: null,
          kc: 1,
          etcTodayMm: 0,
          etcWholeDayMm: 5,
          rainTodayMm: 0,
        }),
        window: { day, fromMs: atMs + 4 * 3_600_000, toMs: atMs + 10 * 3_600_000 },
        nextWindow: { day: addDays(day, 1), fromMs: atMs + 28 * 3_600_000, toMs: atMs + 34 * 3_600_000 },
        forecast: null,
        timeZone: tokyo,
        comingMm: 0,
        hasRun: false,
      })
      if (!need.ok) throw new Error(need.error)
      return need.value.netMm
    }
    // 5 mm a day from 10 mm on: the deficit of the evening before
    const missingMm = 10 + 5 * dayAt
    expect(book(missingMm, first!.day)).toBeGreaterThan(0)
    expect(book(missingMm - 10, lived[dayAt - 2]!.day)).toBe(0)
    expect(Math.abs(book(missingMm, first!.day) - first!.netMm)).toBeLessThan(2)
  })

  it("uses the grower's own limit where there is one", () => {
    const first = (madFraction: number) => dry(ruleOf({ zone: { ...zone, madFraction } }))[0]!
    expect(first(0.2).day < first(0.45).day).toBe(true)
    expect(first(0.2).netMm).toBeLessThan(first(0.45).netMm)
  })

  it('waits for rain that was almost certain on that morning, and knows no other forecast', () => {
    const [without] = dry(ruleOf())
    const [oneDay] = rainForecast([40]).days
    const sure = { ...rainForecast([]), days: [{ ...oneDay!, day: without!.day }] }
    const asked: string[] = []
    const forecastOn = (day: string) => {
      asked.push(day)
      return day === without!.day ? sure : null
    }
    const [after] = dry(ruleOf({ forecastOn }))
    expect(after!.day).toBe(addDays(without!.day, 1))
    expect(asked).toEqual(asked.toSorted())
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('uses the stored forecast of the source that was queried last', () => {
    const row = (source: string, issuedMs: number, lead: number): ForecastDayRow => ({
      org: 'demo',
      farmId: 'farm-1',
      source,
      day: addDays(first, lead),
      lead,
      issuedMs,
      tempMinC: 20,
      tempMaxC: 30,
      rainLoMm: 1,
      rainMidMm: 2,
      rainHiMm: 3,
      rainChance: 0.5,
      et0Mm: 5,
    })
    const answer = pastForecast([row('climatology', 1, 0), row('open-meteo', 2, 0), row('open-meteo', 2, 1)])
    expect(answer).toMatchObject({ source: 'open-meteo', issuedMs: 2 })
    expect(answer!.days.map(({ day, rainMm }) => [day, rainMm.lo])).toEqual([
      [first, 1],
      [addDays(first, 1), 1],
    ])
    expect(pastForecast([])).toBeNull()
  })
})

it('each upland field in season is compared once a day', async () => {
  const store = await openTestState()
  const quiet = { debug() {}, info() {}, warn() {}, error() {} }
  await store.state.insertInto('farm').values(farmRow).execute()
  await store.state
    .insertInto('field')
    .values([fieldRow(), fieldRow({ id: 'paddy', kind: 'paddy' })])
    .execute()
  await store.state
    .insertInto('season')
    .values([seasonRow(), seasonRow({ fieldId: 'paddy' })])
    .execute()
  await store.state.insertInto('zone').values(zoneRow()).execute()
  for (const day of season(30))
    await store.state
      .insertInto('fieldDay')
      .values({ ...day, fieldId: 'field-1', org: 'demo', et0Method: 'fao56-pm', notes: '[]' } as FieldDayRow)
      .execute()
  const morning = startOfDay(addDays(first, 30), tokyo) + 3_600_000
  const deps = { state: store.state, log: quiet }
  expect(await compareFields(deps, morning)).toEqual([{ org: 'demo', fieldId: 'field-1' }])
  expect(await compareFields(deps, morning + 3_600_000)).toEqual([])
  const row = await store.state.selectFrom('waterComparison').selectAll().executeTakeFirstOrThrow()
  expect(row.throughDay).toBe(addDays(first, 29))
  expect(readWaterComparison(row.body).spans[1]).toMatchObject({ key: 'season', days: 29 })
  await store.close()
})
