/** The season as a workbook: what stands in it, what is kept out of it, and that it is the same twice. */
import { partsOfZip } from '../../../support/zip.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { SeriesStore } from '../../../../services/ports.ts'
import { readReport } from '../../../../services/report/season/read-report.ts'
import { yearText } from '../../../../services/report/text/japanese-era.ts'
import type { FileQuery } from '../../../../services/report/jobs/file-query.ts'
import { seasonWorkbook } from '../../../../services/report/xlsx/workbook.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openTestState } from '../../../support/state.ts'
import { sheets, table } from './read-workbook.ts'

const ORG = 'midori'
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
let opened: OpenState
let series: SeriesStore

beforeAll(async () => {
  opened = await openTestState()
  series = await openSqliteSeries(':memory:')
  const rows = oneOrganisation({ coop: ORG, members: 6, fields: 60, year: 2026, yearsBack: 2 })
  rows.farm[0]!.name = '=HYPERLINK("http://evil")'
  rows.harvestLoad[0]!.ticket = '＠SUM(A1)'
  await writeRows(opened.state, rows)
})
afterAll(async () => {
  await opened.close()
  await series.close()
})

const make = (change: Partial<FileQuery> = {}, nowMs = NOW_MS) =>
  seasonWorkbook(
    { state: opened.state, series, version: '0.1.0', nowMs },
    { org: ORG, coop: 'Midori', farmId: null, year: 2026, crop: null, lang: 'en', unit: 't/ha', ...change },
  )
describe('the workbook of a season', () => {
  it('has the same bytes for the same rows and instant, and others for other rows', async () => {
    const [entry, two] = [await make(), await make()]
    expect(Buffer.compare(Buffer.from(entry), Buffer.from(two))).toBe(0)
    await opened.state
      .updateTable('harvestLoad')
      .set({ destination: 'JA 2' })
      .where('ticket', '=', 'T2-0')
      .execute()
    expect(Buffer.compare(Buffer.from(entry), Buffer.from(await make()))).not.toBe(0)
  })

  it('has nine sheets, each with its time, software, basis and the hash of its rows', async () => {
    const book = await sheets(await make())
    expect([...book.keys()]).toEqual([
      ...['Summary', 'Fields', 'Loads', 'Water', 'Sprays', 'Data quality', 'Sensors', 'SPRING water'],
      'Fertiliser',
    ])
    const hashes = new Set<unknown>()
    for (const rows of book.values()) {
      const about = new Map(rows.slice(0, 8).map(([label, value]) => [label, String(value)]))
      expect(about.get('Created at')).toBe('2026-11-01 09:30 (Asia/Tokyo), Tilth 0.1.0')
      expect(about.get('Yield basis')).toMatch(/^brown rice, 15 % moisture/)
      expect(about.get('Sieves (mm)')).toBe('1.85')
      expect(about.get('Coverage')).toMatch(/6 members, 60 fields/)
      hashes.add(about.get('Source rows (SHA-256)'))
    }
    expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  })

  it('has the members and fields of the report', async () => {
    const book = await sheets(await make())
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    const output = table(book.get('Summary')!)
    expect(output.map((row) => row['Member code'])).toEqual(
      report.members.map(({ memberCode }) => memberCode),
    )
    for (const [at, member] of report.members.entries()) {
      expect(output[at]!['Yield (t/ha)']).toBeCloseTo(member.kgHa! / 1000, 3)
      expect(output[at]!['Water (m3/ha)']).toBeCloseTo(member.waterM3Ha!, 0)
    }
    const fields = table(book.get('Fields')!)
    expect(fields).toHaveLength(60)
    const lines = report.members.flatMap((member) => member.fields)
    for (const row of fields) {
      const { kgHa } = lines.find(({ field }) => field === row.Field)!
      expect(row['Yield (t/ha)']).toEqual(kgHa === null ? null : expect.closeTo(kgHa / 1000, 3))
      if (kgHa === null) expect(row.Unknown).toContain('Yield (t/ha)')
    }
    expect(fields.some((row) => row['Yield (t/ha)'] === null)).toBe(true)
  })

  it('lists every load; their sum on the basis is the yield of the field', async () => {
    const book = await sheets(await make())
    const loads = table(book.get('Loads')!)
    expect(loads).toHaveLength(
      (
        await opened.state
          .selectFrom('harvestLoad')
          .select('id')
          .where('seasonId', 'like', '%-2026')
          .execute()
      ).length,
    )
    for (const row of table(book.get('Fields')!).filter(
      (entry) => entry['Yield source'] === 'weighed loads',
    )) {
      const ownRows = loads.filter(
        (load) => load.Field === row.Field && load.Grade !== 'low' && load['Void reason'] === null,
      )
      const parts = ownRows.map((load) => load['On the basis (kg)'])
      if (parts.includes(null)) expect(row['Yield (kg)']).toBeNull()
      else
        expect(row['Yield (kg)']).toBeCloseTo(
          (parts as number[]).reduce((sum, kg) => sum + kg, 0),
          0,
        )
    }
  })

  it('escapes formulas in names and tickets', async () => {
    const book = await sheets(await make())
    expect(table(book.get('Fields')!).map((row) => row.Member)).toContain('\'=HYPERLINK("http://evil")')
    expect(table(book.get('Loads')!).map((row) => row.Ticket)).toContain("'＠SUM(A1)")
  })

  it('in Japanese has Japanese headings, kg/10a with bales, and the crop year of the era', async () => {
    const book = await sheets(await make({ lang: 'ja', unit: 'kg/10a' }))
    expect([...book.keys()]).toEqual([
      '集計',
      '圃場別',
      '計量',
      '水',
      '防除',
      'データの質',
      'センサー',
      'SPRING用水',
      '施肥・作業',
    ])
    const rows = book.get('集計')!
    expect(rows[0]).toContain('Midori　全組合員')
    expect(rows[1]).toContain('令和8年産（2026年）・水稲')
    const [first] = table(rows, '組合員コード')
    const bales = (first!['収量 (kg/10a)'] as number) / 60
    expect(Math.abs((first!['（俵/10a）'] as number) - bales)).toBeLessThan(0.06) // both are rounded
    expect(book.get('圃場別')!.flat()).toContain('田植え日') // rice is transplanted
    expect([yearText(2019, 'ja'), yearText(2018, 'ja')]).toEqual([
      '令和元年産（2019年）',
      '平成30年産（2018年）',
    ])
  })

  it('of a year without seasons has only headings', async () => {
    const book = await sheets(await make({ year: 2019 }))
    expect(table(book.get('Fields')!)).toEqual([])
  })

  it('reports progress, never backwards', async () => {
    const output: number[] = []
    await seasonWorkbook(
      {
        state: opened.state,
        series,
        version: '0.1.0',
        nowMs: NOW_MS,
        onProgress: (share) => output.push(share),
      },
      { org: ORG, coop: 'Midori', farmId: null, year: 2026, crop: null, lang: 'en', unit: 't/ha' },
    )
    expect(output.length).toBeGreaterThan(3)
    expect(output).toEqual(output.toSorted((a, b) => a - b))
    expect(output.at(-1)!).toBeLessThan(1)
  })
})

