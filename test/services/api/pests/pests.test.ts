/** The screen "Pests and diseases" over an organisation: what threatens, who counts, what was sprayed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Compile } from 'typebox/compile'
import { addDays, DAY_MS, HOUR_MS } from '../../../../broker/contract/time.ts'
import { PestsView } from '../../../../services/api/pests/pest-schemas.ts'
import { fail } from '../../../../services/errors.ts'
import { toJson } from '../../../../services/tables.ts'
import { NOW_MS, plantFarm, TODAY } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let viewer: string

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  viewer = await tilth.signUp('midori', 'viewer')
  await tilth.state.deleteFrom('diseaseDay').execute()
})
afterAll(() => tilth.stop())

async function look(): Promise<PestsView> {
  const answer = await tilth.call(viewer, 'GET', '/api/pests')
  expect(answer.status, answer.text).toBe(200)
  const first = Compile(PestsView).Errors(answer.body)[0]
  expect(first && `${first.instancePath} ${first.message}`).toBeUndefined()
  return answer.body
}
const hazard = async (target: string) => (await look()).hazards.find((one) => one.target === target)!

async function blast(marks: readonly ('favourable' | '1' | '4' | 'none' | 'lacks')[]): Promise<void> {
  await tilth.state.deleteFrom('diseaseDay').execute()
  const level = { favourable: 'high', 1: 'moderate', 4: 'moderate', none: 'low', lacks: 'unknown' } as const
  await tilth.state
    .insertInto('diseaseDay')
    .values(
      marks.map((mark, i) => ({
        fieldId: 'midori-paddy',
        disease: 'rice-leaf-blast',
        org: 'midori',
        unit: 'code',
        day: addDays(TODAY, i - marks.length),
        level: level[mark],
        value: null,
        wetness: 'estimated' as const,
        paramsVersion: '1',
        reason: toJson({ key: mark === 'lacks' ? 'input-missing' : `blast-${mark}`, params: {} }),
      })),
    )
    .execute()
}

describe('rice blast', () => {
  it('shows the signs of BLASTAM for the judged days, and nothing for the others', async () => {
    await blast(['none', '4', 'favourable', 'lacks', 'none'])
    const { days, action, look, fields } = await hazard('rice-leaf-blast')
    expect(fields).toEqual([{ id: 'midori-paddy', name: 'midori Paddy 7' }])
    expect(days.map(({ sign }) => sign)).toEqual([
      ...Array.from({ length: 9 }, () => null),
      ...['none', '4', 'favourable', 'unknown', 'none'],
      ...Array.from({ length: 8 }, () => null), // today, and a week of which nobody has judged
    ])
    expect(days[14]!.day).toBe(TODAY)
    // a favourable day is one to look for lesions
    expect([action, look?.fromDay]).toEqual(['scout', TODAY])
  })

  it('that was not judged for days is unknown, never calm', async () => {
    await blast(['none', 'none', 'none', 'none'])
    await tilth.state
      .updateTable('diseaseDay')
      .set({ day: '2026-07-18' })
      .where('day', '=', '2026-07-23')
      .execute()
    await tilth.state.deleteFrom('diseaseDay').where('day', '>', '2026-07-18').execute()
    expect(await hazard('rice-leaf-blast')).toMatchObject({
      action: 'cannot-judge',
      throughDay: '2026-07-18',
    })
  })
})

it('the most urgent is first, and a calm hazard last', async () => {
  await blast(['favourable', 'none', 'none'])
  const order = { treat: 0, scout: 1, 'cannot-judge': 2, wait: 3 }
  const found = (await look()).hazards.map(({ action }) => order[action])
  expect(found.length).toBeGreaterThan(1)
  expect(found).toEqual(found.toSorted((a, b) => a - b))
})

describe('a trap', () => {
  const reading = (daysAgo: number, count: number) => ({
    org: 'midori',
    farm: 'midori-farm',
    field: 'midori-field',
    device: 'midori-trap',
    quantity: 'trap.count/corn-earworm',
    value: count,
    depthCm: null,
    flag: 1 as const,
    atMs: NOW_MS - daysAgo * DAY_MS,
    origin: 'measured' as const,
  })
  it('with automatic counts shows its last count, the one before it, and that it is late', async () => {
    await tilth.series.append([reading(9, 2), reading(8, 4), reading(7, 12)])
    const trap = (await look()).traps.find(({ subject }) => subject === 'corn-earworm')
    expect(trap).toMatchObject({ countedBy: 'trap', last: { count: 12 }, before: { count: 4 } })
    await tilth.series.append([reading(0.1, 0)])
    const now = (await look()).traps.find(({ subject }) => subject === 'corn-earworm')
    expect(now).toMatchObject({ last: { count: 0 }, before: { count: 12 } })
  })

  it('without any count is shown as never counted, and accepts a manual count', async () => {
    const moth = async () => (await look()).traps.find(({ countedBy }) => countedBy === 'person-in-trap')
    await tilth.state.deleteFrom('degreeDayTracker').where('subject', '!=', 'codling-moth').execute()
    const before = await moth()
    if (before) expect(before).toMatchObject({ subject: 'codling-moth', last: null, before: null })
    const operator = await tilth.signUp('midori', 'operator')
    for (const [i, n] of [4, 7].entries())
      await tilth.call(operator, 'POST', '/api/fields/midori-field/scouting-counts', {
        idem: `count-000${i}`,
        subject: 'codling-moth',
        where: 'trap',
        count: n,
        atMs: NOW_MS - (2 - i) * HOUR_MS,
      })
    expect(await moth()).toMatchObject({
      fieldId: 'midori-field',
      subject: 'codling-moth',
      last: { count: 7 },
      before: { count: 4 },
    })
  })
})

describe('a spray', () => {
  it('with 14 days to harvest shows 18 July after one confirmed for 4 July, and the uses that were left after it', async () => {
    const { sprays } = await look()
    const done = sprays.find(({ id }) => id === 'midori-treatment-done')!
    expect(done.notBefore).toBe('2026-07-18')
    expect([done.phiDays, done.maxUses, done.usesLeft]).toEqual([14, 9, 8]) // of 24 June, without that of 4 July
    expect(sprays.map(({ id }) => id)).not.toContain('midori-treatment')
  })

  it('before another one has the harvest limit of its field, and the uses that were left then', async () => {
    const done = await tilth.state
      .selectFrom('treatment')
      .selectAll()
      .where('id', '=', 'midori-treatment-done')
      .executeTakeFirstOrThrow()
    const [fromMs, toMs] = [done.fromMs + 14 * DAY_MS, done.toMs + 14 * DAY_MS]
    const again = { ...done, id: 'midori-treatment-again', fromMs, toMs, state: 'recorded' as const }
    const endMs = (text: string) => toJson({ ...JSON.parse(text), startMs: fromMs, endMs: toMs })
    await tilth.state
      .insertInto('treatment')
      .values({ ...again, record: done.record === null ? null : (endMs(done.record) as never) })
      .execute()
    const { sprays } = await look()
    expect(sprays.map(({ id, notBefore, phiDays, usesLeft }) => [id, notBefore, phiDays, usesLeft])).toEqual([
      ['midori-treatment-again', '2026-07-22', 14, 6],
      ['midori-treatment-done', '2026-07-22', 14, 8],
    ])
    await tilth.state.deleteFrom('treatment').where('id', '=', again.id).execute()
  })

  it('whose label names no interval has no day, and never an early one', async () => {
    const { plan, record } = await tilth.state
      .selectFrom('treatment')
      .select(['plan', 'record'])
      .where('id', '=', 'midori-treatment-done')
      .executeTakeFirstOrThrow()
    const without = (text: string | null) =>
      text === null ? null : (text.replace(/"phiDays":\d+/g, '"phiDays":null') as never)
    await tilth.state
      .updateTable('treatment')
      .set({ plan: without(plan)!, record: without(record) })
      .where('id', '=', 'midori-treatment-done')
      .execute()
    const { sprays } = await look()
    expect(sprays.find(({ id }) => id === 'midori-treatment-done')).toMatchObject({
      phiDays: null,
      notBefore: null,
    })
  })
})

it('when the series store is unavailable the traps are unknown, and everything else is shown', async () => {
  const { series } = tilth
  const range = series.range.bind(series)
  series.range = async () => fail('STORE_UNAVAILABLE', 'away')
  const view = await look()
  series.range = range
  expect(view.seriesUnavailable).toBe(true)
  expect(view.hazards.length).toBeGreaterThan(0)
})
