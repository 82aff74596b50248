/** An organisation moves to another Tilth: what its export holds is there, once, and nothing opens or lets anybody in. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyAudit } from '../../../services/audit/audit-log.ts'
import { importExport } from '../../../services/backup/import-export.ts'
import { leftOut } from '../../../services/backup/import-rows.ts'
import { orgTables } from '../../../services/domain/export-rows.ts'
import { oneOrganisation } from '../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../firmware-sim/demo/members/write-members.ts'
import { plantFarm } from '../api/rows.ts'
import { startTestApi, type TestApi } from '../api/test-api.ts'

let old: TestApi
let fresh: TestApi
let admin: string // of the fresh one
let dir: string
let file: string
const path = (name: string) => join(dir, name)

beforeAll(async () => {
  old = await startTestApi()
  fresh = await startTestApi()
  dir = mkdtempSync(join(tmpdir(), 'tilth-import-'))
  await plantFarm(old.state, 'midori')
  await writeRows(
    old.state,
    oneOrganisation({ coop: 'midori', members: 3, fields: 9, year: 2026, yearsBack: 1 }),
  )
  await old.series.append(
    Array.from({ length: 2_500 }, (_, i) => ({
      org: 'midori',
      farm: 'midori-farm',
      field: 'midori-paddy',
      device: 'midori-gauge',
      depthCm: null,
      quantity: 'water.level',
      atMs: 1_700_000_000_000 + 60_000 * i,
      value: i === 7 ? null : i / 10,
      flag: i === 7 ? 9 : 1,
      origin: 'measured',
    })),
  )
  const oldAdmin = await old.signUp('midori', 'admin')
  admin = await fresh.signUp('midori', 'admin')
  await fresh.signUp('akane', 'admin')
  file = await exported(old, oldAdmin, 'midori.ndjson')
})
afterAll(async () => {
  await old.stop()
  await fresh.stop()
  rmSync(dir, { recursive: true })
})

async function exported(of: TestApi, cookie: string, name: string): Promise<string> {
  const { text } = await of.call(cookie, 'GET', '/api/export')
  writeFileSync(path(name), text)
  return path(name)
}
const take = (from: string, org: string | null = null, into = fresh) =>
  importExport({ state: into.state, series: into.series }, from, {
    org,
    nowMs: into.clock.now(),
    onProgress() {},
  })

type Line = { type: string; table?: string; row?: Record<string, unknown> }
const linesIn = (name: string): Line[] =>
  readFileSync(name, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
const rowsIn = (lines: Line[], table: string) => lines.filter((line) => line.table === table)
const taken = Object.keys(orgTables).filter((table) => !(table in leftOut))

describe('an export', () => {
  it('that was truncated, changed, extended or is of a later version is rejected, and nothing changes', async () => {
    const text = readFileSync(file, 'utf8')
    const lines = text.trimEnd().split('\n')
    const bad = (name: string, change: string) => {
      writeFileSync(path(name), change)
      return path(name)
    }
    const cases: [string, RegExp][] = [
      [bad('cut', lines.slice(0, -1).join('\n') + '\n'), /has no trailer/],
      [bad('changed', text.replace('"grossKg":', '"grossKg":1')), /was changed/],
      [bad('longer', text + '{"type":"row"}\n'), /more lines follow the trailer/],
      [bad('later', text.replace('"version":1', '"version":2')), /expected version 1, got 2/],
      [bad('no-json', text.replace('{"type":"row"', 'x{"type":"row"')), /line 2 of .* is not a JSON object/],
      [bad('empty', ''), /is empty/],
      [bad('other', '{"a":1}\n'), /is not an export of Tilth/],
      [path('nowhere'), /there is no file/],
    ]
    for (const [from, why] of cases) await expect(take(from)).rejects.toThrow(why)
    expect(await fresh.state.selectFrom('farm').select('id').execute()).toEqual([])
  })

  it('needs an organisation to import into, and lists the existing ones', async () => {
    await expect(take(file, 'nobody')).rejects.toThrow('pass --org with one of akane, midori')
  })

  it('is imported with every row that can be, and a second time changes nothing', async () => {
    const first = await take(file)
    const before = linesIn(file)
    const rows = before.filter(({ table }) => table !== undefined && taken.includes(table))
    expect(first.added).toBeGreaterThan(100)
    expect(first.kept).toBe(0)
    const after = linesIn(await exported(fresh, admin, 'after.ndjson'))
    const unchanged = taken.filter(
      (table) => !['run', 'request', 'command', 'auxOutputRun', 'output', 'zone', 'device'].includes(table),
    )
    for (const table of unchanged) expect(rowsIn(after, table), table).toEqual(rowsIn(before, table))
    const left = [...first.leftOut].filter(([table]) => taken.includes(table))
    expect(first.added + left.reduce((sum, [, count]) => sum + count, 0)).toBe(rows.length)
    const readings = async (of: TestApi) => {
      const found = []
      for await (const reading of of.series.stream({ org: 'midori' })) found.push(reading)
      return found
    }
    expect(first.readings).toBeGreaterThanOrEqual(2_500)
    expect(await readings(fresh)).toEqual(await readings(old))
    const again = await take(file)
    expect(again).toMatchObject({ added: 0, same: first.added, kept: 0 })
    const third = linesIn(await exported(fresh, admin, 'third.ndjson'))
    for (const table of taken) expect(rowsIn(third, table), table).toEqual(rowsIn(after, table))
    expect((await verifyAudit(fresh.state, 'midori')).broken).toBeNull()
    const notes = await fresh.state
      .selectFrom('audit')
      .select('action')
      .where('action', '=', 'import')
      .execute()
    expect(notes).toHaveLength(1)
  })

  it('opens no valve and grants no device access: runs are over, zones need approval, devices have no secret', async () => {
    const { state } = fresh
    const runs = await state.selectFrom('run').select('state').execute()
    expect(runs.length).toBeGreaterThan(0)
    for (const { state: is } of runs) expect(['done', 'skipped', 'failed', 'cancelled']).toContain(is)
    const zones = await state.selectFrom('zone').select('mode').execute()
    expect(zones.length).toBeGreaterThan(0)
    for (const { mode } of zones) expect(mode).not.toBe('auto')
    const devices = await state.selectFrom('device').select(['secretHash', 'commandKey']).execute()
    expect(devices.length).toBeGreaterThan(0)
    for (const device of devices) expect(device).toEqual({ secretHash: '', commandKey: null })
    for (const table of ['pushDevice', 'webhook', 'claim', 'valveState'] as const)
      expect(await state.selectFrom(table).select('org').execute()).toEqual([])
  })

  it('reports how far its import is, from the check to the last reading', async () => {
    const shares: number[] = []
    const steps = new Set<string>()
    await importExport({ state: fresh.state, series: fresh.series }, file, {
      org: null,
      nowMs: fresh.clock.now(),
      onProgress(share, step) {
        shares.push(share)
        steps.add(step.replace(/^\d+/, 'N'))
      },
    })
    expect([...steps]).toEqual(['checking the export', 'importing rows', 'N readings'])
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
    expect(shares.at(-1)).toBe(1)
  })

  it('never takes a row of another organisation here: everything is rolled back', async () => {
    await expect(take(file, 'akane')).rejects.toThrow(
      /line \d+: farm \S+ belongs to another organisation here/,
    )
    expect(await fresh.state.selectFrom('farm').select('id').where('org', '=', 'akane').execute()).toEqual([])
  })

  it('leaves existing rows with other values as they are, and counts them', async () => {
    await fresh.state
      .updateTable('field')
      .set({ name: 'Renamed here' })
      .where('id', '=', 'midori-paddy')
      .execute()
    expect(await take(file)).toMatchObject({ added: 0, kept: 1 })
    const { name } = await fresh.state
      .selectFrom('field')
      .select('name')
      .where('id', '=', 'midori-paddy')
      .executeTakeFirstOrThrow()
    expect(name).toBe('Renamed here')
  })
})
