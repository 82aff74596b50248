/** The season's report of many members: the test calculates every number again, from the raw rows alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { readReport } from '../../../../services/report/season/read-report.ts'
import type { SeasonReport } from '../../../../services/report/season/season-report.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import { openTestState } from '../../../support/state.ts'

const ORG = 'midori'
const YEAR = 2026
const rows = oneOrganisation({ coop: ORG, members: 24, fields: 120, year: YEAR, yearsBack: 5 })
let opened: OpenState
let report: SeasonReport

beforeAll(async () => {
  opened = await openTestState()
  await writeRows(opened.state, rows)
  // another co-operative with the same crop must not show here
  await writeRows(
    opened.state,
    oneOrganisation({ coop: 'akane', members: 3, fields: 9, year: YEAR, yearsBack: 1 }),
  )
  ;({ report } = await readReport(
    opened.state,
    { org: ORG, year: YEAR, crop: null },
    Date.parse('2026-11-01'),
  ))
})
afterAll(() => opened.close())

/** Brown rice at 15 %, by hand: clean mass, rough rice to 14.5 % and hulled, then to 15 %. */
function standardKg(load: (typeof rows.harvestLoad)[number], hullShare: number | null): number | null {
  if (load.moisturePct == null || load.foreignPct == null) return null
  const dryKg = load.grossKg * (1 - load.foreignPct / 100) * (1 - load.moisturePct / 100)
  return load.form === 'brown-rice' ? dryKg / 0.85 : (dryKg * (hullShare ?? 0.8)) / 0.85
}

/** A voided load does not count. */
const loadsOf = (season: string) =>
  rows.harvestLoad.filter(({ seasonId, voidedAtMs }) => seasonId === season && voidedAtMs === null)

function byHand(fieldId: string, year: number): { kg: number | null; areaM2: number } {
  const season = rows.season.find((entry) => entry.fieldId === fieldId && entry.year === year)!
  const areaM2 = season.harvestedM2 ?? rows.field.find(({ id }) => id === fieldId)!.areaM2
  const loads = loadsOf(season.id).filter(({ grade }) => grade !== 'low')
  if (loads.length === 0) return { kg: season.yieldKg ?? null, areaM2 }
  const kg = loads.map((load) => standardKg(load, season.hullShare ?? null))
  return { kg: kg.includes(null) ? null : kg.reduce<number>((sum, entry) => sum + entry!, 0), areaM2 }
}
const isOfYear = (id: string) => id.includes(`-${YEAR}-`)
const fieldsOf = (farmId: string) => rows.field.filter((field) => field.farmId === farmId)
const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0)
const close = (value: number | null) => (value === null ? null : expect.closeTo(value, 6))

