/**
 * Why a members table is rejected as a whole, with the parameters of its message. The dashboard has the
 * texts.
 */
import { err, type Err } from '../../../broker/contract/result.ts'
import type { ErrorParams } from '../../errors.ts'

/** By message key (`people.table.<key>`), the numbers in the message. */
export const tableFaultKeys = {
  empty: [],
  format: [], // neither a workbook nor text
  encoding: [], // text, but neither UTF-8 nor Shift_JIS
  workbook: [], // a zip, but its first sheet cannot be read
  unpacked: ['mostMb'],
  features: [], // GeoJSON without features
  rows: ['received', 'most'],
  columns: ['received', 'most'],
  cell: ['received', 'most'], // characters in one cell
  characters: ['most'], // characters in all cells
  levels: ['most'], // of a GeoJSON
  time: ['mostS'], // reading takes too long
  memory: [], // reading takes too much memory
  busy: [], // another table of the organisation is being read
  'no-farm': [], // the co-operative has no farm that locates its members
} as const
export type TableFaultKey = keyof typeof tableFaultKeys

export interface TableFault {
  /** for a program: expected and received */
  message: string
  /** for a person */
  params: ErrorParams & { fault: TableFaultKey }
}

export const tableFault = (
  fault: TableFaultKey,
  message: string,
  numbers: Record<string, number> = {},
): Err<TableFault> => err({ message, params: { fault, ...numbers } })
