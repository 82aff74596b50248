/** A correction of a field's set-up also corrects the decisions that depend on it; past records stay as they are. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { climatologyForecast } from '../../../../services/adapters/forecast/climatology.ts'
import { defaultPaddyRow } from '../../../../services/domain/default-paddy.ts'
import { startEstimate, type Estimate } from '../../../../services/estimate/start-estimate.ts'
import { readAuditDetail } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let estimate: Estimate
let agronomist: string
beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  agronomist = await tilth.signUp('midori', 'agronomist')
  const forecast = climatologyForecast(tilth)
  estimate = await startEstimate({
    ...tilth,
    forecast,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
})
afterAll(async () => {
  await estimate.stop()
  await tilth.stop()
})

const put = (url: string, body: object) => tilth.call(agronomist, 'PATCH', `/api/${url}`, body)
const putField = (body: object, id = 'midori-field') => put(`fields/${id}`, body)
const putSeason = (body: object, id = 'midori-season') => put(`seasons/${id}`, body)
const field = (id = 'midori-field') =>
  tilth.state.selectFrom('field').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const season = (id = 'midori-season') =>
  tilth.state.selectFrom('season').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const zone = () => tilth.state.selectFrom('zone').selectAll().executeTakeFirstOrThrow()
const days = () =>
  tilth.state
    .selectFrom('fieldDay')
    .selectAll()
    .where('fieldId', '=', 'midori-field')
    .orderBy('day')
    .execute()
const fieldState = () =>
  tilth.state.selectFrom('fieldState').selectAll().where('fieldId', '=', 'midori-field').executeTakeFirst()
const lastLine = async () => {
  const line = await tilth.state
    .selectFrom('audit')
    .selectAll()
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return { action: line.action, subject: line.subject, detail: readAuditDetail(line.detail) }
}
/** What was announced crosses the broker; then the estimator looks again. */
const WAIT = { timeout: 15_000 }
async function estimated(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => {
    await tilth.clock.advanceTo(tilth.clock.now() + 3_000)
    await estimate.settled()
    expect(await isSo()).toBe(true)
  }, WAIT)
}

describe('the soil of a field', () => {
  it('after a correction has its new limits, and within seconds the water content of that soil', async () => {
    const learned = await tilth.state.selectFrom('soilCalibration').selectAll().execute()
    await tilth.state.deleteFrom('soilCalibration').execute()
    await estimate.jobs.find(({ name }) => name === 'estimate-now')!.run(NOW_MS)
    const before = (await fieldState())!
    expect((await putField({ soilTexture: 'sand' })).status).toBe(200)
    // FAO-56 Table 19, sand: field capacity 0.07-0.17, wilting point 0.02-0.07
    expect(await field()).toMatchObject({ fieldCapacity: 0.12, wiltingPoint: 0.045, saturation: 0.437 })
    await estimated(async () => (await fieldState())!.tawMm !== before.tawMm)
    const after = (await fieldState())!
    // of the entered 130 and 75 mm a metre: members whose field capacity is lower hold less
    const heldOf = ({ tawMm, rootDepthM }: typeof after) => tawMm! / rootDepthM!
    expect(heldOf(before)).toBeLessThanOrEqual(130)
    expect(heldOf(before)).toBeGreaterThan(104)
    expect(heldOf(after)).toBeLessThanOrEqual(75)
    expect(heldOf(after)).toBeGreaterThan(60)
    expect(await lastLine()).toEqual({
      action: 'field.change',
      subject: 'midori-field',
      detail: {
        before: { soilTexture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.463 },
        after: { soilTexture: 'sand', fieldCapacity: 0.12, wiltingPoint: 0.045, saturation: 0.437 },
      },
    })
    await tilth.state.insertInto('soilCalibration').values(learned).execute()
  })

  it('stores a limit that a person has entered, until they remove it', async () => {
    expect((await putField({ fieldCapacity: 0.3 })).status).toBe(200)
    expect(await field()).toMatchObject({ soilTexture: 'sand', fieldCapacity: 0.3, wiltingPoint: 0.045 })
    expect((await putField({ soilTexture: 'loam' })).status).toBe(200)
    expect(await field()).toMatchObject({ soilTexture: 'loam', fieldCapacity: 0.3, wiltingPoint: 0.12 })
    expect((await putField({ fieldCapacity: null })).status).toBe(200)
    expect(await field()).toMatchObject({ soilTexture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12 })
  })

  it('that ends at a rock has no storage below it, until a person removes the depth', async () => {
    const before = (await fieldState())!
    expect((await putField({ soilDepthM: 0.3 })).status).toBe(200)
    expect(await lastLine()).toMatchObject({
      action: 'field.change',
      detail: { before: { soilDepthM: null }, after: { soilDepthM: 0.3 } },
    })
    await estimated(async () => (await fieldState())!.rootDepthM! < 0.301)
    expect((await fieldState())!.tawMm).toBeLessThan(before.tawMm!)
    const refused = await putField({ soilDepthM: 5.5 })
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringMatching(/soilDepthM.*5.*got 5\.5/),
    ])
    expect((await putField({ name: 'North 3' })).status).toBe(200)
    expect((await field()).soilDepthM).toBe(0.3)
    expect((await putField({ soilDepthM: null })).status).toBe(200)
    expect((await field()).soilDepthM).toBeNull()
    await estimated(async () => (await fieldState())!.rootDepthM! > 0.301)
  })
})

