/**
 * The workbook of a co-operative of 214 members with 1,900 fields, as a spreadsheet opens it: the test calculates every
 * row again from the members' rows and consents, with the arithmetic of this file alone.
 */
import { createHash } from 'node:crypto'
import readSheet from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownOrganisations } from '../../../../firmware-sim/demo/members/members.ts'
import type { MemberRows } from '../../../../firmware-sim/demo/members/types.ts'
import { writeMembers } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openSqliteSeries } from '../../../../services/adapters/sqlite/series.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { SeriesStore } from '../../../../services/ports.ts'
import { seasonWorkbook } from '../../../../services/report/xlsx/workbook.ts'
import { openTestState } from '../../../support/state.ts'

const YEAR = 2026
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
const selection = { coop: 'midori', members: 214, fields: 1_900, year: YEAR, yearsBack: 1 }

type Row = Record<string, unknown>
type Book = Map<string, Row[]>
let opened: OpenState
let series: SeriesStore
let japanese: Book
let english: Book
const members: Member[] = []
let unshared = 0

beforeAll(async () => {
  opened = await openTestState()
  series = await openSqliteSeries(':memory:')
  await writeMembers(opened.state, selection)
  japanese = await workbook('kg/10a')
  english = await workbook('t/ha')
  for (const rows of ownOrganisations(selection)) {
    const member = memberOf(rows)
    if (member.sees.yield || member.sees.water || member.sees.sprays) members.push(member)
    else unshared++
  }
}, 300_000)
afterAll(async () => {
  await opened.close()
  await series.close()
})

async function workbook(unit: 'kg/10a' | 't/ha'): Promise<Book> {
  const bytes = await seasonWorkbook(
    { state: opened.state, series, version: '0.1.0', nowMs: NOW_MS },
    { org: selection.coop, coop: 'Midori', farmId: null, year: YEAR, crop: 'rice', lang: 'en', unit },
  )
  const sheets = (await readSheet(Buffer.from(bytes))) as unknown as { sheet: string; data: unknown[][] }[]
  return new Map(
    sheets.map(({ sheet, data }) => {
      const at = data.findIndex(([cell]) => cell === 'Member code')
      const heads = (data[at] ?? []).map(String)
      return [
        sheet,
        data
          .slice(at + 1)
          .filter(([cell]) => cell !== 'All' && cell !== 'Total of the known values')
          .map((row) => Object.fromEntries(heads.map((head, i) => [head, row[i]]))),
      ]
    }),
  )
}

