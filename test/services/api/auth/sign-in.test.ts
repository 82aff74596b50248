/** The first run and sign-in. */
import { createHook } from 'node:async_hooks'
import { scryptSync } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { standardHttpLimits } from '../../../../services/api/http/limits.ts'
import { signInDelay } from '../../../../services/api/auth/sign-in-backoff.ts'
import { serialPasswordHasher } from '../../../../services/api/auth/password-hashing.ts'
import { cookieOf, PASSWORD, startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
const scrypt = serialPasswordHasher()
beforeAll(async () => void (tilth = await startTestApi({}, { hasher: scrypt })))
afterAll(() => tilth.stop())

const form = {
  name: 'Sato Hanako',
  email: 'Hanako@midori.example',
  password: PASSWORD,
  orgName: 'Midori co-op',
  orgId: 'midori',
}
/** Password hashes that were begun; node tells of each piece of work that it gives to its threads. */
function countScrypts() {
  let count = 0
  const hook = createHook({ init: (_, type) => void (type === 'SCRYPTREQUEST' && count++) }).enable()
  return { count: () => count, stop: () => hook.disable() }
}
const tokenOf = (link: string) => new URL(link).searchParams.get('token')!

describe('the first run', () => {
  it('prints a one-time link of 256 bits, and stores only its hash (B1)', async () => {
    const link = tilth.api.setupLink()!
    expect(link).toMatch(new RegExp(`^http://localhost:${tilth.api.port}/setup\\?token=[\\w-]{43}$`))
    // main.ts prints it; a log is kept and passed on, and a link that works is a secret
    expect(JSON.stringify(tilth.logged)).not.toContain(tokenOf(link))
    const kept = await tilth.state.selectFrom('setting').selectAll().execute()
    expect(JSON.stringify(kept)).not.toContain(tokenOf(link))
  })

  it('refuses another token, and the right one with a short password', async () => {
    const wrong = await tilth.call(null, 'POST', '/api/setup', { ...form, token: 'x'.repeat(43) })
    expect([wrong.status, wrong.body.error]).toEqual([403, 'FORBIDDEN'])
    const token = tokenOf(tilth.api.setupLink()!)
    const short = await tilth.call(null, 'POST', '/api/setup', { ...form, password: 'kome', token })
    expect([short.status, short.body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(short.body.message).toContain('password')
    expect(short.body.message).not.toContain('kome')
  })

  it('creates one administrator, however often the link is used concurrently (B1)', async () => {
    const token = tokenOf(tilth.api.setupLink()!)
    const tries = await Promise.all(
      ['a', 'b', 'c'].map((who) =>
        tilth.call(null, 'POST', '/api/setup', { ...form, email: `${who}@midori.example`, token }),
      ),
    )
    expect(tries.map(({ status }) => status).sort()).toEqual([200, 403, 403])
    const first = tries.find(({ status }) => status === 200)!
    expect(first.body).toMatchObject({
      org: { id: 'midori', name: 'Midori co-op' },
      role: 'admin',
      can: { admin: true },
    })
    expect((await tilth.call(cookieOf(first), 'GET', '/api/me')).body).toEqual(first.body)
    expect(tilth.api.setupLink()).toBeNull()
    expect((await tilth.call(null, 'POST', '/api/setup', { ...form, token })).status).toBe(403)
  })
})

describe('sign-in', () => {
  beforeAll(() =>
    tilth.api.createUser({
      email: 'mori@midori.example',
      password: PASSWORD,
      name: 'Mori K',
      org: 'midori',
      orgName: 'ignored: it exists',
      role: 'operator',
    }),
  )
  const signIn = (email: string, password: string) =>
    tilth.call(null, 'POST', '/api/auth/sign-in/email', { email, password })

  it('sets a cookie for 90 days that scripts and other sites cannot read', async () => {
    const answer = await signIn('MORI@midori.example', PASSWORD)
    const cookie = String([answer.headers['set-cookie']].flat()[0])
    expect(cookie).toMatch(/^tilth\.session_token=/)
    expect(cookie).toMatch(/Max-Age=7776000/)
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/i)
    // http://192.168.x.x is how most farms reach it
    expect(cookie).not.toMatch(/Secure/)
    // a body can be read by scripts: the session's token is in the cookie alone
    expect(answer.body).toEqual({ ok: true })
    const me = await tilth.call(cookieOf(answer), 'GET', '/api/me')
    expect(me.body).toMatchObject({
      role: 'operator',
      org: { name: 'Midori co-op' },
      can: { openValve: true, admin: false },
    })
  })

  it('responds the same to a wrong password and an unknown address', async () => {
    const wrong = await signIn('mori@midori.example', 'wrong-password')
    const unknown = await signIn('nobody@midori.example', 'wrong-password')
    expect(wrong.status).toBe(401)
    expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body])
    expect(wrong.body.error).toBe('UNAUTHENTICATED')
  })

  it('is stored as scrypt with N 16384, r 16 and p 1', async () => {
    const [salt, key] = (await scrypt.hash(PASSWORD)).split(':')
    const cost = { N: 16_384, r: 16, p: 1, maxmem: 64 * 2 ** 20 }
    expect(key).toBe(scryptSync(PASSWORD, salt!, 64, cost).toString('hex'))
  })

  it('takes the same work for an unknown address as for a known one: one scrypt each (B10)', async () => {
    const scrypts = countScrypts()
    await signIn('mori@midori.example', 'wrong-password')
    const known = scrypts.count()
    await signIn('nobody@midori.example', 'wrong-password')
    scrypts.stop()
    expect([known, scrypts.count()]).toEqual([1, 2])
  })

  it('never locks out: during many concurrent attempts from elsewhere, the right password signs in (B10)', async () => {
    const from = (remoteAddress: string, password: string) =>
      tilth.api.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        remoteAddress,
        payload: { email: 'victim@midori.example', password },
      })
    await tilth.api.createUser({
      email: 'victim@midori.example',
      password: PASSWORD,
      name: 'Victim',
      org: 'midori',
      orgName: '',
      role: 'operator',
    })
    const guesses = Array.from({ length: 24 }, (_, i) => from(`10.1.${i % 3}.1`, `guess-number-${i}`))
    const own = await from('10.9.9.9', PASSWORD)
    expect(own.statusCode).toBe(200)
    const refused = new Set((await Promise.all(guesses)).map(({ statusCode }) => statusCode))
    expect([...refused].every((status) => status === 401 || status === 429)).toBe(true)
  })

  it('a changed password ends the other sessions, and needs the old one', async () => {
    const [here, there] = [
      cookieOf(await signIn('victim@midori.example', PASSWORD)),
      cookieOf(await signIn('victim@midori.example', PASSWORD)),
    ]
    const change = (currentPassword: string, newPassword: string) =>
      tilth.call(here, 'POST', '/api/auth/change-password', { currentPassword, newPassword })
    const wrong = await change('not-the-old-one', 'a-new-password')
    expect([wrong.status, wrong.body.error]).toEqual([400, 'INVALID_CREDENTIALS'])
    expect((await change(PASSWORD, 'short')).body.error).toBe('BAD_REQUEST')
    expect((await tilth.call(there, 'GET', '/api/me')).status).toBe(200)
    const changed = await change(PASSWORD, 'a-new-password')
    expect([changed.status, changed.body]).toEqual([200, { ok: true }])
    expect((await tilth.call(there, 'GET', '/api/me')).status).toBe(401)
    expect((await tilth.call(cookieOf(changed), 'GET', '/api/me')).status).toBe(200)
    expect((await signIn('victim@midori.example', PASSWORD)).status).toBe(401)
  })

  it('ends with sign-out, on the server too', async () => {
    const cookie = cookieOf(await signIn('mori@midori.example', PASSWORD))
    expect((await tilth.call(cookie, 'GET', '/api/me')).status).toBe(200)
    expect((await tilth.call(cookie, 'POST', '/api/auth/sign-out', {})).status).toBe(200)
    expect((await tilth.call(cookie, 'GET', '/api/me')).status).toBe(401)
  })

  it('that ends during a request is no server error: the request is not authenticated', async () => {
    const cookie = cookieOf(await signIn('mori@midori.example', PASSWORD))
    // as a change of the password elsewhere does it, between the reading of the session and its update
    await sql`CREATE TRIGGER ended BEFORE UPDATE OF activeOrganizationId ON session
              BEGIN DELETE FROM session WHERE id = new.id; END`.execute(tilth.state)
    try {
      const answer = await tilth.call(cookie, 'POST', '/api/auth/organization/set-active', {
        orgId: 'midori',
      })
      expect([answer.status, answer.body.error]).toEqual([401, 'UNAUTHENTICATED'])
    } finally {
      await sql`DROP TRIGGER ended`.execute(tilth.state)
    }
  })

  it('is audited, with sign-out and refusals; an unknown name is not written down (B12)', async () => {
    const cookie = cookieOf(await signIn('mori@midori.example', PASSWORD))
    await tilth.call(cookie, 'POST', '/api/auth/sign-out', {})
    await signIn('mori@midori.example', 'wrong-password')
    await signIn('my-password-typed-here', PASSWORD)
    const lines = await vi.waitFor(async () => {
      const found = await tilth.state
        .selectFrom('audit')
        .select(['action', 'actor', 'subject', 'detail'])
        .where('action', 'like', 'sign-%')
        .orderBy('n')
        .execute()
      expect(found.at(-1)!.action).toBe('sign-in.refused')
      return found
    })
    expect(lines.slice(-3).map(({ action }) => action)).toEqual(['sign-in', 'sign-out', 'sign-in.refused'])
    expect(new Set(lines.slice(-3).map(({ actor }) => actor)).size).toBe(1)
    expect(JSON.stringify(lines)).not.toContain('my-password')
  })

  it('that is refused repeatedly adds two audit lines before the successful one', async () => {
    const many = await startTestApi({ limits: { ...standardHttpLimits, 'sign-in': 10_000 } })
    await many.signUp('midori', 'viewer', 'victim@midori.example')
    const tried = (password: string) =>
      many.call(null, 'POST', '/api/auth/sign-in/email', { email: 'victim@midori.example', password })
    const noted = async () =>
      (
        await many.state
          .selectFrom('audit')
          .select(['action', 'detail'])
          .where('action', 'like', 'sign-in%')
          .orderBy('n')
          .execute()
      ).map(({ action, detail }) => [
        action,
        (JSON.parse(detail as unknown as string) as { times?: number }).times,
      ])
    for (let i = 0; i < 3; i++) expect((await tried(`guess-${i}`)).status).toBe(401)
    await vi.waitFor(async () => expect(await noted()).toContainEqual(['sign-in.refused', 1]))
    expect((await tried(PASSWORD)).status).toBe(200)
    expect(await noted()).toEqual([
      ['sign-in', undefined],
      ['sign-in.refused', 1],
      ['sign-in.refused', 2],
      ['sign-in', undefined],
    ])
    await many.stop()
  })

  it('the audit can be read and verified only by an administrator (B12)', async () => {
    const admin = await tilth.signUp('midori', 'admin', 'audit@midori.example')
    const operator = cookieOf(await signIn('mori@midori.example', PASSWORD))
    expect((await tilth.call(operator, 'GET', '/api/audit')).status).toBe(403)
    const page = await tilth.call(admin, 'GET', '/api/audit?limit=2')
    expect(page.body).toHaveLength(2)
    const next = await tilth.call(admin, 'GET', `/api/audit?limit=2&before=${page.body[1].n}`)
    expect(next.body[0].n).toBe(page.body[1].n - 1)
    const { body: verdict } = await tilth.call(admin, 'GET', '/api/audit/verify')
    expect(verdict).toMatchObject({ broken: null, lines: verdict.head.n })
    const forged = `${verdict.head.n}-${'0'.repeat(64)}`
    const { body: compared } = await tilth.call(admin, 'GET', `/api/audit/verify?noted=${forged}`)
    expect(compared.broken.n).toBe(verdict.head.n)
  })

  it('nobody can create an account for themselves', async () => {
    const body = { email: 'new@midori.example', password: PASSWORD, name: 'New' }
    expect((await tilth.call(null, 'POST', '/api/auth/sign-up/email', body)).status).toBe(404)
  })

  it('an address has one account', async () => {
    const again = tilth.api.createUser({
      email: 'Mori@midori.example',
      password: PASSWORD,
      name: 'Mori',
      org: 'midori',
      orgName: '',
      role: 'admin',
    })
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('a removed member is signed out', async () => {
    const admin = await tilth.signUp('midori', 'admin')
    const cookie = cookieOf(await signIn('mori@midori.example', PASSWORD))
    const members = (await tilth.call(admin, 'GET', '/api/members')).body as { id: string; email: string }[]
    const { id } = members.find(({ email }) => email === 'mori@midori.example')!
    expect((await tilth.call(admin, 'DELETE', `/api/members/${id}`)).status).toBe(200)
    expect((await tilth.call(cookie, 'GET', '/api/me')).status).toBe(401)
  })

  it('is limited per account and address: another person behind the address still signs in (B10)', async () => {
    const limits = { ...standardHttpLimits, 'sign-in': 3, 'sign-in-address': 8 }
    const shared = await startTestApi({ limits })
    const own = await shared.signUp('midori', 'viewer', 'neighbour@midori.example')
    const tried = async (email: string, password = 'wrong-password') =>
      shared.call(null, 'POST', '/api/auth/sign-in/email', { email, password })
    const statuses: number[] = []
    for (const email of ['a@b.example', 'A@b.example', 'a@B.example', ' a@b.example'])
      statuses.push((await tried(email)).status)
    expect(statuses.slice(0, 3)).toEqual([401, 401, 401])
    const refused = await tried('a@b.example')
    expect([refused.status, Number(refused.headers['retry-after']) > 0]).toEqual([429, true])
    expect((await tried('neighbour@midori.example', PASSWORD)).status).toBe(200)
    // all accounts together have a ceiling; the eighth was signed up with, so this one is over it
    for (let i = 0; i < 3; i++) statuses.push((await tried(`other-${i}@b.example`)).status)
    expect(statuses.at(-1)).toBe(429)
    // who is signed in already changes the password, reads and stops
    const change = { currentPassword: PASSWORD, newPassword: 'another-password' }
    expect((await shared.call(own, 'GET', '/api/me')).status).toBe(200)
    expect((await shared.call(own, 'POST', '/api/auth/change-password', change)).status).toBe(200)
    await shared.stop()
  })
})