describe('a sheet of the workbook', () => {
  const cellsOf = async (name: string) => table((await sheets(await make())).get(name)!)

  it('has days and times as dates, and numbers as numbers, or an empty cell', async () => {
    const [field] = await cellsOf('Fields')
    expect(field!.Planted).toEqual(
      new Date(`${(field!.Planted as Date).toISOString().slice(0, 10)}T00:00:00Z`),
    )
    const [spray] = await cellsOf('Sprays')
    expect(spray!.Started).toBeInstanceOf(Date)
    for (const name of ['Summary', 'Fields', 'Water', 'Data quality'])
      for (const row of await cellsOf(name))
        for (const [head, value] of Object.entries(row))
          if (/\((kg|t\/ha|ha|mm|m3|%)/.test(head))
            expect([typeof value, value === null]).toContain(value === null || 'number')
  })

  it('ends with a total: sums of amounts, means of the report, nothing that cannot be added', async () => {
    const book = await sheets(await make())
    const fields = book.get('Fields')!
    const heads = fields.find(([cell]) => cell === 'Member code')!.map(String)
    const total = Object.fromEntries(heads.map((head, at) => [head, fields.at(-1)![at]]))
    const rows = table(fields)
    const sum = (head: string) => rows.reduce((all, row) => all + Number(row[head] ?? 0), 0)
    expect(total['Member code']).toBe('Total of the known values')
    expect(total['Yield (kg)']).toBeCloseTo(sum('Yield (kg)'), 3)
    expect(total['Area (ha)']).toBeCloseTo(sum('Area (ha)'), 4)
    expect(total['Yield (t/ha)']).toBeNull()
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    const summary = book.get('Summary')!
    const all = summary.at(-1)!
    expect(all.slice(0, 3)).toEqual(['All', '6 members', 60])
    expect(all).toContain(Number((report.mean.kgHa! / 1000).toFixed(3)))
  })

  it('can be filtered, and prints on A4 landscape with its headings and two columns frozen', async () => {
    const parts = partsOfZip(Buffer.from(await make()))
    const part = (name: string) => parts.get(name)!.toString()
    const xml = part('xl/worksheets/sheet2.xml')
    expect(xml).toMatch(/<autoFilter ref="A\d+:[A-Z]+\d+"\/>/)
    expect(xml).toContain('<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>')
    expect(xml).toMatch(/xSplit="2"/)
    expect(part('xl/workbook.xml')).toContain("'Fields'!$A:$B,'Fields'!$")
    expect(part('xl/styles.xml')).toContain('#,##0.0')
  })

  it('of one member has only that member, and its first line says so', async () => {
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    const member = report.members.find(({ memberCode }) => memberCode === '0412-1002')!
    const book = await sheets(await make({ farmId: member.farmId }))
    for (const rows of book.values())
      expect(rows[0]).toEqual(expect.arrayContaining(['For', `${member.name}, Midori`]))
    for (const name of ['Summary', 'Fields', 'Loads', 'Water', 'Sprays', 'SPRING water'])
      expect(new Set(table(book.get(name)!).map((row) => row.Member)), name).toEqual(new Set([member.name]))
    await expect(make({ farmId: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('states water productivity as mass over the water of the whole field', async () => {
    const [fields, water] = [await cellsOf('Fields'), await cellsOf('Water')]
    const partly = fields.findIndex(
      (row, at) =>
        row['Harvested area (ha)'] !== row['Area (ha)'] &&
        row['Yield (kg)'] !== null &&
        Number(water[at]!['Irrigation (m3)']) > 0,
    )
    const expected = Number(fields[partly]!['Yield (kg)']) / Number(water[partly]!['Irrigation (m3)'])
    expect(water[partly]!['Yield mass / irrigation (kg/m3)']).toBeCloseTo(expected, 2)
  })
})