describe('the area of a field', () => {
  it('after a correction updates the zones of the whole field; past harvests keep their calculated values', async () => {
    const was = { fieldId: 'midori-field', year: 2025, crop: 'soybean', plantedDay: '2025-06-08' }
    await tilth.state
      .insertInto('season')
      .values({
        id: 'last-year',
        org: 'midori',
        ...was,
        harvestedDay: '2025-10-20',
        variety: null,
        yieldKg: 600,
        yieldBasis: 'dried, 15 % moisture',
      })
      .execute()
    const reported = async () => {
      const asked = '/api/reports/season?year=2025&crop=soybean'
      const { about: _, ...report } = (await tilth.call(agronomist, 'GET', asked)).body
      return report
    }
    const before = await reported()
    expect(before).toMatchObject({ areaM2: 3000, members: [{ kgHa: expect.closeTo(2000, 6) }] })
    const half = {
      ...(await zone()),
      id: 'half',
      name: 'Half',
      areaM2: 1500,
      controllerId: null,
      valve: null,
    }
    await tilth.state.insertInto('zone').values(half).execute()
    const { geojson } = await field()
    expect((await putField({ areaM2: 4000 })).status).toBe(200)
    expect(await field()).toMatchObject({ areaM2: 4000, geojson })
    const zones = await tilth.state.selectFrom('zone').select(['id', 'areaM2']).orderBy('id').execute()
    expect(zones).toEqual([
      { id: 'half', areaM2: 1500 },
      { id: 'midori-zone', areaM2: 4000 },
    ])
    expect(await reported()).toEqual(before)
    expect((await season()).fieldM2).toBeNull()
    expect((await season('last-year')).fieldM2).toBe(3000)
    // once more: the harvest keeps what it was reckoned with
    expect((await putField({ areaM2: 4100 })).status).toBe(200)
    expect((await season('last-year')).fieldM2).toBe(3000)
    const { body } = await tilth.call(agronomist, 'GET', '/api/fields/midori-field/loads')
    const areas = body.seasons.map(({ year, areaM2 }: { year: number; areaM2: number }) => [year, areaM2])
    expect(areas).toEqual([
      [2026, 4100],
      [2025, 3000],
    ])
  })
})

