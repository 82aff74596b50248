/** The fields of a season as GeoJSON: what RFC 7946 asks for, and what is known of each. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { readReport } from '../../../../services/report/season/read-report.ts'
import { seasonGeojsonFile } from '../../../../services/report/formats/season-geojson.ts'
import { toJson } from '../../../../services/tables.ts'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import type { Geometry } from '../../../../services/report/season/field-geometries.ts'
import { openTestState } from '../../../support/state.ts'

const ORG = 'midori'
const NOW_MS = Date.parse('2026-11-01T00:30:00Z')
let opened: OpenState

const square = (lon: number, lat: number, size: number) => [
  ...[
    [lon, lat],
    [lon, lat + size],
    [lon + size, lat + size],
    [lon + size, lat],
    [lon, lat],
  ],
] // with the clock
const hole = square(138.9002, 37.5002, 0.0002).toReversed() // against it

beforeAll(async () => {
  opened = await openTestState()
  const rows = oneOrganisation({ coop: ORG, members: 6, fields: 40, year: 2026, yearsBack: 1 })
  rows.field[0]!.geojson = toJson({
    type: 'Polygon',
    coordinates: [square(138.9, 37.5, 0.001), hole],
  } as unknown)
  rows.irrigation = rows.irrigation.filter(({ fieldId }) => fieldId !== `${ORG}-f2`)
  rows.zone = rows.zone.filter(({ fieldId }) => fieldId !== `${ORG}-f2`)
  await writeRows(opened.state, rows)
})
afterAll(async () => {
  await opened.close()
})

interface Feature {
  type: string
  id: string
  geometry: Geometry | null
  properties: Record<string, unknown>
}
async function make(): Promise<{ text: string; about: Record<string, unknown>; features: Feature[] }> {
  const bytes = await seasonGeojsonFile(
    { state: opened.state, version: '0.1.0', nowMs: NOW_MS },
    { org: ORG, coop: 'Midori', year: 2026, crop: null, lang: 'en', unit: 't/ha', farmId: null },
  )
  const text = Buffer.from(bytes).toString()
  return { text, ...(JSON.parse(text) as { about: Record<string, unknown>; features: Feature[] }) }
}
const named = (features: Feature[], field: string) =>
  features.find(({ properties }) => properties.field === field)!

describe('the fields of a season as GeoJSON', () => {
  it('are a collection of features, each with an id, its shape or the point of its farm', async () => {
    const { text, features } = await make()
    expect((JSON.parse(text) as { type: string }).type).toBe('FeatureCollection')
    expect(features).toHaveLength(40)
    expect(new Set(features.map(({ id }) => id)).size).toBe(40)
    expect(features.every(({ type }) => type === 'Feature')).toBe(true)
    expect(named(features, 'Paddy 0').geometry!.type).toBe('Polygon')
    expect(named(features, 'Paddy 1').geometry).toEqual({ type: 'Point', coordinates: [138.9, 37.5] })
  })

  it('have counterclockwise outer rings and clockwise holes (section 3.1.6)', async () => {
    const { geometry } = named((await make()).features, 'Paddy 0')
    const turns = (geometry as unknown as { coordinates: number[][][] }).coordinates.map((ring) =>
      ring.reduce((sum, [x, y], at) => {
        const [nextX, nextY] = ring[(at + 1) % ring.length]!
        return sum + (nextX! - x!) * (nextY! + y!)
      }, 0),
    )
    expect(turns.map((turn) => turn < 0)).toEqual([true, false]) // shoelace: below 0 is against the clock
  })

  it('have the figures of the report, null for unknown and 0 only for 0', async () => {
    const { features } = await make()
    const { report } = await readReport(opened.state, { org: ORG, year: 2026, crop: 'rice' }, NOW_MS)
    for (const line of report.members.flatMap(({ fields }) => fields)) {
      const { properties } = named(features, line.field)
      expect(properties.yieldKgHa).toBe(line.kgHa)
      expect(properties.areaM2).toBe(line.areaM2)
    }
    expect(named(features, 'Paddy 7').properties).toMatchObject({
      yieldKg: null,
      yieldKgHa: null,
      missing: ['yield'],
    })
    expect(named(features, 'Paddy 2').properties).toMatchObject({ irrigationM3: null, runs: null })
    expect(named(features, 'Paddy 1').properties.loads).toBe(2)
  })

  it('carry their provenance, and are reproducible byte for byte', async () => {
    const [entry, two] = [await make(), await make()]
    expect(entry.text).toBe(two.text)
    expect(entry.about).toMatchObject({
      madeAtMs: NOW_MS,
      software: 'Tilth 0.1.0',
      sievesMm: [1.85],
      basis: { form: 'brown-rice', moisturePct: 15 },
      rules: { report: '2', sprays: ['1'] },
      coverage: { members: 6, fields: 40 },
    })
    expect(entry.about.sourceSha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('have unknown sprays in a season before the farm joined, except for recorded ones', async () => {
    const sprays = async () =>
      (await make()).features.map(({ properties }) => properties.sprays as number | null)
    const before = await sprays()
    expect(before).toContain(0)
    await opened.state.updateTable('farm').set({ createdAtMs: NOW_MS }).execute()
    expect(await sprays()).toEqual(before.map((count) => (count === 0 ? null : count)))
  })
})
