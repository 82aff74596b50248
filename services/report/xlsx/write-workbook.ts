/** Writes sheets as an XLSX file; the same sheets give the same bytes. */
import writeXlsxFile, { type Cell, type Sheet as XlsxSheet } from 'write-excel-file/node'
import type { Sheet } from './table.ts'
import { escapeFormula } from '../../runtime/csv.ts'

const WIDEST = 40

/** Text that a spreadsheet would run as a formula is escaped; `''` is an empty cell. */
export async function writeWorkbook(sheets: readonly Sheet[]): Promise<Uint8Array> {
  const file = await writeXlsxFile(sheets.map(xlsxSheet)).toBuffer()
  return withFixedDates(file)
}

function xlsxSheet({ name, about: provenance, heads, isText, rows }: Sheet) {
  const top = provenance.map(([label, value]): Cell[] => [headCell(label), textCell(value)])
  const data: Cell[][] = [...top, [], heads.map(headCell), ...rows.map((row) => row.map(cellOf))]
  return {
    data,
    sheet: name,
    stickyRowsCount: top.length + 2,
    columns: heads.map((head, index) => ({
      width: isText[index] ? Math.min(WIDEST, longest(rows, index, head) + 2) : 14,
    })),
  } satisfies XlsxSheet<never>
}

const cellOf = (value: string | number): Cell =>
  typeof value === 'number' ? { value, type: Number } : value === '' ? null : textCell(value)
const textCell = (value: string): Cell => ({ value: escapeFormula(value), type: String })
const headCell = (value: string): Cell => ({
  value: escapeFormula(value),
  type: String,
  fontWeight: 'bold',
  wrap: true,
})

/** A Japanese character is twice as wide as a Latin one. */
const widthOf = (text: string): number =>
  text.length + (text.match(/[\u3000-\u9fff\uff00-\uffef]/g)?.length ?? 0)
const longest = (rows: readonly (string | number)[][], at: number, head: string): number =>
  rows.reduce((max, row) => Math.max(max, widthOf(String(row[at] ?? ''))), Math.min(14, widthOf(head)))

/**
 * A ZIP file contains the time of each entry and would differ from second to second: all entries get the first day that
 * the format supports. APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16.
 */
const END = 0x06054b50
const ENTRY = 0x02014b50
const FIRST_DAY = 0x0021

/** Changes `zip` in place and returns it. RangeError when it is not a ZIP file. */
export function withFixedDates(zip: Buffer): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new RangeError('not a ZIP file')
  let offset = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(offset) !== ENTRY) throw new RangeError('a ZIP file without its list of parts')
    const local = zip.readUInt32LE(offset + 42)
    for (const times of [offset + 12, local + 10]) {
      zip.writeUInt16LE(0, times)
      zip.writeUInt16LE(FIRST_DAY, times + 2)
    }
    offset +=
      46 + zip.readUInt16LE(offset + 28) + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32)
  }
  return zip
}
