/** The series store on SQLite: the suite of the port, and what only a file can do wrong. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, prepareArrays, type Database } from '../../broker/sqlite/database.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import { openSqliteSeries } from '../../services/adapters/sqlite/series.ts'
import { openSeries } from '../../services/adapters/series.ts'
import { isTilthError } from '../../services/errors.ts'
import type { Reading, SeriesStore } from '../../services/ports.ts'
import { collect, reading } from './series-readings.ts'
import { seriesSuite } from './series-suite.ts'

const T0 = Date.UTC(2026, 6, 6)
const org = 'org-1'

describe('series on SQLite', () => {
  seriesSuite(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tilth-series-'))
    const path = join(folder, 'series.db')
    let other: Database | null = null
    return {
      open: () => openSqliteSeries(path),
      // another program holds the file
      async goAway() {
        other = openDatabase(path)
        other.exec('BEGIN IMMEDIATE')
      },
      async comeBack() {
        other!.exec('ROLLBACK')
        other!.close()
      },
      close: () => rm(folder, { recursive: true, force: true }),
    }
  })
})

describe('the series file', () => {
  let folder: string
  let path: string
  let store: SeriesStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tilth-series-'))
    path = join(folder, 'series.db')
    store = await openSqliteSeries(path)
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  const week = (): Reading[] =>
    Array.from({ length: 7 * 24 * 12 }, (_, i) => [
      reading({ org, atMs: T0 + i * 5 * MINUTE_MS, value: i }),
      reading({ org, atMs: T0 + i * 5 * MINUTE_MS, value: -i, device: 'probe-2' }),
    ]).flat()
  const read = (from: SeriesStore = store) =>
    from.range({ org, quantity: 'soil.moisture', device: 'probe-1', fromMs: 0, toMs: T0 + 99 * DAY_MS })
  const rows = (sql: string): number => {
    const db = openDatabase(path)
    const [count] = prepareArrays(db, sql).get() as [number]
    db.close()
    return count
  }

  it('whole days older than two days move to the table ordered by sensor; nothing is in both', async () => {
    await store.append(week())
    await store.maintain(T0 + 7 * DAY_MS + HOUR_MS)
    expect(rows('SELECT count(*) FROM cold')).toBe(2 * 5 * 288)
    expect(rows('SELECT count(*) FROM hot')).toBe(2 * 2 * 288)
    expect((await read())[0]!.value).toEqual(Array.from({ length: 2016 }, (_, i) => i))
  })

  it('a chart read while days move and late readings arrive has no gap and no duplicate', async () => {
    await store.append(week().filter((_, i) => i % 3 !== 0))
    let isTending = true
    const tending = store.maintain(T0 + 10 * DAY_MS).finally(() => (isTending = false))
    const late = week().filter((_, i) => i % 3 === 0)
    let sent = 0
    let rounds = 0
    do {
      await store.append(late.slice(sent, sent + 50))
      sent = Math.min(late.length, sent + 50)
      const there = week().filter((r, i) => r.device === 'probe-1' && (i % 3 !== 0 || i / 3 < sent))
      expect((await read())[0]!.atMs).toEqual(there.map((r) => r.atMs))
      rounds++
    } while (isTending)
    await tending
    expect(rounds).toBeGreaterThan(3)
    await store.append(late.slice(sent))
    await store.maintain(T0 + 10 * DAY_MS)
    expect((await read())[0]!.value).toEqual(Array.from({ length: 2016 }, (_, i) => i))
    expect(rows('SELECT count(*) FROM hot')).toBe(0)
    const [days] = await store.rolled({
      org,
      quantity: 'soil.moisture',
      device: 'probe-1',
      fromMs: T0,
      toMs: T0 + 7 * DAY_MS,
      step: 'day',
    })
    expect(days?.count).toEqual(Array.from({ length: 7 }, () => 288))
  })

  it.each([
    [
      'copied in part',
      `UPDATE watermark SET copy_to_ms = ${T0 + DAY_MS}; INSERT INTO cold SELECT sensor, at_ms, series, value, flag, origin FROM hot WHERE at_ms < ${T0 + HOUR_MS}`,
    ],
    [
      'copied, not yet drained',
      `INSERT INTO cold SELECT sensor, at_ms, series, value, flag, origin FROM hot WHERE at_ms < ${T0 + DAY_MS}; UPDATE watermark SET copy_to_ms = ${T0 + DAY_MS}, cold_to_ms = ${T0 + DAY_MS}`,
    ],
  ])('a crash that left a day %s loses nothing and doubles nothing', async (_, halfway) => {
    await store.append(week())
    await store.close()
    const db = openDatabase(path)
    db.exec(halfway)
    db.close()
    store = await openSqliteSeries(path)
    const complete = Array.from({ length: 2016 }, (_, i) => i)
    expect((await read())[0]!.value).toEqual(complete)
    await store.append([reading({ org, atMs: T0, value: 1000 }), reading({ org, atMs: T0 + 1, value: 0.5 })])
    const corrected = [1000, 0.5, ...complete.slice(1)]
    expect((await read())[0]!.value).toEqual(corrected)
    await store.maintain(T0 + 10 * DAY_MS)
    expect((await read())[0]!.value).toEqual(corrected)
    expect(rows('SELECT count(*) FROM hot')).toBe(0)
    expect(await store.erase({ org })).toBe(2 * 2016 + 1)
  })

  it('housekeeping completes an interrupted erasure without hiding later readings', async () => {
    await store.append(week())
    await store.maintain(T0 + 5 * DAY_MS)
    const erasing = store.erase({ org, field: 'field-1' })
    await new Promise(setImmediate)
    // the names are gone at once; the readings are still being overwritten
    await store.append([
      reading({ org, atMs: T0 + 6 * DAY_MS, value: 7, device: 'probe-2', field: 'field-2' }),
    ])
    await erasing
    expect(await collect(store.stream({ org }))).toMatchObject([{ field: 'field-2', value: 7 }])

    await store.append([reading({ org, atMs: T0, value: 1 })])
    await store.close()
    const db = openDatabase(path)
    db.exec(
      `INSERT INTO erased SELECT id, sensor FROM series WHERE field = 'field-1'; DELETE FROM series WHERE field = 'field-1'`,
    )
    db.close()
    store = await openSqliteSeries(path)
    await store.append([reading({ org, atMs: T0, value: 2 })])
    await store.maintain(T0 + DAY_MS)
    expect((await read())[0]).toMatchObject({ field: 'field-1', value: [2] })
    expect(rows('SELECT count(*) FROM erased')).toBe(0)
  })

  it('the file contains no bytes of an erased name and number', async () => {
    await store.append([reading({ org: 'org-secret-name', farm: 'farm-of-somebody', atMs: T0, value: 1 })])
    await store.erase({ org: 'org-secret-name' })
    await store.close()
    const bytes = await readFile(path, 'latin1')
    expect(bytes.includes('farm-of-somebody')).toBe(false)
    expect(bytes.includes('org-secret-name')).toBe(false)
    store = await openSqliteSeries(path)
  })

  it('housekeeping by a second process loses no late reading of the first', async () => {
    const second = await openSqliteSeries(path)
    const hour = async (from: SeriesStore) =>
      (await from.rolled({ org, quantity: 'soil.moisture', fromMs: T0, toMs: T0 + HOUR_MS, step: 'hour' }))[0]
        ?.mean
    await store.append([reading({ org, atMs: T0, value: 10 })])
    await second.maintain(T0 + DAY_MS)
    await store.append([reading({ org, atMs: T0 + MINUTE_MS, value: 20 })])
    expect(await hour(store)).toEqual([15])
    await second.maintain(T0 + DAY_MS)
    expect(await hour(second)).toEqual([15])
    await second.erase({ org })
    await store.append([reading({ org, atMs: T0, value: 30 })])
    expect(await hour(second)).toEqual([30])
    await second.close()
  })

  it('readings persist after closing and reopening the file', async () => {
    await store.append(week())
    await store.close()
    store = await openSeries(`sqlite:${path}`, folder)
    expect((await read())[0]!.atMs.length).toBe(2016)
  })

  it.each([
    ['hot', null],
    ['cold', T0 + 9 * DAY_MS],
  ])(
    'streams a minute that holds more than a window of readings, once and in order: %s',
    async (_, tendAtMs) => {
      const dense = Array.from({ length: 22_500 }, (_, i) =>
        ['probe-1', 'probe-2'].map((device) => reading({ org, device, atMs: T0 + i, value: i })),
      ).flat()
      await store.append(dense)
      if (tendAtMs !== null) await store.maintain(tendAtMs)
      const streamed = await collect(store.stream({ org }))
      expect(streamed.length).toBe(45_000)
      expect(streamed.map(({ device, atMs }) => `${atMs} ${device}`)).toEqual(
        dense.map(({ device, atMs }) => `${atMs} ${device}`),
      )
    },
  )

  it('a closed store is unavailable', async () => {
    await store.close()
    expect(await store.isReady()).toBe(false)
    await expect(store.append([reading({ org, atMs: T0, value: 1 })])).rejects.toSatisfy((e) =>
      isTilthError(e, 'STORE_UNAVAILABLE'),
    )
    for (const query of [
      read(),
      store.rolled({ org, quantity: 'soil.moisture', fromMs: 0, toMs: T0, step: 'day' }),
      store.latest({ org }),
      collect(store.stream({ org })),
      store.erase({ org }),
      store.maintain(T0),
    ])
      await expect(query).rejects.toSatisfy((e) => isTilthError(e, 'STORE_UNAVAILABLE'))
    await store.close()
  })

  it('a file that is not a database is rejected by name and left unchanged', async () => {
    const damaged = join(folder, 'damaged.db')
    await writeFile(damaged, 'this is not a database, but somebody may still need it'.repeat(100))
    await expect(openSqliteSeries(damaged)).rejects.toSatisfy(
      (e: Error) => isTilthError(e, 'STORE_CORRUPT') && e.message.includes(damaged),
    )
    expect(await readFile(damaged, 'utf8')).toMatch(/^this is not a database/)
  })

  it('a file with damaged pages is rejected by name and left unchanged', async () => {
    await store.append(week())
    await store.maintain(T0 + 7 * DAY_MS)
    await store.close()
    const bytes = await readFile(path)
    const damagedPages = bytes.fill(0xa5, 4096 * 3)
    await writeFile(path, damagedPages)
    await expect(openSqliteSeries(path)).rejects.toSatisfy(
      (e: Error) => isTilthError(e, 'STORE_CORRUPT') && e.message.includes(path),
    )
    expect(await readFile(path)).toEqual(damagedPages)
    await rm(path)
    store = await openSqliteSeries(path)
  })

  it('a file of a later version is rejected', async () => {
    const db = openDatabase(join(folder, 'later.db'))
    db.exec('PRAGMA user_version = 99')
    db.close()
    await expect(openSqliteSeries(join(folder, 'later.db'))).rejects.toSatisfy((e: Error) =>
      isTilthError(e, 'STORE_NEWER'),
    )
  })

  it.each([
    ['mysql://farm:s3cret@host/db', /^SERIES has the unknown scheme mysql:; set it to sqlite:PATH/],
    ['postgres://farm:s3cret@host', /^SERIES names no database after the host; it must look like postgres:/],
    ['data/series.db', /^SERIES has no scheme; set it to sqlite:PATH/],
    ['sqlite:', /^SERIES has no file/],
    ['influx1://host:8086', /must name one database after the host/],
    ['influx2://host:8086/bucket?org=farm', /must give org and token/],
  ])(
    'SERIES=%s stops the start with one line that names the fix and repeats no secret',
    async (url, line) => {
      await expect(openSeries(url, folder)).rejects.toSatisfy(
        (e: Error) =>
          isTilthError(e, 'INVALID_CONFIG') &&
          line.test(e.message) &&
          !e.message.includes('s3cret') &&
          !e.message.includes('\n'),
      )
    },
  )
})
