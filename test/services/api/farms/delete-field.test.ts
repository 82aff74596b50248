/** A field is deleted only when nothing but calculated results refers to it, and then nothing of it is left. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let admin: string
let created = 0

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  admin = await tilth.signUp('midori', 'admin')
})
afterAll(() => tilth.stop())

const readTables = () => tilth.state.introspection.getTables()
const columnsOf = async (table: string) => (await readTables()).find(({ name }) => name === table)!.columns

/** In SQL. */
async function tablesWithField(): Promise<string[]> {
  const tables = await readTables()
  return tables
    .filter(({ columns }) => columns.some(({ name }) => name === 'field_id'))
    .map(({ name }) => name)
    .sort()
}

async function createField(): Promise<string> {
  const form = { farmId: 'midori-farm', name: `Spare ${++created}`, kind: 'upland', areaM2: 1000 }
  const { status, body, text } = await tilth.call(admin, 'POST', '/api/fields', {
    ...form,
    soilTexture: 'clay',
  })
  expect(status, text).toBe(200)
  return body.id
}

/** The least row that refers to the field. */
async function plantRow(table: string, values: Record<string, unknown>): Promise<void> {
  const row: Record<string, unknown> = { org: 'midori', ...values }
  for (const { name, dataType, isNullable } of await columnsOf(table))
    if (!isNullable && !(name in row)) row[name] = dataType.toLowerCase() === 'text' ? `x${++created}` : 0
  const names = sql.join(Object.keys(row).map((name) => sql.ref(name)))
  await sql`INSERT INTO ${sql.table(table)} (${names}) VALUES (${sql.join(Object.values(row))})`.execute(
    tilth.state,
  )
}

async function rowsOf(table: string, fieldId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}
    WHERE field_id = ${fieldId}`.execute(tilth.state)
  return rows[0]!.n
}

const remove = (id: string) => tilth.call(admin, 'DELETE', `/api/fields/${id}`)

const refusals: Record<string, RegExp> = {
  zone: /has zones: remove or move them first$/,
  device: /has devices: remove or move them first$/,
  aux_output: /has outputs: remove or move them first$/,
  field_day: /has a history: it can only be erased with its farm$/,
  irrigation: /has irrigation records: it can only/,
  aux_output_run: /has runs of outputs: it can only/,
  treatment: /has treatments: it can only/,
  harvest_load: /has harvest loads: it can only/,
  scouting_count: /has scouting notes: it can only/,
  field_work: /has field work records: it can only/,
  record_photo: /has photos: it can only/,
  field_lineage: /has a split or merge: it can only/,
}

describe('a field', () => {
  it('is kept while equipment or records of any table refer to it; results are deleted with it', async () => {
    const tables = await tablesWithField()
    expect(tables).toEqual(expect.arrayContaining(Object.keys(refusals)))
    for (const table of tables) {
      const id = await createField()
      await plantRow(table, { field_id: id })
      const { status, body } = await remove(id)
      if (refusals[table]) {
        expect([table, status, body.error]).toEqual([table, 409, 'CONFLICT'])
        expect(body.message).toMatch(refusals[table])
      } else expect([table, status]).toEqual([table, 200])
      expect([table, await rowsOf(table, id)]).toEqual([table, refusals[table] ? 1 : 0])
    }
  })

  it('is kept for its yield and for a task that a person completed', async () => {
    const id = await createField()
    await plantRow('season', { field_id: id, yield_kg: 900 })
    await plantRow('task', { field_id: id, state: 'done' })
    await plantRow('zone', { field_id: id })
    expect((await remove(id)).body.message).toBe(
      'this field has zones: remove or move them first; ' +
        'this field has yields, completed tasks: it can only be erased with its farm',
    )
  })

  it('from which another was split is kept', async () => {
    const id = await createField()
    await plantRow('field_lineage', { field_id: await createField(), from_field_id: id })
    expect((await remove(id)).body.message).toMatch(/a split or merge/)
  })

  it('leaves no model, prediction, request or notification behind', async () => {
    const counts = () =>
      Promise.all(
        (['prediction', 'request', 'notification'] as const).map(
          async (table) => (await tilth.state.selectFrom(table).select('org').execute()).length,
        ),
      )
    const before = await counts()
    const id = await createField()
    await plantRow('prediction', { subject: `${id}/codling-moth/1` })
    await plantRow('run', { id: 'run-of-spare', field_id: id })
    await plantRow('request', { run_id: 'run-of-spare' })
    await plantRow('alert', { id: 'alert-of-spare', field_id: id })
    await plantRow('notification', { alert_id: 'alert-of-spare' })
    expect((await remove(id)).status).toBe(200)
    expect(await counts()).toEqual(before)
  })
})
