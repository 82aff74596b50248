/** The few expressions that SQLite and PostgreSQL write differently, for a store of either. */
import { PostgresAdapter, sql, type QueryExecutorProvider, type RawBuilder } from 'kysely'
import type { Day } from '../../broker/contract/time.ts'

type Expression = RawBuilder<unknown>

export interface SqlDialect {
  /** the day `days` after another, which is a text */
  dayPlus(day: Expression, days: number): RawBuilder<Day>
  /** days from one day to another */
  daysBetween(from: Expression, to: Expression): RawBuilder<number>
  /** the text of a key of an object; `json` is a text */
  jsonText(json: Expression, key: string): RawBuilder<string | null>
  /** A table of the elements of a list, each as the column `value`; `list` is a text. */
  jsonElements(list: string): Expression
}

const sqlite: SqlDialect = {
  dayPlus: (day, days) => sql`date(${day}, ${sql.lit(`${days} days`)})`,
  daysBetween: (from, to) => sql`cast(julianday(${to}) - julianday(${from}) as integer)`,
  jsonText: (json, key) => sql`json_extract(${json}, ${sql.lit(`$.${key}`)})`,
  jsonElements: (list) => sql`json_each(${list})`,
}

const postgres: SqlDialect = {
  dayPlus: (day, days) => sql`to_char(cast(${day} as date) + ${sql.lit(days)}, 'YYYY-MM-DD')`,
  daysBetween: (from, to) => sql`(cast(${to} as date) - cast(${from} as date))`,
  jsonText: (json, key) => sql`cast(${json} as json) ->> ${sql.lit(key)}`,
  jsonElements: (list) => sql`json_array_elements(cast(${list} as json))`,
}

/** Whether the store is a database of PostgreSQL. */
export const isPostgres = (db: QueryExecutorProvider): boolean =>
  db.getExecutor().adapter instanceof PostgresAdapter

export const sqlDialect = (db: QueryExecutorProvider): SqlDialect => (isPostgres(db) ? postgres : sqlite)

/** The greater of two expressions, none of them null. */
export const greater = <T>(a: RawBuilder<T>, b: RawBuilder<T>): RawBuilder<T> =>
  sql<T>`case when ${a} > ${b} then ${a} else ${b} end`
