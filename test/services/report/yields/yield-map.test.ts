/** The yields of a season where they grew: as the rows say, in steps of as many fields, and of the own fields alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberId, oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import type { MembersOptions } from '../../../../firmware-sim/demo/members/types.ts'
import { writeMembers, writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { readReport } from '../../../../services/report/season/read-report.ts'
import { yieldMap } from '../../../../services/report/yields/yield-map.ts'
import { toJson } from '../../../../services/tables.ts'
import { readFieldGeometries } from '../../../../services/report/season/field-geometries.ts'
import { openTestState } from '../../../support/state.ts'

const ORG = 'midori'
const values: MembersOptions = { coop: ORG, members: 6, fields: 60, year: 2026, yearsBack: 0 }
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
const shape = (n: number) =>
  toJson({
    type: 'Polygon',
    coordinates: [
      [
        ...[
          [138.9 + n / 1000, 37.5],
          [138.9005 + n / 1000, 37.5],
          [138.9005 + n / 1000, 37.501],
        ],
        [138.9 + n / 1000, 37.5],
      ],
    ],
  } as unknown)

let opened: OpenState
const rows = oneOrganisation(values)
for (const [n, field] of rows.field.entries()) if (n >= 4) field.geojson = shape(n)
beforeAll(async () => {
  opened = await openTestState()
  await writeRows(opened.state, rows)
})
afterAll(async () => {
  await opened.close()
})

async function read(org = ORG) {
  const choice = { org, year: 2026, crop: null }
  const { report, records } = await readReport(opened.state, choice, NOW_MS)
  return { members: report.members, places: await readFieldGeometries(opened.state, records) }
}

describe('the map of a season’s yields', () => {
  it('draws every own field with a shape, with its yield, and counts the others', async () => {
    const { members, places } = await read()
    const { fields, unplaced } = yieldMap(members, places)
    expect(fields.map(({ id }) => id).sort()).toEqual(
      rows.field
        .slice(4)
        .map(({ id }) => id)
        .sort(),
    )
    expect(unplaced).toBe(4)
    const lines = new Map(members.flatMap((member) => member.fields).map((line) => [line.fieldId, line]))
    for (const { id, name, kgHa } of fields)
      expect({ name, kgHa }).toEqual({ name: lines.get(id)!.field, kgHa: lines.get(id)!.kgHa })
    // some have been weighed and some have not, or this proves little
    expect(fields.filter(({ kgHa }) => kgHa === null).length).toBeGreaterThan(2)
  })

  it('has a fifth of the fields in each class, ascending; unknown yields are in none', async () => {
    const { members } = await read()
    const everywhere = new Map(rows.field.map(({ id }, n) => [id, JSON.parse(shape(n)) as never]))
    const { steps, fields } = yieldMap(members, everywhere)
    const knownRows = fields.filter(({ kgHa }) => kgHa !== null)
    for (const step of [0, 1, 2, 3, 4]) {
      const ownRows = knownRows.filter((field) => field.step === step).map(({ kgHa }) => kgHa!)
      expect(Math.abs(ownRows.length - knownRows.length / 5)).toBeLessThanOrEqual(1)
      expect(Math.min(...ownRows)).toBeGreaterThanOrEqual(steps[step - 1] ?? 0)
      expect(Math.max(...ownRows)).toBeLessThan(steps[step] ?? Infinity)
    }
    for (const { kgHa, step } of fields) expect(step === null).toBe(kgHa === null)
  })

  it('of one member uses the classes of all, so that colours stay the same', async () => {
    const { members, places } = await read()
    const all = yieldMap(members, places)
    const farmId = memberId(values, 0)
    const entry = yieldMap(members, places, (member) => member.farmId === farmId)
    expect(entry.steps).toEqual(all.steps)
    expect(entry.fields.length).toBeGreaterThan(0)
    for (const field of entry.fields) expect(all.fields).toContainEqual(field)
    expect(entry.fields.length).toBeLessThan(all.fields.length)
  })

  it("contains no location of other organisations' fields, and no classes from their yields", async () => {
    const other = await openTestState()
    try {
      await writeMembers(other.state, values)
      await other.state
        .updateTable('field')
        .set({ geojson: shape(1) })
        .execute()
      const choice = { org: ORG, year: 2026, crop: null }
      const { report, records } = await readReport(other.state, choice, NOW_MS)
      expect(report.coverage.withYield).toBeGreaterThan(10)
      expect(yieldMap(report.members, await readFieldGeometries(other.state, records))).toEqual({
        steps: [],
        fields: [],
        unplaced: 0,
      })
    } finally {
      await other.close()
    }
  })

  it('is empty without seasons', () =>
    expect(yieldMap([], new Map())).toEqual({ steps: [], fields: [], unplaced: 0 }))

  it('draws a field sown twice once, with the known yield', async () => {
    const { members, places } = await read()
    const member = members.find(({ fields }) =>
      fields.some(({ fieldId }) => places.get(fieldId)?.type === 'Polygon'),
    )!
    const line = member.fields.find(({ fieldId }) => places.get(fieldId)?.type === 'Polygon')!
    const sown = {
      ...member,
      fields: [
        { ...line, kgHa: null },
        { ...line, kgHa: 5_000 },
        { ...line, kgHa: null },
      ],
    }
    const { fields } = yieldMap([sown], places)
    expect(fields.map(({ id, kgHa }) => [id, kgHa])).toEqual([[line.fieldId, 5_000]])
  })
})
