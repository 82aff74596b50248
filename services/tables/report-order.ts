/** Ordered report files: made one after another, stored for 24 h. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export const reportFormats = ['xlsx', 'pdf', 'geojson', 'adapt', 'spring', 'work'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** The query of an ordered file. */
export interface ReportQuery {
  coop: string // name of the organisation, for the title
  year: number
  crop: string | null // null: the one with the largest area
  lang: 'en' | 'ja'
  unit: 'kg/10a' | 't/ha'
  farmId: string | null // of one member only
}

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