describe('the report of a season', () => {
  it('has every member and field of the organisation once, and no others', () => {
    expect(report.members.map(({ farmId }) => farmId).sort()).toEqual(rows.farm.map(({ id }) => id).sort())
    expect(report.members.flatMap(({ fields }) => fields.map(({ fieldId }) => fieldId)).sort()).toEqual(
      rows.field.map(({ id }) => id).sort(),
    )
    expect(report).toMatchObject({ fields: 120, crop: 'rice', sievesMm: [1.85] })
    expect(report.basis).toMatchObject({ form: 'brown-rice', moisturePct: 15 })
  })

  it('has the yield of each field, and of the five previous years, from its loads', () => {
    for (const line of report.members.flatMap(({ fields }) => fields)) {
      const perHa = (year: number) => {
        const { kg, areaM2 } = byHand(line.fieldId, year)
        return kg === null ? null : (10_000 * kg) / areaM2
      }
      expect(line.kgHa).toEqual(close(perHa(YEAR)))
      const before = [2021, 2022, 2023, 2024, 2025].map((year) => ({ year, kgHa: perHa(year) }))
      const knownRows = before.filter(({ kgHa }) => kgHa !== null)
      expect(line.years).toEqual(knownRows.map(({ year, kgHa }) => ({ year, kgHa: close(kgHa) })))
    }
  })

  it('weights members by harvested area, and compares only fields known in both periods', () => {
    for (const member of report.members) {
      const ownRows = fieldsOf(member.farmId).map(({ id }) => byHand(id, YEAR))
      const knownRows = ownRows.filter(({ kg }) => kg !== null)
      const kgHa =
        (10_000 * total(knownRows.map(({ kg }) => kg!))) / total(knownRows.map(({ areaM2 }) => areaM2))
      expect(member.kgHa).toBeCloseTo(kgHa, 6)
      expect(member.withYield).toBe(knownRows.length)
      const usual = fieldsOf(member.farmId).flatMap(({ id }) => {
        const now = byHand(id, YEAR)
        if (now.kg === null) return []
        const years = [1, 2, 3, 4, 5].map((back) => byHand(id, YEAR - back)).filter(({ kg }) => kg !== null)
        return [{ now, then: total(years.map(({ kg, areaM2 }) => kg! / areaM2)) / years.length }]
      })
      const ratio =
        total(usual.map(({ now }) => now.kg!)) / total(usual.map(({ now, then }) => then * now.areaM2))
      expect(member.change).toBeCloseTo(ratio - 1, 9)
      // both sides of the change are of the same fields, which are counted
      expect(member.compared).toBe(usual.length)
      expect(member.comparedKgHa! / member.usualKgHa! - 1).toBeCloseTo(member.change!, 9)
    }
    const { comparedKgHa, usualKgHa, change, compared } = report.mean
    expect(comparedKgHa! / usualKgHa! - 1).toBeCloseTo(change!, 9)
    expect(compared).toBe(total(report.members.map((member) => member.compared)))
  })

  it('calls a harvest missing once its planned day has passed, while most fields still grow', async () => {
    const growing = await openTestState()
    const plain = oneOrganisation({
      coop: ORG,
      members: 2,
      fields: 8,
      year: YEAR,
      yearsBack: 0,
      throughDay: '2026-08-20',
    })
    for (const season of plain.season) season.harvestPlannedDay = '2026-09-20'
    plain.season[0]!.harvestPlannedDay = '2026-08-19'
    plain.season[1]!.harvestPlannedDay = '2026-08-21'
    await writeRows(growing.state, plain)
    const choice = { org: ORG, year: YEAR, crop: 'rice' }
    const missingOn = async (day: string) =>
      (await readReport(growing.state, choice, Date.parse(`${day}T03:00Z`))).report.members
        .flatMap(({ fields }) => fields)
        .filter(({ missing }) => missing.includes('yield'))
        .map(({ seasonId }) => seasonId)
    expect(await missingOn('2026-08-19')).toEqual([])
    expect(await missingOn('2026-08-20')).toEqual([plain.season[0]!.id])
    expect((await missingOn('2026-08-22')).sort()).toEqual([plain.season[0]!.id, plain.season[1]!.id].sort())
    await growing.close()
  })

  it('has water per area with its metered share, and the maximum of disease days and sprays of one field', () => {
    for (const member of report.members) {
      const ownRows = fieldsOf(member.farmId)
      const runs = rows.irrigation.filter((run) => run.farmId === member.farmId && isOfYear(run.id))
      const litres = total(runs.map((run) => run.litres ?? 0))
      const metered = total(runs.map((run) => (run.volumeSource === 'metered' ? run.litres! : 0)))
      const watered = ownRows.filter(({ id }) => rows.zone.some(({ fieldId }) => fieldId === id))
      expect(member.waterM3Ha).toBeCloseTo((10 * litres) / total(watered.map(({ areaM2 }) => areaM2)), 6)
      expect(member.meteredShare).toBeCloseTo(metered / litres, 9)
      const most = (counted: { fieldId: string }[]) =>
        Math.max(...ownRows.map(({ id }) => counted.filter(({ fieldId }) => fieldId === id).length))
      const high = rows.diseaseDay.filter(({ day, level }) => day.startsWith(`${YEAR}`) && level === 'high')
      const sprays = rows.treatment.filter(({ id }) => isOfYear(id))
      expect([member.diseaseDays, member.sprays]).toEqual([most(high), most(sprays)])
    }
  })

  it('names missing data by field, and lists those members first', () => {
    const missing = (key: string) =>
      report.members
        .flatMap((member) => member.missing.filter((entry) => entry.key === key))
        .flatMap(({ fields }) => fields.map(({ id }) => id))
        .sort()
    const seasons = rows.season.filter(({ year }) => year === YEAR)
    const without = seasons.filter(({ id, yieldKg }) => yieldKg === null && loadsOf(id).length === 0)
    expect(missing('yield')).toEqual(without.map(({ fieldId }) => fieldId).sort())
    expect(missing('yield').length).toBeGreaterThan(0)
    expect(missing('basis')).toEqual(
      seasons
        .filter(({ id }) =>
          loadsOf(id).some(
            ({ moisturePct, foreignPct, grade }) =>
              (moisturePct === null || foreignPct === null) && grade !== 'low',
          ),
        )
        .map(({ fieldId }) => fieldId)
        .sort(),
    )
    expect(missing('volume')).toEqual(
      rows.irrigation
        .filter(({ id, litres }) => litres === null && isOfYear(id))
        .map(({ fieldId }) => fieldId)
        .sort(),
    )
    expect(missing('record')).toEqual(
      rows.treatment
        .filter(({ id, state }) => state === 'done' && isOfYear(id))
        .map(({ fieldId }) => fieldId)
        .sort(),
    )
    const withoutWeather = rows.field.filter(
      ({ id }) =>
        rows.fieldDay.filter(
          ({ fieldId, day, etaMm }) => fieldId === id && day.startsWith(`${YEAR}`) && etaMm === null,
        ).length > 10,
    )
    expect(missing('weather')).toEqual(withoutWeather.map(({ id }) => id).sort())
    const firstCalm = report.members.findIndex(
      ({ missing: lacks, outliers }) => lacks.length + outliers.length === 0,
    )
    expect(firstCalm).toBe(report.membersToReview)
    const lacks = report.members.map((member) =>
      member.missing.length > 0 ? 0 : member.outliers.length > 0 ? 1 : 2,
    )
    expect(lacks).toEqual(lacks.toSorted())
  })

  it('shows each known field as one dot of its variety, with median and quartiles', () => {
    const knownRows = report.members.flatMap(({ fields }) => fields.filter(({ kgHa }) => kgHa !== null))
    expect(total(report.strips.map(({ dots }) => dots.length))).toBe(knownRows.length)
    for (const { variety, dots, q1, median, q3 } of report.strips) {
      const values = knownRows.filter((line) => line.variety === variety).map(({ kgHa }) => kgHa!)
      expect(dots.map(({ kgHa }) => kgHa)).toEqual(values.toSorted((a, b) => a - b))
      const below = (limit: number) => values.filter((value) => value < limit).length / values.length
      expect([q1, median, q3].map((limit) => Math.abs(below(limit)))).toEqual([
        expect.closeTo(0.25, 1),
        expect.closeTo(0.5, 1),
        expect.closeTo(0.75, 1),
      ])
    }
  })

  it('of the total is the area-weighted mean, not the mean of the members', () => {
    const ownRows = rows.field.map(({ id }) => byHand(id, YEAR)).filter(({ kg }) => kg !== null)
    const kgHa = (10_000 * total(ownRows.map(({ kg }) => kg!))) / total(ownRows.map(({ areaM2 }) => areaM2))
    expect(report.mean.kgHa).toBeCloseTo(kgHa, 6)
  })
})

