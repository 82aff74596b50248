/**
 * An XLSX that is safe to hand to a library: the library builds every row and column up to the last cell, whatever the
 * file's size, and takes quadratic time for a long text. This module unpacks within limits, checks each cell reference
 * and each text with the kind of XML parser that the library uses, and packs what it has checked again, so that the
 * library cannot read anything else.
 */
import { unzipSync, zipSync, type Unzipped } from 'fflate'
import { Parser } from 'saxen'
import { ok, type Err, type Result } from '../../../broker/contract/result.ts'
import { tableFault, type TableFault } from './table-fault.ts'
import { SPREADSHEET_ROWS, tableLimits, tooLongCell, tooMany } from './table-limits.ts'

/** The checked parts of the workbook, as a zip without compression; or the first fault. */
export function checkWorkbook(bytes: Uint8Array): Result<Uint8Array, TableFault> {
  try {
    const parts = unpack(bytes)
    for (const part of Object.values(parts)) checkXml(new TextDecoder().decode(part))
    return ok(zipSync(parts, { level: 0 }))
  } catch (error) {
    return error instanceof Rejection ? error.fault : notAWorkbook
  }
}

export const notAWorkbook = tableFault(
  'workbook',
  'file: looks like an XLSX, but its first sheet cannot be read; save it again as XLSX or CSV',
)

/** Leaves the parser, which has no other way to be stopped. */
class Rejection extends Error {
  readonly fault: Err<TableFault>
  constructor(fault: Err<TableFault>) {
    super(fault.error.message)
    this.fault = fault
  }
}

/** The XML parts. A part never unpacks to more than the size that the zip declares for it. */
function unpack(bytes: Uint8Array): Unzipped {
  let entries = 0
  let unpackedBytes = 0
  return unzipSync(bytes, {
    filter({ name, originalSize }) {
      if (++entries > tableLimits.entries) throw new Rejection(notAWorkbook)
      if (!name.endsWith('.xml') && !name.endsWith('.xml.rels')) return false
      unpackedBytes += originalSize
      if (unpackedBytes > tableLimits.unpackedMb * 1e6) throw new Rejection(tooLargeUnpacked(unpackedBytes))
      return true
    },
  })
}

const tooLargeUnpacked = (bytes: number) =>
  tableFault(
    'unpacked',
    `file: expected an XLSX of at most ${tableLimits.unpackedMb} MB when unpacked, got ${Math.ceil(bytes / 1e6)} MB or more; save only the sheet that you need`,
    { mostMb: tableLimits.unpackedMb },
  )

/** A tag with its attributes. */
const MAX_TAG = 32_768

function checkXml(xml: string): void {
  for (let open = xml.indexOf('<'); open >= 0;) {
    const close = xml.indexOf('>', open)
    if (close < 0 || close - open > MAX_TAG) throw new Rejection(notAWorkbook)
    open = xml.indexOf('<', close)
  }
  let rows = 0
  let row = 0 // of the row element; 0: not given
  let cell: Position | null = null
  let isShared = false // within a shared text
  let characters = 0 // of the cell or the shared text
  const parser = new Parser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('openTag', (tag, attributes, decode) => {
    const name = localName(tag)
    if (cell === null && !isShared) characters = 0
    if (name === 'row') {
      if (++rows > SPREADSHEET_ROWS) throw new Rejection(notAWorkbook)
      row = Math.max(0, ...references(attributes(), decode).map(rowNumber))
    } else if (name === 'c')
      cell = references(attributes(), decode).map(position).reduce(furthest, { row, column: 0 })
    else if (name === 'si') isShared = true
    else if (cell !== null) checkPosition(cell) // it has content; a cell without any only has a format
  })
  parser.on('closeTag', (tag) => {
    const name = localName(tag)
    if (name === 'c') cell = null
    if (name === 'si') isShared = false
  })
  for (const event of ['text', 'cdata', 'comment', 'attention', 'question'] as const)
    parser.on(event as 'cdata', ({ length }) => {
      characters += length
      if (characters > tableLimits.cell) throw new Rejection(tooLongCell(characters))
    })
  parser.parse(xml)
}

interface Position {
  row: number
  column: number
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** Every attribute `r`, whatever its prefix: the library takes the last one. */
const references = (attributes: Record<string, string>, decode: (text: string) => string): string[] =>
  Object.entries(attributes)
    .filter(([name]) => localName(name) === 'r' && !name.startsWith('xmlns:'))
    .map(([, value]) => decode(value))

function rowNumber(text: string): number {
  const row = Number(text)
  if (!/^\d{1,7}$/.test(text) || row > SPREADSHEET_ROWS) throw new Rejection(notAWorkbook)
  return row
}

/** AB12 -> row 12, column 28. */
function position(reference: string): Position {
  const [, letters, digits] = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference) ?? []
  if (letters === undefined || digits === undefined) throw new Rejection(notAWorkbook)
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)
  return { row: rowNumber(digits), column }
}

const furthest = (a: Position, b: Position): Position => ({
  row: Math.max(a.row, b.row),
  column: Math.max(a.column, b.column),
})

function checkPosition({ row, column }: Position): void {
  if (row > tableLimits.rows) throw new Rejection(tooMany('rows', row))
  if (column > tableLimits.columns) throw new Rejection(tooMany('columns', column))
}
