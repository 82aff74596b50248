/**
 * Limits of a members table. The largest table that an office sends (2,000 members, 20,000 fields) fits; a file beyond
 * a limit is rejected before a library builds what it describes.
 */
import { tableFault } from './table-fault.ts'

export const tableLimits = {
  rows: 20_000,
  columns: 60,
  /** characters in a cell: what a spreadsheet can hold, and an outline of 2,000 corners in a CSV */
  cell: 100_000,
  /** characters in all cells, after full-width characters were converted */
  characters: 10_000_000,
  /** levels of a GeoJSON */
  levels: 20,
  unpackedMb: 40,
  /** files in an XLSX */
  entries: 1_000,
  /** of a thread that reads one file */
  heapMb: 128,
  seconds: 20,
} as const

/** Rows of a spreadsheet, filled in or not. */
export const SPREADSHEET_ROWS = 1_048_576

/** A table with too many rows or columns. */
export const tooMany = (kind: 'rows' | 'columns', received: number) =>
  tableFault(
    kind,
    `file: expected at most ${tableLimits[kind]} ${kind}, got ${received}; ${kind === 'rows' ? 'split the table' : 'remove the columns that are not needed'}`,
    { most: tableLimits[kind], received },
  )

/** A cell with too much text. */
export const tooLongCell = (received: number) =>
  tableFault(
    'cell',
    `file: expected at most ${tableLimits.cell} characters in a cell, got ${received}; shorten the cell`,
    { most: tableLimits.cell, received },
  )
