/** The PostgreSQL of the tests: one server, a database for each test, and what was acknowledged stays after a crash. */
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithPostgres, newPostgresDatabase, startPostgres, type Postgres } from './postgres.ts'

async function ask<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<T>(text)).rows
  } finally {
    await client.end()
  }
}

describeWithPostgres('a database for a test', () => {
  const withRain = {
    name: 'rain',
    async fill(url: string) {
      await ask(url, 'create table rain as select 3 as mm')
    },
  }

  it('is a copy of its template, and nobody else writes in it', async () => {
    const [one, other] = [await newPostgresDatabase(withRain), await newPostgresDatabase(withRain)]
    await ask(one.url, 'update rain set mm = 9')
    expect(await ask(other.url, 'select mm from rain')).toEqual([{ mm: 3 }])
    await one.drop()
    await expect(ask(one.url, 'select 1')).rejects.toThrow(/does not exist/)
    await other.drop()
  })

  it('sorts names by their code points, as SQLite does', async () => {
    const { url, drop } = await newPostgresDatabase()
    const rows = await ask<{ n: string }>(
      url,
      `select n from (values ('b'), ('A'), ('ä'), ('a')) v(n) order by n`,
    )
    expect(rows.map(({ n }) => n)).toEqual(['A', 'a', 'b', 'ä'])
    await drop()
  })
})

describeWithPostgres('a server of its own', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  it('keeps what it has acknowledged when it is killed', async () => {
    const { url } = await server.newDatabase()
    await ask(url, 'create table rain as select 3 as mm')
    await server.kill()
    await expect(ask(url, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
    await server.startServer()
    expect(await ask(url, 'select mm from rain')).toEqual([{ mm: 3 }])
  })
})
