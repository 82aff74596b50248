/** A server that is to end between an insert and its commit does so, at the given occurrence. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite } from '../../services/adapters/sqlite/open.ts'

const root = join(import.meta.dirname, '../..')

/** Writes three rows, each in a transaction with a second statement. */
const program = (path: string, table: string, point: string) => `
import { InsertQueryBuilder, Kysely, SqliteDialect } from 'kysely'
import { openSqlite } from '${root}/services/adapters/sqlite/open.ts'
import { kyselyDatabase } from '${root}/services/adapters/sqlite/kysely-database.ts'
import { armCrash } from '${root}/bench/torture/support/crash-points.ts'
const database = openSqlite(${JSON.stringify(path)})
database.exec('create table ${table} (id integer)')
const state = new Kysely({ dialect: new SqliteDialect({ database: kyselyDatabase(database) }) })
armCrash('${point}', InsertQueryBuilder.prototype)
for (const id of [1, 2, 3])
  await state.transaction().execute(async (rows) => {
    await rows.insertInto('${table}').values({ id }).execute()
    await rows.updateTable('${table}').set({ id }).where('id', '=', id).execute()
  })
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilth-crash-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a crash half way through a transaction', () => {
  for (const [table, point] of [
    ['command', 'opening half written'],
    ['irrigation', 'end half written'],
  ] as const)
    it(`${point}: ends the process with the row not committed`, async () => {
      const path = join(folder, 'state.db')
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '--eval', program(path, table, `${point} 2`)],
        { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
      )
      expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
      const database = openSqlite(path)
      expect(database.prepare(`select id from ${table}`).all()).toEqual([{ id: 1 }])
      database.close()
    })
})
