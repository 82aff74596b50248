/** A link to a new password: who may make one, for whom, how long it counts, and what it must never open. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newClaimCode } from '../../../../broker/contract/claim-code.ts'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import type { PasswordHasher } from '../../../../services/api/auth/password-hashing.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { plantFarm } from '../rows.ts'
import { cheapHasher, cookieOf, PASSWORD, startTestApi, type TestApi } from '../test-api.ts'
import { breakTable } from '../../../support/broken-table.ts'

const OTHER = 'mizu-to-kome-2027'

let tilth: TestApi
let midori: string // cookies of the two administrators
let akane: string
let mori: { email: string; cookie: string; id: string } // an operator of midori, another in each test
let count = 0

/** Takes its time, as scrypt does, but not the processor's. */
const slowHasher: PasswordHasher = {
  hash: (password) => pause(50).then(() => cheapHasher.hash(password)),
  verify: (sent) => pause(50).then(() => cheapHasher.verify(sent)),
}

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits }, { hasher: slowHasher })
  await plantFarm(tilth.state, 'midori')
  midori = await tilth.signUp('midori', 'admin')
  akane = await tilth.signUp('akane', 'admin')
})
beforeEach(async () => void (mori = await somebody('midori', 'operator')))
afterAll(() => tilth.stop())

async function somebody(org: string, role: 'operator' | 'admin') {
  const email = `mori-${++count}@${org}.example`
  const cookie = await tilth.signUp(org, role, email)
  return { email, cookie, id: await idOf(cookie) }
}
const idOf = async (cookie: string): Promise<string> =>
  (await tilth.call(cookie, 'GET', '/api/me')).body.user.id
const make = (by: string, id = mori.id) => tilth.call(by, 'POST', `/api/members/${id}/password-link`)
const codeBy = async (by: string, id = mori.id): Promise<string> => {
  const { status, text, body } = await make(by, id)
  expect([status, text]).toEqual([200, text])
  return body.code
}
const look = (code: string) => tilth.call(null, 'POST', '/api/password-links/inspect', { code })
const accept = (code: string, password = OTHER) =>
  tilth.call(null, 'POST', '/api/password-links/accept', { code, password })
const signIn = (password: string, email = mori.email) =>
  tilth.call(null, 'POST', '/api/auth/sign-in/email', { email, password })
/** Into an organisation by its invitation, as people come into a second one. */
async function joins(cookie: string, admin: string, role: string): Promise<void> {
  const { body } = await tilth.call(admin, 'POST', '/api/invitations', { purpose: 'person', role })
  expect((await tilth.call(cookie, 'POST', '/api/me/join', { code: body.code })).status).toBe(200)
}
const linesOf = async (subject: string) =>
  (
    await tilth.state
      .selectFrom('audit')
      .select(['org', 'action', 'actor'])
      .where('subject', '=', subject)
      .where('action', 'like', 'password.%')
      .orderBy('atMs')
      .orderBy('n')
      .execute()
  ).map(({ org, action, actor }) => `${org}: ${action} by ${actor}`)
async function expectVoid(code: string): Promise<void> {
  for (const answer of [await look(code), await accept(code)])
    expect([answer.status, answer.body.error]).toEqual([403, 'FORBIDDEN'])
  expect((await signIn(PASSWORD)).status).toBe(200)
}

