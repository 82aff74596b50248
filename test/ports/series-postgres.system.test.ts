/** The series store on a real PostgreSQL: the suite of the port, and what only a server can do wrong. */
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import { inspectPostgresSeries } from '../../services/adapters/postgres/series-inspect.ts'
import { BEGIN_SHARED } from '../../services/adapters/postgres/series-schema.ts'
import { openPostgresSeries } from '../../services/adapters/postgres/series.ts'
import { openSeries } from '../../services/adapters/series.ts'
import { isTilthError } from '../../services/errors.ts'
import type { SeriesStore } from '../../services/ports.ts'
import {
  describeWithPostgres,
  newPostgresDatabase,
  startPostgres,
  type Postgres,
  type PostgresDatabase,
} from '../support/postgres.ts'
import { collect, reading } from './series-readings.ts'
import { seriesSuite } from './series-suite.ts'

const T0 = Date.UTC(2026, 6, 6)
const org = 'org-1'

describeWithPostgres('series on PostgreSQL', () => {
  seriesSuite(async () => {
    const server = await startPostgres()
    const { url } = await server.newDatabase()
    return {
      open: () => openPostgresSeries(url),
      goAway: () => server.kill(),
      comeBack: () => server.startServer(),
      close: () => server.stop(),
    }
  })
})

