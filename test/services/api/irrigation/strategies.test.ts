/** The water and prices of a field that a person sets over the API, and the defaults where none are set. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string
const path = '/api/fields/midori-field/strategy'
const view = async () => JSON.parse((await tilth.call(admin, 'GET', path)).text) as Record<string, unknown>
const post = (to: string, body: object) => tilth.call(admin, 'POST', to, body)

beforeAll(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  await plantFarm(tilth.state, 'midori')
})
afterAll(() => tilth.stop())

it('a field without settings is watered in full, its prices unknown and not 0', async () => {
  expect(await view()).toMatchObject({
    kind: 'full',
    allowedDepletion: {},
    phases: [],
    maxIrrigations: null,
    maxSeasonMm: null,
    cropPricePerT: null,
    waterPerM3: null,
    energyPerM3: null,
    isValueAssumed: true,
    waterEcDsM: null,
    soilEcDsM: null,
    thresholdDsM: 5, // soybean, FAO-29 Table 4
  })
})

it('a setting is stored unchanged; one that is omitted the next time is unknown again', async () => {
  const said = {
    kind: 'regulated',
    allowedDepletion: { vegetative: 0.65 },
    riskAversion: 0.5,
    cropPricePerT: 420,
    yieldTonsHa: 3.2,
    currency: 'JPY',
    waterEcDsM: 1.1,
    soilEcDsM: 2.4,
    soilEcDay: '2026-04-02',
  }
  expect((await post(path, said)).status).toBe(200)
  expect(await view()).toMatchObject(said)
  expect((await post(path, { kind: 'supplemental', phases: ['flowering'], maxIrrigations: 2 })).status).toBe(
    200,
  )
  expect(await view()).toMatchObject({
    kind: 'supplemental',
    phases: ['flowering'],
    maxIrrigations: 2,
    allowedDepletion: {},
    cropPricePerT: null,
    waterEcDsM: null,
  })
})

it("a pump's water price precedes its farm's, which applies where the pump has none", async () => {
  expect((await post('/api/farms/midori-farm/water-price', { waterPerM3: 12, energyPerM3: 4 })).status).toBe(
    200,
  )
  expect(await view()).toMatchObject({ waterPerM3: 12, energyPerM3: 4 })
  expect((await post('/api/pumps/midori-pump/water-price', { waterPerM3: 9 })).status).toBe(200)
  expect(await view()).toMatchObject({ waterPerM3: 9, energyPerM3: 4 })
  // after its removal, the farm's price applies again
  expect((await post('/api/pumps/midori-pump/water-price', {})).status).toBe(200)
  expect(await view()).toMatchObject({ waterPerM3: 12 })
})

it('free water has the price 0, which is known', async () => {
  await post('/api/farms/midori-farm/water-price', { waterPerM3: 0, energyPerM3: 0 })
  await post(path, { kind: 'full', cropPricePerT: 420 })
  expect(await view()).toMatchObject({ waterPerM3: 0, energyPerM3: 0, isValueAssumed: false })
})

it('refuses invalid settings: a paddy kept dry, a share beyond what roots can use, an unknown kind', async () => {
  const paddy = await post('/api/fields/midori-paddy/strategy', { kind: 'regulated' })
  expect([paddy.status, paddy.text]).toEqual([400, expect.stringContaining('kind: must be full for a paddy')])
  expect((await post('/api/fields/midori-paddy/strategy', { kind: 'full', cropPricePerT: 200 })).status).toBe(
    200,
  )
  for (const body of [
    { kind: 'regulated', allowedDepletion: { vegetative: 1.2 } },
    { kind: 'regulated', allowedDepletion: { sleeping: 0.5 } },
    { kind: 'thirsty' },
    { kind: 'full', riskAversion: 2 },
    { kind: 'full', waterEcDsM: -1 },
    {},
  ])
    expect((await post(path, body)).status, JSON.stringify(body)).toBe(400)
})
