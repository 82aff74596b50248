/** Signing in, and being signed in, while the state store takes no more rows: SQLite answers as on a full disk. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PASSWORD, startTestApi, type TestApi } from '../test-api.ts'

const EMAIL = 'sato@midori.example'
const DAY_MS = 86_400_000
let tilth: TestApi
let cookie: string

beforeAll(async () => {
  tilth = await startTestApi()
  cookie = await tilth.signUp('midori', 'admin', EMAIL)
  // a session of 90 days is extended when a day of it has passed
  const expiresAt = new Date(Date.now() + 80 * DAY_MS).toISOString()
  await sql`update session set expiresAt = ${expiresAt}`.execute(tilth.state)
  await sql`create table filler (bytes blob)`.execute(tilth.state)
  // each of these writes needs more pages than the file may have
  for (const write of ['insert on session', 'update on session', 'insert on audit', 'update on account'])
    await sql
      .raw(
        `create trigger "full ${write}" before ${write} begin insert into filler values (zeroblob(1e6)); end`,
      )
      .execute(tilth.state)
  await sql`pragma max_page_count = 1`.execute(tilth.state) // no page beyond those that the file has
})
afterAll(() => tilth.stop())

const isFull = { status: 503, body: { error: 'DISK_FULL', message: expect.stringContaining('disk is full') } }

it('a sign-in is answered as every other route: 503, with the sentence about the disk', async () => {
  const form = { email: EMAIL, password: PASSWORD }
  expect(await tilth.call(null, 'POST', '/api/auth/sign-in/email', form)).toMatchObject(isFull)
})

it('a wrong password is still a wrong password', async () => {
  const form = { email: EMAIL, password: 'another one' }
  const { status, body } = await tilth.call(null, 'POST', '/api/auth/sign-in/email', form)
  expect([status, body.error]).toEqual([401, 'UNAUTHENTICATED'])
})

it('a session that is due to be extended stays valid, and STOP is sent to the valves', async () => {
  expect((await tilth.call(cookie, 'GET', '/api/me')).status).toBe(200)
  const stop = await tilth.call(cookie, 'POST', '/api/stop', { idem: randomUUID() })
  expect([stop.status, stop.body.error]).toEqual([503, 'STOP_UNRECORDED'])
})

it('a new password that cannot be written is answered with the same sentence', async () => {
  const form = { currentPassword: PASSWORD, newPassword: 'mizu-to-kome-2027' }
  expect(await tilth.call(cookie, 'POST', '/api/auth/change-password', form)).toMatchObject(isFull)
})