describe('the crop of a field', () => {
  it('after a correction is recalculated from its day, and the season before it keeps its days', async () => {
    await tilth.state
      .updateTable('fieldDay')
      .set({ day: '2025-10-20' })
      .where('fieldId', '=', 'midori-field')
      .where('day', '=', '2026-06-14')
      .execute()
    const [kept] = await days()
    const weighed = await putSeason({ plantedDay: '2026-06-20' })
    expect([weighed.status, weighed.body.message]).toEqual([409, expect.stringContaining('yield on record')])
    await tilth.state.updateTable('harvestLoad').set({ voidedAtMs: NOW_MS }).execute()
    expect((await putSeason({ plantedDay: '2026-06-20', variety: 'Fukuyutaka' })).status).toBe(200)
    expect(await season()).toMatchObject({ plantedDay: '2026-06-20', variety: 'Fukuyutaka', year: 2026 })
    await estimated(async () => (await days()).length > 1)
    const [first, ...anew] = await days()
    expect(first).toEqual(kept)
    // 24 July in Tokyo: closed are the days up to the 23rd; the moth is counted since May, the crop since its day
    const grown = anew.filter(({ kc }) => kc !== null).map(({ day }) => day)
    expect(grown).toEqual(Array.from({ length: 34 }, (_, i) => addDays('2026-06-20', i)))
    await estimated(async () => (await fieldState())!.stage !== null)
    expect(await lastLine()).toEqual({
      action: 'season.change',
      subject: 'midori-season',
      detail: {
        before: { plantedDay: '2026-06-10', variety: 'Enrei' },
        after: { plantedDay: '2026-06-20', variety: 'Fukuyutaka' },
      },
    })
  })

  it('with another soil water at planting is recalculated from its day', async () => {
    const before = await days()
    expect((await putSeason({ initialVwc: 0.13 })).status).toBe(200)
    expect((await season()).initialVwc).toBe(0.13)
    expect(await lastLine()).toMatchObject({
      action: 'season.change',
      detail: { before: { initialVwc: null }, after: { initialVwc: 0.13 } },
    })
    await estimated(async () => (await days()).length === before.length)
    expect((await putSeason({ initialVwc: null })).status).toBe(200)
    await estimated(async () => (await days()).length === before.length)
    const refused = await putSeason({ initialVwc: 0.7 })
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringMatching(/initialVwc.*0\.6.*got 0\.7/),
    ])
  })

  it('changed only in its variety leaves every day unchanged; the same values are no change', async () => {
    const before = await days()
    expect((await putSeason({ variety: null })).status).toBe(200)
    expect((await putField({ name: 'North 4' })).status).toBe(200)
    const line = await lastLine()
    expect((await putSeason({ variety: null, crop: 'soybean' })).status).toBe(200)
    expect((await putField({ name: 'North 4' })).status).toBe(200)
    expect(await lastLine()).toEqual(line)
    await tilth.clock.advanceTo(tilth.clock.now() + 10_000)
    await estimate.settled()
    expect(await days()).toEqual(before)
  })

  it('can be replaced by another crop, unless a treatment used the label of the old one', async () => {
    const sprayed = await putSeason({ crop: 'maize' })
    expect(sprayed.body).toMatchObject({ error: 'CROP_HAS_TREATMENTS', params: { crop: 'soybean' } })
    expect([sprayed.status, sprayed.body.message]).toEqual([
      409,
      expect.stringMatching(/crop: a treatment of soy/),
    ])
    await tilth.state
      .updateTable('treatment')
      .set({ state: 'void' })
      .where('fieldId', '=', 'midori-field')
      .execute()
    expect((await putSeason({ crop: 'maize' })).status).toBe(200)
    await estimated(async () => (await fieldState())?.crop === 'maize')
  })
})

describe('a crop that a frost should have killed', () => {
  const report = (day: string, id = 'midori-field') =>
    tilth.call(agronomist, 'POST', `/api/fields/${id}/frost-survived`, { day })

  it('lives again when a person reports it, and the audit record has the day', async () => {
    const { plantedDay } = await season()
    expect((await report(addDays(plantedDay, 3))).status).toBe(200)
    expect(await season()).toMatchObject({ survivedFrostDay: addDays(plantedDay, 3) })
    expect(await lastLine()).toMatchObject({
      action: 'season.frost-survived',
      subject: 'midori-season',
      detail: { day: addDays(plantedDay, 3) },
    })
  })

  it('is refused for a day without a season, and for another field', async () => {
    expect((await report('1990-01-01')).status).toBe(409)
    expect((await report('2026-02-30')).status).toBe(400)
    expect((await report('2026-07-01', 'unknown')).status).toBe(404)
  })
})

