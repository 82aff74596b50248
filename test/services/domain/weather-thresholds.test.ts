/** From what frost, wind and rain on a farm is warned: as usual, as set, and as usual again. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defaultWeatherThresholds } from '../../../services/domain/weather-thresholds.ts'
import { plantFarm } from '../api/rows.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'

let tilth: TestApi
let admin: string

beforeAll(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  await plantFarm(tilth.state, 'midori')
})
afterAll(() => tilth.stop())

const set = (body: object) => tilth.call(admin, 'POST', '/api/farms/midori-farm/weather-thresholds', body)
const seen = async () => {
  const { text } = await tilth.call(admin, 'GET', '/api/farms')
  return (JSON.parse(text) as { farms: { weatherThresholds: unknown }[] }).farms[0]!.weatherThresholds
}

it('is the default until it is configured, and again after that is removed', async () => {
  expect(await seen()).toEqual(defaultWeatherThresholds)
  expect((await set({ frostC: 4, rainMm: 30 })).status).toBe(200)
  expect(await seen()).toEqual({ ...defaultWeatherThresholds, frostC: 4, rainMm: 30 })
  expect((await set({ gustMps: 15, rainMm: null })).status).toBe(200)
  expect(await seen()).toEqual({ ...defaultWeatherThresholds, gustMps: 15 })
  expect((await set({})).status).toBe(200)
  expect(await seen()).toEqual(defaultWeatherThresholds)
})

it('rejects impossible values', async () => {
  for (const body of [{ frostC: 30 }, { gustMps: 0 }, { rainMm: -1 }, { hailMm: 5 }])
    expect((await set(body)).status, JSON.stringify(body)).toBe(400)
})
