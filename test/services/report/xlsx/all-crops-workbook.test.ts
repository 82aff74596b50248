/** The workbook of all crops: what stands in it next to the workbooks of each crop. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { SeriesStore } from '../../../../services/ports.ts'
import type { FileQuery } from '../../../../services/report/jobs/file-query.ts'
import { readCrops, readReport } from '../../../../services/report/season/read-report.ts'
import { cropText } from '../../../../services/report/text/crop-names.ts'
import { allCropsWorkbook } from '../../../../services/report/xlsx/all-crops-workbook.ts'
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
  for (const season of rows.season.filter(({ year }) => year === 2026).slice(0, 25)) season.crop = 'soybean'
  await writeRows(opened.state, rows)
})
afterAll(async () => {
  await opened.close()
  await series.close()
})

const query = (change: Partial<FileQuery>): FileQuery => ({
  org: ORG,
  coop: 'Midori',
  farmId: null,
  year: 2026,
  crop: null,
  lang: 'en',
  unit: 't/ha',
  ...change,
})
const make = (change: Partial<FileQuery> = {}) =>
  seasonWorkbook({ state: opened.state, series, version: '0.1.0', nowMs: NOW_MS }, query(change))
const makeAll = (change: Partial<FileQuery> = {}) =>
  allCropsWorkbook({ state: opened.state, series, version: '0.1.0', nowMs: NOW_MS }, query(change))

describe('the workbook of all crops', () => {
  it('has the members and fields of each crop as its own workbook, and all loads with their crop', async () => {
    const crops = await readCrops(opened.state, { org: ORG, year: 2026 }, NOW_MS)
    expect(crops.length).toBeGreaterThan(1)
    const all = await sheets(await makeAll())
    const loads: unknown[] = []
    for (const crop of crops) {
      const own = await sheets(await make({ crop }))
      for (const name of ['Summary', 'Fields'])
        expect(table(all.get(`${name} ${cropText(crop, 'en')}`)!)).toEqual(table(own.get(name)!))
      loads.push(...table(own.get('Loads')!).map((row) => ({ ...row, Crop: cropText(crop, 'en') })))
    }
    expect(table(all.get('Loads')!)).toEqual(loads)
    expect(all.get('Loads')![1]).toEqual([
      'Season',
      ['2026', ...crops.map((crop) => cropText(crop, 'en'))].join(', '),
      ...all.get('Loads')![1]!.slice(2),
    ])
  })

  it('of one member has the crops that it grows', async () => {
    const read = await readReport(opened.state, { org: ORG, year: 2026, crop: null }, NOW_MS)
    const { farmId } = read.records[0]!
    const all = await sheets(await makeAll({ farmId }))
    const grown = new Set(table(all.get('Water')!).map(({ Crop }) => Crop))
    const summaries = [...all.keys()].filter((name) => name.startsWith('Summary '))
    expect(summaries.map((name) => name.slice('Summary '.length)).sort()).toEqual([...grown].sort())
  })
})
