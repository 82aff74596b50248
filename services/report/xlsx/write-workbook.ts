/** Writes sheets as an XLSX file; the same sheets give the same bytes. */
import writeXlsxFile, { type Cell, type Sheet as XlsxSheet } from 'write-excel-file/node'
import { disarmed } from '../disarmed.ts'
import type { Sheet } from './table.ts'
import { withFixedDates } from './zip-dates.ts'

const WIDEST = 40

export async function writeWorkbook(sheets: readonly Sheet[]): Promise<Uint8Array> {
  const file = await writeXlsxFile(sheets.map(xlsxSheet)).toBuffer()
  return withFixedDates(file)
}

function xlsxSheet({ name, about, heads, isText, rows }: Sheet) {
  const top = about.map(([label, value]): Cell[] => [headCell(label), textCell(value)])
  const data: Cell[][] = [...top, [], heads.map(headCell), ...rows.map((row) => row.map(cellOf))]
  return {
    data,
    sheet: name,
    stickyRowsCount: top.length + 2,
    columns: heads.map((head, at) => ({
      width: isText[at] ? Math.min(WIDEST, longest(rows, at, head) + 2) : 14,
    })),
  } satisfies XlsxSheet<never>
}

const cellOf = (value: string | number): Cell =>
  typeof value === 'number' ? { value, type: Number } : value === '' ? null : textCell(value)
const textCell = (value: string): Cell => ({ value: disarmed(value), type: String })
const headCell = (value: string): Cell => ({
  value: disarmed(value),
  type: String,
  fontWeight: 'bold',
  wrap: true,
})

/** A Japanese character is twice as wide as a Latin one. */
const widthOf = (text: string): number =>
  text.length + (text.match(/[\u3000-\u9fff\uff00-\uffef]/g)?.length ?? 0)
const longest = (rows: readonly (string | number)[][], at: number, head: string): number =>
  rows.reduce((most, row) => Math.max(most, widthOf(String(row[at] ?? ''))), Math.min(14, widthOf(head)))
