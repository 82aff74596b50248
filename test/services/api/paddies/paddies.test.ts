/** The settings of a paddy over the API, and the work that it reports to a person. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toJson } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string
let admin: string
const path = '/api/fields/midori-paddy/paddy'
const view = async () => JSON.parse((await tilth.call(operator, 'GET', path)).text) as Record<string, never>

beforeAll(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  operator = await tilth.signUp('midori', 'operator')
  await plantFarm(tilth.state, 'midori')
})
afterAll(() => tilth.stop())

it('a paddy without settings has the defaults, and no stage before it is estimated', async () => {
  expect(await view()).toMatchObject({
    bundMm: 250,
    boardMm: null,
    storm: 'approve',
    herbicide: null,
    stage: null,
  })
})

it('an operator records a herbicide; only an agronomist changes the bund', async () => {
  const said = await tilth.call(operator, 'PATCH', path, { herbicideDay: '2026-07-22' })
  expect(said.status, said.text).toBe(200)
  expect(await view()).toMatchObject({ herbicide: { day: 3, days: 7 } })
  expect((await tilth.call(operator, 'PATCH', path, { bundMm: 300 })).status).toBe(403)
  expect((await tilth.call(admin, 'PATCH', path, { bundMm: 300 })).status).toBe(200)
  // the earlier value is unchanged
  expect(await view()).toMatchObject({ bundMm: 300, herbicide: { day: 3, days: 7 } })
})

it('refuses invalid values: a band upside down, a freeboard above the bund, an upland field', async () => {
  const band = await tilth.call(admin, 'PATCH', path, { bands: { tillering: [60, 20] } })
  expect([band.status, band.text]).toEqual([400, expect.stringContaining('bands.tillering')])
  const board = await tilth.call(admin, 'PATCH', path, { freeboardMm: 400 })
  expect([board.status, board.text]).toEqual([400, expect.stringContaining('freeboardMm')])
  expect(
    (await tilth.call(admin, 'PATCH', path, { stage: { stage: 'sleeping', fromDay: '2026-07-01' } })).status,
  ).toBe(400)
  expect((await tilth.call(admin, 'GET', '/api/fields/midori-field/paddy')).status).toBe(404)
})

it('a board that a person has set has a known position, recorded once', async () => {
  expect(await view()).toMatchObject({
    tasks: [{ kind: 'set-board', params: { boardMm: 80, reason: 'stage' } }],
  })
  expect((await tilth.call(operator, 'POST', '/api/tasks/midori-task/done')).status).toBe(200)
  expect(await view()).toMatchObject({ boardMm: 80, tasks: [{ id: 'midori-task', doneAtMs: NOW_MS }] })
  expect((await tilth.call(operator, 'POST', '/api/tasks/midori-task/done')).status).toBe(409)
})

it('an entry by mistake can be undone for 24 h, and the position of the board is unknown then', async () => {
  const path = '/api/tasks/midori-task/not-done'
  expect((await tilth.call(operator, 'POST', path)).status).toBe(200)
  expect(await view()).toMatchObject({ boardMm: null, tasks: [{ id: 'midori-task', doneAtMs: null }] })
  expect((await tilth.call(operator, 'POST', path)).status).toBe(409)
  await tilth.state
    .updateTable('task')
    .set({ state: 'done', endedAtMs: NOW_MS - 25 * 3_600_000 })
    .where('id', '=', 'midori-task')
    .execute()
  expect((await tilth.call(operator, 'POST', path)).status).toBe(409)
  expect(await view()).toMatchObject({ tasks: [] })
})

it('shows the days of drainage with their levels, and the room for a storm in m3', async () => {
  const drainage = {
    fromDay: '2026-07-20',
    lastDay: null,
    days: 4,
    dryDays: 3,
    unknownDays: 0,
    endReason: null,
  }
  await tilth.state
    .updateTable('fieldState')
    .set({
      levelMm: 20,
      paddy: toJson({
        stage: 'mid-season-drainage',
        from: 'heat',
        development: 0.4,
        developmentShift: 0,
        lastReport: null,
        drainage,
        loss: null,
        inletMmH: 11,
        outletMmH: null,
        recent: [],
        levelDay: null,
      }),
    })
    .where('fieldId', '=', 'midori-paddy')
    .execute()
  const shown = await view()
  expect(shown).toMatchObject({
    stage: 'mid-season-drainage',
    drainage: { days: 4, dryDays: 3, targetDays: 7, creditDays: null, levels: expect.any(Array) },
    // 150 mm are borne at this stage, 20 stand there
    storage: { roomMm: 130 },
  })
})
