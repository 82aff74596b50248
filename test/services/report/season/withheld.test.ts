/** In whatever form a report leaves, a member shows what it has allowed and nothing more, and nobody takes it for missing. */
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberId } from '../../../../firmware-sim/demo/members/members.ts'
import { writeMembers } from '../../../../firmware-sim/demo/members/write-members.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { FileDeps } from '../../../../services/report/jobs/file-query.ts'
import { seasonAdaptFile } from '../../../../services/report/formats/season-adapt.ts'
import { seasonCsvFile } from '../../../../services/report/formats/season-csv.ts'
import { seasonGeojsonFile } from '../../../../services/report/formats/season-geojson.ts'
import {
  aliasOf,
  farmName,
  NAMELESS,
  NOW_MS,
  of,
  query,
  SILENT,
  WITHOUT_WATER,
  WITHOUT_YIELD,
} from './withheld-members.ts'
import { springCsvFile } from '../../../../services/report/spring/spring-columns.ts'
import { openTestState } from '../../../support/state.ts'

let opened: OpenState
beforeAll(async () => {
  opened = await openTestState()
  await writeMembers(opened.state, of)
})
afterAll(async () => {
  await opened.close()
})

const deps = (): FileDeps => ({ state: opened.state, version: '0.1.0', nowMs: NOW_MS })
const fieldsOf = async (m: number) =>
  (await opened.state.selectFrom('field').select('id').where('org', '=', memberId(of, m)).execute()).map(
    ({ id }) => id,
  )

/** What tells who a member is. */
async function namesOf(m: number): Promise<string[]> {
  return [await farmName(opened.state, m), memberId(of, m), ...(await fieldsOf(m))]
}

describe.each<[string, () => Promise<string>]>([
  ['GeoJSON', async () => Buffer.from(await seasonGeojsonFile(deps(), query)).toString()],
  ['ADAPT', async () => Buffer.from(await seasonAdaptFile(deps(), query)).toString()],
  ['SPRING', async () => Buffer.from(await springCsvFile(deps(), query)).toString()],
])('%s', (_, make) => {
  it('shows neither name nor id of an anonymous member, and nothing of a member that shares nothing', async () => {
    const text = await make()
    expect(text).toContain(await farmName(opened.state, 0))
    expect(text).toContain(await aliasOf(opened.state, NAMELESS))
    expect(text).not.toContain('M004') // the alias of its membership
    for (const name of [...(await namesOf(NAMELESS)), ...(await namesOf(SILENT))])
      // as a whole word: m1 is a part of m10
      expect([name, new RegExp(`${name}(?![\\w-])`).test(text)]).toEqual([name, false])
    expect(text).not.toContain('M011')
  })
})

it('GeoJSON lists withheld parts, and no location of members’ fields', async () => {
  const { features } = JSON.parse(Buffer.from(await seasonGeojsonFile(deps(), query)).toString()) as {
    features: { geometry: unknown; properties: Record<string, unknown> }[]
  }
  const name = await farmName(opened.state, WITHOUT_WATER)
  const ownRows = features.filter(({ properties }) => properties.member === name)
  expect(ownRows.length).toBeGreaterThan(0)
  for (const { properties } of ownRows)
    expect(properties).toMatchObject({ irrigationM3: null, rainMm: null, runs: null, withheld: ['water'] })
  expect(features.every(({ geometry }) => geometry === null)).toBe(true)
})

it('ADAPT has no load of members that withhold yields, and no run of members that withhold water', async () => {
  const { documents } = JSON.parse(Buffer.from(await seasonAdaptFile(deps(), query)).toString()) as {
    documents: { workRecords: { name: string; operations: { operationTypeCode: string }[] }[] }
  }
  const codesOf = async (m: number) => {
    const [first] = await opened.state
      .selectFrom('field')
      .select('name')
      .where('org', '=', memberId(of, m))
      .execute()
    const record = documents.workRecords.find(({ name }) => name === `${first!.name}, 2026`)!
    return new Set(record.operations.map(({ operationTypeCode }) => operationTypeCode))
  }
  expect(await codesOf(WITHOUT_WATER)).not.toContain('APPLICATION_IRRIGATION')
  expect(await codesOf(WITHOUT_YIELD)).not.toContain('HARVEST')
})

it('CSV prints withheld, not missing', async () => {
  const text = Buffer.from(
    await seasonCsvFile(deps(), { org: 'midori', coop: 'Midori', farmId: null, year: 2026, lang: 'en' }),
  ).toString()
  const { data } = Papa.parse<Record<string, string>>(text.replace(/^.*\r\n/, '').trim(), { header: true })
  const name = await farmName(opened.state, WITHOUT_WATER)
  expect(data.find(({ Member }) => Member === name)).toMatchObject({
    'Irrigation (m3)': 'withheld',
    'Rain (mm)': 'withheld',
    Runs: 'withheld',
  })
  const other = await farmName(opened.state, WITHOUT_YIELD)
  expect(data.find(({ Member }) => Member === other)).toMatchObject({
    'Yield (kg)': 'withheld',
    Loads: 'withheld',
  })
})
