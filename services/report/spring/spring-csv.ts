/** The SPRING water table as CSV: UTF-8 with a byte order mark, one line per member and product, then the group. */
import { CSV_BOM, csvLines } from '../../runtime/csv.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { missingValueText } from '../formats/labels.ts'
import { readSpring } from './read-spring.ts'
import { springColumns } from './spring-columns.ts'
import { springWater } from './spring-water.ts'

/** The file's bytes. Year and crop of the query are ignored: it covers the last 12 months and all products. */
export async function springCsvFile(
  { state, nowMs, onProgress }: FileDeps,
  { org, lang }: FileQuery,
): Promise<Uint8Array> {
  const { span, fields } = await readSpring(state, org, nowMs, onProgress)
  const columns = springColumns(lang)
  const lines = springWater(fields, span.fromDay).map((line) => [
    ...columns.map(({ cell }) => cell(line) ?? missingValueText(lang)),
    ...[span.fromDay, span.throughDay],
  ])
  const heads = [
    ...columns.map(({ head }) => head[lang]),
    ...(lang === 'ja' ? ['初日', '最終日'] : ['From', 'Through']),
  ]
  return Buffer.from(CSV_BOM + csvLines([heads, ...lines]))
}
