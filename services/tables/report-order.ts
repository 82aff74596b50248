/** Files of a season that people ordered: made one after the other, kept for a day. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export const reportForms = ['xlsx', 'pdf', 'geojson', 'adapt', 'spring', 'work'] as const
export type ReportForm = (typeof reportForms)[number]

/** Of what the file is to tell, and how. */
export interface ReportQuery {
  coop: string // name of the organisation, as it stands in a title
  year: number
  crop: string | null // null: the one with most area
  lang: 'en' | 'ja'
  unit: 'kg/10a' | 't/ha'
  farmId: string | null // of one member alone
}

/** An order. It stands on rows of members, so it is in no export, and its file goes as soon as one of them takes back. */
export interface ReportOrderRow {
  id: string
  org: string
  who: string
  form: ReportForm
  query: Json<ReportQuery>
  askedMs: AtMs
  state: 'waiting' | 'making' | 'done' | 'failed'
  tries: number // how often its making was begun
  toldMs: AtMs | null // the instant that the file tells of
  bytes: number | null
  file: string | null // base64
  code: string | null // of what went wrong; CONFLICT: what members share has changed since
}
