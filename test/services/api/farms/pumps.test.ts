/** The schedule of a pump is changed while zones hang on it, part by part, and what cannot be is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string
const path = '/api/pumps/midori-pump'
const patch = (body: object, url = path) => tilth.call(admin, 'PATCH', url, body)
const pumps = async () => (await tilth.call(admin, 'GET', '/api/farms')).body.pumps
const pump = async () => (await pumps()).find(({ id }: { id: string }) => id === 'midori-pump')
const tariff = [{ fromMin: 1380, toMin: 420, perM3: 4 }]

beforeAll(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  await plantFarm(tilth.state, 'midori')
})
afterAll(() => tilth.stop())

it('an omitted value is unchanged: the tariff with a new main, the main with a new tariff', async () => {
  const main = await tilth.call(admin, 'POST', '/api/pumps', {
    farmId: 'midori-farm',
    name: 'Main',
    capacityLpm: 900,
    maxOpenValves: 8,
  })
  expect((await patch({ schedule: { tariff, changeoverMinutes: 3 } })).status).toBe(200)
  expect((await patch({ feedsFromId: main.body.id })).status).toBe(200)
  expect(await pump()).toMatchObject({
    feedsFromId: main.body.id,
    schedule: { tariff, changeoverMinutes: 3 },
  })
  expect((await patch({ schedule: { changeoverMinutes: 5 } })).status).toBe(200)
  expect(await pump()).toMatchObject({ feedsFromId: main.body.id, schedule: { changeoverMinutes: 5 } })
  expect((await pump()).schedule.tariff).toBeUndefined()
  expect((await patch({ schedule: null })).status).toBe(200)
  expect(await pump()).toMatchObject({ feedsFromId: main.body.id, schedule: null })
  expect((await patch({ capacityLpm: 250, dailyM3: null })).status).toBe(200)
  expect(await pump()).toMatchObject({ capacityLpm: 250, dailyM3: null, feedsFromId: main.body.id })
})

it('a loop of mains is refused', async () => {
  const main = (await pumps()).find(({ name }: { name: string }) => name === 'Main')
  const ring = await patch({ feedsFromId: 'midori-pump' }, `/api/pumps/${main.id}`)
  expect([ring.status, ring.text]).toEqual([
    400,
    expect.stringContaining('feedsFromId: must not form a cycle'),
  ])
  expect((await patch({ feedsFromId: 'midori-pump' })).status).toBe(400)
  expect((await patch({ feedsFromId: 'no-such-pump' })).status).toBe(404)
})

describe('bodies that are refused', () => {
  it.each([
    ['nothing', {}],
    ['a tariff without an end', { schedule: { tariff: [{ fromMin: 0, perM3: 4 }] } }],
    ['a currency by its symbol', { schedule: { tariff, currency: '¥' } }],
    ['a negative tariff', { schedule: { tariff: [{ fromMin: 0, toMin: 60, perM3: -1 }] } }],
    ['an empty tariff', { schedule: { tariff: [] } }],
    ['a season without a day', { schedule: { season: { m3: 100 } } }],
    ['a season without water', { schedule: { season: { m3: 0, fromDay: '2026-05-01' } } }],
    ['a day in words', { schedule: { season: { m3: 100, fromDay: 'May' } } }],
    ['hours beyond midnight', { schedule: { tariff: [{ fromMin: 0, toMin: 1441, perM3: 4 }] } }],
    ['an unknown name', { schedule: { tarif: [] } }],
    ['half a minute', { schedule: { changeoverMinutes: 1.5 } }],
    ['feedsFrom in the schedule', { schedule: { feedsFrom: 'midori-pump' } }],
    ['a capacity of zero', { capacityLpm: 0 }],
  ])('%s', async (_, body) => {
    const answer = await patch(body)
    expect([answer.status, answer.body.error]).toEqual([400, 'BAD_REQUEST'])
  })
})

describe('the schedule of a zone', () => {
  const zone = (schedule: object | null) => patch({ schedule }, '/api/zones/midori-zone')

  it('is shown as it was set, and removed with null', async () => {
    const waterTurns = [{ fromMin: 360, toMin: 540, fromDay: '2026-07-01', everyDays: 3 }]
    const set = await zone({ waterTurns, maxWindMps: 3 })
    expect([set.status, set.body.schedule]).toEqual([200, { waterTurns, maxWindMps: 3 }])
    expect((await zone(null)).body.schedule).toBeNull()
  })

  it.each([
    [
      'a cycle shorter than the shortest run',
      { cycle: { maxMinutes: 1, soakMinutes: 30 } },
      'cycle.maxMinutes',
    ],
    [
      'waterTurns every 0 days',
      { waterTurns: [{ fromMin: 0, toMin: 60, fromDay: '2026-07-01', everyDays: 0 }] },
      'everyDays',
    ],
    ['no wind at all', { maxWindMps: 0 }, 'maxWindMps'],
    [
      'leading and flushing that leave no dose',
      {
        cycle: { maxMinutes: 20, soakMinutes: 10 },
        dosing: { unit: 'A', order: 1, leadMinutes: 10, flushMinutes: 10 },
      },
      'schedule.dosing',
    ],
  ])('refuses %s', async (_, schedule, text) => {
    const answer = await zone(schedule)
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(text)])
  })
})
