/** What a co-operative tells its members: who would get it, that each gets it once, and that it is over by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import { expireCoopAdvice } from '../../../../services/alerts/expire-coop-advice.ts'
import { compose } from '../../../../services/notifications/compose.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { readAlertParams } from '../../../../services/tables.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let coop: string
let member: string
let ids: string[]

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  coop = await tilth.signUp('ja-midori', 'agronomist')
  member = await tilth.signUp('sato-farm', 'admin')
  await tilth.signUp('other-coop', 'agronomist')
  for (const [i, org] of ['sato-farm', 'mori-farm', 'gone-farm'].entries())
    await tilth.state
      .insertInto('membership')
      .values({
        id: `is-${org}`,
        org,
        coop: 'ja-midori',
        memberCode: `0${i}`,
        jaCode: null,
        alias: `M${i}`,
        joinedMs: 0,
        endedMs: org === 'gone-farm' ? 1 : null,
      })
      .execute()
  const [person] = await tilth.state.selectFrom('person').select('userId').execute()
  expect(person).toBeUndefined()
  const me = await tilth.call(member, 'GET', '/api/me')
  await tilth.state
    .insertInto('notificationPreference')
    .values({
      org: 'sato-farm',
      userId: me.body.user.id,
      language: 'ja',
      byMail: 1,
      quietHours: null,
      modes: '{}',
      urgentPasses: 1,
      digestMin: null,
    })
    .execute()
  ids = ['is-sato-farm', 'is-mori-farm']
})
afterAll(() => tilth.stop())

const span = () => ({ fromMs: tilth.clock.now() + HOUR_MS, toMs: tilth.clock.now() + 4 * HOUR_MS })
const advise = (change: object = {}, cookie = coop) =>
  tilth.call(cookie, 'POST', '/api/memberships/advice', {
    idem: 'advice-01',
    kind: 'spray-window',
    pest: 'brown-planthopper',
    ...span(),
    membershipIds: ids,
    ...change,
  })
const alerts = () => tilth.state.selectFrom('alert').selectAll().where('cause', 'like', 'coop-%').execute()

describe('advice to members', () => {
  it('shows its recipients and their languages, of the current members', async () => {
    const { body } = await tilth.call(coop, 'GET', '/api/memberships/advice-recipients')
    expect(body.members).toEqual([
      {
        membershipId: 'is-sato-farm',
        name: 'sato-farm co-op',
        memberCode: '00',
        people: 1,
        byNotification: 1,
        languages: ['ja'],
        ownLanguage: 0,
      },
      {
        membershipId: 'is-mori-farm',
        name: 'mori-farm',
        memberCode: '01',
        people: 0,
        byNotification: 0,
        languages: [],
        ownLanguage: 0,
      },
    ])
    expect(body.pests).toContain('brown-planthopper')
  })

  it('needs a period that is not over, a known pest, a text if its kind is word, and members of the organisation', async () => {
    const nowMs = tilth.clock.now()
    for (const [change, status] of [
      [{ toMs: nowMs - 1, fromMs: nowMs - HOUR_MS }, 400],
      [{ toMs: nowMs + 400 * HOUR_MS }, 400],
      [{ fromMs: nowMs + 5 * HOUR_MS }, 400],
      [{ pest: 'dragon' }, 400],
      [{ kind: 'message' }, 400],
      [{ membershipIds: [] }, 400],
      [{ membershipIds: ['is-gone-farm'] }, 404],
      [{ membershipIds: ['is-sato-farm', 'nobody'] }, 404],
    ] as const)
      expect([change, (await advise(change)).status]).toEqual([change, status])
    const others = await tilth.signUp('strange-coop', 'admin')
    expect((await advise({}, others)).status).toBe(404)
    expect((await advise({}, await tilth.signUp('ja-midori', 'operator'))).status).toBe(403)
    expect(await alerts()).toEqual([])
  })

  it('is on the Today of each member once, however often it is sent, and in the audit of both', async () => {
    expect((await advise()).body).toEqual({ notified: 2 })
    expect((await advise()).body).toEqual({ notified: 0 })
    const rows = await alerts()
    expect(rows.map(({ org }) => org).sort()).toEqual(['mori-farm', 'sato-farm'])
    const today = await tilth.call(member, 'GET', '/api/today')
    expect(today.body.alerts).toMatchObject([
      { cause: 'coop-spray-window', params: { coop: 'ja-midori co-op', pest: 'brown-planthopper' } },
    ])
    for (const org of ['ja-midori', 'sato-farm'])
      expect(
        await tilth.state
          .selectFrom('audit')
          .select('subject')
          .where('org', '=', org)
          .where('action', '=', 'member.advise')
          .where('subject', '=', 'is-sato-farm')
          .execute(),
      ).toHaveLength(1)
  })

  it('is shown in the language of its recipient', async () => {
    const [row] = await alerts()
    const alert = { ...row!, deviceName: null, fieldName: null }
    const place = { timeZone: 'Asia/Tokyo', nowMs: tilth.clock.now() }
    const ja = compose([alert], 'ja', place as never)
    expect(ja.title).toBe('農協から：散布に適した時間です')
    expect(ja.lines[0]).toMatch(/ja-midori co-op.*ウンカ/)
    expect(compose([alert], 'en', place as never).lines[0]).toMatch(/ja-midori co-op, Brown planthopper, /)
  })

  it('without a pest names only the hours; a message of its own is the whole text', async () => {
    await advise({ idem: 'advice-02', pest: null, text: 'Rain after nine.' })
    await advise({ idem: 'advice-03', kind: 'message', pest: null, text: 'Canal closed on Monday.' })
    const causes = (await alerts()).map(({ cause }) => cause)
    expect(new Set(causes)).toEqual(new Set(['coop-spray-window', 'coop-spray-hours', 'coop-message']))
  })

  it('ends when its time is over', async () => {
    const [row] = await alerts()
    const toMs = Number(readAlertParams(row!.params)['toMs'])
    expect(await expireCoopAdvice(tilth.state, toMs - 1)).toEqual([])
    const over = await expireCoopAdvice(tilth.state, toMs)
    expect(over.length).toBe(6)
    expect((await alerts()).every(({ clearedMs }) => clearedMs === toMs)).toBe(true)
    expect(await expireCoopAdvice(tilth.state, toMs + 1)).toEqual([])
  })
})
