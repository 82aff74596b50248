import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  openSqliteState,
  type OpenSqliteState as OpenState,
} from '../../../../services/adapters/sqlite/state.ts'

let store: OpenState
beforeEach(async () => {
  store = await openSqliteState(':memory:')
})
afterEach(() => store.close())

const one = async (query: ReturnType<typeof sql>) => (await query.execute(store.state)).rows[0]

it('a boolean is stored as 0 or 1', async () => {
  expect(await one(sql`select ${true} as a, ${false} as b`)).toEqual({ a: 1, b: 0 })
})

it('a value without a type in SQLite is an error, never null', async () => {
  for (const value of [new Date(0), undefined, { a: 1 }, Symbol('a')])
    await expect(one(sql`select ${value} as a`)).rejects.toThrow('SQLite stores null, a number')
})

it('an integer beyond 2^53 is returned as the nearest number, and the next rows as before', async () => {
  const query = sql`select ${2n ** 60n + 1n} as a, ${'x'} as b`
  expect(await one(query)).toEqual({ a: 2 ** 60, b: 'x' })
  expect(await one(sql`select ${1} as a, ${'x'} as b`)).toEqual({ a: 1, b: 'x' })
})

it('a statement that returns rows is read, another one reports its changes', async () => {
  const { rows } = await sql`insert into audit_head_probe values (1) returning a`
    .execute(store.state)
    .catch(async () => {
      await sql`create table audit_head_probe (a integer)`.execute(store.state)
      return sql`insert into audit_head_probe values (1) returning a`.execute(store.state)
    })
  expect(rows).toEqual([{ a: 1 }])
  const { numAffectedRows } = await sql`delete from audit_head_probe`.execute(store.state)
  expect(numAffectedRows).toBe(1n)
})

it('a column that was added since is read', async () => {
  await sql`create table barn (a integer)`.execute(store.state)
  await sql`insert into barn values (1)`.execute(store.state)
  const all = sql`select * from barn`
  expect(await one(all)).toEqual({ a: 1 })
  await sql`alter table barn add column b_c integer default 2`.execute(store.state)
  expect(await one(all)).toEqual({ a: 1, bC: 2 })
})

it('a full disk and a file that cannot be written have codes of their own', async () => {
  await sql`create table filler (a text)`.execute(store.state)
  const pages = (await one(sql`pragma page_count`)) as { pageCount: number }
  await sql.raw(`pragma max_page_count = ${pages.pageCount + 2}`).execute(store.state)
  const fill = () => sql`insert into filler values (${'x'.repeat(100_000)})`.execute(store.state)
  await expect(fill()).rejects.toMatchObject({ code: 'DISK_FULL' })
  await sql`pragma query_only = 1`.execute(store.state)
  await expect(fill()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})
