/** Fertiliser and field work of a season: whose season it is, and every number of sheet and CSV again from the raw rows. */
import Papa from 'papaparse'
import readSheet from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { SeriesStore } from '../../../../services/ports.ts'
import type { FileQuery } from '../../../../services/report/jobs/file-query.ts'
import { seasonWorkbook } from '../../../../services/report/xlsx/workbook.ts'
import { readWorkMaterial, toJson, type FieldWorkRow, type SeasonRow } from '../../../../services/tables.ts'
import { seasonOfWork } from '../../../../services/report/work/read-work.ts'
import { workCsvFile, workText } from '../../../../services/report/work/work-columns.ts'
import { openTestState } from '../../../support/state.ts'

const ORG = 'midori'
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
const query: FileQuery = {
  org: ORG,
  coop: 'Midori',
  farmId: null,
  year: 2026,
  crop: null,
  lang: 'en',
  unit: 't/ha',
}
let opened: OpenState
let series: SeriesStore
let seasons: SeasonRow[]

beforeAll(async () => {
  opened = await openTestState()
  series = await openSqliteSeries(':memory:')
  await writeRows(
    opened.state,
    oneOrganisation({ coop: ORG, members: 3, fields: 6, year: 2026, yearsBack: 1 }),
  )
  seasons = await opened.state
    .selectFrom('season')
    .selectAll()
    .where('org', '=', ORG)
    .where('year', '=', 2026)
    .orderBy('id')
    .execute()
  await opened.state
    .insertInto('fieldWork')
    .values(seasons.flatMap((season, n) => worksOf(season, n)))
    .execute()
})
afterAll(async () => {
  await opened.close()
  await series.close()
})

/** Basal fertiliser, one with unknown potash, one of unknown amount, tillage, and one that was voided. */
function worksOf({ fieldId, plantedDay }: SeasonRow, n: number): FieldWorkRow[] {
  const row = (what: string, more: Partial<FieldWorkRow>): FieldWorkRow => ({
    id: `${fieldId}-${what}`,
    org: ORG,
    farmId: 'f',
    fieldId,
    seasonId: null,
    batch: what,
    state: 'confirmed',
    kind: 'fertiliser',
    day: plantedDay,
    startMs: null,
    endMs: null,
    areaM2: 1000 + 37 * n,
    material: null,
    amount: null,
    massKg: null,
    method: null,
    machine: null,
    operator: '=1+1',
    lot: null,
    note: `${fieldId}-${what}`,
    enteredBy: 'u',
    enteredAtMs: NOW_MS,
    confirmedBy: 'u',
    confirmedAtMs: NOW_MS,
    voidedBy: null,
    voidedAtMs: null,
    voidReason: null,
    ...more,
  })
  const compound = toJson({ name: 'NPK 14', nPct: 14, p2o5Pct: 16, k2oPct: 12 })
  const halfKnown = toJson({ name: 'Compost', nPct: 1.2, p2o5Pct: null, k2oPct: 0 })
  return [
    row('basal', { day: before(plantedDay), material: compound, massKg: 40.123 + n }),
    row('compost', { kind: 'organic', material: halfKnown, massKg: 900 }),
    row('unknown', { material: compound, amount: toJson({ value: 3, unit: 'bag', bagKg: null }) }),
    row('tilled', { kind: 'tillage', state: 'draft' }),
    row('wrong', { material: compound, massKg: 7, state: 'void', voidReason: 'another field' }),
  ]
}
const before = (day: string): string =>
  new Date(Date.parse(`${day}T00:00Z`) - 10 * 86_400_000).toISOString().slice(0, 10)

/** In the CSV by the word, in the workbook by an empty cell that the last columns name. */
const unknownIn = (row: Record<string, unknown>, head: string): boolean =>
  row[head] === 'missing' || (row[head] === null && String(row.Unknown).split('; ').includes(head))

type Told = Record<string, unknown>
async function sheet(change: Partial<FileQuery> = {}): Promise<Told[]> {
  const deps = { state: opened.state, series, version: '0.1.0', nowMs: NOW_MS }
  const bytes = await seasonWorkbook(deps, { ...query, ...change })
  const book = (await readSheet(Buffer.from(bytes))) as unknown as { sheet: string; data: unknown[][] }[]
  const rows = book.at(-1)!.data
  expect(book.at(-1)!.sheet).toBe('Fertiliser')
  const at = rows.findIndex(([cell]) => cell === 'Member code')
  return rows
    .slice(at + 1)
    .filter(([cell]) => cell !== 'Total of the known values')
    .map((row) => Object.fromEntries(rows[at]!.map((head, i) => [head, row[i]])))
}
async function csv(change: Partial<FileQuery> = {}): Promise<Told[]> {
  const deps = { state: opened.state, series, version: '0.1.0', nowMs: NOW_MS }
  const text = Buffer.from(await workCsvFile(deps, { ...query, ...change })).toString()
  return Papa.parse<Told>(text.replace(/^.*\r\n/, ''), { header: true, skipEmptyLines: true }).data
}

