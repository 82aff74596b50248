/** What a person counts and notes in the field: kept once, however often a phone sends it, and used where it matters. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string
let other: string

beforeAll(async () => {
  tilth = await startTestApi()
  for (const org of ['midori', 'akane']) await plantFarm(tilth.state, org)
  operator = await tilth.signUp('midori', 'operator')
  other = await tilth.signUp('akane', 'operator')
})
afterAll(() => tilth.stop())

const count = (set: object = {}, cookie = operator, field = 'midori-field') =>
  tilth.call(cookie, 'POST', `/api/fields/${field}/scouting-counts`, {
    idem: 'count-0001',
    subject: 'codling-moth',
    where: 'trap',
    count: 12,
    atMs: NOW_MS - HOUR_MS,
    ...set,
  })
const rowsOf = (id: string) =>
  tilth.state.selectFrom('scoutingCount').selectAll().where('id', '=', id).execute()
const lines = async (action: string) =>
  (await tilth.state.selectFrom('audit').select('id').where('action', '=', action).execute()).length

describe('a count', () => {
  it('that a phone sends twice, even concurrently, is one count with one line in the audit', async () => {
    const [first, second] = await Promise.all([count(), count()])
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.body).toEqual(first.body)
    expect((await count()).body).toEqual(first.body)
    expect(await rowsOf('count-0001')).toMatchObject([{ org: 'midori', count: 12, subject: 'codling-moth' }])
    expect(await lines('field.count')).toBe(1)
  })

  it('is refused if the key belongs to another count, and changes nothing', async () => {
    for (const wrong of [{ count: 13 }, { atMs: NOW_MS - 2 * HOUR_MS }, { atMs: NOW_MS }]) {
      const { status, body } = await count(wrong)
      expect([wrong, status, body.error]).toEqual([wrong, 409, 'CONFLICT'])
    }
    expect(await rowsOf('count-0001')).toMatchObject([{ count: 12, atMs: NOW_MS - HOUR_MS }])
  })

  it('of another organisation may have the same key', async () => {
    expect((await count({ count: 3 }, other, 'akane-field')).status).toBe(200)
    expect((await rowsOf('count-0001')).map(({ org, count }) => [org, count]).sort()).toEqual([
      ['akane', 3],
      ['midori', 12],
    ])
  })

  it('needs a known insect, a whole number and a time within the year', async () => {
    for (const wrong of [
      ...[{ subject: 'unicorn' }, { count: -1 }, { count: 1.5 }, { atMs: NOW_MS - 400 * DAY_MS }],
    ])
      expect((await count({ idem: 'count-wrong', ...wrong })).status).toBe(400)
    expect(await rowsOf('count-wrong')).toEqual([])
  })

  it('by a phone whose clock is ahead has the time of its arrival', async () => {
    const ahead = { idem: 'count-ahead', atMs: NOW_MS + MINUTE_MS }
    const first = await count(ahead)
    expect((await count(ahead)).body).toEqual(first.body)
    await tilth.clock.advanceTo(NOW_MS + 2 * MINUTE_MS)
    expect((await count(ahead)).body).toEqual(first.body)
    expect(await rowsOf('count-ahead')).toMatchObject([{ atMs: NOW_MS }])
  })

  it("on the plants sets the field's own figures, unless a newer count exists", async () => {
    const seen = async () =>
      tilth.state
        .selectFrom('pestEconomics')
        .select(['seenCount', 'seenDay'])
        .where('fieldId', '=', 'midori-field')
        .where('target', '=', 'navel-orangeworm')
        .executeTakeFirst()
    const onPlants = (idem: string, n: number, atMs: number) =>
      count({ idem, subject: 'navel-orangeworm', where: 'plants', count: n, atMs })
    await onPlants('plants-01', 4, NOW_MS - DAY_MS)
    expect(await seen()).toEqual({ seenCount: 4, seenDay: '2026-07-23' })
    // kept on a phone without signal for three days
    await onPlants('plants-02', 9, NOW_MS - 3 * DAY_MS)
    expect(await seen()).toEqual({ seenCount: 4, seenDay: '2026-07-23' })
    await onPlants('plants-03', 0, NOW_MS)
    expect(await seen()).toEqual({ seenCount: 0, seenDay: '2026-07-24' })
  })
})

describe('a note', () => {
  it('is in the log of its field with the counts, for everyone', async () => {
    const text = 'lodged by the outlet'
    const url = '/api/fields/midori-field/notes'
    expect((await tilth.call(operator, 'POST', url, { idem: 'note-0001', atMs: NOW_MS, text })).status).toBe(
      200,
    )
    const { body } = await tilth.call(operator, 'GET', '/api/fields/midori-field')
    const said = (body.log as { message: { key: string; params: object } }[]).map(({ message }) => message)
    expect(said).toContainEqual({ key: 'log-note', params: { text } })
    expect(said).toContainEqual({ key: 'log-counted-trap', params: { subject: 'codling-moth', count: 12 } })
  })

  it('of another person cannot be edited', async () => {
    const url = '/api/fields/akane-field/notes'
    const answer = await tilth.call(operator, 'POST', url, { idem: 'note-0002', atMs: NOW_MS, text: 'x' })
    expect(answer.status).toBe(404)
  })
})
