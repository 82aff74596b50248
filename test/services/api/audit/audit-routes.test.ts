/** Every change and every sign-in adds a line to the audit; no stored or published data holds a secret (B12). */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyInternal, internalKinds } from '../../../../broker/contract/topics.ts'
import { verifyAudit } from '../../../../services/audit/audit-log.ts'
import { startIngest, type Ingest } from '../../../../services/ingest/ingest.ts'
import { silent } from '../../../broker/rig.ts'
import { callOf, isWriting, routeCases } from '../route-cases.ts'
import { plantOrganisations } from '../route-cases/plant.ts'
import type { Known } from '../route-cases/route-case.ts'
import { cookieOf, PASSWORD, startTestApi, type Answer, type TestApi } from '../test-api.ts'
import { breakTable } from '../../../support/broken-table.ts'

let tilth: TestApi
let ingest: Ingest
let known: Known
let cookie: string
let admin: string
const told: string[] = [] // over the bus
const answered = new Map<string, string>() // by route

beforeAll(async () => {
  tilth = await startTestApi()
  for (const kind of internalKinds)
    await tilth.bus.subscribe(everyInternal(kind), ({ topic, payload }) => {
      told.push(topic + new TextDecoder().decode(payload))
    })
  const planted = await plantOrganisations(tilth)
  known = planted.known
  cookie = planted.admin.midori!
  admin = (await tilth.call(cookie, 'GET', '/api/me')).body.user.id
  ingest = await startIngest({ ...tilth, log: silent }) // an erasure waits for it
})
afterAll(async () => {
  await ingest.stop()
  await tilth.stop()
})

const lines = () =>
  tilth.state
    .selectFrom('audit')
    .select(['action', 'actor', 'subject', 'detail'])
    .where('org', '=', 'midori')
    .orderBy('n')
    .execute()

const secrets: Record<string, string> = { password: PASSWORD }
const token = (text: string) => decodeURIComponent(text.split('=')[1]!).split('.')[0]!

/** What an answer shows once, to be looked for everywhere else. */
function keepSecrets(route: string, { body, headers }: Answer): void {
  const shown = (body ?? {}) as { secret?: string; commandKey?: string | null; code?: string }
  if (shown.secret) secrets[`secret of ${route}`] = shown.secret
  if (shown.commandKey) secrets[`command key of ${route}`] = shown.commandKey
  if (shown.code) secrets[`claim code of ${route}`] = shown.code
  for (const each of [headers['set-cookie'] ?? []].flat())
    if (/session_token=[^;]/.test(String(each)))
      secrets[`session of ${route}`] = token(String(each).split(';')[0]!)
}

const writing = Object.keys(routeCases).filter(isWriting)
// people are better-auth's to write, letters the journal's; an erasure takes the series too, before its line
const notOne =
  /\/auth\/|\/members|\/setup|\/claim$|(invitations|password-links)\/(inspect|accept)|labels\/read|dead-letters|read-again|DELETE \/api\/farms/

describe('a change whose line cannot be written', () => {
  it('is rejected: on every route the rows are unchanged (B12)', async () => {
    const repair = await breakTable(tilth.state, 'audit', ['insert'])
    try {
      for (const route of writing) {
        if (notOne.test(route) || routeCases[route]!.ownStatus !== undefined) continue
        const { method, url, body } = callOf(route, 'midori', known)
        const before = await rowsOfAll()
        const answer = await tilth.call(cookie, method, url, body)
        expect([route, answer.status >= 500]).toEqual([route, true])
        expect([route, await rowsOfAll()]).toEqual([route, before])
      }
    } finally {
      await repair()
    }
  })
})

/** Everything that a person can change. */
async function rowsOfAll(): Promise<string> {
  const tables = [
    'farm',
    'field',
    'season',
    'zone',
    'pump',
    'device',
    'degreeDayTracker',
    'run',
    'request',
    'claim',
    'product',
    'productUse',
    'treatment',
  ] as const
  const rows = await Promise.all(tables.map((table) => tilth.state.selectFrom(table).selectAll().execute()))
  return JSON.stringify(rows)
}

