/** What Tilth expects of SQLite, whichever binding this Node has: in CI this file runs on Node 20, 22 and 24. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  bindingName,
  DatabaseSync,
  errorName,
  inTransaction,
  openDatabase,
  prepareArrays,
  prepareArraysOnce,
  readPragma,
  withSecureDelete,
  type Database,
} from '../../../broker/sqlite/database.ts'

let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tilth-sqlite-'))
  db = openDatabase(join(folder, 'a.db'))
  db.exec('pragma journal_mode = WAL')
  db.exec('create table t (a integer primary key, b blob, c text unique, d real)')
})
afterEach(() => {
  if (db.isOpen) db.close()
  rmSync(folder, { recursive: true })
})

const nameOf = (run: () => unknown): string | null => {
  try {
    run()
  } catch (error) {
    return errorName(error)
  }
  throw new Error('expected an error')
}

describe('the binding', () => {
  it('is the module of Node where it is complete, and the package elsewhere', () => {
    const [major = 0] = process.versions.node.split('.').map(Number)
    expect(bindingName).toBe(major >= 22 ? 'node:sqlite' : '@photostructure/sqlite')
    expect(db).toBeInstanceOf(DatabaseSync)
  })

  it('prints no warning when it is loaded', () => {
    const module = join(import.meta.dirname, '../../../broker/sqlite/database.ts')
    const script = `import(${JSON.stringify(module)}).then((sqlite) => sqlite.openDatabase(':memory:').close())`
    const printed = execFileSync(process.execPath, ['--import', 'tsx', '-e', script, '2>&1'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(printed).toBe('')
  })

  it('returns numbers, text, null and bytes as they were stored', () => {
    const bytes = Buffer.from([0, 255, 10])
    db.prepare('insert into t values (?, ?, ?, ?)').run(Number.MAX_SAFE_INTEGER, bytes, '水', 0.1)
    db.prepare('insert into t values (?, ?, ?, ?)').run(2, new Uint8Array(0), null, null)
    const rows = prepareArrays(db, 'select * from t order by a').all() as unknown[][]
    expect(rows).toEqual([
      [2, new Uint8Array(0), null, null],
      [Number.MAX_SAFE_INTEGER, new Uint8Array(bytes), '水', 0.1],
    ])
  })

  it('refuses to return an integer that a number cannot hold, instead of another one', () => {
    db.exec('insert into t (a) values (1152921504606846977)')
    expect(() => db.prepare('select a from t').all()).toThrow('too large to be represented')
  })

  it('a query that is prepared once for each connection reads what was written and deleted since', () => {
    const texts = (of: Database) => prepareArraysOnce(of, 'select c from t order by a').all()
    db.exec("insert into t (a, c) values (1, 'x')")
    expect(texts(db)).toEqual([['x']])
    const other = openDatabase(join(folder, 'a.db'))
    other.exec("insert into t (a, c) values (2, 'y')")
    expect([texts(db), texts(other)]).toEqual([
      [['x'], ['y']],
      [['x'], ['y']],
    ])
    other.exec('alter table t add column e text; delete from t where a = 1')
    expect([texts(db), texts(other)]).toEqual([[['y']], [['y']]])
    other.close()
  })

  it('reads through a read-only connection, which can write nothing', () => {
    const reader = openDatabase(join(folder, 'a.db'), { readOnly: true })
    expect(reader.prepare('select count(*) as n from t').get()).toEqual({ n: 0 })
    expect(nameOf(() => reader.exec('insert into t (a) values (1)'))).toBe('READONLY')
    reader.close()
  })
})

describe('an error', () => {
  it('of a full file is FULL, and the transaction is undone', () => {
    db.exec(`pragma max_page_count = ${readPragma(db, 'page_count')}`)
    const insert = db.prepare('insert into t (b) values (?)')
    const fill = () => {
      for (let i = 0; i < 100; i++) insert.run(Buffer.alloc(4_000))
    }
    expect(nameOf(() => inTransaction(db, fill))).toBe('FULL')
    expect(db.isTransaction).toBe(false)
    // a statement that returns what it has inserted
    const returning = db.prepare('insert into t (b) values (zeroblob(1e6)) returning a')
    for (const run of [() => returning.all(), () => returning.get(), () => [...returning.iterate()]])
      expect(nameOf(run)).toBe('FULL')
    expect(prepareArrays(db, 'select count(*) from t').get()).toEqual([0])
  })

  it('of a file that another connection writes is BUSY', () => {
    const other = openDatabase(join(folder, 'a.db'))
    other.exec('begin immediate')
    expect(nameOf(() => inTransaction(db, () => {}))).toBe('BUSY')
    other.exec('rollback')
    other.close()
  })

  it('of a file that is no database is NOTADB, of a missing folder CANTOPEN', () => {
    const path = join(folder, 'b.db')
    writeFileSync(path, 'x'.repeat(8_192))
    const other = openDatabase(path)
    expect(nameOf(() => readPragma(other, 'quick_check(1)'))).toBe('NOTADB')
    other.close()
    expect(nameOf(() => openDatabase(join(folder, 'missing/b.db')))).toBe('CANTOPEN')
  })

  it('of a statement has no such name', () => {
    db.exec("insert into t (c) values ('x')")
    expect(nameOf(() => db.exec("insert into t (c) values ('x')"))).toBe(null)
    expect(nameOf(() => db.prepare('selec'))).toBe(null)
    expect(errorName(null)).toBe(null)
  })

  it('of work in a transaction undoes all of it', () => {
    const work = () => {
      db.exec('insert into t (a) values (1)')
      throw new RangeError('no')
    }
    expect(() => inTransaction(db, work)).toThrow(RangeError)
    expect(() => withSecureDelete(db, work)).toThrow(RangeError)
    expect(prepareArrays(db, 'select count(*) from t').get()).toEqual([0])
    expect(readPragma(db, 'secure_delete')).toBe(0)
  })
})

it('after a checkpoint the one file is the whole database', () => {
  db.exec("insert into t (c) values ('x')")
  expect(readPragma(db, 'wal_checkpoint(TRUNCATE)')).toBe(0)
  db.close()
  for (const name of readdirSync(folder)) if (name !== 'a.db') rmSync(join(folder, name))
  const again = openDatabase(join(folder, 'a.db'))
  expect(prepareArrays(again, 'select c from t').all()).toEqual([['x']])
  again.close()
})
