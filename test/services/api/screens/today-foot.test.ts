/** The foot of Today: the sky of the next 24 hours, hours for spraying, and runs that wait for a person's word. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, startOfDay } from '../../../../broker/contract/time.ts'
import { skyView } from '../../../../services/api/screens/weather-view.ts'
import { sprayToday } from '../../../../services/plan/pest/spray-today.ts'
import type { ForecastResponse, ForecastHour } from '../../../../services/ports/forecast.ts'
import { NOW_MS, plantFarm, TODAY } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

const timeZone = 'Asia/Tokyo'
const midnight = startOfDay(TODAY, timeZone)
const farm = { latDeg: 36.4, lonDeg: 140.2, elevationM: 30, timeZone }

/** Two days; `wet`: mm of an hour of the first day. */
function answer(wet: Record<number, number>, change: Partial<ForecastHour> = {}): ForecastResponse {
  const hours = Array.from({ length: 48 }, (_, hour) => ({
    atMs: midnight + hour * HOUR_MS,
    tempC: 18,
    humidityPct: 60,
    rainMm: wet[hour] ?? 0,
    rainChance: 0,
    windMps: 2,
    gustMps: 3,
    radiationWm2: 300,
    cloud: 0.9,
    ...change,
  }))
  const day = { tempMinC: 14, tempMaxC: 22, rainMm: { lo: 2, mid: 5, hi: 9 }, et0Mm: 4, windMps: 2 }
  return { source: 'test', issuedMs: midnight, days: [{ day: TODAY, ...day }], hours }
}

describe('the sky of the next 24 hours', () => {
  it('starts with the current hour, and spreads the range of the day over its rain', () => {
    const sky = skyView(answer({ 18: 1, 19: 3, 20: 1 }), timeZone, NOW_MS)!
    expect(sky.fromMs).toBe(midnight + 5 * HOUR_MS) // it is 05:30
    expect(sky.rain).toHaveLength(24)
    expect(sky.rain[14]).toEqual([1.2, 3, 5.4])
    expect(sky.windMps[0]).toBe(2)
  })
  it('shows rain without a longer pause as one shower, with the range of the day', () => {
    const { showers } = skyView(answer({ 18: 1, 20: 4 }), timeZone, NOW_MS)!
    const [fromMs, toMs] = [midnight + 18 * HOUR_MS, midnight + 21 * HOUR_MS]
    expect(showers).toEqual([{ fromMs, toMs, loMm: 2, midMm: 5, hiMm: 9 }])
  })
  it('is unknown, not dry, for an hour without a forecast', () => {
    expect(skyView(null, timeZone, NOW_MS)).toBeNull()
    expect(skyView({ ...answer({}), hours: [] }, timeZone, NOW_MS)).toBeNull()
    const blind = skyView(answer({}, { rainMm: null }), timeZone, NOW_MS)!
    expect(blind.rain.every((hour) => hour === null)).toBe(true)
  })
})

describe('hours for spraying', () => {
  it('leave out the hours before rain, strong wind, and night', () => {
    const windows = sprayToday(answer({ 18: 2 }), farm, NOW_MS)!
    expect(windows.length).toBeGreaterThan(0)
    for (const { fromMs, toMs } of windows) {
      // dry for six hours after it, and nobody sprays after 20 h
      expect(toMs + 6 * HOUR_MS <= midnight + 18 * HOUR_MS || fromMs > midnight + 18 * HOUR_MS).toBe(true)
      expect(toMs).toBeLessThanOrEqual(NOW_MS + 25 * HOUR_MS)
    }
    expect(sprayToday(answer({}, { windMps: 6 }), farm, NOW_MS)).toEqual([])
  })
  it('are unknown without a forecast of hours', () => {
    expect(sprayToday(null, farm, NOW_MS)).toBeNull()
    expect(sprayToday({ ...answer({}), hours: [] }, farm, NOW_MS)).toBeNull()
  })
})

describe('a run that was cut short', () => {
  let tilth: TestApi
  let operator: string
  beforeAll(async () => {
    tilth = await startTestApi()
    await plantFarm(tilth.state, 'midori')
    operator = await tilth.signUp('midori', 'operator')
    const { state } = tilth
    const run = await state
      .selectFrom('run')
      .selectAll()
      .where('id', '=', 'midori-run-done')
      .executeTakeFirstOrThrow()
    const startMs = NOW_MS - 4 * HOUR_MS
    await state
      .insertInto('run')
      .values({ ...run, id: 'cut', state: 'failed', startMs, minutes: 60, endReason: 'lease' })
      .execute()
    const record = await state.selectFrom('irrigation').selectAll().limit(1).executeTakeFirstOrThrow()
    await state
      .insertInto('irrigation')
      .values({
        ...record,
        id: 'cut',
        runId: 'cut',
        ranMs: 20 * MINUTE_MS,
        openedAtMs: startMs + 3 * MINUTE_MS,
        closedAtMs: startMs + 23 * MINUTE_MS,
      })
      .execute()
  })
  afterAll(() => tilth.stop())
  const unfinished = async () => (await tilth.call(operator, 'GET', '/api/today')).body.unfinished

  it('began when its valve opened, on Today as in the plan', async () => {
    const [onToday] = await unfinished()
    const { runs } = (await tilth.call(operator, 'GET', `/api/plan?day=${onToday.day}`)).body
    const inPlan = runs.find(({ id }: { id: string }) => id === 'cut')
    expect([onToday.atMs, inPlan.atMs]).toEqual(Array(2).fill(NOW_MS - 4 * HOUR_MS + 3 * MINUTE_MS))
  })

  it('is on Today with its rest, until a person dismisses the rest', async () => {
    expect(await unfinished()).toMatchObject([
      { runId: 'cut', fieldName: 'midori North 3', ranMinutes: 20, restMinutes: 40, endReason: 'lease' },
    ])
    const viewer = await tilth.signUp('midori', 'viewer')
    expect((await tilth.call(viewer, 'POST', '/api/runs/cut/dismiss-remainder')).status).toBe(403)
    expect((await tilth.call(operator, 'POST', '/api/runs/cut/dismiss-remainder')).status).toBe(200)
    // said twice it is said once
    expect((await tilth.call(operator, 'POST', '/api/runs/cut/dismiss-remainder')).status).toBe(200)
    expect(await unfinished()).toEqual([])
  })
  it('is the only one whose rest can be dismissed', async () => {
    expect((await tilth.call(operator, 'POST', '/api/runs/midori-run-done/dismiss-remainder')).status).toBe(
      409,
    )
  })
})
