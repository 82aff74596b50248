/** `npm run password` as a process next to the running server. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashSecret } from '../../../../broker/access/authenticate.ts'
import { passwordCommands } from '../../../../services/api/admin-socket/password-requests.ts'
import { adminRequestHandler } from '../../../../services/api/admin-socket/requests.ts'
import { startAdminSocket, type AdminSocket } from '../../../../services/api/admin-socket/socket.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { silent } from '../../../broker/rig.ts'
import { startTestApi, type TestApi } from '../test-api.ts'
import { builtProgram } from '../../../support/program.ts'

const OTHER = 'mizu-to-kome-2027'

let tilth: TestApi
let akane: string // cookie of its administrator
beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  akane = await tilth.signUp('akane', 'admin')
})
afterAll(() => tilth.stop())

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

describe('npm run password', () => {
  let door: AdminSocket
  beforeAll(async () => {
    door = await startAdminSocket({ dataDir: tilth.dir, log: silent })
    const credentials = { hashSecret: (text: string) => hashSecret(text, 'pepper'), newSecret: () => '' }
    const { state, clock } = tilth
    door.serve(adminRequestHandler(passwordCommands({ state, clock, credentials, httpPort: tilth.api.port })))
  })
  afterAll(() => door.stop())

  /** A separate process next to the running server; it knows only DATA_DIR. */
  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) =>
      execFile(
        process.execPath,
        builtProgram('services/cli/tilth.ts', 'password', ...args),
        {
          cwd: join(import.meta.dirname, '../../../..'),
          env: { PATH: process.env.PATH ?? '', DATA_DIR: tilth.dir },
        },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      ),
    )

  it('prints a link for the only administrator, a member of two farms', async () => {
    const email = 'mori@aoi.example'
    const cookie = await tilth.signUp('aoi', 'admin', email)
    const id: string = (await tilth.call(cookie, 'GET', '/api/me')).body.user.id
    await joins(cookie, akane, 'viewer')
    const { code, out, err } = await run(email.toUpperCase())
    expect([code, err]).toEqual([0, ''])
    const link = new URL(out.split('\n')[0]!)
    expect([link.origin, link.pathname]).toEqual([`http://localhost:${tilth.api.port}`, '/join'])
    const accepted = { code: link.searchParams.get('reset')!, password: OTHER }
    expect((await tilth.call(null, 'POST', '/api/password-links/accept', accepted)).status).toBe(200)
    const signIn = { email, password: OTHER }
    expect((await tilth.call(null, 'POST', '/api/auth/sign-in/email', signIn)).status).toBe(200)
    expect((await linesOf(id)).sort()).toEqual([
      'akane: password.link by console',
      `akane: password.reset by ${id}`,
      'aoi: password.link by console',
      `aoi: password.reset by ${id}`,
    ])
  }, 60_000)

  it('reports in one line that no account has this address', async () => {
    expect(await run('nobody@midori.example')).toEqual({
      code: 1,
      out: '',
      err: 'tilth: EMAIL: no account has the address nobody@midori.example\n',
    })
  }, 60_000)
})
