/**
 * The rows of a snapshot by a column. A plan reads the rows of each of a thousand zones in turn, so an array is
 * indexed once, at the first access. The array must not change afterwards.
 */
type Key<T> = keyof T & string

const sorted = new WeakMap<readonly object[], Map<string, Map<unknown, object[]>>>()
const noRows: readonly never[] = []

/** All rows with that value, in their order. */
export function rowsBy<T extends object, K extends Key<T>>(
  rows: readonly T[],
  key: K,
  value: T[K],
): readonly T[] {
  let byKey = sorted.get(rows)
  if (!byKey) sorted.set(rows, (byKey = new Map()))
  let byValue = byKey.get(key)
  if (!byValue) byKey.set(key, (byValue = groupBy(rows, key)))
  return (byValue.get(value) as T[] | undefined) ?? noRows
}

/** The first row with that value. */
export const rowBy = <T extends object, K extends Key<T>>(
  rows: readonly T[],
  key: K,
  value: T[K],
): T | undefined => rowsBy(rows, key, value)[0]

function groupBy<T extends object>(rows: readonly T[], key: Key<T>): Map<unknown, object[]> {
  const groups = new Map<unknown, object[]>()
  for (const row of rows) {
    const group = groups.get(row[key])
    if (group) group.push(row)
    else groups.set(row[key], [row])
  }
  return groups
}
