/** Files of a season from the real thread, on files that this process has open: as they are made here, and whatever dies. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPragma } from '../../../broker/sqlite/database.ts'
import { DAY_MS } from '../../../broker/contract/time.ts'
import { oneOrganisation } from '../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../firmware-sim/demo/members/write-members.ts'
import { openSqliteSeries } from '../../../services/adapters/sqlite/series.ts'
import type { OpenSqliteState } from '../../../services/adapters/sqlite/state.ts'
import type { SeriesStore } from '../../../services/ports.ts'
import type { FileRequest, FileQuery, ReportFiles } from '../../../services/report/jobs/file-query.ts'
import { filesInProcess } from '../../../services/report/jobs/make-file.ts'
import { createReportThread } from '../../../services/report-thread/thread.ts'
import { reading } from '../../ports/series-readings.ts'
import { openSqliteTestState } from '../../support/state.ts'

const ORG = 'midori'
const nowMs = Date.parse('2026-11-01T00:30:00Z')
let dir: string
let opened: OpenSqliteState
let series: SeriesStore
let thread: ReportFiles

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tilth-reports-'))
  opened = await openSqliteTestState(join(dir, 'state.db'))
  series = await openSqliteSeries(join(dir, 'series.db'))
  await writeRows(
    opened.state,
    oneOrganisation({ coop: ORG, members: 12, fields: 60, year: 2026, yearsBack: 2 }),
  )
  const { fieldId, plantedDay } = await opened.state
    .selectFrom('season')
    .select(['fieldId', 'plantedDay'])
    .where('year', '=', 2026)
    .orderBy('id')
    .executeTakeFirstOrThrow()
  const plantedMs = Date.parse(`${plantedDay}T12:00:00Z`)
  await series.append(
    [20, 22, 30].map((value, day) =>
      reading({
        org: ORG,
        field: fieldId,
        device: 'probe-1',
        depthCm: 30,
        value,
        atMs: plantedMs + day * DAY_MS,
      }),
    ),
  )
  thread = createReportThread({
    state: `sqlite:${join(dir, 'state.db')}`,
    series: 'sqlite:{DATA_DIR}/series.db',
    dataDir: dir,
    secret: 'of this process',
  })
})
afterAll(async () => {
  await thread.end()
  await opened.close()
  await series.close()
  rmSync(dir, { recursive: true, force: true })
})

const query: FileQuery = {
  org: ORG,
  coop: 'Midori',
  year: 2026,
  crop: null,
  lang: 'ja',
  unit: 'kg/10a',
  farmId: null,
}
const hash = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

// the thread is less urgent than whatever else runs on a busy machine
describe('the report thread', { timeout: 180_000 }, () => {
  const csv = { org: ORG, coop: 'Midori', farmId: null, year: 2026, lang: 'ja' } as const
  const expected: FileRequest[] = [
    ...(['xlsx', 'xlsx-all', 'pdf', 'geojson', 'adapt', 'spring', 'work'] as const).map((format) => ({
      format,
      query,
      nowMs,
    })),
    { format: 'csv', query: csv, nowMs },
    { format: 'csv-shift-jis', query: csv, nowMs },
    { format: 'sprays', query: { ...csv, crop: null, scheme: 'jgap' }, nowMs },
  ]
  it.each(expected)('makes $format byte for byte as in this process', async (request) => {
    const there = await thread.make(request)
    const here = await filesInProcess({ state: opened.state, series }).make(request)
    expect(there.bytes.length).toBeGreaterThan(100)
    expect([hash(there.bytes), there.replaced]).toEqual([hash(here.bytes), here.replaced])
  })

  it('reads the sensors, and rows written since the previous file', async () => {
    const request: FileRequest = { format: 'xlsx', query, nowMs }
    const before = await thread.make(request)
    const { fieldId } = await opened.state
      .selectFrom('season')
      .select('fieldId')
      .where('year', '=', 2026)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    const soon = reading({
      org: ORG,
      field: fieldId,
      device: 'probe-2',
      value: 25,
      atMs: nowMs - 60 * DAY_MS,
    })
    await series.append([soon])
    const after = await thread.make(request)
    expect(hash(after.bytes)).not.toBe(hash(before.bytes))
    const here = await filesInProcess({ state: opened.state, series }).make(request)
    expect(hash(after.bytes)).toBe(hash(here.bytes))
  })

  it.each(expected)('reports the progress of $format, never backwards', async (request) => {
    const output: number[] = []
    await thread.make(request, (share) => output.push(share))
    expect(output.length).toBeGreaterThan(0)
    expect(output).toEqual(output.toSorted((a, b) => a - b))
    expect(output.at(-1)).toBeLessThanOrEqual(1)
  })

  it('rejects with the error code, and makes the next file', async () => {
    const request: FileRequest = { format: 'pdf', query: { ...query, farmId: 'akane-m1' }, nowMs }
    await expect(thread.make(request)).rejects.toMatchObject({ name: 'TilthError', code: 'NOT_FOUND' })
    const year = { org: ORG, coop: 'Midori', fieldId: 'nowhere', year: 2026, lang: 'en' } as const
    await expect(thread.make({ format: 'drainage', query: year, nowMs })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'paddy nowhere not found',
    })
    expect((await thread.make({ format: 'work', query, nowMs })).bytes.length).toBeGreaterThan(100)
  })

  it('reports an unavailable store, and makes files that do not need it', async () => {
    const away = createReportThread({
      state: `sqlite:${join(dir, 'state.db')}`,
      series: 'sqlite:{DATA_DIR}/away/series.db',
      dataDir: dir,
      secret: 'of this process',
    })
    await expect(away.make({ format: 'xlsx', query, nowMs })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect((await away.make({ format: 'geojson', query, nowMs })).bytes.length).toBeGreaterThan(100)
    await away.end()
  })

  it('when ended during a read it rejects, releases the file, and a new thread makes the next file', async () => {
    const request: FileRequest = { format: 'xlsx', query, nowMs }
    const terminated = 'the report thread was terminated'
    for (const startedForMs of [0, 15, 30]) {
      const answered = expect(thread.make(request)).rejects.toThrow(terminated)
      await new Promise((resolve) => setTimeout(resolve, startedForMs))
      await thread.end()
      await answered
    }
    for (const readShare of [0, 0.2, 0.4, 0.6, 0.8]) {
      let ended: Promise<void> | undefined
      const making = thread.make(request, (share) => void (share >= readShare && (ended ??= thread.end())))
      await expect(making).rejects.toThrow(terminated)
      await ended
    }
    // the first column: whether a reader was in the way
    expect(readPragma(opened.database, 'wal_checkpoint(TRUNCATE)')).toBe(0)
    expect((await thread.make({ format: 'csv', query: csv, nowMs })).bytes.length).toBeGreaterThan(100)
  })

  it('writes nothing into the stores', async () => {
    const before = readPragma(opened.database, 'data_version')
    await thread.make({ format: 'xlsx', query, nowMs })
    expect(readPragma(opened.database, 'data_version')).toBe(before)
  })
})
