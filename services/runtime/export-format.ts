/**
 * The header and the trailer of an export of an organisation: an import checks with them that the file is complete.
 */
import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'

export const EXPORT_VERSION = 1

/** The first line. */
export const ExportHead = Type.Object({
  type: Type.Literal('tilth-export'),
  version: Type.Number(),
  org: Type.String(),
  atMs: Type.Number(),
})
export type ExportHead = Static<typeof ExportHead>
/** The last line, about all lines before it, each with its line break. */
export const ExportTrailer = Type.Object({
  type: Type.Literal('end'),
  lines: Type.Number(),
  sha256: Type.String(),
})
export type ExportTrailer = Static<typeof ExportTrailer>
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
