/** What a change does to a row, for the audit. */

/** The columns that differ, with their values before and after; null: none. */
export function diffRow<Row extends object>(row: Row, next: Partial<Row>) {
  const changed = (Object.keys(next) as (keyof Row)[]).filter((key) => next[key] !== row[key])
  if (changed.length === 0) return null
  const only = (of: Partial<Row>) => Object.fromEntries(changed.map((key) => [key, of[key]])) as Partial<Row>
  return { before: only(row), after: only(next) }
}
