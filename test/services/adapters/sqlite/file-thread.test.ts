/** Work on a whole database file does not hold the event loop: an erasure, and the hourly end of the log. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import type { OpenSqliteState as OpenState } from '../../../../services/adapters/sqlite/state.ts'
import type { Reading, SeriesStore } from '../../../../services/ports.ts'
import { filesWithText } from '../../../support/files-with-text.ts'
import { openSqliteTestState } from '../../../support/state.ts'

const ROWS = 30_000
const ROW_BYTES = 1_000
/** Turns of the event loop during the work; work that holds the loop leaves two at most. */
const TURNS = 10

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tilth-file-thread-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('the state store', () => {
  let open: OpenState
  beforeEach(async () => {
    open = await openSqliteTestState(join(folder, 'state.db'))
    await sql`create table filler (id integer primary key, text text)`.execute(open.state)
  })
  afterEach(() => open.close())

  const insert = (text: string, rows: number) =>
    sql`insert into filler (text)
        select substr(${text} || hex(randomblob(${ROW_BYTES / 2})), 1, ${ROW_BYTES})
        from (with recursive n(i) as (values (1) union all select i + 1 from n where i < ${rows}) select i from n)`.execute(
      open.state,
    )
  const logBytes = () => statSync(join(folder, 'state.db-wal')).size

  it('is rewritten without the bytes of deleted rows, and the event loop is free meanwhile', async () => {
    await insert('of a grower', ROWS)
    await insert('of another grower', 10)
    await sql`pragma secure_delete = off`.execute(open.state)
    await sql`delete from filler where text like 'of a grower%'`.execute(open.state)
    expect(filesWithText(folder, ['of a grower'])).not.toEqual([])
    let rewritten = false
    let readMeanwhile = 0
    const rewriting = open.rewrite().then(() => (rewritten = true))
    const writing = insert('written meanwhile', 1).then(() => rewritten)
    while (!rewritten) {
      await sql`select id from filler limit 1`.execute(open.state)
      readMeanwhile += rewritten ? 0 : 1
      await new Promise(setImmediate)
    }
    await rewriting
    expect(await writing).toBe(true)
    expect(readMeanwhile).toBeGreaterThan(TURNS)
    expect(filesWithText(folder, ['of a grower'])).toEqual([])
    for (const kept of ['of another grower', 'written meanwhile'])
      expect(filesWithText(folder, [kept]), kept).not.toEqual([])
  })

  it('is rewritten after a transaction that has begun, and before one that begins then', async () => {
    const order: string[] = []
    let begin = () => {}
    const isBegun = new Promise<void>((resolve) => (begin = resolve))
    const begun = open.state.transaction().execute(async (rows) => {
      await sql`insert into filler (text) values ('one')`.execute(rows)
      begin()
      await new Promise(setImmediate)
      order.push('transaction')
    })
    await isBegun
    const rewriting = open.rewrite().then(() => order.push('rewrite'))
    const later = open.state
      .transaction()
      .execute((rows) => sql`insert into filler (text) values ('two')`.execute(rows))
      .then(() => order.push('later'))
    await Promise.all([begun, rewriting, later])
    expect(order).toEqual(['transaction', 'rewrite', 'later'])
  })

  it('has its log moved into the file, and the event loop is free meanwhile', async () => {
    await sql`pragma wal_autocheckpoint = 0`.execute(open.state)
    await insert('a row', ROWS)
    expect(logBytes()).toBeGreaterThan(ROWS * ROW_BYTES)
    let compacted = false
    const compacting = open.file.compact().then(() => (compacted = true))
    let turns = 0
    for (; !compacted; turns++) await new Promise(setImmediate)
    await compacting
    expect(turns).toBeGreaterThan(TURNS)
    expect(logBytes()).toBe(0)
  })
})

describe('the series store', () => {
  let store: SeriesStore
  beforeEach(async () => void (store = await openSqliteSeries(join(folder, 'series.db'))))
  afterEach(() => store.close())

  const T0 = Date.UTC(2026, 5, 1)
  const ORGS = ['akane', 'midori', 'shiro']
  /** In no order, as readings of devices that were away arrive. */
  function* days(count: number): Generator<{ atMs: number; readings: Reading[] }> {
    let seed = 1
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    for (let atMs = T0; atMs < T0 + count * DAY_MS; atMs += DAY_MS) {
      const readings = ORGS.flatMap((org) =>
        Array.from({ length: 8 * 72 }, (_, i) => ({
          org,
          farm: org,
          field: org,
          device: `${org}-${i % 8}`,
          quantity: 'soil.moisture' as const,
          depthCm: 30,
          atMs: atMs + Math.floor(i / 8) * 20 * MINUTE_MS + Math.floor(random() * 1_000),
          value: random() * 40,
          flag: 1 as const,
          origin: 'measured' as const,
        })),
      )
      yield { atMs, readings: readings.sort(() => random() - 0.5) }
    }
  }

  it('keeps no value of an erased member in any file, not even of readings that moved to cold storage', async () => {
    const erased: number[] = []
    for (const { atMs, readings } of days(20)) {
      await store.append(readings)
      await store.maintain(atMs + DAY_MS)
      for (const { org, value } of readings) if (org === 'midori') erased.push(value!)
    }
    expect(valuesInFiles(erased)).toBe(erased.length)
    expect(await store.erase({ org: 'midori' })).toBe(erased.length)
    expect(valuesInFiles(erased)).toBe(0)
    const [kept] = await store.range({
      org: 'shiro',
      quantity: 'soil.moisture',
      fromMs: 0,
      toMs: T0 + 90 * DAY_MS,
    })
    expect(kept!.value).toHaveLength(20 * 72)
  })

  it('is not rewritten again by the maintenance after an erasure', async () => {
    for (const { readings } of days(1)) await store.append(readings)
    await store.erase({ org: 'midori' })
    const before = readFileSync(join(folder, 'series.db'))
    await store.maintain(T0)
    expect(readFileSync(join(folder, 'series.db')).equals(before)).toBe(true)
  })

  /** How many of the values are in a file, as SQLite stores them. */
  function valuesInFiles(values: readonly number[]): number {
    const wanted = new Set(values.map((value) => doubleText(value)))
    const found = new Set<string>()
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'latin1')
      for (let at = 0; at + 8 <= text.length; at++) {
        const eight = text.slice(at, at + 8)
        if (wanted.has(eight)) found.add(eight)
      }
    }
    return found.size
  }

  function doubleText(value: number): string {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    return bytes.toString('latin1')
  }
})
