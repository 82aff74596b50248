/** Parses single cells of a table: numbers, areas and days as people write them. Pure. */
import { isDay } from '../../../broker/contract/time.ts'
import type { CellFault } from './member-fault.ts'
import type { Column } from './table-words.ts'

/** The cells of every row, including empty rows: row numbers match the spreadsheet. */
export type Table = string[][]

/** Cells are trimmed when a table is read: a row of blanks is empty too. */
export const isEmptyRow = (row: readonly string[]): boolean => row.every((cell) => cell === '')

/** 1,234.5 and 1234.5; null: not a number. */
export function parseNumber(text: string): number | null {
  const plain = text.replace(/(?<=\d),(?=\d{3})/g, '')
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null
}

const M2_PER_UNIT = { areaA: 100, areaHa: 10_000, areaM2: 1 } as const
const MIN_M2 = 1
/** Offices write 0.12 for 0.12 ha into a column of ares: a field of less than one are needs its area in m2. */
const MIN_ARES = 1
const MAX_M2 = 100_000_000
/** Two columns may state the same area in different units, rounded. */
const SAME_TOLERANCE = 0.02

/** The area in m2 from the columns that are filled in. */
export function parseAreaM2(
  cell: (column: Column) => string,
  fault: (column: Column, cellFault: CellFault) => null,
): number | null {
  const areasM2: number[] = []
  for (const column of ['areaM2', 'areaA', 'areaHa'] as const) {
    if (cell(column) === '') continue
    const value = parseNumber(cell(column))
    if (value === null) return fault(column, 'not-a-number')
    const areaM2 = Math.round(value * M2_PER_UNIT[column] * 1_000) / 1_000
    if (!(areaM2 >= MIN_M2 && areaM2 <= MAX_M2)) return fault(column, 'out-of-range')
    const isStatedTwice = areasM2.length > 0
    if (column === 'areaA' && value < MIN_ARES && !isStatedTwice) return fault(column, 'too-small')
    if (areasM2.some((other) => Math.abs(other - areaM2) > SAME_TOLERANCE * other))
      return fault(column, 'conflict')
    areasM2.push(areaM2)
  }
  return areasM2[0] ?? fault('areaA', 'missing')
}

/** The year before the first year of an era. */
const ERAS: Record<string, number> = { 令和: 2018, r: 2018, 平成: 1988, h: 1988 }

/** 2026-05-18, 2026/5/18, 2026年5月18日, 令和8年5月18日, R8.5.18; null: not a day. */
export function parseDay(text: string): string | null {
  const match = /^(令和|平成|[rh])?\s*(\d{1,4}|元)[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?$/i.exec(text)
  if (!match) return null
  const [, era, yearText, month, date] = match
  const yearOf = yearText === '元' ? 1 : Number(yearText)
  if (era === undefined && yearText!.length !== 4) return null
  const year = era === undefined ? yearOf : ERAS[era.toLowerCase()]! + yearOf
  const day = `${year}-${month!.padStart(2, '0')}-${date!.padStart(2, '0')}`
  return isDay(day) ? day : null
}
