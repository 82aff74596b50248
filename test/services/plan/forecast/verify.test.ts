/** Stored forecasts against the farm's own gauge, on real rows. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, addDays, startOfDay, type Day } from '../../../../broker/contract/time.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import {
  farmForecasts,
  forecastRows,
  storeForecasts,
} from '../../../../services/plan/forecast/farm-forecasts.ts'
import { skillAt } from '../../../../services/plan/forecast/skill.ts'
import { readSkills, observedByDay, verifyForecasts } from '../../../../services/plan/forecast/verify.ts'
import type { ForecastResponse } from '../../../../services/ports/forecast.ts'
import { toJson, type FieldDayRow } from '../../../../services/tables.ts'
import { farmRow, fieldRow, tokyo } from '../farm.ts'
import { openTestState } from '../../../support/state.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const first: Day = '2026-06-01'
const morning = (day: Day): number => startOfDay(day, tokyo) + 5 * 60_000

let store: OpenState
beforeEach(async () => {
  store = await openTestState()
  await store.state.insertInto('farm').values(farmRow).execute()
  await store.state.insertInto('field').values(fieldRow()).execute()
})
afterEach(() => store.close())

const dayRow = (day: Day, set: Partial<FieldDayRow>): FieldDayRow =>
  ({
    fieldId: 'field-1',
    day,
    org: 'demo',
    et0Method: 'fao56-pm',
    et0Mm: 5,
    tempMinC: 20,
    tempMaxC: 30,
    rainMm: 0,
    irrigationMm: 0,
    irrigationSource: 'none',
    notes: toJson([]),
    ...set,
  }) as FieldDayRow
const saw = (day: Day, set: Partial<FieldDayRow>) =>
  store.state.insertInto('fieldDay').values(dayRow(day, set)).execute()

/** Issued on the morning of `day`: each of the next three days brings 12 mm, nine times in ten at least 6. */
const says = (day: Day, source = 'open-meteo'): ForecastResponse => ({
  source,
  issuedMs: morning(day),
  days: [0, 1, 2].map((ahead) => ({
    day: addDays(day, ahead),
    tempMinC: 21,
    tempMaxC: 30,
    et0Mm: 5,
    windMps: null,
    rainMm: { lo: 6, mid: 12, hi: 18 },
    rainChance: 1,
  })),
})

describe('a forecast', () => {
  it('is stored once a day and source, by days ahead; a later response of the same day changes nothing', async () => {
    const answer = says(first)
    await storeForecasts(store.state, forecastRows(farmRow, answer))
    const later = { ...answer, issuedMs: answer.issuedMs + HOUR_MS, days: answer.days.slice(1) }
    await storeForecasts(
      store.state,
      forecastRows(farmRow, { ...later, days: [{ ...later.days[0]!, tempMinC: 0 }] }),
    )
    const rows = await store.state.selectFrom('forecastDay').selectAll().orderBy('lead').execute()
    expect(rows.map(({ lead, day, tempMinC }) => [lead, day, tempMinC])).toEqual([
      [0, '2026-06-01', 21],
      [1, '2026-06-02', 21],
      [2, '2026-06-03', 21],
    ])
  })

  it('that is stale belongs to the day on which it was issued', () => {
    const rows = forecastRows(farmRow, { ...says(first), issuedMs: morning(addDays(first, -1)) })
    expect(rows.map(({ lead }) => lead)).toEqual([1, 2, 3])
  })

  it('is verified against the gauge each day, and the next forecast is corrected by it', async () => {
    let answer: ForecastResponse | null = null
    const forecasts = farmForecasts({
      state: store.state,
      forecast: { daily: async () => answer },
      log: quiet,
    })
    for (let i = 0; i < 40; i++) {
      const day = addDays(first, i)
      answer = says(day)
      const read = await forecasts.read('demo', undefined, morning(day))
      if (i === 0) expect(read.get('farm-1')!.forecast).toEqual(answer)
      await verifyForecasts(store.state, morning(day))
      await saw(day, { rainMm: 2, tempMinC: 20 }) // it always rains, and never as much as forecast
    }
    const [skill] = (await readSkills(store.state, 'demo')).get('farm-1')!
    const ofToday = skillAt(skill!, 0)!
    expect(ofToday.rain).toMatchObject({ days: 39, hits: 0, misses: 0, falseAlarms: 39, inRange: 0 })
    expect(ofToday.tempMinC).toEqual({ days: 39, bias: 1, mae: 1 })
    const { forecast } = (await forecasts.read('demo', ['farm-1'], morning(addDays(first, 40)))).get(
      'farm-1',
    )!
    expect(forecast!.days[0]!.rainMm.lo).toBeLessThan(4)
    expect(forecast!.days[0]!.rainMm.lo).toBeGreaterThan(0)
    // the stored rows are the uncorrected forecast
    const kept = await store.state.selectFrom('forecastDay').select('rainLoMm').distinct().execute()
    expect(kept).toEqual([{ rainLoMm: 6 }])
  })

  it('is verified once a civil day of the farm, and not without observations', async () => {
    expect(await verifyForecasts(store.state, morning(first))).toEqual([])
    await storeForecasts(store.state, forecastRows(farmRow, says(first)))
    await saw(first, { rainMm: 9 })
    expect(await verifyForecasts(store.state, morning(first) + DAY_MS)).toEqual(['farm-1'])
    expect(await verifyForecasts(store.state, morning(first) + DAY_MS + HOUR_MS)).toEqual([])
    expect(await verifyForecasts(store.state, morning(first) + 2 * DAY_MS)).toEqual(['farm-1'])
  })

  it('two sources are two records, and one that is no longer queried is deleted', async () => {
    for (const source of ['open-meteo', 'climatology'])
      await storeForecasts(store.state, forecastRows(farmRow, says(first, source)))
    await saw(first, { rainMm: 9 })
    await verifyForecasts(store.state, morning(first) + DAY_MS)
    expect(
      (await readSkills(store.state, 'demo'))
        .get('farm-1')!
        .map(({ source }) => source)
        .sort(),
    ).toEqual(['climatology', 'open-meteo'])
    await verifyForecasts(store.state, morning(first) + 300 * DAY_MS)
    await storeForecasts(store.state, forecastRows(farmRow, says(addDays(first, 300))))
    await saw(addDays(first, 300), { rainMm: 9 })
    await verifyForecasts(store.state, morning(first) + 301 * DAY_MS)
    expect((await readSkills(store.state, 'demo')).get('farm-1')!.map(({ source }) => source)).toEqual([
      'open-meteo',
    ])
  })
})

it("a neighbour's rain, a partly covered day and a mean of other days are not the farm's own", () => {
  const note = (key: string) => toJson([{ key, params: {} }])
  const seen = observedByDay([
    dayRow(first, { rainMm: 4 }),
    dayRow(first, { fieldId: 'field-2', rainMm: 30, notes: note('rain-neighbour') }),
    dayRow(first, { fieldId: 'field-3', tempMinC: -5, notes: note('partly-covered'), rainMm: null }),
    dayRow(addDays(first, 1), { et0Mm: 9, et0Method: 'climatology', rainMm: null }),
  ])
  expect(seen.get(first)).toEqual({ rainMm: 4, tempMinC: 20, tempMaxC: 30, et0Mm: 5 })
  expect(seen.get(addDays(first, 1))).toMatchObject({ rainMm: null, et0Mm: null })
})
