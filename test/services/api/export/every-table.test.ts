/**
 * Export and erasure of a farm, generated from the tables of the store itself: a table that is added and forgotten by
 * either fails here, and so does a table without a rule for how its rows belong to a farm.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { orgTables } from '../../../../services/domain/export-rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

/** The columns that assign a row to its owner; the first one present applies. A model names its place in `subject`. */
const belongsBy = ['farmId', 'fieldId', 'zoneId', 'runId', 'deviceId', 'integrationId', 'subject']
/** Tables of the organisation, independent of any farm: the audit, the labels' content, the recipients of alerts. */
const ofOrg = [
  'audit',
  'product',
  'productUse',
  'notificationPreference',
  'pushDevice',
  'webhook',
  'notification',
  'person',
  ...['membership', 'consent', 'invitationCode'],
]
/** Files made of rows that the export has already, other members' among them; an erasure drops them. */
const ofRows = ['reportOrder']
/** Copies of messages of the journal, which the export reads from there. */
const ofJournal = ['deadLetter']
/** Not a farm's: the rest is the server's own, and people belong to an organisation. */
const ofNoFarm = new Set([...ofOrg, ...ofRows, ...ofJournal, 'jobRun', 'setting', 'passwordLink'])
const ofPeople = new Set([
  'user',
  'session',
  'account',
  'verification',
  'organization',
  'member',
  'invitation',
])

type Column = { name: string; dataType: string; isNullable: boolean }
const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

let tilth: TestApi
let admin: string
const tables = new Map<string, Column[]>() // by their names in services/tables.ts

beforeAll(async () => {
  tilth = await startTestApi()
  admin = await tilth.signUp('midori', 'admin')
  for (const { name, columns } of await tilth.state.introspection.getTables())
    tables.set(camel(name), columns)
  for (const table of ofFarms()) for (const farm of ['gone', 'stays']) await plant(table, farm)
})
afterAll(() => tilth.stop())

const ofFarms = () => [...tables.keys()].filter((name) => !ofNoFarm.has(name) && !ofPeople.has(name)).sort()
const columnsOf = (table: string) => tables.get(table)!.map(({ name }) => camel(name))
/** Ids that are as good as real: `gone-field`, `stays-device`. */
const id = (farm: string, what: string) => `${farm}-${what}`

/** A row of a farm: every reference names the farm's own things; of several rows of a table each has one of them. */
async function plant(table: string, farm: string): Promise<void> {
  const named = belongsBy.filter((column) => columnsOf(table).includes(column))
  if (table === 'farm') return insert(table, farm, { id: id(farm, 'farm'), name: farm })
  for (const reference of named)
    await insert(table, farm, { [reference]: value(farm, table, reference) }, named)
}

function value(farm: string, table: string, column: string): string {
  if (column === 'subject') return table === 'degreeDayTracker' ? 'codling-moth' : `${farm}-device@30`
  return id(farm, column.replace(/Id$/, ''))
}

async function insert(
  table: string,
  farm: string,
  given: Record<string, string>,
  references: string[] = [],
): Promise<void> {
  const row: Record<string, unknown> = {}
  const reference = Object.keys(given)[0]!
  for (const { name: sqlName, dataType, isNullable } of tables.get(table)!) {
    const name = camel(sqlName)
    const notnull = !isNullable
    const isText = dataType.toLowerCase() === 'text'
    if (name in given) row[name] = given[name]
    else if (name === 'org') row[name] = 'midori'
    else if (references.includes(name))
      // one reference at a time where the table allows it: a row that only names a device is erased too
      row[name] = notnull ? value(farm, table, name) : null
    else if (['field', 'zone', 'run', 'device', 'pump', 'integration'].includes(table) && name === 'id')
      row[name] = id(farm, table)
    else if (name === 'id') row[name] = `${farm}-${table}-by-${reference}`
    else if (notnull || /(Hash|Key)$|^secret$/.test(name))
      row[name] = isText ? `${farm}-${table}-${reference}-${name}` : count++
    else row[name] = null
  }
  await tilth.state
    .insertInto(table as 'farm')
    .values(row as never)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
let count = 1

const rowsOf = async (table: string): Promise<string[]> =>
  (await sql<object>`select * from ${sql.table(table)}`.execute(tilth.state)).rows.map((row) =>
    JSON.stringify(row),
  )

describe('every table of the store', () => {
  it('is known: a farm, a person, or the server itself', () => {
    const strange = ofFarms().filter(
      (table) => table !== 'farm' && !columnsOf(table).some((column) => belongsBy.includes(column)),
    )
    expect(strange, 'say in this test how a row of it belongs to a farm').toEqual([])
    for (const table of ofFarms()) expect(columnsOf(table), table).toContain('org')
  })

  it('is in the export, with every row and no secret (B15)', async () => {
    expect([...ofFarms(), ...ofOrg].sort()).toEqual(Object.keys(orgTables).sort())
    const { text } = await tilth.call(admin, 'GET', '/api/export')
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; table?: string; row?: object })
    for (const table of ofFarms()) {
      const exported = lines.filter((line) => line.table === table)
      expect(exported.length, table).toBe((await rowsOf(table)).length)
      expect(exported.length, table).toBeGreaterThanOrEqual(2)
    }
    // planted texts say of which column they are
    expect(text).not.toMatch(
      /-(secret|secretHash|previousSecretHash|brokerHash|commandKey|codeHash|nonceHash)"/,
    )
  })

  it('has no rows of an erased farm, and all rows of another (B15)', async () => {
    const before = new Map<string, string[]>()
    for (const table of ofFarms())
      before.set(
        table,
        (await rowsOf(table)).filter((row) => row.includes('stays-')),
      )
    const answer = await tilth.call(admin, 'DELETE', '/api/farms/gone-farm', { name: 'gone' })
    expect(answer.status, answer.text).toBe(200)
    for (const table of ofFarms()) {
      const rows = await rowsOf(table)
      expect(
        rows.filter((row) => row.includes('"gone')),
        table,
      ).toEqual([])
      if (table !== 'farm') expect(rows, table).toEqual(before.get(table))
    }
  })
})
