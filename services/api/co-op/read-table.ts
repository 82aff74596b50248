/**
 * Reads an office table into rows of text: XLSX; text with commas, tabs or semicolons in UTF-8 or Shift_JIS;
 * or GeoJSON. Runs in a worker thread.
 */
import Papa from 'papaparse'
import { readSheet } from 'read-excel-file/node'
import { ok, type Result } from '../../../broker/contract/result.ts'
import { isDeeperThan } from '../../runtime/json-depth.ts'
import { checkWorkbook, notAWorkbook } from './check-workbook.ts'
import { isGeojson, readGeojson } from './read-geojson.ts'
import { isEmptyRow } from './table-cells.ts'
import type { Table } from './table-cells.ts'
import { tableFault, type TableFault } from './table-fault.ts'
import { tableLimits, tooLongCell, tooMany } from './table-limits.ts'

/** Reads the first sheet. The error names the expected format, or the limit that is exceeded. */
export async function readTable(bytes: Uint8Array): Promise<Result<Table, TableFault>> {
  const cells = isZip(bytes) ? await readXlsx(bytes) : readText(bytes)
  if (!cells.ok) return cells
  const last = cells.value.findLastIndex((row) => !isEmptyRow(row))
  if (last < 0) return tableFault('empty', 'file: expected a header and rows below it, got an empty table')
  const table = cells.value.slice(0, last + 1)
  const full = table.filter((row) => !isEmptyRow(row)).length
  if (full > tableLimits.rows) return tooMany('rows', full)
  const widest = table.reduce((max, { length }) => Math.max(max, length), 0)
  return widest > tableLimits.columns ? tooMany('columns', widest) : ok(table)
}

const MAX_LINES = 5 * tableLimits.rows

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b

async function readXlsx(bytes: Uint8Array): Promise<Result<Table, TableFault>> {
  const workbook = checkWorkbook(bytes)
  if (!workbook.ok) return workbook
  try {
    return normalised((await readSheet(Buffer.from(workbook.value))).map((row) => row.map(textOf)))
  } catch {
    return notAWorkbook
  }
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  // a date in a sheet is a civil day without a time zone
  if (cell instanceof Date) return cell.toISOString().slice(0, 10)
  return String(cell as string | number | boolean)
}

function readText(bytes: Uint8Array): Result<Table, TableFault> {
  const text = decode(bytes)
  if (text === null)
    return tableFault(
      isProse(bytes) ? 'encoding' : 'format',
      'file: expected XLSX, or text in UTF-8 or Shift_JIS, got another format',
    )
  if (!isGeojson(text)) {
    // empty lines are rows too, as a spreadsheet counts
    const lines = (text.match(/\r\n?|\n/g)?.length ?? 0) + (/[\r\n]$/.test(text) ? 0 : 1)
    if (lines > MAX_LINES) return tooMany('rows', lines)
    return normalised(Papa.parse<string[]>(text).data)
  }
  const { levels } = tableLimits
  if (isDeeperThan(levels, text))
    return tableFault(
      'levels',
      `file: expected GeoJSON of at most ${levels} levels, got more; export it again`,
      { most: levels },
    )
  const table = readGeojson(text)
  return table.ok ? normalised(table.value) : table
}

/** Converts every cell as far as the limits allow: a character may become eighteen. */
function normalised(table: Table): Result<Table, TableFault> {
  let characters = 0
  const rows: Table = []
  for (const row of table) {
    const cells: string[] = []
    for (const text of row) {
      const cell = plain(text)
      if (cell.length > tableLimits.cell) return tooLongCell(cell.length)
      characters += cell.length
      if (characters > tableLimits.characters) return tooMuchText
      cells.push(cell)
    }
    rows.push(cells)
  }
  return ok(rows)
}

const tooMuchText = tableFault(
  'characters',
  `file: expected at most ${tableLimits.characters} characters in all cells, got more; split the table`,
  { most: tableLimits.characters },
)

/**
 * Office programs in Japan write Shift_JIS; nearly any bytes decode as Shift_JIS, so UTF-8 is tried first.
 */
function decode(bytes: Uint8Array): string | null {
  for (const encoding of ['utf-8', 'shift_jis'])
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
      if (!text.includes('\u0000')) return text
    } catch {
      continue
    }
  return null
}

/**
 * Whether bytes are text in another encoding: no binary control characters, or the byte order mark of UTF-16.
 */
const isProse = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) ||
  (bytes[0] === 0xfe && bytes[1] === 0xff) ||
  !bytes.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b))

/** Full-width digits and letters become half-width ones; blanks around them are trimmed. */
const plain = (text: string): string => text.normalize('NFKC').trim()