describe('every route that sends a file', () => {
  // but a stream, which does not end
  // and the authority's certificate, which anyone may have without signing in
  const reading = Object.entries(routeCases)
    .filter(([route, { kind }]) => !isWriting(route) && !/events$/.test(route) && kind !== 'public')
    .map(([route]) => route)

  it('adds one audit line with the person who downloaded it; reading without a download adds none', async () => {
    const sent: string[] = []
    for (const route of reading) {
      const { url } = callOf(route, 'midori', known)
      const before = (await lines()).length
      const { headers } = await tilth.call(cookie, 'GET', url)
      const added = (await lines()).slice(before)
      const isFile = String(headers['content-disposition']).startsWith('attachment')
      if (isFile) sent.push(route)
      expect([route, added.map(({ actor }) => actor)]).toEqual([route, isFile ? [admin] : []])
    }
    expect(sent.filter((route) => /reports|drainage/.test(route))).toHaveLength(11)
  })

  it('is audited with its form, year and member, both when ordered and when awaited', async () => {
    const last = async () => {
      const { action, subject, detail } = (await lines()).at(-1)!
      return { action, subject, ...(JSON.parse(detail as unknown as string) as object) }
    }
    const get = (url: string) => tilth.call(cookie, 'GET', url)
    const year = 2026
    await get('/api/reports/season.pdf?year=2026&farmId=midori-farm')
    const ofMember = { format: 'pdf', year, farmId: 'midori-farm' }
    expect(await last()).toEqual({ action: 'report.download', subject: 'midori-farm', ...ofMember })
    const order = (await tilth.call(cookie, 'POST', '/api/reports', { ...ofMember, year: '2026' })).body.id
    await expect
      .poll(async () => (await get(`/api/reports/${order}/file`)).status, { timeout: 20_000 })
      .toBe(200)
    expect(await last()).toEqual({ action: 'report.download', subject: order, ...ofMember })
    const ofAll = { action: 'report.download', year, farmId: null }
    await get('/api/reports/season.csv?year=2026')
    expect(await last()).toEqual({ ...ofAll, subject: 'midori', format: 'csv' })
    await get('/api/reports/season.sprays?year=2026&scheme=eu')
    expect(await last()).toEqual({ ...ofAll, subject: 'midori', format: 'sprays.eu' })
    await get('/api/fields/midori-paddy/drainage.json?year=2026')
    expect(await last()).toEqual({ ...ofAll, subject: 'midori-paddy', format: 'drainage.json' })
  })

  it.each(['season.csv?year=2026', 'season.csv?year=2026&encoding=shift_jis', 'season.pdf?year=2026'])(
    'a failed %s does not count as downloaded',
    async (file) => {
      const before = (await lines()).length
      await sql`ALTER TABLE harvest_load RENAME TO lost`.execute(tilth.state)
      const { status } = await tilth
        .call(cookie, 'GET', `/api/reports/${file}`)
        .finally(() => sql`ALTER TABLE lost RENAME TO harvest_load`.execute(tilth.state))
      expect(status).toBe(500)
      expect((await lines()).length).toBe(before)
    },
  )

  it('adds no audit line when the file cannot be made, and HEAD makes no file', async () => {
    const before = (await lines()).length
    expect((await tilth.call(cookie, 'GET', '/api/reports/season.pdf?year=2026&farmId=no-farm')).status).toBe(
      404,
    )
    const head = await tilth.api.inject({
      method: 'HEAD',
      url: '/api/reports/season.csv?year=2026',
      headers: { cookie, host: 'farm.local' },
    })
    expect(head.statusCode).toBe(404)
    expect((await lines()).length).toBe(before)
  })
})

