/** Water of the last 12 months by product and member, as SPRING asks for it. */
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { readSpring } from '../../../../services/report/spring/read-spring.ts'
import { springWater, type SpringField } from '../../../../services/report/spring/spring-water.ts'
import { springCsvFile } from '../../../../services/report/spring/spring-columns.ts'
import { openTestState } from '../../../support/state.ts'

const field = (change: Partial<SpringField>): SpringField => ({
  farmId: 'a',
  memberCode: '01',
  member: 'Sato',
  areaM2: 10_000,
  recordedFrom: '2025-05-01',
  runs: [],
  crops: [{ crop: 'rice', plantedDay: '2026-05-10', lastDay: '2026-09-20' }],
  ...change,
})
const run = (day: string, litres: number | null, isMetered = true) => ({ day, litres, isMetered })
const FROM = '2025-11-01'

describe('the water of 12 months', () => {
  it('is m³ per hectare of each product, with the metered share', () => {
    const [line] = springWater(
      [field({ runs: [run('2026-06-01', 300_000), run('2026-06-08', 100_000, false)] })],
      FROM,
    )
    expect(line).toMatchObject({ product: 'rice', areaM2: 10_000, m3: 400, m3Ha: 400, meteredShare: 0.75 })
  })

  it('refers to the area with known water: a field without a meter or a rate is not rain-fed', () => {
    const lines = springWater(
      [
        field({ runs: [run('2026-06-01', 500_000)] }),
        field({ areaM2: 5_000, recordedFrom: null }),
        field({ areaM2: 3_000, runs: [run('2026-06-01', null)] }),
      ],
      FROM,
    )
    expect(lines[0]).toMatchObject({
      fields: 3,
      areaM2: 18_000,
      knownM2: 10_000,
      m3Ha: 500,
      runsWithoutVolume: 1,
    })
  })

  it('is unknown without data, and 0 for a valve that never opened', () => {
    expect(springWater([field({ recordedFrom: null })], FROM)[0]).toMatchObject({ m3: null, m3Ha: null })
    expect(springWater([field({})], FROM)[0]).toMatchObject({ m3: 0, m3Ha: 0, meteredShare: null })
    const late = { recordedFrom: '2026-09-21' } // the day after the harvest
    expect(springWater([field(late)], FROM)[0]).toMatchObject({ m3: null, m3Ha: null, knownM2: 0 })
  })

  it('counts a run for the crop on its day, and separately without a crop', () => {
    const lines = springWater(
      [
        field({
          crops: [
            { crop: 'wheat', plantedDay: '2025-10-20', lastDay: '2026-05-01' },
            { crop: 'rice', plantedDay: '2026-05-10', lastDay: null },
          ],
          runs: [run('2026-03-01', 10_000), run('2026-05-05', 20_000), run('2026-06-01', 40_000)],
        }),
      ],
      FROM,
    )
    const ownRows = lines.filter(({ member }) => member !== null)
    expect(ownRows.map(({ product, m3 }) => [product, m3])).toEqual([
      ['rice', 40],
      ['wheat', 10],
      [null, 20],
    ])
  })

  it('ends with the group: total water over total area, never the mean of means', () => {
    const lines = springWater(
      [
        field({ runs: [run('2026-06-01', 1_000_000)] }),
        field({
          farmId: 'b',
          memberCode: '02',
          member: 'Mori',
          areaM2: 90_000,
          runs: [run('2026-06-01', 900_000)],
        }),
      ],
      FROM,
    )
    expect(lines.map(({ member, m3Ha }) => [member, m3Ha])).toEqual([
      ['Sato', 1000],
      ['Mori', 100],
      [null, 190],
    ])
  })
})

