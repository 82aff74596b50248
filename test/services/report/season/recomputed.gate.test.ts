/**
 * Every cell of the season's workbook and CSV, calculated again from the raw rows with the arithmetic of this folder
 * alone (recompute.ts), before and after the co-operative erases its hostile member: one with formulas for names. Of the
 * erased member no file of the data folder keeps a name, an id or a number.
 */
import Papa from 'papaparse'
import readSheet from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberId } from '../../../../firmware-sim/demo/members/members.ts'
import type { MembersOptions } from '../../../../firmware-sim/demo/members/types.ts'
import { writeMembers } from '../../../../firmware-sim/demo/members/write-members.ts'
import { verifyAudit } from '../../../../services/audit/audit-log.ts'
import { startTestApi, type TestApi } from '../../api/test-api.ts'
import { recompute, type Expected, type ExpectedRow } from './recompute.ts'
import { filesWithText } from '../../../support/files-with-text.ts'

const CO_OP: MembersOptions = { coop: 'midori', members: 104, fields: 160, year: 2026, yearsBack: 1 }
const HOSTILE = 1
const HOSTILE_ID = memberId(CO_OP, HOSTILE)
const NAME = '=HYPERLINK("http://evil.example","pay")'
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
const SHEETS = ['Summary', 'Fields', 'Loads', 'Water', 'Sprays', 'Data quality', 'SPRING water'] as const

let tilth: TestApi
let admin: string
beforeAll(async () => {
  tilth = await startTestApi({}, { nowMs: NOW_MS })
  admin = await tilth.signUp('midori', 'admin')
  await writeMembers(tilth.state, CO_OP)
  const { state } = tilth
  await state.updateTable('farm').set({ name: NAME }).where('org', '=', HOSTILE_ID).execute()
  const fields = await state.selectFrom('field').select('id').where('org', '=', HOSTILE_ID).execute()
  for (const [n, { id }] of fields.entries())
    await state
      .updateTable('field')
      .set({ name: `@SUM(${n},"x"), Qanat` })
      .where('id', '=', id)
      .execute()
  await state.updateTable('harvestLoad').set({ ticket: '+48-QX-1' }).where('org', '=', HOSTILE_ID).execute()
}, 300_000)
afterAll(() => tilth.stop())

async function download(path: string): Promise<Buffer> {
  const response = await tilth.api.inject({ url: path, headers: { host: 'farm.local', cookie: admin } })
  expect(response.statusCode).toBe(200)
  return response.rawPayload
}

type Row = Record<string, unknown>
async function readBook(): Promise<Map<string, { rows: Row[]; total: Row | null }>> {
  const bytes = await download('/api/reports/season.xlsx?year=2026&crop=rice&unit=kg/10a')
  const sheets = (await readSheet(bytes)) as unknown as { sheet: string; data: unknown[][] }[]
  return new Map(
    sheets.map(({ sheet, data }) => {
      const at = data.findIndex(([cell]) => cell === 'Member code')
      const heads = data[at]!.map(String)
      const rows = data.slice(at + 1).map((row) => Object.fromEntries(heads.map((head, i) => [head, row[i]])))
      const last = rows.at(-1)
      const hasTotal = ['All', 'Total of the known values'].includes(String(last?.['Member code']))
      return [sheet, { rows: hasTotal ? rows.slice(0, -1) : rows, total: hasTotal ? last! : null }]
    }),
  )
}

async function readCsv(): Promise<Row[]> {
  const text = (await download('/api/reports/season.csv?year=2026')).toString()
  return Papa.parse<Row>(text.replace(/^.*\r\n/, ''), { header: true, skipEmptyLines: true }).data
}

/** Rows by their key; equal sets of keys, and of each row equal sets of columns with equal cells. */
function compare(actual: readonly Row[], expected: readonly ExpectedRow[], where: string): number {
  const keyOf = (row: Row) => expected[0]!.key.map((head) => text(row[head])).join(' | ')
  const wanted = new Map(
    expected.map((row) => [row.key.map((head) => text(row.cells[head])).join(' | '), row]),
  )
  expect(wanted.size, `${where}: keys`).toBe(expected.length)
  expect(actual.map(keyOf).sort(), where).toEqual([...wanted.keys()].sort())
  let cells = 0
  for (const row of actual) {
    const { cells: values } = wanted.get(keyOf(row))!
    expect(Object.keys(row).sort(), where).toEqual(Object.keys(values).sort())
    for (const [head, value] of Object.entries(values)) {
      compareCell(row[head], value, `${where}, ${keyOf(row)}, ${head}`)
      cells++
    }
  }
  return cells
}

