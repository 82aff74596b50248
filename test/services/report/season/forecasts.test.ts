/** A harvest to come in the report: with its interval, of the season it is of, and only until there is a yield. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { oneOrganisation } from '../../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../../firmware-sim/demo/members/write-members.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { readReport } from '../../../../services/report/season/read-report.ts'
import { withoutWithheld } from '../../../../services/report/season/sharing.ts'
import { openTestState } from '../../../support/state.ts'

const AUGUST = Date.parse('2026-08-10T00:00:00Z')
const HARVEST = Date.parse('2026-09-20T00:00:00Z')
let opened: OpenState

beforeAll(async () => {
  opened = await openTestState()
  const rows = oneOrganisation({ coop: 'midori', members: 2, fields: 6, year: 2026, yearsBack: 1 })
  rows.harvestLoad = []
  for (const season of rows.season) Object.assign(season, { harvestedDay: null, yieldKg: null })
  const [first, second] = rows.season.filter(({ year }) => year === 2026)
  Object.assign(second!, { yieldKg: 900, yieldBasis: 'brown rice, 15 % moisture' })
  await writeRows(opened.state, rows)
  for (const [season, issuedMs, value] of [
    [first!, AUGUST - 2, 9],
    [first!, AUGUST - 1, 5.2],
    [second!, AUGUST - 1, 4],
  ] as const)
    await opened.state
      .insertInto('prediction')
      .values({
        org: 'midori',
        kind: 'yield',
        subject: `${season.fieldId}/${season.crop}`,
        atMs: HARVEST,
        issuedMs,
        value,
        lo: value - 6,
        hi: value + 0.5,
        method: 'model',
        modelVersion: 1,
      })
      .execute()
})
afterAll(() => opened.close())

const read = async (year: number) =>
  (await readReport(opened.state, { org: 'midori', year, crop: null }, AUGUST)).records

it('is the latest one with its interval; a negative yield is clipped', async () => {
  const records = await read(2026)
  const output = records.filter(({ forecast }) => forecast !== null)
  expect(output).toHaveLength(1)
  expect(output[0]!.forecast).toEqual({ kgHa: 5200, lowKgHa: 0, highKgHa: 5700 })
})

it('is replaced by a yield', async () => {
  const entered = (await read(2026)).find((record) => record.yield.from === 'entered')!
  expect(entered.forecast).toBeNull()
})

it('ends with an unclosed season when the next one is planted', async () => {
  const output = async () => (await read(2026)).filter(({ forecast }) => forecast !== null).length
  expect(await output()).toBe(1)
  const { id } = (await opened.state.selectFrom('season').select('id').where('year', '=', 2025).execute())[0]!
  const ownRows = (await read(2026)).find(({ forecast }) => forecast !== null)!
  await opened.state
    .updateTable('season')
    .set({ fieldId: ownRows.fieldId, plantedDay: '2026-08-01' })
    .where('id', '=', id)
    .execute()
  expect(await output()).toBe(0)
  await opened.state.updateTable('season').set({ plantedDay: '2025-05-10' }).where('id', '=', id).execute()
  expect(await output()).toBe(1)
})

it('belongs to no other season of the field, and is withheld with the yield', async () => {
  expect((await read(2025)).every(({ forecast }) => forecast === null)).toBe(true)
  const [output] = (await read(2026)).filter(({ forecast }) => forecast !== null)
  expect(withoutWithheld({ ...output!, withheld: ['yield'] }).forecast).toBeNull()
})