describe('an outlier', () => {
  it('is marked by median and spread of all, and a typical member is not', async () => {
    const ownRows = await openTestState()
    const many = oneOrganisation({ coop: ORG, members: 12, fields: 12, year: YEAR, yearsBack: 0 })
    for (const load of many.harvestLoad.filter(({ farmId }) => farmId === 'midori-m3')) load.grossKg /= 4
    await writeRows(ownRows.state, many)
    const result = await readReport(
      ownRows.state,
      { org: ORG, year: YEAR, crop: 'rice' },
      Date.parse('2026-11-01'),
    )
    const low = result.report.members
      .filter(({ outliers }) => outliers.includes('yield-low'))
      .map(({ farmId }) => farmId)
    expect(low).toContain('midori-m3')
    expect(result.report.members.filter(({ outliers }) => outliers.length > 0).length).toBeLessThan(6)
    await ownRows.close()
  })
})

describe('the crop of a report', () => {
  it('is the one with the largest area, not that of the most fields, until another is chosen', async () => {
    const ownRows = await openTestState()
    const many = oneOrganisation({ coop: ORG, members: 4, fields: 8, year: YEAR, yearsBack: 0 })
    for (const field of many.field) field.areaM2 = 1_000
    for (const season of many.season) Object.assign(season, { crop: 'rice', fieldM2: null })
    many.season[0]!.crop = 'soybean'
    many.field.find(({ id }) => id === many.season[0]!.fieldId)!.areaM2 = 9_000
    await writeRows(ownRows.state, many)
    const cropOf = async (crop: string | null) => {
      const { options, report } = await readReport(
        ownRows.state,
        { org: ORG, year: YEAR, crop },
        Date.parse('2026-11-01'),
      )
      return [options.crops, report.crop]
    }
    expect(await cropOf(null)).toEqual([['soybean', 'rice'], 'soybean'])
    expect(await cropOf('rice')).toEqual([['soybean', 'rice'], 'rice'])
    await ownRows.close()
  })
})

describe('before the harvest', () => {
  it('no yield is missing, and a year without seasons is empty', async () => {
    const ownRows = await openTestState()
    const many = oneOrganisation({ coop: ORG, members: 4, fields: 8, year: YEAR, yearsBack: 0 })
    many.harvestLoad.length = 0
    for (const season of many.season) Object.assign(season, { harvestedDay: null, yieldKg: null })
    await writeRows(ownRows.state, many)
    const july = Date.parse('2026-07-24')
    const result = await readReport(ownRows.state, { org: ORG, year: YEAR, crop: null }, july)
    expect(result.report.members.flatMap(({ missing }) => missing.map(({ key }) => key))).not.toContain(
      'yield',
    )
    expect(result.report.mean.kgHa).toBeNull()
    const none = await readReport(ownRows.state, { org: ORG, year: 2019, crop: null }, july)
    expect(none).toMatchObject({
      options: { crops: [], years: [YEAR] },
      report: { members: [], basis: null },
    })
    await ownRows.close()
  })
})