const text = (cell: unknown): string =>
  cell instanceof Date
    ? new Date(60_000 * Math.round(cell.getTime() / 60_000)).toISOString().slice(0, 16)
    : cell === null || cell === undefined
      ? ''
      : String(cell)

function compareCell(actual: unknown, expected: unknown, where: string): void {
  if (typeof expected === 'number') {
    const decimals = /\.(\d+)$/.exec(text(actual))?.[1]?.length ?? 0
    expect(text(actual), where).toMatch(/^-?[\d.]+$/)
    // printed with as many decimals as it has, or fewer where these are zeros
    expect(
      Math.abs(Number(actual) - expected),
      `${where}: ${text(actual)}, not ${expected}`,
    ).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9)
  } else expect(text(actual), where).toBe(text(expected))
}

function compareAll(
  book: Awaited<ReturnType<typeof readBook>>,
  csv: readonly Row[],
  expected: Expected,
): number {
  let cells = compare(csv, expected.csv, 'CSV')
  for (const name of SHEETS) {
    const { rows, total } = book.get(name)!
    cells += compare(rows, expected[name], name)
    const sums = expected.totals[name]
    if (!sums) continue
    for (const [head, value] of Object.entries(sums))
      compareCell(total![head], value, `${name}, total, ${head}`)
    cells += Object.keys(sums).length
  }
  for (const name of ['Sensors', 'Fertiliser']) expect(book.get(name)!.rows, name).toEqual([])
  return cells
}

describe('the season of the co-operative', () => {
  it('equals the recomputation in every cell, before and after its hostile member is erased', async () => {
    const before = await recompute(tilth.state, 'midori', NOW_MS)
    expect(before.csv.some(({ cells }) => cells.Member === `'${NAME}`)).toBe(true)
    const cells = compareAll(await readBook(), await readCsv(), before)
    expect(cells).toBeGreaterThan(15_000)

    const { state } = tilth
    const farm = await state
      .selectFrom('farm')
      .selectAll()
      .where('org', '=', HOSTILE_ID)
      .executeTakeFirstOrThrow()
    // a page of an index may keep the first part of another member's id: `midori-f1` of `midori-f123` shows nothing
    const isCutOff = (id: string, others: readonly string[]) => others.some((other) => other.startsWith(id))
    const idsOf = async (table: 'field' | 'season' | 'harvestLoad' | 'irrigation' | 'treatment') => {
      const rows = await state.selectFrom(table).select(['id', 'org']).execute()
      const others = rows.filter(({ org }) => org !== HOSTILE_ID).map(({ id }) => id)
      return rows.filter(({ id, org }) => org === HOSTILE_ID && !isCutOff(id, others)).map(({ id }) => id)
    }
    const ids = [
      ...(await idsOf('field')),
      ...(await idsOf('season')),
      ...(await idsOf('harvestLoad')),
      ...(await idsOf('irrigation')),
      ...(await idsOf('treatment')),
    ]
    expect(ids.length).toBeGreaterThan(5)
    const texts = [HOSTILE_ID, NAME, '+48-QX-1', ', Qanat', farm.memberCode!, ...ids]
    for (const part of texts.slice(0, 6)) expect(found([part]), part).not.toEqual([])
    const { body: memberships } = await tilth.call(admin, 'GET', '/api/memberships')
    const { id, member } = memberships.find((row: { member: { id: string } }) => row.member.id === HOSTILE_ID)
    const erased = await tilth.call(admin, 'DELETE', `/api/memberships/${id}`, { name: member.name })
    expect(erased.status, erased.text).toBe(200)
    expect(found(texts)).toEqual([])
    expect((await verifyAudit(state, 'midori')).broken).toBeNull()

    const after = await recompute(state, 'midori', NOW_MS)
    expect(after.csv.length).toBe(before.csv.length - (await fieldsBefore(before)))
    expect(compareAll(await readBook(), await readCsv(), after)).toBeGreaterThan(15_000)
  }, 300_000)
})

const fieldsBefore = async ({ csv }: Expected): Promise<number> =>
  csv.filter(({ cells }) => cells.Member === `'${NAME}`).length

const found = (texts: readonly string[]): string[] => filesWithText(tilth.dir, texts)
