/** A SQLite connection as Kysely's SQLite dialect expects it: the statements of better-sqlite3. */
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import type { Database, SqlValue, Statement } from '../../../broker/sqlite/database.ts'
import { objectsOf } from '../row-objects.ts'
import { storeFault } from './store-fault.ts'

const MAX_STATEMENTS = 500

/** After it, a prepared statement may return other columns than those it was prepared for. */
const CHANGES_SCHEMA = /^\s*(?:create|alter|drop)\b/i

/**
 * Caches prepared statements: Kysely prepares a query each time it runs, and most of ours run thousands of times a day.
 * There is one connection and one query at a time, so a statement is never in use twice. `call` wraps every call of
 * SQLite. The owner of the connection closes it. DISK_FULL or STORE_UNAVAILABLE when the disk refuses a statement.
 */
export function kyselyDatabase(
  database: Database,
  call: <T>(run: () => T) => T = (run) => run(),
): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  const translated = <T>(run: () => T): T => {
    try {
      return call(run)
    } catch (error) {
      throw storeFault(error, 'the state store') ?? error
    }
  }
  return {
    prepare(sql) {
      if (CHANGES_SCHEMA.test(sql)) statements.clear()
      let statement = statements.get(sql)
      if (statement) statements.delete(sql)
      else statement = kyselyStatement(database, sql, translated)
      statements.set(sql, statement) // the most recently used is last
      if (statements.size > MAX_STATEMENTS) statements.delete(statements.keys().next().value!)
      return statement
    },
    close: () => {},
  }
}

function kyselyStatement(database: Database, sql: string, call: <T>(run: () => T) => T): SqliteStatement {
  const statement = call(() => database.prepare(sql))
  const names = call(() => statement.columns().map(({ name }) => name))
  const reader = names.length > 0
  if (reader) statement.setReturnArrays(true)
  const all = (values: readonly unknown[]) =>
    call(() => objectsOf(names, allRows(statement, values.map(toSqlValue))))
  return {
    reader,
    all,
    run: (values) => call(() => statement.run(...values.map(toSqlValue))),
    iterate: (values) => all(values).values(),
  }
}

/** An integer beyond 2^53, which the statement refuses to return, becomes the nearest number. */
function allRows(statement: Statement, values: SqlValue[]): unknown[][] {
  try {
    return statement.all(...values) as unknown[][]
  } catch (error) {
    if (!/too large to be represented/.test((error as Error).message)) throw error
  }
  statement.setReadBigInts(true)
  try {
    return (statement.all(...values) as unknown[][]).map((row) =>
      row.map((value) => (typeof value === 'bigint' ? Number(value) : value)),
    )
  } finally {
    statement.setReadBigInts(false)
  }
}

/** A boolean is stored as 0 or 1. TypeError for a value without a type in SQLite, which must not become null. */
function toSqlValue(value: unknown): SqlValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (
    value === null ||
    typeof value === 'number' ||
    typeof value === 'string' ||
    typeof value === 'bigint' ||
    value instanceof Uint8Array
  )
    return value
  throw new TypeError(`SQLite stores null, a number, a string, a bigint or bytes, got ${describe(value)}`)
}

const describe = (value: unknown): string =>
  value === undefined ? 'undefined' : Object.prototype.toString.call(value)