describe('a link to a new password', () => {
  it('is one-time and valid for 24 h: it signs in, ends every session, and voids the previous password', async () => {
    const { status, body, headers } = await make(midori)
    expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
    expect(body).toEqual({
      code: body.code,
      url: `/join?reset=${body.code}`,
      expiresMs: tilth.clock.now() + DAY_MS,
    })
    // who forgot nothing goes on as before
    expect((await tilth.call(mori.cookie, 'GET', '/api/me')).status).toBe(200)
    expect((await look(body.code.toLowerCase())).body).toEqual({
      purpose: 'password',
      name: 'operator of midori',
      email: mori.email,
    })
    const devices = await tilth.state.selectFrom('device').selectAll().execute()
    const accepted = await accept(body.code)
    expect([accepted.status, accepted.body]).toEqual([200, { ok: true }])
    expect((await tilth.call(mori.cookie, 'GET', '/api/me')).status).toBe(401)
    const me = await tilth.call(cookieOf(accepted), 'GET', '/api/me')
    expect(me.body).toMatchObject({ user: { id: mori.id }, org: { id: 'midori' }, role: 'operator' })
    expect([(await signIn(PASSWORD)).status, (await signIn(OTHER)).status]).toEqual([401, 200])
    expect((await accept(body.code, 'a-third-password')).status).toBe(403)
    expect((await signIn(OTHER)).status).toBe(200)
    // what devices sign in with is no person's
    expect(devices.length).toBeGreaterThan(0)
    expect(await tilth.state.selectFrom('device').selectAll().execute()).toEqual(devices)
    expect((await tilth.call(midori, 'GET', '/api/me')).status).toBe(200)
    expect(await linesOf(mori.id)).toEqual([
      `midori: password.link by ${await idOf(midori)}`,
      `midori: password.reset by ${mori.id}`,
    ])
  })

  it('is stored only as a hash, and is in no log and no line of the audit (B1)', async () => {
    const code = await codeBy(midori)
    const rows = await tilth.state.selectFrom('passwordLink').selectAll().execute()
    const { codeHash } = rows.find(({ userId }) => userId === mori.id)!
    expect(JSON.stringify(rows)).not.toContain(code)
    for (const password of ['short', OTHER, OTHER]) await accept(code, password)
    const lines = await tilth.state.selectFrom('audit').selectAll().execute()
    const { text: exported } = await tilth.call(midori, 'GET', '/api/export')
    expect(exported).toContain('password.reset')
    const told = JSON.stringify([lines, tilth.logged, exported])
    for (const secret of [code, codeHash, OTHER]) expect(told).not.toContain(secret)
  })

  it('admits one person, however often it is opened concurrently', async () => {
    const code = await codeBy(midori)
    const passwords = ['the-first-password', 'the-second-password', 'the-third-password']
    const answers = await Promise.all(passwords.map((password) => accept(code, password)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403])
    const good = passwords[answers.findIndex(({ status }) => status === 200)]!
    for (const password of passwords)
      expect((await signIn(password)).status).toBe(password === good ? 200 : 401)
  })

  it('is not created, and changes nothing, while the record cannot be written', async () => {
    const code = await codeBy(midori)
    const repair = await breakTable(tilth.state, 'audit', ['insert'])
    try {
      expect([(await make(midori)).status, (await accept(code)).status]).toEqual([500, 500])
    } finally {
      await repair()
    }
    expect((await tilth.call(mori.cookie, 'GET', '/api/me')).status).toBe(200)
    expect((await signIn(PASSWORD)).status).toBe(200)
    expect((await accept(code)).status).toBe(200)
  })

  it('is not consumed by a password that is too short', async () => {
    const code = await codeBy(midori)
    const short = await accept(code, 'kome')
    expect([short.status, short.body.error]).toEqual([400, 'BAD_REQUEST'])
    expect(short.body.message).toContain('password')
    expect((await accept(code)).status).toBe(200)
  })

  it('is invalid after 24 h, after another link was created, and after the password was changed', async () => {
    const [first, second] = [await codeBy(midori), await codeBy(midori)]
    await expectVoid(first)
    await tilth.clock.advanceTo(tilth.clock.now() + DAY_MS)
    await expectVoid(second)
    const third = await codeBy(midori)
    const change = { currentPassword: PASSWORD, newPassword: OTHER }
    expect((await tilth.call(mori.cookie, 'POST', '/api/auth/change-password', change)).status).toBe(200)
    expect((await accept(third, 'a-third-password')).status).toBe(403)
    expect((await signIn(OTHER)).status).toBe(200)
  })

  it('is invalid once its author has another password: somebody else may have created it', async () => {
    const maker = await somebody('midori', 'admin')
    const code = await codeBy(maker.cookie)
    const change = { currentPassword: PASSWORD, newPassword: OTHER }
    expect((await tilth.call(maker.cookie, 'POST', '/api/auth/change-password', change)).status).toBe(200)
    await expectVoid(code)
  })

  it('stops notifications to the phones of the account', async () => {
    const device = { org: 'midori', name: 'Phone', pushKey: 'k', pushAuth: 'a', createdAtMs: 0 }
    const phones = [
      { ...device, id: 'theirs', userId: mori.id, pushUrl: 'https://push.example/1' },
      { ...device, id: 'another', userId: await idOf(midori), pushUrl: 'https://push.example/2' },
    ]
    await tilth.state.insertInto('pushDevice').values(phones).execute()
    expect((await accept(await codeBy(midori))).status).toBe(200)
    const left = await tilth.state.selectFrom('pushDevice').select('id').execute()
    expect(left).toEqual([{ id: 'another' }])
    await tilth.state.deleteFrom('pushDevice').execute()
  })

  it('that never existed is refused like an expired one; a mistyped one is reported as mistyped', async () => {
    await expectVoid(newClaimCode((bytes) => new Uint8Array(bytes).fill(7)))
    const mistyped = await look('K3QF-7M2P')
    expect([mistyped.status, mistyped.body.message]).toEqual([
      ...[400, 'code: expected 20 letters and digits, got 8'],
    ])
  })

  it('has a limit of attempts per minute from one address', async () => {
    const limited = await startTestApi()
    const tries = []
    for (let i = 0; i < 12; i++)
      tries.push((await limited.call(null, 'POST', '/api/password-links/inspect', { code: 'x' })).status)
    expect(tries).toEqual([...Array<number>(10).fill(400), 429, 429])
    await limited.stop()
  })
})

