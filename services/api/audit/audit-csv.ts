/**
 * The audit as CSV, from the first line on. Codes, details and hashes are exported as stored, so that the
 * chain can be recomputed from the file.
 */
import { CSV_BOM, csvLines } from '../../runtime/csv.ts'
import type { State } from '../../ports.ts'
import type { AuditFilter, AuditLine } from './audit-schemas.ts'
import { auditPage } from './audit-queries.ts'

const columns: [name: string, cell: (line: AuditLine) => string | number][] = [
  ['n', ({ n }) => n],
  ['time', ({ atMs }) => new Date(atMs).toISOString()],
  ['kind', ({ kind }) => kind],
  ['actor', ({ actor }) => actor],
  ['actor_name', ({ actorName }) => actorName ?? ''],
  ['action', ({ action }) => action],
  ['subject', ({ subject }) => subject],
  ['subject_name', ({ subjectName }) => subjectName ?? ''],
  ['detail', ({ detail }) => JSON.stringify(detail)],
  ['hash', ({ hash }) => hash],
]
const LINES_PER_PAGE = 200

/** Yields chunks of text. */
export async function* auditCsv(state: State, org: string, filter: AuditFilter): AsyncGenerator<string> {
  yield CSV_BOM + csvLines([columns.map(([name]) => name)])
  for (let after = 0; ;) {
    const page = await auditPage(state, { ...filter, org, after, limit: LINES_PER_PAGE })
    if (page.length > 0) yield csvLines(page.map((line) => columns.map(([, cell]) => cell(line))))
    if (page.length < LINES_PER_PAGE) return
    after = page.at(-1)!.n
  }
}
