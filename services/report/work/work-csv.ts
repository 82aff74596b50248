/** Fertiliser and field work of a year as CSV: UTF-8 with a byte order mark, one line per field and piece of work. */
import { CSV_BOM, csvLines } from '../../runtime/csv.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { subProgress } from '../jobs/progress.ts'
import { readSeasonRecords, type SeasonRecord } from '../season/season-records.ts'
import { missingValueText } from '../formats/labels.ts'
import { readWork } from './read-work.ts'
import { workColumns } from './work-columns.ts'

const RECORDS_SHARE = 0.8 // share of the total time

/** The file's bytes, of one crop when the query names it. */
export async function workCsvFile(
  { state, onProgress }: FileDeps,
  { org, year, crop, lang, unit }: FileQuery,
): Promise<Uint8Array> {
  const records: SeasonRecord[] = []
  const query = { sources: [{ org, share: null }], year, ...(crop === null ? {} : { crop }) }
  for await (const record of readSeasonRecords(state, { ...query, tell: subProgress(onProgress, 0, RECORDS_SHARE) }))
    records.push(record)
  const columns = workColumns(lang, unit)
  const lines = (await readWork(state, records)).map((row) =>
    columns.map(({ cell }) => cell(row) ?? missingValueText(lang)),
  )
  return Buffer.from(CSV_BOM + csvLines([columns.map(({ head }) => head[lang]), ...lines]))
}
