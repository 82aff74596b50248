/** What the sensors of a season gave, as the workbook tells it: own days alone, own fields alone, and nothing of bad readings. */
import readSheet from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { Reading, SeriesStore } from '../../../../services/ports.ts'
import { seasonWorkbook } from '../../../../services/report/xlsx/workbook.ts'
import type { SeasonRow } from '../../../../services/tables.ts'
import { reading } from '../../../ports/series-readings.ts'
import { openTestState } from '../../../support/state.ts'

const ORG = 'midori'
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
let opened: OpenState
let series: SeriesStore
let season: SeasonRow

beforeAll(async () => {
  opened = await openTestState()
  series = await openSqliteSeries(':memory:')
  await writeRows(
    opened.state,
    oneOrganisation({ coop: ORG, members: 2, fields: 4, year: 2026, yearsBack: 1 }),
  )
  season = await opened.state
    .selectFrom('season')
    .selectAll()
    .where('org', '=', ORG)
    .where('year', '=', 2026)
    .orderBy('id')
    .executeTakeFirstOrThrow()
  await series.append([
    ...readings('probe-1', [20, 22.25, 30.5]),
    // of another organisation, and of before the season
    { ...readings('probe-1', [59])[0]!, org: 'neighbour' },
    { ...readings('probe-1', [1])[0]!, atMs: plantedMs() - 30 * DAY_MS },
    { ...readings('probe-1', [99])[0]!, atMs: plantedMs() + 9 * DAY_MS, flag: 4 },
  ])
  await series.maintain(NOW_MS)
})
afterAll(async () => {
  await opened.close()
  await series.close()
})

const plantedMs = () => Date.parse(`${season.plantedDay}T03:00:00Z`)
/** One a day from planting on. */
const readings = (device: string, values: number[]): Reading[] =>
  values.map((value, day) =>
    reading({
      org: ORG,
      farm: 'any',
      field: season.fieldId,
      device,
      depthCm: 30,
      value,
      atMs: plantedMs() + day * DAY_MS + HOUR_MS,
    }),
  )

async function sensorSheet(lang: 'en' | 'ja'): Promise<unknown[][]> {
  const bytes = await seasonWorkbook(
    { state: opened.state, series, version: '0.1.0', nowMs: NOW_MS },
    { org: ORG, coop: 'Midori', farmId: null, year: 2026, crop: null, lang, unit: 't/ha' },
  )
  const sheets = (await readSheet(Buffer.from(bytes))) as unknown as { sheet: string; data: unknown[][] }[]
  return sheets.find(({ sheet }) => sheet === (lang === 'en' ? 'Sensors' : 'センサー'))!.data
}

describe('the sheet of the sensors', () => {
  it('has a row per sensor, with days, minimum, mean and maximum over the season of its field', async () => {
    const rows = await sensorSheet('en')
    const at = rows.findIndex(([head]) => head === 'Member code')
    expect(rows[at]!.slice(3)).toEqual([
      ...['Quantity', 'Unit', 'Sensor', 'Depth (cm)', 'Days with readings', 'Days of the season'],
      ...['Lowest', 'Mean', 'Highest', 'Unknown', 'Not shared'],
    ])
    expect(rows.slice(at + 1)).toHaveLength(1)
    const [quantity, unit, sensor, depth, days, ofDays, least, mean, most] = rows[at + 1]!.slice(3)
    expect([quantity, unit, sensor, depth, days, least, mean, most]).toEqual([
      ...['soil moisture', '% vol', 'probe-1', 30, 3, 20, 24.25, 30.5],
    ])
    const harvested = Date.parse(`${season.harvestedDay!}T00:00:00Z`)
    const planted = Date.parse(`${season.plantedDay}T00:00:00Z`)
    // days begin in Japan while it is yesterday in UTC
    expect(ofDays).toBe((harvested - planted) / DAY_MS + 2)
  })

  it("has the sensor's name, and Japanese headings", async () => {
    await opened.state
      .insertInto('device')
      .values({
        id: 'probe-1',
        org: ORG,
        farmId: null,
        fieldId: season.fieldId,
        kind: 'probe',
        name: '東の土壌センサー',
        secretHash: 'x',
        previousSecretHash: null,
        commandKey: null,
        windHeightM: null,
        everyS: 300,
        counterModulus: null,
        calibration: null,
        createdAtMs: 0,
        revokedAtMs: null,
        lastSeenMs: null,
        batteryV: null,
        batteryLowV: null,
      })
      .execute()
    const row = (await sensorSheet('ja')).at(-1)!
    expect(row.slice(3, 6)).toEqual(['土壌水分', '% vol', '東の土壌センサー'])
  })

  it('covers completed days, not the current one', async () => {
    await opened.state.updateTable('season').set({ harvestedDay: null }).where('id', '=', season.id).execute()
    await series.append([
      { ...readings('probe-1', [59])[0]!, atMs: NOW_MS - 10 * MINUTE_MS },
      { ...readings('probe-1', [60])[0]!, atMs: NOW_MS - HOUR_MS }, // yesterday in UTC
    ])
    const [days, ofDays, , , most] = (await sensorSheet('en')).at(-1)!.slice(-7, -2)
    // the first day begins in Japan while it is yesterday in UTC
    const planted = Date.parse(season.plantedDay) / DAY_MS - 1
    expect([days, ofDays, most]).toEqual([4, Math.floor(NOW_MS / DAY_MS) - planted, 60])
  })
})
