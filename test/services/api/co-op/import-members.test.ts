/** Members from a table with three bad rows: nothing changes until it is confirmed, and a second time nothing at all. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberShares } from '../../../../services/domain/consent.ts'
import { toJson } from '../../../../services/tables.ts'
import type { Membership } from '../../../../services/api/co-op/co-op-schemas.ts'
import { noHttpLimits } from '../../../../services/api/http/limits.ts'
import { plantFarm } from '../rows.ts'
import { cookieOf, PASSWORD, startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let coop: string

beforeAll(async () => {
  tilth = await startTestApi({ limits: noHttpLimits })
  coop = await tilth.signUp('ja-midori', 'admin')
})
afterAll(() => tilth.stop())

const head = 'Code,Member,Field,Area (a),Crop,Planted,Shares yield,Shares name,Consent paper'
const bad = [
  '0002,Mori,Dam,a lot,rice,2026-05-20,,,',
  '0003,Ito,River,8,rise,2026-05-20,,,',
  '0003,Ito,Shrine,8,rice,20 May,,,',
]
const mended = [
  '0002,Mori,Dam,14,rice,2026-05-20,,,',
  '0003,Ito,River,8,rice,2026-05-20,,,',
  '0003,Ito,Shrine,8,rice,2026-05-20,,,',
]
const table = (...rows: string[]) => ({
  base64: Buffer.from(
    [
      head,
      '0001,Aoki,North,12,rice,2026-05-18,yes,yes,form of 1 April',
      '0001,Aoki,South,1.2,,,yes,yes,form of 1 April',
      ...rows,
    ].join('\n'),
  ).toString('base64'),
})
const call = (path: string, body: object) => tilth.call(coop, 'POST', `/api/memberships/${path}`, body)
const everything = async () =>
  JSON.stringify(
    await Promise.all(
      (['farm', 'field', 'season', 'membership', 'consent'] as const).map((name) =>
        tilth.state.selectFrom(name).selectAll().orderBy('id').execute(),
      ),
    ),
  )
const bring = async (...rows: string[]) => {
  const { body: preview } = await call('preview', table(...rows))
  return call('import', { ...table(...rows), hash: preview.hash, leaveOut: preview.leftOut })
}

describe('an import of members', () => {
  it('needs the location of the co-operative, and returns that reason', async () => {
    const answer = await bring()
    expect([answer.status, answer.body.message]).toEqual([409, expect.stringMatching(/^add a farm first/)])
    expect(answer.body.params).toEqual({ fault: 'no-farm' })
    await plantFarm(tilth.state, 'ja-midori')
  })

  it('is previewed: three invalid rows are named, nothing is changed, and leaveOut must be their number', async () => {
    const before = await everything()
    const { status, body: preview } = await call('preview', table(...bad))
    expect(status).toBe(200)
    expect(preview).toMatchObject({
      rows: 5,
      leftOut: 3,
      bad: [
        { row: 4, column: 'areaA', fault: 'not-a-number', received: 'a lot' },
        { row: 5, column: 'crop', fault: 'unknown', received: 'rise' },
        { row: 6, column: 'planted', fault: 'not-a-day', received: '20 May' },
      ],
      members: [
        {
          name: 'Aoki',
          memberCode: '0001',
          change: 'new',
          fields: 2,
          newFields: 2,
          newSeasons: 1,
          assumedSoils: 2,
          consent: 'new',
          isSelfManaged: false,
        },
      ],
    })
    const refused = await call('import', { ...table(...bad), hash: preview.hash, leaveOut: 0 })
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringMatching(/^leaveOut: must be the number of rows that cannot be used \(3\)/),
    ])
    const other = await call('import', { ...table(), hash: preview.hash, leaveOut: 3 })
    expect([other.status, other.body.message]).toEqual([
      400,
      expect.stringMatching(/^hash: must match the preview/),
    ])
    expect(await everything()).toBe(before)
  })

  it('of a file that is no table is refused with a message key and its numbers', async () => {
    const asked = async (file: string | Uint8Array) => {
      const { status, body } = await call('preview', { base64: Buffer.from(file).toString('base64') })
      return [status, body.error, body.params]
    }
    expect(await asked('')).toEqual([400, 'BAD_REQUEST', { fault: 'empty' }])
    expect(await asked(new Uint8Array([0x50, 0x4b, 3, 4]))).toEqual([
      400,
      'BAD_REQUEST',
      { fault: 'workbook' },
    ])
    const wide = [400, 'BAD_REQUEST', { fault: 'columns', received: 61, most: 60 }]
    expect(await asked(Array.from({ length: 61 }, () => 'x').join())).toEqual(wide)
    // long enough that the second comes while the first is read
    const long = table(
      ...Array.from({ length: 5_000 }, (_, i) => `${i + 10},Ueda,F${i},12,rice,2026-05-18,,,`),
    )
    const two = await Promise.all([call('preview', long), call('preview', long)])
    expect(two.map(({ status, body }) => [status, body.params]).sort()).toEqual([
      [200, undefined],
      [409, { fault: 'busy' }],
    ])
  })

  it('creates an organisation for each member, with the consents of its paper form', async () => {
    const answer = await bring(...bad)
    expect([answer.status, answer.body]).toEqual([200, { members: 1, fields: 2, seasons: 1, leftOut: 3 }])
    const shares = await memberShares(tilth.state, 'ja-midori', tilth.clock.now() + 1)
    expect(shares).toMatchObject([{ memberCode: '0001', seesYield: true, seesWater: false, isNamed: true }])
    const fields = await tilth.state
      .selectFrom('field')
      .select(['name', 'areaM2', 'kind', 'soilTexture'])
      .where('org', '=', shares[0]!.org)
      .orderBy('name')
      .execute()
    expect(fields).toEqual([
      { name: 'North', areaM2: 1_200, kind: 'paddy', soilTexture: 'loam' },
      { name: 'South', areaM2: 120, kind: 'upland', soilTexture: 'loam' },
    ])
    expect((await tilth.call(coop, 'GET', '/api/farms')).text).not.toContain('Aoki')
  })

  it('of the corrected table adds only the remaining rows', async () => {
    const answer = await bring(...mended)
    expect([answer.status, answer.body]).toEqual([200, { members: 2, fields: 3, seasons: 3, leftOut: 0 }])
  })

  it('deletes the report files once, after the last member has changed a consent', async () => {
    await sql`create table dropped (said integer)`.execute(tilth.state)
    await sql`create trigger drops after update on report_order when new.file is null and old.file is not null
      begin insert into dropped select count(*) from consent; end`.execute(tilth.state)
    await sql`create trigger restarts after update on report_order when new.state = 'waiting'
      begin insert into dropped select count(*) from consent; end`.execute(tilth.state)
    const order = (id: string, state: 'done' | 'running') => ({
      id,
      org: 'ja-midori',
      requestedBy: 'x',
      format: 'xlsx' as const,
      requestedMs: tilth.clock.now(),
      attempts: 1,
      query: toJson({
        coop: 'x',
        year: 2026,
        crop: null,
        lang: 'en' as const,
        unit: 't/ha' as const,
        farmId: null,
      }),
      state,
      asOfMs: tilth.clock.now(),
      bytes: 1,
      file: state === 'done' ? 'eA==' : null,
      code: null,
    })
    await tilth.state
      .insertInto('reportOrder')
      .values([order('made', 'done'), order('half', 'running')])
      .execute()
    await bring(...mended.map((row) => row.replace(/,,,$/, ',yes,yes,form of 2 June')))
    const { rows } = await sql`select said from dropped`.execute(tilth.state)
    expect(rows).toEqual([{ said: 3 }, { said: 3 }])
    const orders = await tilth.state
      .selectFrom('reportOrder')
      .select(['id', 'state', 'file', 'code'])
      .where('id', 'in', ['made', 'half'])
      .orderBy('id')
      .execute()
    expect(orders).toEqual([
      { id: 'half', state: 'waiting', file: null, code: null },
      { id: 'made', state: 'failed', file: null, code: 'CONFLICT' },
    ])
    for (const name of ['drops', 'restarts']) await sql`drop trigger ${sql.ref(name)}`.execute(tilth.state)
  })

  it('of the same table again changes nothing, and notifies no member', async () => {
    const before = await everything()
    const told = () =>
      tilth.state.selectFrom('audit').select(['org', 'n']).where('action', '=', 'member.import').execute()
    const toldBefore = await told()
    const answer = await bring(...mended)
    expect([answer.status, answer.body]).toEqual([200, { members: 0, fields: 0, seasons: 0, leftOut: 0 }])
    expect(await everything()).toBe(before)
    expect(await told()).toEqual(toldBefore)
  })

  it('adds shapes from GeoJSON to existing fields, and changes nothing the second time', async () => {
    const ring = [
      [138.9, 37.5],
      [138.9003, 37.5],
      [138.9003, 37.5004],
      [138.9, 37.5004],
      [138.9, 37.5],
    ]
    const features = [
      {
        type: 'Feature',
        properties: { Code: '0002', Member: 'Mori', Field: 'Dam', 'Area (a)': 14 },
        geometry: { type: 'Polygon', coordinates: [ring] },
      },
    ]
    const base64 = Buffer.from(JSON.stringify({ type: 'FeatureCollection', features })).toString('base64')
    const { body: preview } = await call('preview', { base64 })
    expect(preview.members).toMatchObject([{ memberCode: '0002', change: 'changed', changedFields: 1 }])
    expect((await call('import', { base64, hash: preview.hash, leaveOut: 0 })).status).toBe(200)
    const { geojson } = await tilth.state
      .selectFrom('field')
      .select('geojson')
      .where('name', '=', 'Dam')
      .executeTakeFirstOrThrow()
    expect(JSON.parse(geojson!)).toMatchObject({ type: 'Polygon' })
    const before = await everything()
    const { body: again } = await call('preview', { base64 })
    expect(again.members).toMatchObject([{ change: 'same' }])
    await call('import', { base64, hash: again.hash, leaveOut: 0 })
    expect(await everything()).toBe(before)
  })

  it('does not change a member with an account: the member manages its own fields', async () => {
    const shares = await memberShares(tilth.state, 'ja-midori', tilth.clock.now() + 1)
    const { org } = shares.find(({ memberCode }) => memberCode === '0002')!
    await tilth.signUp(org, 'admin')
    const changed = table('0002,Mori,Dam,99,rice,2026-05-20,yes,yes,a paper of ours', '0002,Mori,New,5,,,,,')
    const { body: preview } = await call('preview', changed)
    expect(preview.members[1]).toMatchObject({ name: 'Mori', isSelfManaged: true })
    const before = await everything()
    expect((await call('import', { ...changed, hash: preview.hash, leaveOut: 0 })).status).toBe(200)
    expect(await everything()).toBe(before)
  })

  it('creates a link for each member: the person who opens it decides about the import, and the previous link is void', async () => {
    const list = async () => (await tilth.call(coop, 'GET', '/api/memberships')).body as Membership[]
    const one = (await list()).find(({ isOurs, hasPeople }) => isOurs && !hasPeople)!
    const invite = () => tilth.call(coop, 'POST', `/api/memberships/${one.id}/invite`)
    const [first, second] = [await invite(), await invite()]
    const accept = (code: string, email: string) =>
      tilth.call(null, 'POST', '/api/invitations/accept', {
        code,
        email,
        name: 'Aoki Jun',
        password: PASSWORD,
      })
    expect((await accept(first.body.code, 'one@aoki.example')).status).toBe(403)
    const looked = await tilth.call(null, 'POST', '/api/invitations/inspect', { code: second.body.code })
    expect(looked.body).toMatchObject({ purpose: 'person', role: 'admin', orgName: one.member.name })
    const entered = await accept(second.body.code, 'two@aoki.example')
    expect(entered.status, entered.text).toBe(200)
    const own = cookieOf(entered)
    expect((await tilth.call(own, 'GET', '/api/me')).body).toMatchObject({
      org: { id: one.member.id },
      role: 'admin',
    })
    // the fields that were taken in are theirs, and what is seen is theirs to say
    const { farms } = (await tilth.call(own, 'GET', '/api/farms')).body as { farms: { name: string }[] }
    expect(farms.map(({ name }) => name)).toEqual([one.member.name])
    const all = { seesYield: true, seesWater: true, seesSprays: true, isNamed: false }
    expect((await tilth.call(own, 'POST', `/api/memberships/${one.id}/consent`, all)).status).toBe(200)
    // a link that the co-operative held back, as one would be that came back from a failed account
    await tilth.state.updateTable('invitationCode').set({ usedMs: null }).execute()
    expect((await accept(second.body.code, 'three@aoki.example')).status).toBe(403)
    const again = await invite()
    expect([again.status, again.body.error]).toEqual([409, 'CONFLICT'])
    // and one of a member that left meanwhile
    const left = (await list()).find(({ isOurs, hasPeople }) => isOurs && !hasPeople)!
    const { code } = (await tilth.call(coop, 'POST', `/api/memberships/${left.id}/invite`)).body
    expect((await tilth.call(coop, 'POST', `/api/memberships/${left.id}/end`)).status).toBe(200)
    expect((await accept(code, 'four@aoki.example')).status).toBe(403)
    // nobody of the co-operative learns under which alias they stand; they do
    expect((await list()).every(({ isOurs, alias }) => isOurs && alias === null)).toBe(true)
    const theirs = (await tilth.call(own, 'GET', '/api/memberships')).body as Membership[]
    expect(theirs.map(({ alias }) => alias)).toEqual([expect.stringMatching(/./)])
  })
})