describe('is refused with the expected value:', () => {
  it.each([
    [{}, /./],
    [{ areaM2: 0 }, /areaM2.*0/],
    [{ name: ' ' }, /name/],
    [{ kind: 'paddy' }, /kind/],
    [
      { soilTexture: 'moon dust' },
      /soilTexture: must be in the soil table or come with fieldCapacity.*moon dust/,
    ],
    [
      { fieldCapacity: 0.05 },
      /wiltingPoint, fieldCapacity, saturation: must rise in this order, got 0.12, 0.05/,
    ],
  ])('of a field %o', async (body, message) => {
    const before = await field()
    const answer = await putField(body)
    expect([answer.status, answer.body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(answer.body.message).toMatch(message)
    expect(await field()).toEqual(before)
  })

  it.each([
    [{}, /./],
    [{ crop: 'triffid' }, /crop.*triffid/],
    [{ plantedDay: '2026-02-30' }, /plantedDay.*2026-02-30/],
    [{ harvestedDay: '2026-10-01' }, /harvestedDay/],
  ])('of a season %o', async (body, message) => {
    const before = await season()
    const answer = await putSeason(body)
    expect([answer.status, answer.body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(answer.body.message).toMatch(message)
    expect(await season()).toEqual(before)
  })

  it('a day on which something else grew', async () => {
    const { status, body } = await putSeason({ plantedDay: '2025-10-20' })
    expect([status, body.error]).toEqual([409, 'SEASON_OVERLAP'])
    expect(body.message).toMatch(
      /plantedDay: must be after 2025-10-20, the last known day of soybean on this field, got/,
    )
    expect(body.params).toEqual({ crop: 'soybean', day: '2025-10-20' })
    // a year that was mistyped would take the season before it along
    const { status: mistyped, body: said } = await putSeason({ plantedDay: '2025-06-01' })
    expect([mistyped, said.error]).toEqual([409, 'SEASON_OVERLAP'])
    const next = { ...(await season()), id: 'next-year', year: 2027, plantedDay: '2027-06-05' }
    await tilth.state.insertInto('season').values(next).execute()
    const late = await putSeason({ plantedDay: '2027-06-05' })
    expect([late.status, late.body.message]).toEqual([
      400,
      expect.stringMatching(/plantedDay.*not be after 2027-06-04/),
    ])
    await tilth.state.deleteFrom('season').where('id', '=', 'next-year').execute()
  })

  it('a crop or a day whose days depend on a removed device, or on the recorded state of the paddy', async () => {
    const { state } = tilth
    const days = async () =>
      (await state.selectFrom('fieldDay').select('day').orderBy('day').execute()).map(({ day }) => day)
    const before = await days()
    expect(before.length).toBeGreaterThan(0)
    const revoke = (revokedAtMs: number | null) =>
      state
        .updateTable('device')
        .set({ revokedAtMs })
        .where('org', '=', 'midori')
        .where('kind', '<>', 'controller')
        .execute()
    const { plantedDay } = await season()
    const another = addDays(plantedDay, 3)
    await revoke(NOW_MS - 1)
    const gone = await putSeason({ plantedDay: another })
    expect([gone.status, gone.body.error]).toEqual([409, 'HISTORY_LOCKED'])
    await revoke(null)
    const said = { reportedStage: 'mid-season-drainage', reportedStageDay: '2026-07-01' } as const
    await state
      .insertInto('paddy')
      .values({ ...defaultPaddyRow('midori-paddy', 'midori'), ...said })
      .execute()
    const spoken = await putSeason({ plantedDay: another }, 'midori-rice')
    expect([spoken.status, spoken.body.error]).toEqual([409, 'HISTORY_LOCKED'])
    await state.deleteFrom('paddy').execute()
    expect(await days()).toEqual(before)
    expect((await season()).plantedDay).toBe(plantedDay)
  })

  it('a day after the planned harvest, a season that is harvested or weighed, a field that has ended', async () => {
    const set = (columns: object) =>
      tilth.state.updateTable('season').set(columns).where('id', '=', 'midori-rice').execute()
    await set({ harvestPlannedDay: '2026-09-15' })
    const late = await putSeason({ plantedDay: '2026-09-16' }, 'midori-rice')
    expect([late.status, late.body.message]).toEqual([400, expect.stringMatching(/plantedDay.*2026-09-15/)])
    await set({ yieldKg: 900 })
    expect((await putSeason({ variety: 'x' }, 'midori-rice')).status).toBe(409)
    await set({ yieldKg: null, harvestedDay: '2026-09-20' })
    const over = await putSeason({ variety: 'x' }, 'midori-rice')
    expect([over.status, over.body.message]).toEqual([409, expect.stringMatching(/harvested on 2026-09-20/)])
    await tilth.state
      .updateTable('field')
      .set({ endedDay: '2026-11-01' })
      .where('id', '=', 'midori-paddy')
      .execute()
    const ended = await putField({ name: 'x' }, 'midori-paddy')
    expect([ended.status, ended.body.message]).toEqual([409, expect.stringMatching(/ended on 2026-11-01/)])
  })
})

describe('a zone', () => {
  it('has a corrected name, area and rate, and shows them', async () => {
    const change = { name: 'V1, east', areaM2: 2500, applicationRateMmH: 6.5, efficiency: 0.8 }
    const { status, body } = await put('zones/midori-zone', change)
    expect([status, body]).toEqual([200, expect.objectContaining(change)])
    expect((await put('zones/midori-zone', { areaM2: -1 })).status).toBe(400)
    const operator = await tilth.signUp('midori', 'operator')
    const refused = await tilth.call(operator, 'PATCH', '/api/zones/midori-zone', { applicationRateMmH: 9 })
    expect([refused.status, refused.body.message]).toEqual([
      403,
      expect.stringContaining('applicationRateMmH'),
    ])
  })
})
