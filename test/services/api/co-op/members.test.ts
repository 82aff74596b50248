/** A member is an organisation of its own: how it joins a co-operative, and what it lets be seen, from when on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../../broker/contract/time.ts'
import { memberShares } from '../../../../services/domain/consent.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { cookieOf, PASSWORD, startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let coop: string
let member: string

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  coop = await tilth.signUp('ja-midori', 'admin')
  member = await tilth.signUp('sato-farm', 'admin')
})
afterAll(() => tilth.stop())

const later = (ms: number) => tilth.clock.advanceTo(tilth.clock.now() + ms)
const all = { seesYield: true, seesWater: true, seesSprays: true, isNamed: true }
const invite = async (body: object) => (await tilth.call(coop, 'POST', '/api/invitations', body)).body
const memberships = async (cookie: string) => (await tilth.call(cookie, 'GET', '/api/memberships')).body
const seen = async (atMs = tilth.clock.now()) =>
  (await memberShares(tilth.state, 'ja-midori', atMs)).map(
    ({ org, seesYield, seesWater, seesSprays, isNamed }) =>
      `${org} ${[seesYield, seesWater, seesSprays, isNamed].map(Number).join('')}`,
  )

describe('a code', () => {
  it('of a person admits them to the organisation, once, with the intended role', async () => {
    const { code, url } = await invite({ purpose: 'person', role: 'viewer', name: 'Mori Ken' })
    expect(url).toBe(`/join?code=${code}`)
    const looked = await tilth.call(null, 'POST', '/api/invitations/inspect', { code: code.toLowerCase() })
    expect(looked.body).toMatchObject({
      purpose: 'person',
      orgName: 'ja-midori co-op',
      role: 'viewer',
      name: 'Mori Ken',
    })
    const form = { code, name: 'Mori Ken', email: 'mori@midori.example', password: PASSWORD }
    const entered = await tilth.call(null, 'POST', '/api/invitations/accept', form)
    expect(entered.status).toBe(200)
    const me = await tilth.call(cookieOf(entered), 'GET', '/api/me')
    expect(me.body).toMatchObject({ org: { id: 'ja-midori' }, role: 'viewer', user: { name: 'Mori Ken' } })
    for (const url of ['/api/invitations/inspect', '/api/invitations/accept']) {
      const again = await tilth.call(null, 'POST', url, url.endsWith('inspect') ? { code } : form)
      expect([again.status, again.body.error]).toEqual([403, 'FORBIDDEN'])
    }
  })

  it('is valid for two weeks, and not after its withdrawal', async () => {
    const late = await invite({ purpose: 'person' })
    const withdrawn = await invite({ purpose: 'person' })
    expect((await tilth.call(coop, 'DELETE', `/api/invitations/${withdrawn.id}`)).status).toBe(200)
    const isGood = async (code: string) =>
      (await tilth.call(null, 'POST', '/api/invitations/inspect', { code })).status === 200
    expect([await isGood(late.code), await isGood(withdrawn.code)]).toEqual([true, false])
    expect(late.expiresMs - tilth.clock.now()).toBe(14 * DAY_MS)
    await tilth.state
      .updateTable('invitationCode')
      .set({ expiresMs: tilth.clock.now() })
      .where('id', '=', late.id)
      .execute()
    expect(await isGood(late.code)).toBe(false)
  })

  it('stays valid after a failed use: a person with an account signs in first', async () => {
    const { code } = await invite({ purpose: 'person', role: 'operator' })
    const form = { code, name: 'x', email: 'mori@midori.example', password: PASSWORD }
    const refused = await tilth.call(null, 'POST', '/api/invitations/accept', form)
    expect([refused.status, refused.body.error]).toEqual([409, 'CONFLICT'])
    await tilth.clock.advanceTo(tilth.clock.now() + 1_000) // the oldest is the first
    const joined = await tilth.call(member, 'POST', '/api/me/join', { code })
    expect(joined.status).toBe(200)
    const own = await tilth.call(member, 'GET', '/api/me/organisations')
    expect(own.body).toEqual([
      { id: 'sato-farm', name: 'sato-farm co-op', role: 'admin' },
      { id: 'ja-midori', name: 'ja-midori co-op', role: 'operator' },
    ])
    // after joining, a person sees the organisation that they joined; they can switch back
    expect((await tilth.call(member, 'GET', '/api/me')).body.org.id).toBe('ja-midori')
    const back = { orgId: 'sato-farm' }
    expect((await tilth.call(member, 'POST', '/api/auth/organization/set-active', back)).status).toBe(200)
    expect((await tilth.call(member, 'GET', '/api/me')).body.role).toBe('admin')
  })

  it('is stored only as a hash', async () => {
    const { code } = await invite({ purpose: 'member' })
    const rows = await tilth.state.selectFrom('invitationCode').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(code)
    const lines = await tilth.state.selectFrom('audit').selectAll().execute()
    expect(JSON.stringify(lines)).not.toContain(code)
  })
})

describe('a member', () => {
  it('that joins shares no data until it consents; the co-operative cannot consent for it', async () => {
    const { code } = await invite({ purpose: 'member', memberCode: '0412-0031', jaCode: '12-3' })
    expect((await tilth.call(member, 'POST', '/api/me/join', { code })).status).toBe(200)
    expect(await seen()).toEqual(['sato-farm 0000'])
    const [joined] = await memberships(coop)
    expect(joined).toMatchObject({
      coop: { id: 'ja-midori' },
      member: { id: 'sato-farm' },
      isOurs: true,
      memberCode: '0412-0031',
      jaCode: '12-3',
      hasPeople: true,
      consent: null,
    })
    const path = `/api/memberships/${joined.id}/consent`
    const byCoop = await tilth.call(coop, 'POST', path, { ...all, signedDocumentRef: 'a form' })
    expect([byCoop.status, byCoop.body.error]).toEqual([403, 'FORBIDDEN'])
    expect(await seen()).toEqual(['sato-farm 0000'])
    expect((await tilth.call(member, 'POST', path, { ...all, seesSprays: false })).status).toBe(200)
    expect(await seen()).toEqual(['sato-farm 1101'])
    const [shown] = await memberships(member)
    expect(shown).toMatchObject({ isOurs: false, consent: { seesYield: true, seesSprays: false } })
  })

  it('that withdraws consent at noon is not visible at 12:01; the history of its consents remains', async () => {
    const [{ id }] = await memberships(member)
    const beforeMs = tilth.clock.now()
    await later(HOUR_MS)
    const noonMs = tilth.clock.now()
    const nothing = { seesYield: false, seesWater: false, seesSprays: false, isNamed: false }
    expect((await tilth.call(member, 'POST', `/api/memberships/${id}/consent`, nothing)).status).toBe(200)
    expect(await seen(noonMs + 60_000)).toEqual(['sato-farm 0000'])
    expect(await seen(beforeMs + 60_000)).toEqual(['sato-farm 1101'])
    // two words within a millisecond: the later one holds
    for (const seesYield of [true, false, true])
      await tilth.call(member, 'POST', `/api/memberships/${id}/consent`, { ...nothing, seesYield })
    expect(await seen(tilth.clock.now() + 60_000)).toEqual(['sato-farm 1000'])
  })

  it('leaves or is removed, and is no longer visible; the line is in the audit of both', async () => {
    const [{ id }] = await memberships(member)
    await later(HOUR_MS)
    expect((await tilth.call(member, 'POST', `/api/memberships/${id}/end`)).status).toBe(200)
    expect(await seen()).toEqual([])
    expect((await tilth.call(coop, 'POST', `/api/memberships/${id}/end`)).status).toBe(409)
    for (const org of ['sato-farm', 'ja-midori']) {
      const lines = await tilth.state
        .selectFrom('audit')
        .select('action')
        .where('org', '=', org)
        .where('subject', '=', id)
        .orderBy('n')
        .execute()
      expect([org, lines.map(({ action }) => action)]).toEqual([
        org,
        ['membership.join', ...Array<string>(5).fill('consent.change'), 'membership.end'],
      ])
    }
  })

  it('without an account gets its own organisation with the code, and then decides itself', async () => {
    const { code } = await invite({ purpose: 'member', memberCode: '0500', name: '田中農園' })
    const entered = await tilth.call(null, 'POST', '/api/invitations/accept', {
      code,
      name: '田中太郎',
      email: 'tanaka@midori.example',
      password: PASSWORD,
      farm: '田中農園',
    })
    expect(entered.status).toBe(200)
    const cookie = cookieOf(entered)
    const me = await tilth.call(cookie, 'GET', '/api/me')
    expect(me.body).toMatchObject({ org: { name: '田中農園' }, role: 'admin' })
    expect(me.body.org.id).toMatch(/^farm-[0-9a-f]{6}$/)
    const [joined] = await memberships(cookie)
    expect(joined).toMatchObject({ isOurs: false, memberCode: '0500', coop: { id: 'ja-midori' } })
    // the co-operative sees nothing of its farms by any other way
    expect((await tilth.call(coop, 'GET', '/api/farms')).text).not.toContain('田中')
  })

  it('known only on paper is entered by the co-operative, which must name it', async () => {
    await tilth.state
      .insertInto('membership')
      .values({
        id: 'on-paper',
        org: 'nobody-yet',
        coop: 'ja-midori',
        memberCode: null,
        jaCode: null,
        alias: 'M-1',
        joinedMs: tilth.clock.now(),
        endedMs: null,
      })
      .execute()
    const path = '/api/memberships/on-paper/consent'
    expect((await tilth.call(coop, 'POST', path, all)).body.message).toMatch(/^signedDocumentRef: must name/)
    expect(
      (await tilth.call(coop, 'POST', path, { ...all, signedDocumentRef: 'form of 1 April' })).status,
    ).toBe(200)
    expect(await seen()).toContain('nobody-yet 1111')
    // a third organisation does not even see that there is such a membership
    expect((await tilth.call(member, 'POST', path, all)).status).toBe(404)
  })

  it('cannot be its own co-operative, nor join twice', async () => {
    const { code } = await invite({ purpose: 'member' })
    expect((await tilth.call(coop, 'POST', '/api/me/join', { code })).status).toBe(409)
    const other = await tilth.signUp('mori-farm', 'admin')
    expect((await tilth.call(other, 'POST', '/api/me/join', { code })).status).toBe(200)
    const second = await invite({ purpose: 'member' })
    expect((await tilth.call(other, 'POST', '/api/me/join', { code: second.code })).status).toBe(409)
    // the refused code still counts, for somebody else
    const looked = await tilth.call(null, 'POST', '/api/invitations/inspect', { code: second.code })
    expect(looked.status).toBe(200)
  })
})
