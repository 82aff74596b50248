/** Fertiliser and field work of a year as CSV: UTF-8 with a byte order mark, one line a field and piece of work. */
import { CSV_START, csvLines } from '../../runtime/csv.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { partOf } from '../jobs/progress.ts'
import { seasonRecords, type SeasonRecord } from '../season/season-rows.ts'
import { nothingText } from '../formats/labels.ts'
import { readWork } from './read-work.ts'
import { workColumns } from './work-columns.ts'

const RECORDS = 0.8 // of the time

/** The file's bytes. Of one crop where the query names it. */
export async function workCsvFile(
  { state, tell }: FileDeps,
  { org, year, crop, lang, unit }: FileQuery,
): Promise<Uint8Array> {
  const records: SeasonRecord[] = []
  const own = { sources: [{ org, share: null }], year, ...(crop === null ? {} : { crop }) }
  for await (const record of seasonRecords(state, { ...own, tell: partOf(tell, 0, RECORDS) }))
    records.push(record)
  const columns = workColumns(lang, unit)
  const lines = (await readWork(state, records)).map((row) =>
    columns.map(({ cell }) => cell(row) ?? nothingText(lang)),
  )
  return Buffer.from(CSV_START + csvLines([columns.map(({ head }) => head[lang]), ...lines]))
}
