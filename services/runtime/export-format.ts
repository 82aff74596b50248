/**
 * The header and the trailer of an export of an organisation: an import checks with them that the file is complete.
 */
import { createHash } from 'node:crypto'
import type { AtMs } from '../../broker/contract/time.ts'

export const EXPORT_VERSION = 1

/** The first line. */
export interface ExportHead {
  type: 'tilth-export'
  version: number
  org: string
  atMs: AtMs
}
/** The last line, about all lines before it, each with its line break. */
export interface ExportTrailer {
  type: 'end'
  lines: number
  sha256: string
}
/** Appends the trailer to the lines. */
export async function* withTrailer(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let count = 0
  for await (const line of lines) {
    hash.update(line)
    count += 1
    yield line
  }
  yield (
    JSON.stringify({ type: 'end', lines: count, sha256: hash.digest('hex') } satisfies ExportTrailer) + '\n'
  )
}
