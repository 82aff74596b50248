/** The season of a co-operative as CSV. */
import Papa from 'papaparse'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { seasonCsvFile } from '../../../../services/report/formats/season-csv.ts'
import type { Lang } from '../../../../services/report/text/lang.ts'
import { toJson, type FieldDayRow, type IrrigationRow } from '../../../../services/tables.ts'
import { openTestState } from '../../../support/state.ts'

let opened: OpenState
beforeEach(async () => void (opened = await openTestState()))
afterEach(() => opened.close())

const NOW_MS = Date.parse('2026-11-01T00:00:00Z')
const PLANTED = '2026-06-01'
const noon = (day: string) => Date.parse(`${day}T03:00:00Z`) // in Tokyo

/** A member with one field of 20 a, planted on 1 June. */
async function member(
  id: string,
  name: string,
  {
    code = null as string | null,
    zone = true,
    field = `${name} 1`,
    controllerSince = null as string | null, // the day on which it came
    wiredSince = null as string | null,
  } = {},
) {
  const { state } = opened
  const org = 'midori'
  await state
    .insertInto('farm')
    .values({
      id,
      org,
      name,
      memberCode: code,
      timeZone: 'Asia/Tokyo',
      latDeg: 36,
      lonDeg: 140,
      elevationM: 0,
      createdAtMs: 0,
    })
    .execute()
  await state
    .insertInto('field')
    .values({
      id: `${id}-f`,
      org,
      farmId: id,
      name: field,
      kind: 'upland',
      areaM2: 2000,
      soilTexture: 'loam',
      fieldCapacity: 0.25,
      wiltingPoint: 0.12,
      saturation: 0.46,
      stationId: null,
      geojson: null,
    })
    .execute()
  await state
    .insertInto('season')
    .values({
      id: `${id}-s`,
      org,
      fieldId: `${id}-f`,
      year: 2026,
      crop: 'soybean',
      variety: 'Enrei',
      plantedDay: PLANTED,
      harvestedDay: null,
      yieldKg: null,
      yieldBasis: null,
    })
    .execute()
  if (zone)
    await state
      .insertInto('zone')
      .values({
        id: `${id}-z`,
        org,
        farmId: id,
        fieldId: `${id}-f`,
        name: 'V1',
        areaM2: 2000,
        method: 'drip',
        applicationRateMmH: 4,
        efficiency: 0.9,
        wettedFraction: 1,
        mode: 'auto',
        madFraction: null,
        maxDepthMm: 20,
        minMinutes: 5,
        maxMinutes: 60,
        windowFromMin: 0,
        windowToMin: 0,
        controllerId: controllerSince && `${id}-c`,
        valve: controllerSince && 'V1',
        pumpId: null,
        adjustPercent: 0,
        pausedUntilMs: null,
        dailyMaxLitres: null,
        valveAssignedAtMs: wiredSince === null ? null : noon(wiredSince),
      })
      .execute()
  if (controllerSince !== null)
    await state
      .insertInto('device')
      .values({
        id: `${id}-c`,
        org,
        farmId: id,
        fieldId: null,
        kind: 'controller',
        name: 'C1',
        secretHash: '',
        previousSecretHash: null,
        commandKey: null,
        windHeightM: null,
        everyS: 300,
        counterModulus: null,
        calibration: null,
        createdAtMs: noon(controllerSince),
        revokedAtMs: null,
        lastSeenMs: null,
        batteryV: null,
        batteryLowV: null,
      })
      .execute()
}

const days = (
  id: string,
  from: string,
  count: number,
  change: (i: number) => Partial<FieldDayRow> = () => ({}),
) =>
  opened.state
    .insertInto('fieldDay')
    .values(
      Array.from({ length: count }, (_, i) => ({
        fieldId: `${id}-f`,
        day: addDays(from, i),
        org: 'midori',
        et0Mm: 5,
        et0Method: 'fao56-pm',
        tempMinC: 20,
        tempMaxC: 30,
        kc: 1,
        ks: 1,
        etcMm: 5,
        etaMm: 5,
        rainMm: 2,
        irrigationMm: 0,
        irrigationSource: 'none' as const,
        deepPercolationMm: 0,
        depletionMm: 0,
        depletionSdMm: 0,
        tawMm: 90,
        rawMm: 45,
        rootDepthM: 1,
        probeDepletionMm: null,
        levelMm: null,
        heatSumCd: 10 * (i + 1),
        stage: null,
        notes: toJson([]),
        ...change(i),
      })),
    )
    .execute()

