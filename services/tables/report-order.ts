/** Ordered report files: made one after another, stored for 24 h. */
import Type, { type Static } from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

export const reportFormats = ['xlsx', 'xlsx-all', 'pdf', 'geojson', 'adapt', 'spring', 'work'] as const
export type ReportFormat = (typeof reportFormats)[number]
/** Formats of all crops of the year. */
export const formatsOfAllCrops: ReadonlySet<ReportFormat> = new Set(['xlsx-all', 'spring'])

/** The query of an ordered file. */
const ReportQuery = Type.Object({
  coop: Type.String(), // name of the organisation, for the title
  year: Type.Number(),
  crop: OrNull(Type.String()), // null: the one with the largest area
  lang: Type.Enum(['en', 'ja']),
  unit: Type.Enum(['kg/10a', 't/ha']),
  farmId: OrNull(Type.String()), // of one member only
})
export type ReportQuery = Static<typeof ReportQuery>
export const readReportQuery = jsonColumn('reportOrder.query', ReportQuery)

/**
 * An order. Its file contains members' data, so it is in no export and is deleted as soon as a member changes its
 * consent.
 */
export interface ReportOrderRow {
  id: string
  org: string
  requestedBy: string
  format: ReportFormat
  query: Json<ReportQuery>
  requestedMs: AtMs
  state: 'waiting' | 'running' | 'done' | 'failed'
  attempts: number // number of attempts
  asOfMs: AtMs | null // the instant that the file describes
  bytes: number | null
  file: string | null // gzip, base64
  code: string | null // of the failure; CONFLICT: consent has changed since
}