describe('a wrong password', () => {
  it('adds an increasing delay, which ends after 15 minutes or a correct password (B10)', () => {
    let nowMs = 0
    const delay = signInDelay(() => nowMs)
    const waits = Array.from({ length: 10 }, () => delay.tried('mori'))
    expect(waits).toEqual([0, 0, 0, 250, 500, 1000, 2000, 4000, 8000, 8000])
    expect(delay.tried('sato')).toBe(0)
    nowMs += 15 * 60_000
    expect(delay.tried('mori')).toBe(0)
    for (let i = 0; i < 5; i++) delay.tried('mori')
    delay.succeeded('mori')
    expect(delay.tried('mori')).toBe(0)
  })
})

describe('behind a proxy with TLS', () => {
  it('the cookie is secure and the link is the public one (B8)', async () => {
    const behind = await startTestApi({ publicUrl: 'https://tilth.example.org' })
    try {
      expect(behind.api.setupLink()).toMatch(/^https:\/\/tilth\.example\.org\/setup\?token=/)
      await behind.signUp('midori', 'admin')
      const answer = await behind.api.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        headers: { host: 'localhost:8080', origin: 'https://tilth.example.org' },
        payload: { email: 'admin@midori.example', password: PASSWORD },
      })
      expect(answer.statusCode).toBe(200)
      // RFC 6265bis 4.1.3.2: this prefix asks for Secure, Path=/ and no Domain
      const cookie = String(answer.headers['set-cookie'])
      expect(cookie).toMatch(/^__Host-tilth\.session_token=/)
      for (const part of ['Secure', 'HttpOnly', 'Path=/', 'SameSite=Strict'])
        expect(cookie.split('; ').map((each) => each.toLowerCase())).toContain(part.toLowerCase())
      expect(cookie).not.toMatch(/domain/i)
      const me = await behind.api.inject({
        url: '/api/me',
        headers: { host: 'localhost:8080', cookie: cookie.split(';', 1)[0]! },
      })
      expect(me.statusCode).toBe(200)
      // a page that came without TLS may be anyone's
      const plain = { host: 'tilth.example.org', origin: 'http://tilth.example.org', cookie }
      const refused = await behind.api.inject({ method: 'POST', url: '/api/auth/sign-out', headers: plain })
      expect(refused.statusCode).toBe(403)
      expect(answer.headers['strict-transport-security']).toBeDefined()
    } finally {
      await behind.stop()
    }
  })
})
