import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPragma } from '../../../../broker/sqlite/database.ts'
import { openSqlite } from '../../../../services/adapters/sqlite/open.ts'

it('waits at each commit until it is on the disk, unless a test sets less (synchronous: 2 FULL, 0 OFF)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilth-open-'))
  const of = (...args: Parameters<typeof openSqlite>) => {
    const database = openSqlite(...args)
    const synchronous = readPragma(database, 'synchronous')
    database.close()
    return synchronous
  }
  expect(of(join(folder, 'a.db'))).toBe(2)
  expect(of(join(folder, 'b.db'), { synchronous: 'OFF' })).toBe(0)
  rmSync(folder, { recursive: true })
})