describe('the file', () => {
  const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
  let opened: OpenState
  beforeAll(async () => {
    opened = await openTestState()
    await plant('midori', 'Sato')
    await plant('akane', 'Mori')
  })
  afterAll(async () => {
    await opened.close()
  })

  async function plant(org: string, name: string) {
    const { state } = opened
    const ids = { org, farmId: `${org}-m`, fieldId: `${org}-f` }
    await state
      .insertInto('farm')
      .values({
        id: ids.farmId,
        org,
        name,
        memberCode: '01',
        timeZone: 'Asia/Tokyo',
        latDeg: 37,
        lonDeg: 139,
        elevationM: 0,
        createdAtMs: 0,
      })
      .execute()
    await state
      .insertInto('field')
      .values({
        id: ids.fieldId,
        org,
        farmId: ids.farmId,
        name: 'North',
        kind: 'paddy',
        areaM2: 10_000,
        soilTexture: 'loam',
        fieldCapacity: 0.3,
        wiltingPoint: 0.14,
        saturation: 0.46,
        stationId: null,
        geojson: null,
      })
      .execute()
    await state
      .insertInto('season')
      .values({
        id: `${org}-s`,
        org,
        fieldId: ids.fieldId,
        year: 2026,
        crop: 'rice',
        variety: null,
        plantedDay: '2026-05-10',
        harvestedDay: '2026-09-20',
        harvestPlannedDay: null,
        yieldKg: null,
        yieldBasis: null,
      })
      .execute()
    // the first is a year and a day ago; the second is of the first day by the clock of Tokyo
    for (const [at, atMs] of [
      '2025-10-31T14:30:00Z',
      '2025-10-31T15:30:00Z',
      '2026-06-01T03:00:00Z',
    ].entries())
      await state
        .insertInto('irrigation')
        .values({
          ...ids,
          id: `${org}-${at}`,
          zoneId: 'z',
          runId: 'r',
          commandId: 'c',
          cause: 'paddy',
          decisionId: null,
          actor: 'plan',
          commandedAtMs: Date.parse(atMs),
          commandedMinutes: 60,
          openedAtMs: Date.parse(atMs),
          closedAtMs: null,
          ranMs: 0,
          litres: 10 ** (at + 4),
          volumeSource: 'metered',
          grossMm: null,
          netMm: null,
          endReason: 'timer',
          failure: null,
        })
        .execute()
  }
  const csv = async (lang: 'en' | 'ja') => {
    const bytes = await springCsvFile(
      { state: opened.state, version: '0.1.0', nowMs: NOW_MS },
      { org: 'midori', coop: 'Midori', year: 2019, crop: null, lang, unit: 't/ha', farmId: null },
    )
    return Buffer.from(bytes).toString()
  }

  it("covers the 365 days up to yesterday in the farm's time zone, of this organisation only", async () => {
    const { span, fields } = await readSpring(opened.state, { org: 'midori', farmId: null }, NOW_MS)
    expect(span).toEqual({ fromDay: '2025-11-01', throughDay: '2026-10-31' })
    expect(fields.map(({ member, runs }) => [member, runs.map(({ day }) => day)])).toEqual([
      ['Sato', ['2025-11-01', '2026-06-01']],
    ])
  })

  it('has a line per member and product, then the group, in either language', async () => {
    const { data } = Papa.parse<Record<string, string>>((await csv('en')).replace(/^.*\r\n/, '').trim(), {
      header: true,
    })
    expect(data.map((line) => [line.Member, line.Product, line['Water (m3/ha)']])).toEqual([
      ['Sato', 'rice', '1000'],
      ['Sato', 'no crop', '100'],
      ['Producer group', 'rice', '1000'],
      ['Producer group', 'no crop', '100'],
    ])
    expect(data[0]).toMatchObject({ From: '2025-11-01', Through: '2026-10-31', 'Metered share (%)': '100' })
    expect(await csv('ja')).toMatch(/^\ufeff.*全組合員,.*\r\n組合員コード,組合員,品目/)
    expect(await csv('ja')).toContain('生産者グループ計,水稲')
  })
})
