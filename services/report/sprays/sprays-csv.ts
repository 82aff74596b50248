/** The confirmed sprays of a year as CSV for the auditor of a scheme: of the own fields and of members that share theirs. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { fromJson } from '../../tables.ts'
import type { Lang } from '../basis-text.ts'
import { readListed } from '../read-report.ts'
import { seasonRecords, type SeasonRecord } from '../season-rows.ts'
import { sourcesOf } from '../shared.ts'
import { schemeCsv, type Scheme, type SchemeRow } from './scheme-csv.ts'

export interface SpraysQuery {
  org: string
  year: number
  crop: string | null // null: of all
  lang: Lang
  scheme: Scheme
}

/** The file's text. What is not confirmed is no record yet, and does not stand in it. */
export async function spraysCsv(
  state: State,
  { org, year, crop, lang, scheme }: SpraysQuery,
  nowMs: AtMs,
): Promise<string> {
  const { sources } = await sourcesOf(state, org, nowMs)
  const records: SeasonRecord[] = []
  for await (const record of seasonRecords(state, { sources, year, ...(crop === null ? {} : { crop }) }))
    records.push(record)
  const rows: SchemeRow[] = []
  for await (const { record: of, sprays } of readListed(state, records))
    for (const { state: stands, record } of sprays)
      if (stands === 'recorded' && record !== null)
        rows.push({ member: of.farm, timeZone: of.timeZone, record: fromJson(record) })
  return schemeCsv(scheme, rows, lang)
}