describeWithPostgres('the series in a database of PostgreSQL', () => {
  let database: PostgresDatabase
  let store: SeriesStore
  let client: pg.Client
  beforeEach(async () => {
    database = await newPostgresDatabase()
    store = await openSeries(database.url, '')
    client = new pg.Client(database.url)
    await client.connect()
    return async () => {
      await store.close()
      await client.end()
      await database.drop()
    }
  })
  const rows = async (text: string) => (await client.query<Record<string, unknown>>(text)).rows
  const months = async () =>
    (
      await rows(
        `select relname from pg_class where relname like 'reading\\_20%' and relkind = 'r' order by 1`,
      )
    ).map(({ relname }) => relname)
  const daysOf = async (from: SeriesStore = store) =>
    (await from.rolled({ org, quantity: 'soil.moisture', fromMs: 0, toMs: T0 + 99 * DAY_MS, step: 'day' }))[0]

  it('the partition of the next month is there before its first reading', async () => {
    await store.maintain(Date.UTC(2026, 10, 30))
    expect(await months()).toEqual(['reading_2026_11', 'reading_2026_12'])
    await store.maintain(Date.UTC(2026, 11, 1))
    expect(await months()).toEqual(['reading_2026_11', 'reading_2026_12', 'reading_2027_01'])
  })

  it('a reading of any other month gets its partition when it arrives, in two processes at a time too', async () => {
    const second = await openPostgresSeries(database.url)
    const ofYears = [1971, 1999, 2026, 2261].map((year) => Date.UTC(year, 0, 31, 23, 59))
    await Promise.all([
      store.append(ofYears.map((atMs) => reading({ org, atMs, value: 1 }))),
      second.append(ofYears.map((atMs) => reading({ org, atMs, value: 2, device: 'probe-2' }))),
    ])
    expect((await collect(second.stream({ org }))).map(({ atMs }) => atMs)).toEqual(
      ofYears.flatMap((atMs) => [atMs, atMs]),
    )
    await second.close()
  })

  it('a reading after the year 2261 is refused', async () => {
    await expect(store.append([reading({ org, atMs: Date.UTC(2262, 0), value: 1 })])).rejects.toSatisfy(
      (error) => isTilthError(error, 'STORE_REFUSED'),
    )
  })

  it('with keepMonths whole months are dropped, their roll-ups stay, and a late reading of them changes nothing', async () => {
    const keeping = await openPostgresSeries(`${database.url}?keepMonths=13`)
    const at = [Date.UTC(2024, 2, 10), Date.UTC(2025, 4, 31), Date.UTC(2025, 5, 1), Date.UTC(2026, 6, 6)]
    await keeping.append(at.map((atMs, i) => reading({ org, atMs, value: 10 + i })))
    // one day is not rolled up yet when its month ends
    await keeping.maintain(T0 + DAY_MS)
    const days = { atMs: at, mean: [10, 11, 12, 13], count: [1, 1, 1, 1] }
    expect(await daysOf(keeping)).toMatchObject(days)
    const raw = async () => (await collect(keeping.stream({ org }))).map(({ atMs }) => atMs)
    expect(await raw()).toEqual(at.slice(2))
    expect((await months())[0]).toBe('reading_2025_06')

    await keeping.append([reading({ org, atMs: at[0]! + MINUTE_MS, value: 99 })])
    await keeping.maintain(T0 + DAY_MS)
    expect(await daysOf(keeping)).toMatchObject(days)
    expect(await raw()).toEqual(at.slice(2))
    // erasure takes the roll-ups too, for which there are no readings any more
    await keeping.erase({ org })
    expect(await daysOf(keeping)).toBeUndefined()
    expect(
      await rows('select series from tilth_series.hour union all select series from tilth_series.day'),
    ).toEqual([])
    await keeping.close()
  })

  it('a clock of this machine that is years ahead drops nothing', async () => {
    const keeping = await openPostgresSeries(`${database.url}?keepMonths=13`)
    const atMs = Date.now() - 30 * DAY_MS
    await keeping.append([reading({ org, atMs, value: 1 })])
    await keeping.maintain(Date.UTC(2099, 0, 1))
    expect(await collect(keeping.stream({ org }))).toHaveLength(1)
    await keeping.close()
  })

  it('two processes that append the same readings in another order, with housekeeping beside them, store each once', async () => {
    const second = await openPostgresSeries(database.url)
    const season = Array.from({ length: 60 }, (_, hour) =>
      Array.from({ length: 40 }, (_, probe) =>
        reading({ org, atMs: T0 + hour * HOUR_MS, value: hour, device: `probe-${probe}` }),
      ),
    )
    let isAppending = true
    const both = Promise.all([
      (async () => {
        for (const hour of season) await store.append(hour)
      })(),
      (async () => {
        for (const hour of season) await second.append(hour.toReversed())
      })(),
    ]).finally(() => (isAppending = false))
    while (isAppending) await second.maintain(T0 + 99 * DAY_MS)
    await both
    await store.maintain(T0 + 99 * DAY_MS)
    const days = await store.rolled({
      org,
      quantity: 'soil.moisture',
      fromMs: T0,
      toMs: T0 + 3 * DAY_MS,
      step: 'day',
    })
    expect(days.map(({ count }) => count)).toEqual(Array.from({ length: 40 }, () => [24, 24, 12]))
    expect((await rows('select 1 from tilth_series.dirty')).length).toBe(0)
    expect((await rows('select 1 from tilth_series.reading')).length).toBe(60 * 40)
    await second.close()
  })

  it('a roll-up waits for an append of another process that is not committed yet, and counts it', async () => {
    await store.append([reading({ org, atMs: T0, value: 10 })])
    // its mark is there already, so it leaves none of its own
    await client.query(`begin; ${BEGIN_SHARED};
      insert into tilth_series.reading select sensor, at_ms + 1, series, 20, flag, origin from tilth_series.reading;
      insert into tilth_series.dirty values (${T0}, 1) on conflict do nothing`)
    const rolling = store.maintain(T0 + DAY_MS)
    await expect
      .poll(() => rows(`select 1 from pg_locks where locktype = 'advisory' and not granted`))
      .toHaveLength(1)
    await client.query('commit')
    await rolling
    expect(await rows('select 1 from tilth_series.dirty')).toEqual([])
    expect(await daysOf()).toMatchObject({ mean: [15], count: [2] })
  })

  it('housekeeping completes an interrupted erasure without hiding later readings', async () => {
    await store.append([
      reading({ org, atMs: T0, value: 1 }),
      reading({ org, atMs: T0 + HOUR_MS, value: 2, field: 'field-2' }),
    ])
    await store.maintain(T0 + DAY_MS)
    // what remains when Tilth ends between the names and the readings
    await client.query(
      `insert into tilth_series.erased select id, sensor from tilth_series.series where field = 'field-1';
       delete from tilth_series.latest where series in (select series from tilth_series.erased);
       delete from tilth_series.series where field = 'field-1'; update tilth_series.store set erasures = erasures + 1`,
    )
    expect(await collect(store.stream({ org }))).toMatchObject([{ field: 'field-2' }])
    await store.append([reading({ org, atMs: T0, value: 3, field: 'field-3' })])
    await store.maintain(T0 + DAY_MS)
    expect((await collect(store.stream({ org }))).map(({ field, value }) => [field, value])).toEqual([
      ['field-3', 3],
      ['field-2', 2],
    ])
    expect(await rows('select 1 from tilth_series.erased')).toEqual([])
  })

  it('tables of a later version stop the start', async () => {
    await client.query('update tilth_series.store set version = 2')
    await expect(openPostgresSeries(database.url)).rejects.toSatisfy((error) =>
      isTilthError(error, 'STORE_NEWER'),
    )
  })

  it('an export of more readings than a window holds is whole and in order', async () => {
    const dense = Array.from({ length: 30_000 }, (_, i) =>
      reading({ org, atMs: T0 + Math.floor(i / 3) * 1_000, value: i, device: `probe-${i % 3}` }),
    )
    await store.append([reading({ org, atMs: T0 - 200 * DAY_MS, value: -1 }), ...dense])
    const values = (await collect(store.stream({ org }))).map(({ value }) => value)
    expect(values).toEqual([-1, ...dense.map(({ value }) => value)])
  })

  describe('what the doctor asks', () => {
    it('finds version, durability and rights, and creates nothing', async () => {
      const empty = await newPostgresDatabase()
      const server = await inspectPostgresSeries(empty.url)
      expect(server).toMatchObject({ isStandby: false, hasTables: false, mayCreate: true })
      expect(server.number).toBeGreaterThanOrEqual(150_000)
      expect((await inspectPostgresSeries(empty.url)).hasTables).toBe(false)
      expect((await inspectPostgresSeries(database.url)).hasTables).toBe(true)
      await empty.drop()
    })
  })
})

