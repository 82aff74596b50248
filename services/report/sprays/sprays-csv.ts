/**
 * The confirmed sprays of a year as CSV for the auditor of a scheme: of own fields and of members that share theirs.
 */
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
  crop: string | null // null: all crops
  lang: Lang
  scheme: Scheme
}

const RECORDS_SHARE = 0.7 // share of the total time

/** The file's bytes. Unconfirmed sprays have no record yet and are left out. */
export async function spraysCsvFile(
  { state, nowMs, onProgress }: FileDeps,
  { org, year, crop, lang, scheme }: SpraysQuery,
): Promise<Uint8Array> {
  const { sources } = await readSources(state, org, nowMs)
  const records: SeasonRecord[] = []
  const query = {
    sources,
    year,
    ...(crop === null ? {} : { crop }),
    tell: subProgress(onProgress, 0, RECORDS_SHARE),
  }
  for await (const record of readSeasonRecords(state, query)) records.push(record)
  const rows: SchemeRow[] = []
  for await (const { record: season, sprays } of readDetailRows(state, records))
    for (const { state: sprayState, record } of sprays)
      if (sprayState === 'recorded' && record !== null)
        rows.push({ member: season.farm, timeZone: season.timeZone, record: fromJson(record) })
  return Buffer.from(schemeCsv(scheme, rows, lang))
}
