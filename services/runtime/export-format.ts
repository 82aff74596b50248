/** How an export of an organisation begins and ends: whoever takes one in sees whether all of it is there. */
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
/** The last line: of all lines before it, each with its line break. */
export interface ExportTrailer {
  type: 'end'
  lines: number
  sha256: string
}
/** Lines with the end that tells whether all of them are there. */
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