let runs = 0
const run = (id: string, day: string, litres: number | null, volumeSource: IrrigationRow['volumeSource']) =>
  opened.state
    .insertInto('irrigation')
    .values({
      id: `run-${++runs}`,
      org: 'midori',
      farmId: id,
      fieldId: `${id}-f`,
      zoneId: `${id}-z`,
      runId: 'r',
      commandId: 'c',
      cause: 'balance',
      decisionId: null,
      actor: 'plan',
      commandedAtMs: noon(day),
      commandedMinutes: 60,
      openedAtMs: noon(day),
      closedAtMs: null,
      ranMs: 3_600_000,
      litres,
      volumeSource,
      grossMm: null,
      netMm: null,
      endReason: 'timer',
      failure: null,
    })
    .execute()

async function text(lang: Lang = 'en', year = 2026): Promise<string> {
  const deps = { state: opened.state, version: '0.1.0', nowMs: NOW_MS }
  return Buffer.from(
    await seasonCsvFile(deps, { org: 'midori', coop: 'Midori', farmId: null, year, lang }),
  ).toString()
}
const lines = async () =>
  Papa.parse<Record<string, string>>((await text()).replace(/^.*\r\n/, '').trim(), { header: true }).data

describe('the season CSV', () => {
  it('sums a season: water with its metered share, rain, ET, stress, heat, yield with its basis', async () => {
    await member('a', 'Sato T', { code: '0412-0031' })
    await days('a', PLANTED, 100, (i) => (i < 90 ? { ks: 1 } : { ks: 0.8, etaMm: 4 }))
    await run('a', '2026-07-01', 30_000, 'metered')
    await run('a', '2026-07-10', 10_000, 'rate')
    await opened.state
      .updateTable('season')
      .set({ yieldKg: 512.3, yieldBasis: '13 % moisture', harvestedDay: '2026-10-20' })
      .execute()
    expect((await lines())[0]).toEqual({
      'Member code': '0412-0031',
      Member: 'Sato T',
      Field: 'Sato T 1',
      Crop: 'soybean',
      Variety: 'Enrei',
      Planted: PLANTED,
      Harvested: '2026-10-20',
      'Area (ha)': '0.2',
      'Area (a)': '20',
      // 40 m3 on 2,000 m2 are 20 mm; 30 of 40 were metered
      'Irrigation (m3)': '40',
      'Irrigation (mm)': '20',
      'Metered share of irrigation (%)': '75',
      Runs: '2',
      'Runs without a known volume': '0',
      'Rain (mm)': '200',
      'Days without rain data': '0',
      'Crop ET (mm)': '490',
      'Days without ET': '0',
      // 10 of 500 mm were lacking: with a Ky of 0.85 it is 1.7 % of the yield
      'Yield from water (% of potential, FAO Ky)': '98',
      'Stress days': '10',
      'Heat sum (degree days)': '1000',
      'Days on record': '100',
      'Yield (kg)': '512.3',
      'Yield basis': '13 % moisture',
      'Harvested area (a)': '20',
      Loads: '0',
      'Low grade (kg)': '',
      'Created at': '2026-11-01 09:00 (Asia/Tokyo)',
      'Created by': 'Tilth 0.1.0',
      Rules: '2',
    })
  })

  it('prints missing for unknown values, and 0 only for 0', async () => {
    await member('a', 'Without a valve', { zone: false })
    await member('b', 'With a valve, never opened', { controllerSince: PLANTED })
    await member('c', 'Meter broken')
    await run('c', '2026-07-01', null, 'unknown')
    await days('c', PLANTED, 3, () => ({ rainMm: null, etaMm: null, ks: null, heatSumCd: 0 }))
    const [broken, never, without] = (await lines()).sort((x, y) => (x.Member! < y.Member! ? -1 : 1)) as [
      Record<string, string>,
      Record<string, string>,
      Record<string, string>,
    ]
    expect(broken).toMatchObject({
      'Irrigation (m3)': 'missing',
      Runs: '1',
      'Runs without a known volume': '1',
    })
    expect(broken).toMatchObject({
      'Rain (mm)': 'missing',
      'Days without rain data': '3',
      'Yield from water (% of potential, FAO Ky)': 'missing',
      'Stress days': 'missing',
    })
    expect(never).toMatchObject({ 'Irrigation (m3)': '0', 'Metered share of irrigation (%)': '', Runs: '0' })
    expect(without).toMatchObject({ 'Irrigation (m3)': 'missing', Runs: 'missing', 'Yield (kg)': 'missing' })
    expect(without).toMatchObject({
      'Rain (mm)': 'missing',
      'Crop ET (mm)': 'missing',
      'Heat sum (degree days)': 'missing',
    })
  })

  it('has unknown water for a season that ended before recording started', async () => {
    const harvestedDay = '2026-10-20'
    await member('a', 'Controller on the last day', { controllerSince: harvestedDay })
    await member('b', 'Controller a day later', { controllerSince: '2026-10-21' })
    await member('c', 'No controller')
    await member('f', 'Wired a day later', { controllerSince: PLANTED, wiredSince: '2026-10-21' })
    await member('d', 'Ran before, and not then')
    await member('e', 'Ran only after')
    await opened.state.updateTable('season').set({ harvestedDay }).execute()
    await run('d', '2026-05-20', 1000, 'metered')
    await run('e', '2026-10-21', 1000, 'metered')
    const output = Object.fromEntries(
      (await lines()).map((line) => [line.Member, [line['Irrigation (m3)'], line.Runs]]),
    )
    expect(output).toEqual({
      'Controller on the last day': ['0', '0'],
      'Controller a day later': ['missing', 'missing'],
      'No controller': ['missing', 'missing'],
      'Wired a day later': ['missing', 'missing'],
      'Ran before, and not then': ['0', '0'],
      'Ran only after': ['missing', 'missing'],
    })
  })

  it("counts a season from planting to harvest, in the farm's time zone", async () => {
    await member('a', 'Sato T')
    await opened.state.updateTable('season').set({ harvestedDay: '2026-06-10' }).execute()
    await days('a', '2026-05-25', 30)
    await run('a', '2026-05-31', 1000, 'metered')
    await run('a', '2026-06-10', 2000, 'metered')
    await run('a', '2026-06-11', 4000, 'metered')
    // half past midnight in Tokyo on the 11th, still the 10th in UTC
    await opened.state
      .updateTable('irrigation')
      .set({ openedAtMs: Date.parse('2026-06-10T15:30:00Z') })
      .where('litres', '=', 4000)
      .execute()
    expect((await lines())[0]).toMatchObject({
      'Days on record': '10',
      'Rain (mm)': '20',
      Runs: '1',
      'Irrigation (m3)': '2',
    })
  })

  it('starts with a byte order mark, has Japanese headings, and CRLF throughout (U28)', async () => {
    await member('a', '佐藤 花子', { code: '0412-0031', field: '北3' })
    const csv = await text('ja')
    expect(csv).toMatch(
      /^\ufeffMidori　全組合員,令和8年産（2026年）,tilth verify,tilth-seal-1:[0:]+\r\n組合員コード,組合員,圃場,作物/,
    )
    expect(csv).toContain('\r\n0412-0031,佐藤 花子,北3,大豆')
    expect(csv).toContain('欠測')
    expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    // the English headings contain a comma in quotes
    const headsOf = (file: string) => Papa.parse<string[]>(file.split('\r\n')[1]!).data[0]!
    expect(headsOf(csv)).toHaveLength(headsOf(await text('en')).length)
  })

  it.each(['=1+1', '+SUM(A1)', '-2+3', '@cmd', '\t=1', ' =HYPERLINK("http://evil")', '＝1+1'])(
    'disarms a member called %j',
    async (name) => {
      await member('a', name, { field: 'North, "upper"\r\n3' })
      const [line] = Papa.parse<string[]>((await text()).replace(/^.*\r\n/, '')).data.slice(1)
      // a tab begins a cell where it is the separator
      expect(line![1]).toBe(name === '\t=1' ? `'\t'=1` : `'${name}`)
      expect(line![2]).toBe('North, "upper"\r\n3')
    },
  )

  it('gives the same bytes for the same rows, in whatever order they were entered', async () => {
    const names = ['Sato', 'Mori', 'Abe', 'Ōta']
    for (const [i, name] of names.entries()) await member(`m${i}`, name, { code: i < 2 ? `0${9 - i}` : null })
    const first = await text()
    await opened.close()
    opened = await openTestState()
    for (const [i, name] of [...names.entries()].reverse())
      await member(`m${i}`, name, { code: i < 2 ? `0${9 - i}` : null })
    expect(await text()).toBe(first)
    expect((await lines()).map(({ Member }) => Member)).toEqual(['Mori', 'Sato', 'Abe', 'Ōta'])
  })

  it('of hundreds of members has one line each, and reports progress', async () => {
    for (let i = 0; i < 300; i++)
      await member(`m${i}`, `Member ${i}`, { code: String(i).padStart(4, '0'), zone: false })
    const shares: number[] = []
    const onProgress = (share: number) => void shares.push(share)
    const deps = { state: opened.state, version: '0.1.0', nowMs: NOW_MS, onProgress }
    await seasonCsvFile(deps, { org: 'midori', coop: 'Midori', farmId: null, year: 2026, lang: 'en' })
    expect(shares.length).toBeGreaterThan(10)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBe(1)
    expect((await lines()).map((line) => line['Member code'])).toEqual(
      Array.from({ length: 300 }, (_, i) => String(i).padStart(4, '0')),
    )
  })

  it('of a year without seasons is only the heading', async () => {
    await member('a', 'Sato T')
    // for whom the file is, the headings, and a final line end
    expect((await text('en', 2019)).split('\r\n')).toHaveLength(3)
  })
})