describe('an administrator', () => {
  it('creates none for themselves, for a person outside the organisation, or without the role', async () => {
    const own = await make(midori, await idOf(midori))
    expect([own.status, own.body.error]).toEqual([409, 'CONFLICT'])
    const others = await make(akane)
    expect([others.status, others.body]).toEqual([
      ...[404, { error: 'NOT_FOUND', message: `there is no member ${mori.id} in this organisation` }],
    ])
    expect((await make(mori.cookie, await idOf(midori))).status).toBe(403)
    expect((await make('', mori.id)).status).toBe(401)
    expect(await linesOf(mori.id)).toEqual([])
  })

  it('creates one for another administrator of the same organisation', async () => {
    const second = await somebody('midori', 'admin')
    expect((await accept(await codeBy(midori, second.id))).status).toBe(200)
    expect((await signIn(OTHER, second.email)).status).toBe(200)
  })

  it('of one farm creates none for a member of a second farm, whatever the role there (B1)', async () => {
    for (const role of ['viewer', 'admin']) {
      const both = await somebody('midori', 'operator')
      await joins(both.cookie, akane, role)
      for (const by of [midori, akane]) {
        const refused = await make(by, both.id)
        expect([refused.status, refused.body]).toEqual([
          403,
          {
            error: 'USER_IN_OTHER_ORGANISATION',
            message:
              'this person also belongs to another organisation; ask the server operator to create the link',
          },
        ])
      }
      expect(await linesOf(both.id)).toEqual([])
      expect((await tilth.call(both.cookie, 'GET', '/api/me')).status).toBe(200)
    }
  })

  it('who is only an operator at the other farm creates no link for its people', async () => {
    const boss = await somebody('midori', 'admin')
    await joins(boss.cookie, akane, 'agronomist')
    await joins(mori.cookie, akane, 'operator')
    const entered = { orgId: 'midori' }
    await tilth.call(boss.cookie, 'POST', '/api/auth/organization/set-active', entered)
    expect((await make(boss.cookie)).body.error).toBe('USER_IN_OTHER_ORGANISATION')
  })

  it('of all of their farms creates one; it is audited in each', async () => {
    const boss = await somebody('midori', 'admin')
    await joins(boss.cookie, akane, 'admin')
    await joins(mori.cookie, akane, 'viewer')
    expect((await accept(await codeBy(boss.cookie))).status).toBe(200)
    expect((await linesOf(mori.id)).sort()).toEqual([
      `akane: password.link by ${boss.id}`,
      `akane: password.reset by ${mori.id}`,
      `midori: password.link by ${boss.id}`,
      `midori: password.reset by ${mori.id}`,
    ])
  })
})

describe('an unused link', () => {
  it('is void once the person joins another farm: its author gets no access there (B1)', async () => {
    const code = await codeBy(midori)
    await joins(mori.cookie, akane, 'admin')
    await expectVoid(code)
  })

  it('is void once the person has left, even if they rejoin with the same role', async () => {
    const boss = await somebody('midori', 'admin')
    await joins(boss.cookie, akane, 'admin')
    await joins(mori.cookie, akane, 'viewer')
    const code = await codeBy(boss.cookie)
    expect((await tilth.call(akane, 'DELETE', `/api/members/${mori.id}`)).status).toBe(200)
    await expectVoid(code)
    await joins(cookieOf(await signIn(PASSWORD)), akane, 'viewer')
    await expectVoid(code)
  })

  it('is void once its author is removed from one of the farms', async () => {
    const boss = await somebody('midori', 'admin')
    await joins(boss.cookie, akane, 'admin')
    await joins(mori.cookie, akane, 'viewer')
    const code = await codeBy(boss.cookie)
    expect((await look(code)).status).toBe(200)
    expect((await tilth.call(akane, 'DELETE', `/api/members/${boss.id}`)).status).toBe(200)
    await expectVoid(code)
  })

  it('is void if the person joins another farm while the password is being hashed', async () => {
    const code = await codeBy(midori)
    const { body } = await tilth.call(akane, 'POST', '/api/invitations', { purpose: 'person' })
    // the hashes stand in line: the join is over before that of the link's password is done
    const first = signIn('a-wrong-password', 'nobody@midori.example')
    const accepted = accept(code)
    const joined = await tilth.call(mori.cookie, 'POST', '/api/me/join', { code: body.code })
    expect(joined.status).toBe(200)
    expect([(await accepted).status, (await first).status]).toEqual([403, 401])
    expect((await signIn(PASSWORD)).status).toBe(200)
  })
})
