/** How many rows each table of a SQLite file has. */
import { openDatabase } from '../../broker/sqlite/database.ts'

export type RowCounts = Record<string, number>

/** By table. The file must not be written meanwhile. */
export function countRows(path: string): RowCounts {
  const database = openDatabase(path)
  try {
    const tables = database
      .prepare(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' order by name",
      )
      .all() as { name: string }[]
    return Object.fromEntries(
      tables.map(({ name }) => {
        const [row] = database.prepare(`select count(*) as n from "${name}"`).all() as { n: number }[]
        return [name, row!.n]
      }),
    )
  } finally {
    database.close()
  }
}
