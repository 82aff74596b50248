/** A state moved from SQLite to PostgreSQL and back is the same: every row of every table, and every audit (T10). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oneOrganisation } from '../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../firmware-sim/demo/members/write-members.ts'
import { becomeLeader } from '../../../services/adapters/postgres/leadership.ts'
import { engineAtWork, openState, type OpenState } from '../../../services/adapters/state.ts'
import { createAuth } from '../../../services/api/auth/auth.ts'
import { appendAudit } from '../../../services/audit/audit-log.ts'
import { moveState } from '../../../services/backup/move-state.ts'
import { tableKeys } from '../../../services/domain/export-rows.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import type { State } from '../../../services/ports.ts'
import { describeWithPostgres, newPostgresDatabase } from '../../support/postgres.ts'
import { openPostgresTestState, openSqliteTestState } from '../../support/state.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const noProgress = () => {}
const authOf = (state: State) =>
  createAuth({ state, clock: systemClock, log: quiet, secret: 's'.repeat(32), publicUrl: null })

async function withPeople<T extends OpenState>(store: T): Promise<T> {
  await authOf(store.state)
  return store
}

async function fillSeason({ state }: OpenState): Promise<void> {
  await writeRows(
    state,
    oneOrganisation({ coop: 'midori', members: 6, fields: 30, year: 2026, yearsBack: 2 }),
  )
  const person = {
    email: 'a@b.example',
    password: 'long enough',
    name: 'A',
    orgName: 'M',
    role: 'admin' as const,
  }
  await (await authOf(state)).createUser({ ...person, org: 'midori' })
  for (let n = 0; n < 1_010; n++)
    await appendAudit(state, {
      org: n % 2 === 0 ? 'midori' : 'akane',
      atMs: n,
      actor: 'sato',
      action: 'a',
      subject: `s ${n}`,
      detail: { n },
    })
}

/** Every row as a text; an instant and a boolean of better-auth's tables as SQLite keeps them. */
async function dump({ state }: OpenState): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {}
  for (const { name, schema } of await state.introspection.getTables()) {
    if ((schema ?? 'public') !== 'public' || name.startsWith('kysely_')) continue
    const read = await sql<object>`select * from ${sql.table(name)}`.execute(state.withoutPlugins())
    rows[name] = read.rows
      .map((row) =>
        JSON.stringify(row, (_, value: unknown) => (typeof value === 'boolean' ? Number(value) : value)),
      )
      .sort()
  }
  return rows
}

describeWithPostgres('a state that is moved', () => {
  let dir: string
  let origin: OpenState
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tilth-move-'))
    origin = await withPeople(await openSqliteTestState(join(dir, 'state.db')))
    await fillSeason(origin)
  })
  afterAll(async () => {
    await origin.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('has every row and whole audits in PostgreSQL, and back in a new file; a second time changes nothing', async () => {
    const before = await dump(origin)
    const server = await withPeople(await openPostgresTestState())
    const moved = await moveState(origin.state, server.state, noProgress)
    expect(moved).toMatchObject({ audits: 2 })
    expect(moved.rows.get('audit')).toBe(1_010)
    expect(moved.rows.get('user')).toBe(1)
    expect(await dump(server)).toEqual(before)
    expect(await moveState(origin.state, server.state, noProgress)).toEqual(moved)
    expect(await dump(server)).toEqual(before)
    const back = await withPeople(await openState(`sqlite:${join(dir, 'back.db')}`))
    expect(await moveState(server.state, back.state, noProgress)).toEqual(moved)
    expect(await dump(back)).toEqual(before)
    expect(await dump(origin)).toEqual(before)
    await back.close()
    await server.close()
  })

  it('comes from a database that engines have shared, without the row of the engine at work', async () => {
    const database = await newPostgresDatabase()
    const atWork = await becomeLeader({
      url: database.url,
      holder: 'barn',
      clock: systemClock,
      log: quiet,
      onLost: noProgress,
    })
    const engine = { epoch: atWork.epoch, node: 'barn' }
    const server = await withPeople(await openState(database.url, engine))
    await moveState(origin.state, server.state, noProgress)
    expect(await engineAtWork(database.url)).toBe('barn')
    await atWork.release()
    expect(await engineAtWork(database.url)).toBeNull()
    const back = await withPeople(await openState(`sqlite:${join(dir, 'back-from-engines.db')}`))
    const { rows } = await moveState(server.state, back.state, noProgress)
    expect([rows.get('audit'), rows.has('leader')]).toEqual([1_010, false])
    for (const store of [back, server]) await store.close()
    await database.drop()
  })

  it('leaves a store that holds others as it is', async () => {
    const other = await withPeople(await openPostgresTestState())
    await appendAudit(other.state, { org: 'x', atMs: 1, actor: 'a', action: 'a', subject: 's', detail: {} })
    const before = await dump(other)
    await expect(moveState(origin.state, other.state, noProgress)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await dump(other)).toEqual(before)
    await other.close()
  })
})

describe('the pages in which a table is read', () => {
  it('follow its primary key', async () => {
    const { state, close } = await openSqliteTestState()
    for (const { name } of await state.introspection.getTables()) {
      if (name.startsWith('kysely_')) continue
      const { rows } = await sql<{ name: string }>`
        select name from pragma_table_info(${name}) where pk > 0 order by pk`.execute(state)
      const camel = (text: string) => text.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
      expect([name, [...tableKeys(camel(name))].sort()]).toEqual([
        name,
        rows.map((row) => camel(row.name)).sort(),
      ])
    }
    await close()
  })
})
