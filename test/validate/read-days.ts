/** Days of a CSV with column names in its first line, one of them `date`. Pure. */
import Papa from 'papaparse'
import { addDays, type Day } from '../../broker/contract/time.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'

/** One line: its day, and the number of every requested column, null for an empty cell. */
export type DayOf<Column extends string> = { day: Day } & Record<Column, number | null>

/** The error names file, line and column. */
export function readDays<Column extends string>(
  text: string,
  name: string,
  columns: readonly Column[],
): Result<DayOf<Column>[]> {
  const rows = Papa.parse<string[]>(text.replace(/^\uFEFF/, '').trim(), { skipEmptyLines: true }).data
  const header = rows[0]?.map((cell) => cell.trim()) ?? []
  const missing = ['date', ...columns].filter((column) => !header.includes(column))
  if (missing.length > 0)
    return err(`${name}: line 1: no column ${missing.join(', ')}; it has ${header.join(', ') || 'nothing'}`)
  const days: DayOf<Column>[] = []
  for (const [i, row] of rows.slice(1).entries()) {
    const day = row[header.indexOf('date')]?.trim() ?? ''
    if (!isDay(day)) return err(`${name}: line ${i + 2}: date: expected a day like 2012-07-06, got "${day}"`)
    const numbers = {} as Record<Column, number | null>
    for (const column of columns) {
      const cell = row[header.indexOf(column)]?.trim() ?? ''
      const value = cell === '' ? null : Number(cell)
      if (value !== null && !Number.isFinite(value))
        return err(`${name}: line ${i + 2}: ${column}: expected a number or nothing, got "${cell}"`)
      numbers[column] = value
    }
    days.push({ day, ...numbers })
  }
  return ok(days)
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
  addDays(text, 0) === text

/** A line without missing numbers. */
export type Whole<Row> = { [Key in keyof Row]: NonNullable<Row[Key]> }

/** Only the complete days: gaps are skipped, never filled. */
export const wholeDays = <Row extends { day: Day }>(days: readonly Row[]): Whole<Row>[] =>
  days.filter((day): day is Row & Whole<Row> => Object.values(day).every((value) => value !== null))

/** `2003-2014`, of days in order. */
export const yearsOf = (days: readonly { day: Day }[]): string => {
  const [first, last] = [days[0]?.day.slice(0, 4), days.at(-1)?.day.slice(0, 4)]
  return first === undefined ? 'no days' : first === last ? first : `${first}-${last}`
}