interface Member {
  sees: { yield: boolean; water: boolean; sprays: boolean }
  name: string
  code: string | null
  fields: Field[]
}
interface Field {
  name: string
  id: string
  variety: string
  areaM2: number
  harvestedM2: number
  kg: number | null
  before: number | null // kg/m2 of the year before
  loads: MemberRows['harvestLoad'] // including the voided ones
  weighed: MemberRows['harvestLoad']
  runs: MemberRows['irrigation'] | null // null: no inlet is known
  days: MemberRows['fieldDay']
  highDays: number | null
  sprays: MemberRows['treatment']
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const litresOf = (runs: MemberRows['irrigation'], isMeteredOnly = false): number =>
  sum(runs.map((run) => (isMeteredOnly && run.volumeSource !== 'metered' ? 0 : (run.litres ?? 0))))

/** The alias of a member without a name: of this year's reports only. */
const aliasOf = ({ id, alias }: { id: string; alias: string }): string =>
  `M-${createHash('sha256').update(`${id} ${alias} ${YEAR}`).digest('hex').slice(0, 6).toUpperCase()}`

/** The last thing that a member has said counts; without its name it has an alias, numbered fields and areas in 10 a. */
function memberOf(rows: MemberRows): Member {
  const text = rows.consent.toSorted((a, b) => a.atMs - b.atMs).at(-1)
  const isNamed = text?.isNamed === 1
  const [membership] = rows.membership
  const { memberCode = null } = membership!
  const alias = aliasOf(membership!)
  /** Its amounts go with the area, so that what is per area stays as it is. */
  const scaleOf = (areaM2: number) =>
    isNamed ? 1 : (Math.max(1, Math.round(areaM2 / 1_000)) * 1_000) / areaM2
  const ids = rows.field.map(({ id }) => id).sort()
  return {
    sees: { yield: text?.seesYield === 1, water: text?.seesWater === 1, sprays: text?.seesSprays === 1 },
    name: isNamed ? rows.farm[0]!.name : alias,
    code: isNamed ? memberCode : null,
    fields: rows.field.map((field) => {
      const season = seasonOf(rows, field.id, YEAR)
      const here = <T extends { fieldId: string }>(some: readonly T[]) =>
        some.filter(({ fieldId }) => fieldId === field.id)
      const now = harvestOf(rows, field, YEAR)
      const then = harvestOf(rows, field, YEAR - 1)
      const scale = scaleOf(field.areaM2)
      const judged = here(rows.diseaseDay).filter(({ day, level }) => inYear(day) && level !== 'unknown')
      return {
        name: isNamed ? field.name : `${alias}-${ids.indexOf(field.id) + 1}`,
        id: field.id,
        variety: season.variety!,
        areaM2: field.areaM2 * scale,
        ...now,
        harvestedM2: now.harvestedM2 * scale,
        kg: now.kg === null ? null : now.kg * scale,
        before: then.kg === null ? null : then.kg / then.harvestedM2,
        loads: isNamed ? rows.harvestLoad.filter(({ seasonId }) => seasonId === season.id) : [],
        runs:
          here(rows.zone).length === 0
            ? null
            : here(rows.irrigation)
                .filter(({ id }) => ofSeason(id))
                .map((run) => ({ ...run, litres: run.litres == null ? null : run.litres * scale })),
        days: here(rows.fieldDay).filter(({ day }) => inYear(day)),
        highDays: judged.length === 0 ? null : judged.filter(({ level }) => level === 'high').length,
        sprays: here(rows.treatment).filter(({ id }) => ofSeason(id)),
      }
    }),
  }
}
const inYear = (day: string): boolean => day.startsWith(String(YEAR))
const ofSeason = (id: string): boolean => id.includes(`-${YEAR}-`)
const seasonOf = (rows: MemberRows, field: string, year: number) =>
  rows.season.find((season) => season.fieldId === field && season.year === year)!

/** Brown rice at 15 %: clean and dry mass, of rough rice the hulled share, over 0.85. */
function standardKg(load: MemberRows['harvestLoad'][number], hullShare: number): number | null {
  if (load.moisturePct == null || load.foreignPct == null) return null
  const dryKg = load.grossKg * (1 - load.foreignPct / 100) * (1 - load.moisturePct / 100)
  return (dryKg * (load.form === 'rough-rice' ? hullShare : 1)) / 0.85
}

function harvestOf(rows: MemberRows, { id, areaM2 }: { id: string; areaM2: number }, year: number) {
  const season = seasonOf(rows, id, year)
  const harvestedM2 = season.harvestedM2 ?? areaM2
  const weighed = rows.harvestLoad.filter((load) => load.seasonId === season.id && load.voidedAtMs === null)
  const kg = weighed
    .filter(({ grade }) => grade !== 'low')
    .map((load) => standardKg(load, season.hullShare ?? 0.8))
  if (weighed.length === 0) return { harvestedM2, weighed, kg: season.yieldKg ?? null }
  return { harvestedM2, weighed, kg: kg.includes(null) ? null : sum(kg as number[]) }
}

/** A number as it is printed: so many decimals; empty when it is not known, or not shared. */
function expectCell(cell: unknown, value: number | null, decimals: number, isShared = true): void {
  if (!isShared || value === null) return expect(cell).toBeNull()
  expect(cell).toBeTypeOf('number')
  expect(Math.abs((cell as number) - value)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9)
}

/** Rows of a sheet by member and field; each stands there once. */
function byField(book: Book, sheet: string): Map<string, Row> {
  const rows = book.get(sheet)!
  const result = new Map(rows.map((row) => [`${row.Member as string} | ${row.Field as string}`, row]))
  expect(result.size).toBe(rows.length)
  return result
}
const eachField = (look: (field: Field, member: Member, key: string) => void): void => {
  for (const member of members)
    for (const field of member.fields) look(field, member, `${member.name} | ${field.name}`)
}

describe('the workbook of 214 members', () => {
  it('contains every member that shares something, with every field once, and no one else', () => {
    expect(members.length + unshared).toBe(214)
    expect(unshared).toBeGreaterThan(10)
    const output = japanese.get('Summary')!
    expect(output.map(({ Member }) => Member).sort()).toEqual(members.map(({ name }) => name).sort())
    const keys: string[] = []
    eachField((_field, _member, key) => keys.push(key))
    for (const sheet of ['Fields', 'Water', 'Data quality'])
      expect([...byField(japanese, sheet).keys()].sort()).toEqual(keys.sort())
    expect(members.filter(({ code }) => code === null).length).toBeGreaterThan(10)
  })

  it('prints a field of 12 a as 12 a and as 0.12 ha, and the others as exactly', () => {
    const [inA, inHa] = [byField(japanese, 'Fields'), byField(english, 'Fields')]
    let ofTwelve = 0
    eachField(({ areaM2, harvestedM2 }, { sees }, key) => {
      const row = inA.get(key)!
      expect([row['Area (a)'], inHa.get(key)!['Area (ha)']]).toEqual([
        Number((areaM2 / 100).toFixed(2)),
        Number((areaM2 / 10_000).toFixed(4)),
      ])
      expect(row['Harvested area (a)']).toBe(sees.yield ? Number((harvestedM2 / 100).toFixed(2)) : null)
      if (areaM2 !== 1_200) return
      expect([row['Area (a)'], inHa.get(key)!['Area (ha)']]).toEqual([12, 0.12])
      ofTwelve++
    })
    expect(ofTwelve).toBeGreaterThan(100)
  })

  it('prints the yield of each field per area and the change from the year before, on one basis', () => {
    const [inA, inHa] = [byField(japanese, 'Fields'), byField(english, 'Fields')]
    eachField((field, { sees }, key) => {
      const [row, other] = [inA.get(key)!, inHa.get(key)!]
      const kgM2 = field.kg === null ? null : field.kg / field.harvestedM2
      expectCell(row['Yield (kg)'], field.kg, 1, sees.yield)
      expectCell(row['Yield (kg/10a)'], kgM2 && 1_000 * kgM2, 1, sees.yield)
      expectCell(other['Yield (t/ha)'], kgM2 && 10 * kgM2, 3, sees.yield)
      expectCell(row['Mean of 5 years (kg/10a)'], field.before && 1_000 * field.before, 1, sees.yield)
      const change = kgM2 === null || field.before === null ? null : 100 * (kgM2 / field.before - 1)
      expectCell(row['Change (%)'], change, 1, sees.yield)
      if (sees.yield) expect(row.Loads).toBe(field.weighed.length)
    })
  })

  it('prints water, weather and sprays of each field, and marks unknown values', () => {
    const [fields, water, quality] = ['Fields', 'Water', 'Data quality'].map((sheet) =>
      byField(japanese, sheet),
    )
    eachField(({ runs, days, areaM2, highDays, sprays }, { sees }, key) => {
      const knownRows = runs?.filter(({ litres }) => litres !== null) ?? []
      const m3 = runs === null ? null : litresOf(knownRows) / 1_000
      expectCell(water!.get(key)!['Irrigation (m3)'], m3, 1, sees.water)
      expectCell(water!.get(key)!['Irrigation (mm)'], m3 && (1_000 * m3) / areaM2, 1, sees.water)
      const metered = m3 && (100 * litresOf(knownRows, true)) / 1_000 / m3
      expectCell(water!.get(key)!['Metered share (%)'], metered, 1, sees.water)
      expectCell(water!.get(key)!.Runs, runs && runs.length, 0, sees.water)
      const et = days.flatMap(({ etaMm }) => etaMm ?? [])
      expectCell(water!.get(key)!['Crop ET (mm)'], et.length === 0 ? null : sum(et), 1, sees.water)
      const rain = days.flatMap(({ rainMm }) => rainMm ?? [])
      expectCell(water!.get(key)!['Rain (mm)'], rain.length === 0 ? null : sum(rain), 1, sees.water)
      if (sees.water) {
        const row = quality!.get(key)!
        expect([row['Days on record'], row['Days without ET']]).toEqual([
          days.length,
          days.length - et.length,
        ])
      }
      expectCell(fields!.get(key)!['Disease days, high'], highDays, 0, sees.sprays)
      expectCell(fields!.get(key)!.Sprays, sprays.length, 0, sees.sprays)
    })
  })

  it('lists every load and spray of members that share them, and no others', () => {
    const loads: string[] = []
    const sprays: string[] = []
    const targets: Record<string, string> = {
      'rice-leaf-blast': 'Rice leaf blast',
      'rice-stink-bug': 'Rice stink bug',
    }
    eachField((field, member, key) => {
      const { sees } = member
      if (sees.yield)
        for (const { day, grossKg, voidReason } of field.loads)
          loads.push([key, day, grossKg, voidReason ?? ''].join(' | '))
      if (sees.sprays && member.code !== null)
        for (const { target, state } of field.sprays) sprays.push([key, targets[target], state].join(' | '))
    })
    const states: Record<string, string> = { confirmed: 'recorded', 'not confirmed': 'done' }
    const output = {
      loads: japanese
        .get('Loads')!
        .map((row) => [
          row.Member,
          row.Field,
          (row.Day as Date).toISOString().slice(0, 10),
          row['Weighed (kg)'],
          row['Void reason'] ?? '',
        ]),
      sprays: japanese
        .get('Sprays')!
        .map((row) => [row.Member, row.Field, row.Target, states[String(row.Record)]]),
    }
    const lines = (cells: unknown[][]) => cells.map((row) => row.join(' | ')).sort()
    expect(lines(output.loads)).toEqual(loads.sort())
    expect(lines(output.sprays)).toEqual(sprays.sort())
    expect(loads.length).toBeGreaterThan(2_500)
  })

  it('aggregates each member by area, never as the mean of its fields', () => {
    const rows = new Map(japanese.get('Summary')!.map((row) => [row.Member, row]))
    for (const { name, code, sees, fields } of members) {
      const row = rows.get(name)!
      expect([row['Member code'], row.Fields]).toEqual([code, fields.length])
      expectCell(row['Area (a)'], sum(fields.map(({ areaM2 }) => areaM2)) / 100, 2)
      const knownRows = fields.filter(({ kg }) => kg !== null)
      const areaOf = (some: Field[]) => sum(some.map(({ harvestedM2 }) => harvestedM2))
      const kg = (some: Field[]) => sum(some.map((field) => field.kg!))
      expectCell(row['Yield (kg/10a)'], byArea(1_000 * kg(knownRows), areaOf(knownRows)), 1, sees.yield)
      const both = knownRows.filter(({ before }) => before !== null)
      const then = sum(both.map(({ before, harvestedM2 }) => before! * harvestedM2))
      const change = both.length === 0 ? null : 100 * (kg(both) / then - 1)
      expectCell(row['Change (%)'], change, 1, sees.yield)
      if (sees.yield) expect(row['Fields with a yield']).toBe(knownRows.length)
      const watered = fields.filter(({ runs }) => runs !== null)
      const runs = watered.flatMap((field) => field.runs!)
      const areaM2 = sum(watered.map((field) => field.areaM2))
      expectCell(row['Water (m3/10a)'], byArea(litresOf(runs), areaM2), 1, sees.water)
      const metered = watered.length === 0 ? null : (100 * litresOf(runs, true)) / litresOf(runs)
      expectCell(row['Metered share (%)'], metered, 1, sees.water)
      expectCell(row.Sprays, Math.max(...fields.map(({ sprays }) => sprays.length)), 0, sees.sprays)
    }
  })

  it('is consistent: members have the area, yield and water of their fields', () => {
    const total = (sheet: string, head: string) =>
      sum(japanese.get(sheet)!.map((row) => (typeof row[head] === 'number' ? row[head] : 0)))
    const all = members.flatMap(({ fields }) => fields)
    const areaA = sum(all.map(({ areaM2 }) => areaM2)) / 100
    expect(total('Fields', 'Area (a)')).toBeCloseTo(areaA, 6)
    expect(total('Summary', 'Area (a)')).toBeCloseTo(areaA, 6)
    expect(total('Summary', 'Fields')).toBe(all.length)
    const yields = members.filter(({ sees }) => sees.yield).flatMap(({ fields }) => fields)
    const kg = sum(yields.map((field) => field.kg ?? 0))
    expect(Math.abs(total('Fields', 'Yield (kg)') - kg)).toBeLessThan(0.05 * yields.length)
    const waters = members.filter(({ sees }) => sees.water).flatMap(({ fields }) => fields)
    const m3 = sum(waters.map(({ runs }) => litresOf(runs ?? []))) / 1_000
    expect(Math.abs(total('Water', 'Irrigation (m3)') - m3)).toBeLessThan(0.05 * waters.length)
  })
})

describe('the members of the demonstration', () => {
  it('are not duplicated when they are written again', async () => {
    const count = async () =>
      Promise.all(
        (['farm', 'field', 'fieldDay', 'harvestLoad', 'membership', 'consent'] as const).map((table) =>
          opened.state
            .selectFrom(table)
            .select(({ fn }) => fn.countAll<number>().as('n'))
            .executeTakeFirst(),
        ),
      )
    const before = await count()
    await writeMembers(opened.state, selection)
    expect(await count()).toEqual(before)
    expect(before.slice(0, 2)).toEqual([{ n: 214 }, { n: 1_900 }])
  }, 300_000)

  it('have no row of a future day', () => {
    const throughDay = '2026-08-04'
    for (const rows of ownOrganisations({ ...selection, members: 12, fields: 60, throughDay })) {
      const days = [...rows.fieldDay, ...rows.diseaseDay, ...rows.harvestLoad].map(({ day }) => day)
      expect(days.filter((day) => day > throughDay)).toEqual([])
      expect(
        rows.season.filter(({ year }) => year === YEAR).every((entry) => entry.harvestedDay === null),
      ).toBe(true)
    }
  })
})

const byArea = (amount: number, areaM2: number): number | null => (areaM2 > 0 ? amount / areaM2 : null)
