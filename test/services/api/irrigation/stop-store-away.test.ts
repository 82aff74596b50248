/**
 * STOP while the state store does not respond: sessions that this process verified before may stop, and nothing else
 * (B13).
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { everyInternal } from '../../../../broker/contract/topics.ts'
import { verifiedSessions } from '../../../../services/api/auth/verified-sessions.ts'
import { plantFarm } from '../rows.ts'
import { cookieOf, PASSWORD, startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string
const sent: { id: string; unrecorded?: object }[] = []

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  admin = await tilth.signUp('midori', 'admin')
  await tilth.bus.subscribe(everyInternal('request'), ({ payload }) => {
    sent.push(JSON.parse(new TextDecoder().decode(payload)) as (typeof sent)[number])
  })
})
afterAll(() => tilth.stop())

const seen = async (cookie: string) => expect((await tilth.call(cookie, 'GET', '/api/me')).status).toBe(200)
const stop = (cookie: string | null, idem: string, zoneId?: string) =>
  tilth.call(cookie, 'POST', '/api/stop', { idem, ...(zoneId === undefined ? {} : { zoneId }) })
const signIn = async (email: string, password = PASSWORD) =>
  cookieOf(await tilth.call(null, 'POST', '/api/auth/sign-in/email', { email, password }))

/** Sessions cannot be read while `work` runs. */
async function whileAway(work: () => Promise<void>): Promise<void> {
  await sql`alter table session rename to session_away`.execute(tilth.state)
  try {
    await work()
  } finally {
    await sql`alter table session_away rename to session`.execute(tilth.state)
  }
}

it.each(['viewer', 'operator'] as const)(
  'a %s who was seen before stops, and can do nothing else (B13)',
  async (role) => {
    const cookie = await tilth.signUp('midori', role)
    await seen(cookie)
    await whileAway(async () => {
      const { status, body } = await stop(cookie, `stop-of-a-${role}`, 'midori-zone')
      expect([status, body.error]).toEqual([503, 'STOP_UNRECORDED'])
      expect(body.message).toMatch(/^the server cannot record now; STOP was sent to the valves/)
      for (const [method, path, form] of [
        ['GET', '/api/me', undefined],
        ['POST', '/api/start', { idem: 'start-while-away', zoneId: 'midori-zone', minutes: 5 }],
      ] as const)
        expect((await tilth.call(cookie, method, path, form)).status).toBeGreaterThanOrEqual(500)
    })
    await vi.waitFor(() => expect(sent.map(({ id }) => id)).toContain(`stop-of-a-${role}`))
    const { unrecorded } = sent.find(({ id }) => id === `stop-of-a-${role}`)!
    expect(unrecorded).toMatchObject({ zoneId: 'midori-zone' })
  },
)

it('a cookie that was not seen before, and one that is not ours, do not stop', async () => {
  const unseen = await signIn('admin@midori.example')
  const before = sent.length
  await whileAway(async () => {
    for (const cookie of [unseen, `${admin}x`, null]) {
      const { status, body } = await stop(cookie, 'stop-of-a-stranger')
      expect([status, body.error]).not.toEqual([503, 'STOP_UNRECORDED'])
      expect(status).toBeGreaterThanOrEqual(401)
    }
  })
  expect(sent.slice(before)).toEqual([])
})

it('nor do sessions that have ended: signed out, of a changed or reset password, of a removed person (B13)', async () => {
  const email = 'mori@midori.example'
  const signedOut = await tilth.signUp('midori', 'viewer', email)
  const { id } = (await tilth.call(signedOut, 'GET', '/api/me')).body.user as { id: string }
  await tilth.call(signedOut, 'POST', '/api/auth/sign-out', {})

  const otherPhone = await signIn(email)
  const phone = await signIn(email)
  await seen(otherPhone)
  await seen(phone)
  const password = 'mizu-to-kome-2027'
  const change = { currentPassword: PASSWORD, newPassword: password }
  expect((await tilth.call(phone, 'POST', '/api/auth/change-password', change)).status).toBe(200)

  const beforeReset = await signIn(email, password)
  await seen(beforeReset)
  const { code } = (await tilth.call(admin, 'POST', `/api/members/${id}/password-link`, {})).body as {
    code: string
  }
  const reset = await tilth.call(null, 'POST', '/api/password-links/accept', { code, password: PASSWORD })
  expect(reset.status).toBe(200)

  const removed = cookieOf(reset)
  await seen(removed)
  expect((await tilth.call(admin, 'DELETE', `/api/members/${id}`)).status).toBe(200)

  const before = sent.length
  await whileAway(async () => {
    for (const cookie of [signedOut, otherPhone, phone, beforeReset, removed])
      expect((await stop(cookie, 'stop-of-an-ended-session')).body.error).not.toBe('STOP_UNRECORDED')
  })
  expect(sent.slice(before)).toEqual([])
})

it('a verified session is known for twelve hours, not beyond its end, and among the newest only', () => {
  let ms = 0
  const sessions = verifiedSessions({ most: 2, nowMs: () => ms, runningMs: () => ms })
  const HOUR = 3_600_000
  const remember = (token: string, endsAtMs = 1_000 * HOUR, begunAt = sessions.begin()) =>
    sessions.remember(token, {
      session: { userId: token, caller: null, setCookies: [] },
      endsAtMs,
      begunAt,
    })
  remember('short', HOUR)
  remember('long')
  expect(sessions.find('short')).toMatchObject({ userId: 'short' })
  ms = HOUR
  expect(sessions.find('short')).toBeNull()
  remember('third') // the oldest goes
  remember('fourth')
  expect([sessions.find('long'), sessions.find('third')]).toMatchObject([null, { userId: 'third' }])
  ms = 13 * HOUR + 1
  expect(sessions.find('fourth')).toBeNull()
  // a session that ended while the store was asked about it
  const begunAt = sessions.begin()
  sessions.forget({ token: 'ended' })
  remember('ended', 1_000 * HOUR, begunAt)
  expect(sessions.find('ended')).toBeNull()
})
