/** The season as PDF: of the co-operative, or of one of its members. */
import { fail } from '../../errors.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { subProgress } from '../jobs/progress.ts'
import { readSource } from '../season/season-source.ts'
import { memberId } from '../season/season-view.ts'
import { memberDocument } from './member-document.ts'
import { seasonDocument } from './season-document.ts'

const READ_SHARE = 0.75 // share of the total time

/** The file's bytes. NOT_FOUND when the report has no such member. */
export async function seasonPdf(deps: FileDeps, query: FileQuery): Promise<Uint8Array> {
  const { onProgress } = deps
  const source = await readSource(deps, query, subProgress(onProgress, 0, READ_SHARE))
  const { writePdf } = await import('./write-pdf.ts') // loaded on demand: it brings the fonts
  return writePdf(documentOf(), subProgress(onProgress, READ_SHARE, 1))

  function documentOf() {
    if (query.farmId === null) return seasonDocument(source, query)
    const member = source.read.report.members.find((candidate) => memberId(candidate) === query.farmId)
    if (!member) fail('NOT_FOUND', `the season ${query.year} has no member ${query.farmId.slice(0, 64)}`)
    return memberDocument(source, member, query)
  }
}