describe('fertiliser and field work', () => {
  it.each([
    ['the day of planting', '2026-05-18', 'this'],
    ['ten days before planting', '2026-05-08', 'this'],
    ['the day of harvest', '2026-09-20', 'this'],
    ['the autumn after the harvest, half a year before the next', '2026-11-20', 'next'],
    ['long before the next', '2026-10-01', null],
    ['the season before, to its last day', '2025-09-19', 'last'],
  ])('of %s', (_, day, expected) =>
    expect(
      seasonOfWork(day, [
        { id: 'next', plantedDay: '2027-05-18', harvestedDay: null },
        { id: 'last', plantedDay: '2025-05-18', harvestedDay: '2025-09-19' },
        { id: 'this', plantedDay: '2026-05-18', harvestedDay: '2026-09-20' },
      ]),
    ).toBe(expected),
  )

  it('are in the workbook and the CSV with every number of the raw rows', async () => {
    const rows = await opened.state.selectFrom('fieldWork').selectAll().execute()
    for (const output of [await sheet(), await csv()]) {
      expect(output).toHaveLength(rows.length)
      for (const { id, day, areaM2, massKg, material, state } of rows) {
        const row = output.find(({ Note }) => Note === id)!
        const grade = material === null ? null : readWorkMaterial(material)
        // the workbook has a date, and an empty cell where the CSV has a word
        const printedDay = row['Day'] instanceof Date ? row['Day'].toISOString().slice(0, 10) : row['Day']
        expect([printedDay, Number(row['Area (a)'])]).toEqual([day, Number((areaM2 / 100).toFixed(2))])
        const cells = { N: grade?.nPct, P2O5: grade?.p2o5Pct, K2O: grade?.k2oPct }
        for (const [name, pct] of Object.entries(cells)) {
          const cell = row[`${name} (kg/ha)`] ?? ''
          if (grade === null || state === 'void') expect([id, name, cell]).toEqual([id, name, ''])
          else if (massKg === null || pct == null)
            expect([id, name, unknownIn(row, `${name} (kg/ha)`)]).toEqual([id, name, true])
          // kg x per cent / 100 / (m2 / 10 000)
          else expect(Number(cell)).toBeCloseTo((massKg * pct * 100) / areaM2, 2)
        }
      }
    }
  })

  it('with an unknown amount or grade are marked and never 0, and bags of unknown weight stay bags', async () => {
    for (const output of [await sheet(), await csv()]) {
      const unknown = output.filter((row) => row['As entered'] === '3 bags')
      expect(unknown).toHaveLength(seasons.length)
      for (const row of unknown) {
        expect(unknownIn(row, 'On this area (kg)')).toBe(true)
        expect(unknownIn(row, 'N (kg/ha)')).toBe(true)
      }
      for (const row of output.filter(({ Material }) => Material === 'Compost')) {
        expect(unknownIn(row, 'P2O5 (kg/ha)')).toBe(true)
        expect(Number(row['K2O (kg/ha)'])).toBe(0)
      }
    }
  })

  it('name planting of rice transplanting', () => {
    const names = ['rice', 'soybean'].map((crop) => [
      workText('planting', crop, 'ja'),
      workText('planting', crop, 'en'),
    ])
    expect(names).toEqual([
      ['田植え', 'transplanting'],
      ['植付け', 'planting'],
    ])
    expect(workText('tillage', 'rice', 'ja')).toBe('耕うん')
  })

  it('have the number of valid photos', async () => {
    const { id: recordId, fieldId } = await opened.state
      .selectFrom('fieldWork')
      .selectAll()
      .where('state', '=', 'confirmed')
      .orderBy('id')
      .executeTakeFirstOrThrow()
    for (const [id, voidedAtMs] of [
      ['one', null],
      ['two', null],
      ['three', NOW_MS],
    ] as const)
      await opened.state
        .insertInto('recordPhoto')
        .values({
          id,
          org: ORG,
          farmId: 'f',
          fieldId,
          kind: 'work',
          recordId,
          takenMs: NOW_MS,
          addedBy: 'u',
          addedAtMs: NOW_MS,
          sha256: id,
          thumbnail: '',
          picture: '',
          voidedBy: null,
          voidedAtMs,
          voidReason: null,
        })
        .execute()
    for (const output of [await sheet(), await csv()])
      expect(output.map((row) => [row['Note'], Number(row['Photos'])])).toEqual(
        output.map((row) => [row['Note'], row['Note'] === recordId ? 2 : 0]),
      )
  })

  it('are per 10 a like the report, a tenth of the amount per hectare', async () => {
    const [ha, a] = [await csv(), await csv({ unit: 'kg/10a' })]
    ha.forEach((row, i) => {
      if (/\d/.test(String(row['N (kg/ha)'])))
        expect(Number(a[i]!['N (kg/10a)'])).toBeCloseTo(Number(row['N (kg/ha)']) / 10, 1)
    })
  })

  it('have the same bytes for the same rows, and no formula', async () => {
    const deps = { state: opened.state, series, version: '0.1.0', nowMs: NOW_MS }
    const [entry, two] = [await workCsvFile(deps, query), await workCsvFile(deps, query)]
    expect(Buffer.compare(entry, two)).toBe(0)
    expect(Buffer.from(entry).toString()).not.toMatch(/(^|,)=1\+1/m)
  })
})
