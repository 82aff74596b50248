/** Why a cell of a members table cannot be used. */
import type { Column } from './table-words.ts'

export type CellFault =
  | 'missing'
  | 'no-column' // the header has no such column, and it is required
  | 'unknown'
  | 'not-a-number'
  | 'out-of-range'
  | 'not-a-day'
  | 'duplicate' // the same field of the same member is in a row above
  | 'conflict' // contradicts another cell or a row above
  | 'too-long'
  | 'too-small' // an area below one are in a column of ares: probably hectares

/** The text of a cell in the current row. */
export type Cell = (column: Column) => string
/** Reports the fault of a cell. */
export type ReportFault = (column: Column, fault: CellFault) => null
