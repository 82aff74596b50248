/**
 * Tables of the series on PostgreSQL, in a schema of their own, so that one database can hold state and series.
 *
 * `sensor` is (org, device, quantity, depth); `series` is a sensor at one place. The key of a reading is sensor and
 * instant, so that a moved device cannot store an old reading a second time. `reading` has one partition per UTC month.
 */
import { fail } from '../../errors.ts'
import type { Run, SeriesPool } from './series-pool.ts'

const VERSION = 1
/** as server_version_num */
export const OLDEST_SERVER = 150_000

/** Ids are never used again: readings of an erased series must not appear under a new one. */
const TABLES = `
create schema if not exists tilth_series;
create table tilth_series.sensor (
  id int generated always as identity primary key,
  org text not null, device text not null, quantity text not null, depth_cm float8,
  unique nulls not distinct (org, device, quantity, depth_cm)
);
create table tilth_series.series (
  id int generated always as identity primary key,
  sensor int not null, farm text not null, field text not null,
  unique (sensor, farm, field)
);
create table tilth_series.reading (
  sensor int not null, at_ms bigint not null,
  series int not null, value float8, flag int2 not null, origin int2 not null,
  primary key (sensor, at_ms)
) partition by range (at_ms);
create index reading_by_time on tilth_series.reading using brin (at_ms);
create table tilth_series.hour (
  series int not null, at_ms bigint not null,
  mean float8 not null, min float8 not null, max float8 not null, first float8 not null, last float8 not null,
  count int not null,
  primary key (series, at_ms)
);
create table tilth_series.day (like tilth_series.hour including all);
create table tilth_series.dirty (
  hour_ms bigint not null, series int not null,
  primary key (hour_ms, series)
);
create index dirty_by_series on tilth_series.dirty (series, hour_ms);
create table tilth_series.latest (
  series int primary key, at_ms bigint not null, value float8, flag int2 not null
) with (fillfactor = 50);
create table tilth_series.erased (series int primary key, sensor int not null);
create table tilth_series.store (
  id int primary key check (id = 1), version int not null,
  erasures bigint not null, kept_from_ms bigint not null
);
insert into tilth_series.store values (1, ${VERSION}, 0, 0);
`

/**
 * Advisory locks of the database. An append takes `readings` shared; what must not happen between the readings of an
 * append and its marks (a roll-up, the end of a name) takes it alone.
 */
export const locks = { readings: 4715, tables: 4716 } as const

/** The start of a transaction whose appended readings no roll-up and no erasure can miss. */
export const BEGIN_SHARED = `select pg_advisory_xact_lock_shared(${locks.readings})`
/** The start of a transaction during which no append runs. */
export const BEGIN_ALONE = `select pg_advisory_xact_lock(${locks.readings})`

/** Creates the tables in a database without them. INVALID_CONFIG for an old server, STORE_NEWER for tables of a later version. */
export async function createSeriesTables(pool: SeriesPool, where: string): Promise<void> {
  const [server] = await pool.query<{ number: number }>(
    `select current_setting('server_version_num')::int as number`,
  )
  if (server!.number < OLDEST_SERVER)
    fail('INVALID_CONFIG', `PostgreSQL at ${where} is older than 15; SERIES needs 15 or newer`)
  if (await isThere(pool.query)) return mustBeReadable(pool.query)
  await pool.transaction(`select pg_advisory_xact_lock(${locks.tables})`, async (run) => {
    // another process may have created them meanwhile
    if (!(await isThere(run))) await run(TABLES)
  })
  await mustBeReadable(pool.query)
}

async function isThere(run: Run): Promise<boolean> {
  const [row] = await run<{ is_there: boolean }>(
    `select to_regclass('tilth_series.store') is not null as is_there`,
  )
  return row!.is_there
}

async function mustBeReadable(run: Run): Promise<void> {
  const [row] = await run<{ version: number }>('select version from tilth_series.store')
  if (row?.version !== VERSION)
    fail(
      'STORE_NEWER',
      `the series in PostgreSQL were written by a later version of Tilth (format ${row?.version}, this one reads ${VERSION}): install that version`,
    )
}