describe('every route that writes', () => {
  // in the order of the table; each leaves the farm so that the next succeeds
  it.each(writing)('%s adds an audit line with its author (B12)', async (route) => {
    const { method, url, body } = callOf(route, 'midori', known)
    const before = (await lines()).length
    const answer = await tilth.call(cookie, method, url, body)
    answered.set(route, answer.text)
    keepSecrets(route, answer)
    const added = (await lines()).slice(before)
    if (routeCases[route]!.unaudited !== undefined) {
      expect([answer.status >= 400, added]).toEqual([true, []])
      return
    }
    expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, answer.text.slice(0, 200)])
    expect(added.length).toBeGreaterThan(0)
    expect(added.map(({ actor }) => actor)).toEqual(added.map(() => admin))
    // a changed password creates a new session
    if (answer.headers['set-cookie'] !== undefined && route !== 'POST /api/auth/sign-out')
      cookie = cookieOf(answer)
  })

  it('an export is audited as well: it copies all data', async () => {
    const other = await tilth.signUp('midori', 'admin', 'exports@midori.example')
    await tilth.call(other, 'GET', '/api/export')
    expect((await lines()).at(-1)).toMatchObject({ action: 'export' })
  })

  it('a refused request is not audited, but a wrong password is', async () => {
    const viewer = await tilth.signUp('midori', 'viewer', 'looks@midori.example')
    const before = (await lines()).length
    await tilth.call(viewer, 'POST', '/api/farms', { name: 'x' })
    await tilth.call(viewer, 'PATCH', '/api/zones/midori-zone', { mode: 'auto' })
    expect((await lines()).length).toBe(before)
  })

  it('the chain of all these lines is intact (B12)', async () => {
    const { broken, lines: count } = await verifyAudit(tilth.state, 'midori')
    expect([broken, count]).toEqual([null, (await lines()).length])
  })
})

describe('a secret', () => {
  const wrong = { password: 'wrong-password-typed', name: 'password-typed-as-the-name' }
  beforeAll(async () => {
    const signIn = (email: string, password: string) =>
      tilth.call(null, 'POST', '/api/auth/sign-in/email', { email, password })
    await signIn('looks@midori.example', wrong.password)
    await signIn(wrong.name, PASSWORD)
    // refused by the schema, with the secrets in it
    await tilth.call(null, 'POST', '/api/setup', { token: 'x', password: secrets.password })
    Object.assign(secrets, { wrong: wrong.password, name: wrong.name, changed: 'mizu-to-kome-2027' })
  })

  it('of each kind was created during the test', () => {
    const kinds = Object.keys(secrets).map((name) => name.split(' of ')[0])
    expect(kinds).toEqual(
      expect.arrayContaining([
        'password',
        'secret',
        'command key',
        'claim code',
        'session',
        'changed',
        'wrong',
      ]),
    )
  })

  it('is in no line of the log, the audit or the bus, and in no response but its own (B12)', async () => {
    const other = await tilth.signUp('midori', 'admin', 'reads@midori.example')
    const reads = [
      'export',
      'audit',
      'devices',
      'farms',
      'members',
      'today',
      'plan',
      'dead-letters',
      'docs/json',
    ]
    const places: [string, string][] = [
      ['log', JSON.stringify(tilth.logged, errorsToo)],
      ['bus', told.join('\n')],
      ['audit', JSON.stringify(await tilth.state.selectFrom('audit').selectAll().execute())],
      ['metrics', (await tilth.api.inject('/metrics')).body],
    ]
    for (const read of reads) places.push([read, (await tilth.call(other, 'GET', `/api/${read}`)).text])
    for (const [route, text] of answered) places.push([route, text])
    const found = Object.entries(secrets).flatMap(([name, secret]) =>
      places.flatMap(([place, text]) =>
        text.includes(secret) && !name.endsWith(` of ${place}`) ? [`${name} in ${place}`] : [],
      ),
    )
    expect(found).toEqual([])
    expect(places[0]![1].length).toBeGreaterThan(100) // something was logged
    expect(places[1]![1]).toContain('midori')
  })

  it('of a person, a device or a claim is in no file in plain text: only hashes are stored (B12)', async () => {
    const files = (await readdir(tilth.dir)).filter((name) => /\.db/.test(name))
    expect(files.length).toBeGreaterThan(2)
    // a command key signs commands, a session is looked up: these two must be there
    const hashed = Object.entries(secrets).filter(([name]) => !/^(command key|session)/.test(name))
    for (const file of files) {
      const bytes = await readFile(join(tilth.dir, file))
      for (const [name, secret] of hashed)
        expect([file, name, bytes.includes(secret)]).toEqual([file, name, false])
    }
  })
})

/** An error as a log would write it: what is in its message, stack and cause counts too. */
const errorsToo = (_: string, value: unknown): unknown =>
  value instanceof Error
    ? { ...value, message: value.message, stack: value.stack, cause: value.cause }
    : value
