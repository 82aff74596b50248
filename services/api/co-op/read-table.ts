/**
 * Reads an office table into rows of text: XLSX; text with commas, tabs or semicolons in UTF-8 or Shift_JIS;
 * or GeoJSON. Runs in a worker thread.
 */
import Papa from 'papaparse'
import { readSheet } from 'read-excel-file/node'
import { ok, type Result } from '../../../broker/contract/result.ts'
import { isGeojson, readGeojson } from './read-geojson.ts'
import { isEmptyRow } from './table-cells.ts'
import type { Table } from './table-cells.ts'
import { tableFault, type TableFault } from './table-fault.ts'

const MAX_ROWS = 20_000
const MAX_COLUMNS = 60
const MAX_UNPACKED_MB = 40

/** Reads the first sheet. The error names the expected format. */
export async function readTable(bytes: Uint8Array): Promise<Result<Table, TableFault>> {
  const cells = isZip(bytes) ? await readXlsx(bytes) : readText(bytes)
  if (!cells.ok) return cells
  const last = cells.value.findLastIndex((row) => !isEmptyRow(row))
  if (last < 0) return tableFault('empty', 'file: expected a header and rows below it, got an empty table')
  const table = cells.value.slice(0, last + 1)
  const full = table.filter((row) => !isEmptyRow(row)).length
  if (full > MAX_ROWS) return failTooMany('rows', MAX_ROWS, full)
  const widest = table.reduce((max, { length }) => Math.max(max, length), 0)
  return widest > MAX_COLUMNS ? failTooMany('columns', MAX_COLUMNS, widest) : ok(table)
}

const failTooMany = (kind: 'rows' | 'columns', max: number, received: number) =>
  tableFault(kind, `file: expected at most ${max} ${kind}, got ${received}`, { most: max, received })

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b

async function readXlsx(bytes: Uint8Array): Promise<Result<Table, TableFault>> {
  const unpacked = unpackedBytes(bytes)
  if (unpacked !== null && unpacked > MAX_UNPACKED_MB * 1e6)
    return tableFault('unpacked', `file: expected an XLSX of at most ${MAX_UNPACKED_MB} MB when unpacked`, {
      mostMb: MAX_UNPACKED_MB,
    })
  if (unpacked === null) return NO_WORKBOOK
  try {
    const rows = await readSheet(Buffer.from(bytes))
    return ok(rows.map((row) => row.map(textOf)))
  } catch {
    return NO_WORKBOOK
  }
}
const NO_WORKBOOK = tableFault('workbook', 'file: looks like an XLSX, but its first sheet cannot be read')

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  // a date in a sheet is a civil day without a time zone
  if (cell instanceof Date) return cell.toISOString().slice(0, 10)
  return plain(String(cell as string | number | boolean))
}

function readText(bytes: Uint8Array): Result<Table, TableFault> {
  const text = decode(bytes)
  if (text === null)
    return tableFault(
      isProse(bytes) ? 'encoding' : 'format',
      'file: expected XLSX, or text in UTF-8 or Shift_JIS, got another format',
    )
  if (isGeojson(text)) return readGeojson(text, plain)
  const { data } = Papa.parse<string[]>(text)
  return ok(data.map((row) => row.map(plain)))
}

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

/** Converts full-width digits and letters to half-width ones and trims blanks. */
const plain = (text: string): string => text.normalize('NFKC').trim()

const END_OF_ZIP = 0x06054b50
const ENTRY_OF_ZIP = 0x02014b50

/** The total unpacked size declared by a zip (APPNOTE 4.3.12, 4.3.16); null: it has no directory. */
function unpackedBytes(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - 22
  while (end >= 0 && view.getUint32(end, true) !== END_OF_ZIP) end--
  if (end < 0) return null
  let offset = view.getUint32(end + 16, true)
  let sum = 0
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (offset + 46 > bytes.length || view.getUint32(offset, true) !== ENTRY_OF_ZIP) return null
    sum += view.getUint32(offset + 24, true)
    offset +=
      46 +
      view.getUint16(offset + 28, true) +
      view.getUint16(offset + 30, true) +
      view.getUint16(offset + 32, true)
  }
  return sum
}
