/** Why a table of members cannot be taken, each with what a person is told of it besides. The words are the dashboard's. */
import { err, type Err } from '../../../broker/contract/result.ts'
import type { ErrorParams } from '../../errors.ts'

/** By the key of the sentence (`people.table.<key>`) the numbers that it names. */
export const tableFaultKeys = {
  empty: [],
  format: [], // neither a workbook nor text
  encoding: [], // text, but neither UTF-8 nor Shift_JIS
  workbook: [], // a zip, but its first sheet cannot be read
  unpacked: ['mostMb'],
  features: [], // GeoJSON without any
  rows: ['came', 'most'],
  columns: ['came', 'most'],
  busy: [], // another table is being read
  'no-farm': [], // the co-operative has none, which would say where its members are
} as const
export type TableFaultKey = keyof typeof tableFaultKeys

export interface TableFault {
  /** for a program: what was expected, and what came */
  message: string
  /** for a person */
  params: ErrorParams & { fault: TableFaultKey }
}

export const tableFault = (
  fault: TableFaultKey,
  message: string,
  numbers: Record<string, number> = {},
): Err<TableFault> => err({ message, params: { fault, ...numbers } })
