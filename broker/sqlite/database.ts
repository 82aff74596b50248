/**
 * SQLite through the API of `node:sqlite`: the module of Node where it is complete (22.16 and later), and its copy for
 * Node 20, @photostructure/sqlite, elsewhere (docs/decisions/0012-sqlite-binding.md).
 */
import { createRequire } from 'node:module'

export type SqlValue = null | number | bigint | string | Uint8Array

/** The part of the API that Tilth uses: https://nodejs.org/api/sqlite.html */
export interface Database {
  readonly isOpen: boolean
  /** throws on a closed file */
  readonly isTransaction: boolean
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

export interface Statement {
  /** rows as objects, or as arrays after setReturnArrays(true); a blob is a Uint8Array */
  all(...values: SqlValue[]): unknown[]
  get(...values: SqlValue[]): unknown
  iterate(...values: SqlValue[]): IterableIterator<unknown>
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  columns(): readonly { name: string }[]
  setReturnArrays(isOn: boolean): void
  setReadBigInts(isOn: boolean): void
}

interface SqliteModule {
  DatabaseSync: new (path: string, options?: { readOnly?: boolean }) => Database
  StatementSync: { prototype: object }
}

const binding = loadBinding()

/** The class of every connection. */
export const DatabaseSync = binding.module.DatabaseSync

/** `node:sqlite` or the name of the package. */
export const bindingName = binding.name

/**
 * False: terminating a thread within a call ends the whole process (@photostructure/sqlite 1.2.1: "terminate called
 * after throwing an instance of 'Napi::Error'").
 */
export const isTerminationSafe = binding.name === 'node:sqlite'

function loadBinding(): { name: string; module: SqliteModule } {
  const builtIn = withoutWarnings(() => process.getBuiltinModule?.('node:sqlite')) as SqliteModule | undefined
  if (builtIn !== undefined && 'setReturnArrays' in builtIn.StatementSync.prototype)
    return { name: 'node:sqlite', module: builtIn }
  const name = '@photostructure/sqlite'
  return { name, module: createRequire(import.meta.url)(name) as SqliteModule }
}

/** Node 22 warns at the first use of the module that it is experimental: nothing that the log of a farm should show. */
function withoutWarnings<T>(load: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Opens or creates a file, or `:memory:`, without any setting. SQLite's own errors: see errorName. */
export const openDatabase = (path: string, options: { readOnly?: boolean } = {}): Database =>
  new DatabaseSync(path, options)

/** Prepares a statement whose rows are arrays: faster than objects. */
export function prepareArrays(db: Database, sql: string): Statement {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  return statement
}

const preparedOnce = new WeakMap<Database, Map<string, Statement>>()

/**
 * The same statement at each call with the same text: for queries of a request, which take less time than their
 * preparation. Only for `all` and `get`, which end before another call begins; the texts must be few.
 */
export function prepareArraysOnce(db: Database, sql: string): Statement {
  let statements = preparedOnce.get(db)
  if (statements === undefined) preparedOnce.set(db, (statements = new Map()))
  let statement = statements.get(sql)
  if (statement === undefined) statements.set(sql, (statement = prepareArrays(db, sql)))
  return statement
}

// a statement of many rows costs half of as many statements; each size is prepared once
const ROWS_PER_STATEMENT = [64, 16, 4, 1]

/**
 * Prepares an insertion of any number of rows; the values of all rows are passed as one list. Returns the number of
 * rows inserted. `row`: the placeholders of one row, such as `(?, ?)`.
 */
export function prepareInsert(
  db: Database,
  { into, row, verb = 'insert into' }: { into: string; row: string; verb?: string },
): (values: readonly SqlValue[]) => number {
  const width = row.split('?').length - 1
  const statements = ROWS_PER_STATEMENT.map((rows) => ({
    size: rows * width,
    statement: db.prepare(`${verb} ${into} values ${new Array(rows).fill(row).join(', ')}`),
  }))
  return (values) => {
    let inserted = 0
    let done = 0
    for (const { size, statement } of statements)
      for (; values.length - done >= size; done += size)
        inserted += Number(statement.run(...values.slice(done, done + size)).changes)
    return inserted
  }
}

/** The first value that a pragma returns. */
export function readPragma(db: Database, pragma: string): SqlValue | undefined {
  const row = prepareArrays(db, `pragma ${pragma}`).get() as [SqlValue] | undefined
  return row?.[0]
}

/** Runs `work` as one transaction; after an error nothing of it is in the file. */
export function inTransaction<T>(db: Database, work: () => T, begin = 'begin immediate'): T {
  db.exec(begin)
  try {
    const result = work()
    db.exec('commit')
    return result
  } catch (error) {
    rollback(db)
    throw error
  }
}

/** SQLite itself rolls back after some errors, such as a full disk. */
export function rollback(db: Database): void {
  if (db.isOpen && db.isTransaction) db.exec('rollback')
}

/** Runs `work` as one transaction in which deleted data is overwritten in the file, not only unlinked. */
export function withSecureDelete<T>(db: Database, work: () => T): T {
  db.exec('pragma secure_delete = on')
  try {
    return inTransaction(db, work)
  } finally {
    db.exec('pragma secure_delete = off')
  }
}

/**
 * Writes the write-ahead log into the file, removes it and closes: the one file is then whole and can be copied. The log
 * stays while another program has the file open, or when the disk is full; the next opening reads it.
 */
export function closeWhole(db: Database): void {
  try {
    db.exec('pragma busy_timeout = 0')
    db.exec('pragma journal_mode = delete')
  } catch {
    // nothing is lost: the log stays
  } finally {
    db.close()
  }
}

const errorNames = {
  5: 'BUSY',
  6: 'LOCKED',
  7: 'NOMEM',
  8: 'READONLY',
  10: 'IOERR',
  11: 'CORRUPT',
  13: 'FULL',
  14: 'CANTOPEN',
  15: 'PROTOCOL',
  26: 'NOTADB',
} as const
export type SqliteErrorName = (typeof errorNames)[keyof typeof errorNames]

// the shared memory of the write-ahead log cannot grow: the disk is full (https://sqlite.org/rescode.html#ioerr_shmsize)
const IOERR_SHMSIZE = 4874

/** The name of a fault of the file or its disk (https://sqlite.org/rescode.html), without SQLITE_; null: another error. */
export function errorName(error: unknown): SqliteErrorName | null {
  const { errcode, code, message } = (error ?? {}) as { errcode?: unknown; code?: unknown; message?: string }
  if (errcode === IOERR_SHMSIZE) return 'FULL'
  // the lowest byte is the primary code
  if (typeof errcode === 'number') return errorNames[(errcode & 0xff) as keyof typeof errorNames] ?? null
  // @photostructure/sqlite 1.2.1 leaves the number out of the errors of all(), get() and iterate()
  return code === 'ERR_SQLITE_ERROR' ? (namesByText.get(message ?? '') ?? null) : null
}

/** The texts of sqlite3_errstr(). */
const namesByText: ReadonlyMap<string, SqliteErrorName> = new Map([
  ['database is locked', 'BUSY'],
  ['database table is locked', 'LOCKED'],
  ['out of memory', 'NOMEM'],
  ['attempt to write a readonly database', 'READONLY'],
  ['disk I/O error', 'IOERR'],
  ['database disk image is malformed', 'CORRUPT'],
  ['database or disk is full', 'FULL'],
  ['unable to open database file', 'CANTOPEN'],
  ['locking protocol', 'PROTOCOL'],
  ['file is not a database', 'NOTADB'],
])
