/** The confirmed sprays of a year as CSV for the auditor of a scheme: of the own fields and of members that share theirs. */
import { fromJson } from '../../tables.ts'
import type { Lang } from '../formats/basis-text.ts'
import type { FileDeps } from '../jobs/file-query.ts'
import { subProgress } from '../jobs/progress.ts'
import { readDetailRows } from '../season/read-report.ts'
import { readSeasonRecords, type SeasonRecord } from '../season/season-records.ts'
import { readSources } from '../season/sharing.ts'
import { schemeCsv, type Scheme, type SchemeRow } from './scheme-csv.ts'

export interface SpraysQuery {
  org: string
  year: number
  crop: string | null // null: of all
  lang: Lang
  scheme: Scheme
}

const RECORDS_SHARE = 0.7 // of the time

/** The file's bytes. What is not confirmed is no record yet, and does not stand in it. */
export async function spraysCsvFile(
  { state, nowMs, onProgress: tell }: FileDeps,
  { org, year, crop, lang, scheme }: SpraysQuery,
): Promise<Uint8Array> {
  const { sources } = await readSources(state, org, nowMs)
  const records: SeasonRecord[] = []
  const asked = {
    sources,
    year,
    ...(crop === null ? {} : { crop }),
    tell: subProgress(tell, 0, RECORDS_SHARE),
  }
  for await (const record of readSeasonRecords(state, asked)) records.push(record)
  const rows: SchemeRow[] = []
  for await (const { record: of, sprays } of readDetailRows(state, records))
    for (const { state: stands, record } of sprays)
      if (stands === 'recorded' && record !== null)
        rows.push({ member: of.farm, timeZone: of.timeZone, record: fromJson(record) })
  return Buffer.from(schemeCsv(scheme, rows, lang))
}
