/** The state store on a real PostgreSQL: values, rules and errors as on SQLite. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openState, openStateToRead, type OpenState } from '../../../../services/adapters/state.ts'
import { appendAudit } from '../../../../services/audit/audit-log.ts'
import { atOneInstant, inAllOrgs, inOrg, inOrgs } from '../../../../services/runtime/transactions.ts'
import type { Tables } from '../../../../services/tables.ts'
import { describeWithPostgres, newPostgresDatabase, startPostgres } from '../../../support/postgres.ts'
import { openPostgresTestState } from '../../../support/state.ts'

const noLock = { acquire() {}, release() {} }
const farm = (id: string, name = id): Tables['farm'] => ({
  id,
  org: 'midori',
  name,
  memberCode: null,
  timeZone: 'Europe/Brussels',
  latDeg: 50.8,
  lonDeg: 4.4,
  elevationM: 100,
  createdAtMs: 1_790_000_000_123,
})

describeWithPostgres('a state store on PostgreSQL', () => {
  let store: OpenState & { url: string }
  beforeAll(async () => {
    store = await openPostgresTestState()
  })
  afterAll(() => store.close())

  it('returns instants, counts and sums as numbers', async () => {
    const { state } = store
    for (const id of ['a', 'b']) await state.insertInto('farm').values(farm(id)).execute()
    const row = await state
      .selectFrom('farm')
      .select(({ fn }) => [
        'createdAtMs',
        fn.countAll<number>().as('count'),
        fn.sum<number>('createdAtMs').as('sum'),
      ])
      .groupBy('createdAtMs')
      .executeTakeFirst()
    expect(row).toEqual({ createdAtMs: 1_790_000_000_123, count: 2, sum: 3_580_000_000_246 })
  })

  it('takes an empty list, a number that is none, and a text with the character 0', async () => {
    const { state } = store
    await state.insertInto('farm').values(farm('f', 'a\0b')).execute()
    expect(await state.selectFrom('farm').selectAll().where('id', 'in', []).execute()).toEqual([])
    const { rows } =
      await sql`select name, cast(${NaN} as double precision) as none from farm where id = 'f'`.execute(state)
    expect(rows).toEqual([{ name: 'a\ufffdb', none: null }])
  })

  it('refuses a change of the audit, and its removal', async () => {
    const { state } = store
    await appendAudit(state, { org: 'midori', atMs: 1, actor: 'sato', action: 'a', subject: 's', detail: {} })
    for (const statement of ["update audit set actor = 'nobody'", 'delete from audit', 'truncate audit'])
      await expect(sql.raw(statement).execute(state)).rejects.toThrow('the audit is append-only')
  })

  it('opens a second time with its rows, and once more to read alone', async () => {
    const again = await openState(store.url)
    await again.state.insertInto('farm').values(farm('again')).execute()
    await again.close()
    const { state, close } = await openStateToRead(store.url, noLock)
    const change = atOneInstant(state, (rows) => sql`delete from farm`.execute(rows))
    await expect(change).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await state.selectFrom('farm').select('id').where('id', '=', 'again').execute()).toHaveLength(1)
    await close()
  })

  it('has one transaction of an organisation at a time, and others next to it', async () => {
    const { state } = store
    const order: string[] = []
    const note = (name: string) => () => Promise.resolve(void order.push(name))
    let release = () => {}
    const held = new Promise<void>((done) => (release = done))
    let began = () => {}
    const hasBegun = new Promise<void>((done) => (began = done))
    const first = inOrg(state, 'midori', async () => {
      began()
      await held
      order.push('midori')
    })
    await hasBegun
    const second = inOrgs(store.handle(), ['akane', 'midori'], note('both'))
    await inOrg(state, 'sato', note('sato'))
    const all = inAllOrgs(state, note('all'))
    release()
    await Promise.all([first, second, all])
    expect(order.slice(0, 2)).toEqual(['sato', 'midori'])
    expect(order.slice(2).sort()).toEqual(['all', 'both'])
  })
})

describeWithPostgres('a server that Tilth cannot use', () => {
  it.each([
    [
      'that does not respond',
      (url: string) => url.replace(/:\d+\//, ':9/'),
      'STORE_UNAVAILABLE',
      /start it, or change STATE/,
    ],
    [
      'that refuses the secret',
      (url: string) => url.replace(/:[^:@]+@/, ':wrong@'),
      'INVALID_CONFIG',
      /password/,
    ],
    ['without the database', (url: string) => `${url}x`, 'INVALID_CONFIG', /does not exist/],
    ['without a name', () => 'postgres://127.0.0.1', 'INVALID_CONFIG', /must look like postgres:/],
  ])('%s is named by its address, never by its secret', async (_, change, code, text) => {
    const { url, drop } = await newPostgresDatabase()
    const error = await openState(change(url)).catch((error: unknown) => error)
    expect(error).toMatchObject({ code, message: expect.stringMatching(text) as string })
    expect((error as Error).message).not.toContain(new URL(url).password)
    await drop()
  })

  it('is found again by the same connections when it was stopped and started', async () => {
    const server = await startPostgres()
    const { url } = await server.newDatabase()
    const { state, close } = await openState(url)
    const read = () => state.selectFrom('farm').select('id').execute()
    expect(await read()).toEqual([])
    await server.kill()
    await expect(read()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await server.startServer()
    await expect.poll(() => read().catch(() => null)).toEqual([])
    const inTransaction = inOrg(state, 'midori', async (rows) => {
      await server.endConnections()
      await rows.selectFrom('farm').select('id').execute()
    })
    await expect(inTransaction).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await read()).toEqual([])
    await close()
    await server.stop()
  })
})