describeWithPostgres('a PostgreSQL that does not let Tilth in', () => {
  let server: Postgres
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
    url = (await server.newDatabase()).url
  })
  afterAll(() => server?.stop())

  const failure = (run: Promise<unknown>) =>
    run.then(
      () => null,
      (error: Error) => error,
    )

  it.each([
    ['password', /:\w+@/, ':s3cret-wrong@'],
    ['user', 'tilth:', 'nobody:'],
    ['database', /\/t_\w+$/, '/s3cret-wrong'],
  ])('a wrong %s stops the start, and no password is repeated', async (_, right, wrong) => {
    const error = await failure(openSeries(url.replace(right, wrong), ''))
    expect(isTilthError(error, 'INVALID_CONFIG') && error.message).toMatch(
      /check user, password and database/,
    )
    expect(inFull(error)).not.toContain('s3cret-wrong@')
    expect(inFull(error)).not.toContain(new URL(url).password)
  })

  it('after a password change the readings wait instead of being rejected', async () => {
    const store = await openPostgresSeries(url)
    await store.append([reading({ org, atMs: T0, value: 1 })])
    const admin = new pg.Client(url)
    await admin.connect()
    await admin.query(`alter user tilth password 'another'`)
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    await admin.end()
    const error = await failure(store.append([reading({ org, atMs: T0 + 1, value: 2 })]))
    expect(isTilthError(error, 'STORE_UNAVAILABLE')).toBe(true)
    expect(await store.isReady()).toBe(false)
    expect(inFull(error)).not.toContain(new URL(url).password)
    await store.close()
  })
})

it('nobody answering at postgres:// stops the opening, and no password is repeated', async () => {
  const error = await openSeries('postgres://tilth:s3cret@127.0.0.1:1/farm', '').catch((e: unknown) => e)
  expect(isTilthError(error, 'STORE_UNAVAILABLE') && error.message).toContain('127.0.0.1:1')
  expect(inFull(error)).not.toContain('s3cret')
})

/** Everything that a logger could print of an error. */
function inFull(error: unknown): string {
  const seen: string[] = []
  for (let entry = error; entry instanceof Error; entry = entry.cause)
    seen.push(String(entry.stack), JSON.stringify(entry), JSON.stringify({ ...entry }))
  return seen.join('\n')
}
