/** How a person wants a table: by which column it is sorted, and which columns are left out. */
export interface TableChoice {
  by: string | null // null: as the server sends it
  isDown: boolean
  hidden: readonly string[]
}

/** A column of a table: its heading, what the table is sorted by, and its text. */
export interface TableColumn<Row> {
  key: string
  text: string
  value: ((row: Row) => string | number | null) | null // null: not sorted by, and always shown
  cell?(row: Row): string // absent: the table draws it
  foot?: string // below the rows
  isText?: boolean // aligned like words, and may break
}

export const asSent: TableChoice = { by: null, isDown: false, hidden: [] }

/** A press on a heading: upwards, downwards, then as sent. */
export function pressed(choice: TableChoice, column: string): TableChoice {
  if (choice.by !== column) return { ...choice, by: column, isDown: false }
  return choice.isDown ? { ...choice, by: null, isDown: false } : { ...choice, isDown: true }
}

/** The rows in order; equal ones stay as they are, and an unknown value is last in both directions. */
export function sortRows<T>(
  rows: readonly T[],
  valueOf: (row: T) => string | number | null,
  { isDown }: Pick<TableChoice, 'isDown'>,
  language: string,
): T[] {
  const { compare } = new Intl.Collator(language, { numeric: true })
  const sign = isDown ? -1 : 1
  return [...rows].sort((rowA, rowB) => {
    const [a, b] = [valueOf(rowA), valueOf(rowB)]
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b)))
  })
}

/** Reads a stored choice; of another shape it is as if none was stored. */
export function parseTableChoice(text: string | null): TableChoice {
  let stored: Partial<Record<keyof TableChoice, unknown>>
  try {
    stored = (JSON.parse(text ?? 'null') as typeof stored | null) ?? {}
  } catch {
    stored = {}
  }
  return {
    by: typeof stored.by === 'string' ? stored.by : null,
    isDown: stored.isDown === true,
    hidden: Array.isArray(stored.hidden) ? stored.hidden.filter((name) => typeof name === 'string') : [],
  }
}
