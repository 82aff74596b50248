/** The audit is an append-only chain: any other change is found. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpenState } from '../../../services/adapters/state.ts'
import { appendAudit, auditedOrgs, verifyAudit } from '../../../services/audit/audit-log.ts'
import { openTestState } from '../../support/state.ts'
import { unprotectAudit } from '../../support/broken-table.ts'

let folder: string
let store: OpenState
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilth-audit-'))
  store = await openTestState(join(folder, 'state.db'))
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const add = (action: string, org = 'midori') =>
  appendAudit(store.state, { org, atMs: 1_000, actor: 'sato', action, subject: 'zone-1', detail: { mm: 3 } })
const lines = (org = 'midori') =>
  store.state.selectFrom('audit').selectAll().where('org', '=', org).orderBy('n').execute()
const verify = (noted?: { n: number; hash: string }) => verifyAudit(store.state, 'midori', noted)

/** Somebody with the file in hand, past the program. */
async function tamper(statement: string): Promise<void> {
  await unprotectAudit(store.state)
  await sql.raw(statement).execute(store.state)
}

describe('the audit', () => {
  it('numbers the lines of each organisation from 1, each hash over the one before', async () => {
    await add('a')
    await add('b', 'akane')
    await add('c')
    expect((await lines()).map(({ n, action }) => [n, action])).toEqual([
      [1, 'a'],
      [2, 'c'],
    ])
    expect((await lines('akane')).map(({ n }) => n)).toEqual([1])
    expect(await auditedOrgs(store.state)).toEqual(['akane', 'midori'])
    expect(await verify()).toMatchObject({ lines: 2, broken: null })
  })

  it('appends concurrent lines one after the other', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => add(`line ${i}`)))
    expect(await verify()).toMatchObject({ lines: 50, broken: null })
  })

  it('is part of the transaction that it describes', async () => {
    await expect(
      store.state.transaction().execute(async (rows) => {
        await appendAudit(rows, { org: 'midori', atMs: 1, actor: 'a', action: 'b', subject: 'c', detail: {} })
        throw new Error('and then the disk')
      }),
    ).rejects.toThrow('and then the disk')
    expect(await lines()).toEqual([])
  })

  it.each(["update audit set actor = 'nobody' where n = 1", 'delete from audit where n = 1'])(
    'the store refuses: %s',
    async (statement) => {
      await add('a')
      await expect(sql.raw(statement).execute(store.state)).rejects.toThrow('append-only')
    },
  )

  it.each([
    ['a changed field', "update audit set actor = 'nobody' where n = 3", 3],
    ['a changed detail', `update audit set detail = '{"mm":30}' where n = 2`, 2],
    ['a changed time', 'update audit set at_ms = 999 where n = 1', 1],
    ['a line taken out', 'delete from audit where n = 3', 3],
    ['two lines that changed places', 'update audit set n = case n when 2 then 30 else n end', 2],
    ['a line put in under a free number', 'update audit set n = 7 where n = 5', 5],
  ])('%s is found, with the line', async (_, statement, n) => {
    for (const action of ['a', 'b', 'c', 'd', 'e']) await add(action)
    await tamper(statement)
    expect((await verify()).broken).toMatchObject({ n })
  })

  it('a missing end is found with a head noted before, and a rewritten chain as well', async () => {
    for (const action of ['a', 'b', 'c']) await add(action)
    const { head } = await verify()
    await tamper('delete from audit where n = 3')
    expect((await verify()).broken).toBeNull()
    expect((await verify(head)).broken).toMatchObject({ n: 3, reason: expect.stringContaining('ends at 2') })
    await add('another c')
    expect((await verify(head)).broken).toMatchObject({ reason: expect.stringContaining('was rewritten') })
  })
})
