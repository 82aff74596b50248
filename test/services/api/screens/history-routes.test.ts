/** The history of a field: what was done on it stands together by day, and so in what happened on its screen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FieldDetail } from '../../../../services/api/screens/field-schemas.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

interface History {
  year: number
  days: {
    day: string
    lines: { what: string; id: string; atMs: number | null; message: { key: string } }[]
  }[]
}

let tilth: TestApi
let operator: string
beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  operator = await tilth.signUp('midori', 'operator')
})
afterAll(() => tilth.stop())

const look = async (query = ''): Promise<History> =>
  (await tilth.call(operator, 'GET', `/api/fields/midori-field/history${query}`)).body

describe('the history of a field', () => {
  it('has every irrigation run, completed spray, work and load of the year, and no other', async () => {
    const { year, days } = await look()
    expect(year).toBe(2026)
    const found = days.flatMap(({ lines }) => lines.map(({ what, id }) => `${what} ${id}`)).sort()
    const runs = await tilth.state
      .selectFrom('irrigation')
      .select('id')
      .where('fieldId', '=', 'midori-field')
      .execute()
    expect(runs.length).toBeGreaterThan(0)
    expect(found).toEqual(
      [
        ...runs.map(({ id }) => `irrigation ${id}`),
        ...['spray midori-treatment-done', 'work midori-work', 'load midori-load'],
      ].sort(),
    )
  })

  it('starts with the newest day, each day once, and has no time where only the day is known', async () => {
    const { days } = await look()
    expect(days.map(({ day }) => day)).toEqual([...new Set(days.map(({ day }) => day))].sort().reverse())
    const lines = days.flatMap(({ lines }) => lines)
    for (const { what, atMs } of lines) expect([what, atMs === null]).toEqual([what, /work|load/.test(what)])
  })

  it('omits voided entries, and is empty in a year without any', async () => {
    await tilth.call(operator, 'POST', '/api/field-work/midori-work/void', { reason: 'another field' })
    const { days } = await look()
    expect(days.flatMap(({ lines }) => lines).map(({ what }) => what)).not.toContain('work')
    expect(await look('?year=2001')).toEqual({ year: 2001, days: [] })
    for (const year of ['x', '9999', '0000', '1899', '2100'])
      expect(
        (await tilth.call(operator, 'GET', `/api/fields/midori-field/history?year=${year}`)).status,
        year,
      ).toBe(400)
    for (const year of [1900, 2099]) expect(await look(`?year=${year}`)).toEqual({ year, days: [] })
  })

  it('is listed in the history, newest first', async () => {
    const { body } = await tilth.call(operator, 'GET', '/api/fields/midori-field?range=season')
    const { log } = body as FieldDetail
    expect(log.map(({ message }) => message.key)).toEqual(expect.arrayContaining(['log-sprayed', 'log-load']))
    expect(log.map(({ atMs }) => atMs)).toEqual(log.map(({ atMs }) => atMs).toSorted((a, b) => b - a))
    const load = log.find(({ message }) => message.key === 'log-load')!
    expect(load).toMatchObject({ day: '2026-07-20', message: { params: { kg: 412 } } })
    expect(load.atMs).toBeLessThan(NOW_MS)
  })
})
