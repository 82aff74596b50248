/**
 * An export of an organisation (GET /api/export), line by line: header, rows and trailer. A truncated or changed
 * file is rejected before anything is done with it, so an import reads the file twice.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fail } from '../errors.ts'
import { EXPORT_VERSION, type ExportTrailer, type ExportHead } from '../runtime/export-format.ts'
import type { Reading } from '../ports.ts'

export type ExportRow = Record<string, string | number | null>
export type ExportLine =
  | { type: 'row'; table: string; row: ExportRow }
  | { type: 'member'; member: object }
  | { type: 'dead-letter'; device: string }
  | ({ type: 'reading' } & Reading)

const kinds = new Set(['row', 'member', 'dead-letter', 'reading'])

/** Reads the file to its end. NOT_FOUND, STORE_CORRUPT with the line. */
export async function checkExport(path: string): Promise<ExportHead> {
  const hash = createHash('sha256')
  let head: ExportHead | null = null
  let end: ExportTrailer | null = null
  let lineNumber = 0
  for await (const text of linesOf(path)) {
    lineNumber += 1
    if (end !== null) fail('STORE_CORRUPT', `line ${lineNumber} of ${path}: more lines follow the trailer`)
    const value = parsed(text, lineNumber, path) as { type?: unknown }
    if (lineNumber === 1) head = headOf(value, path)
    else if (value.type === 'end') {
      end = value as ExportTrailer
      continue
    } else if (!kinds.has(value.type as string))
      fail(
        'STORE_CORRUPT',
        `line ${lineNumber} of ${path}: expected one of ${[...kinds].join(', ')}, got ${String(value.type)}`,
      )
    hash.update(text + '\n')
  }
  if (head === null) fail('STORE_CORRUPT', `${path} is empty`)
  if (end === null)
    fail('STORE_CORRUPT', `${path} has no trailer: it was truncated after ${lineNumber} lines; export again`)
  if (end.lines !== lineNumber - 1 || end.sha256 !== hash.digest('hex'))
    fail('STORE_CORRUPT', `${path} was changed: its lines do not match its trailer`)
  return head
}

/** The lines of a checked file between its header and its trailer, with the number of each line. */
export async function* exportLines(path: string): AsyncGenerator<{ at: number; line: ExportLine }> {
  let lineNumber = 0
  for await (const text of linesOf(path)) {
    lineNumber += 1
    const value = parsed(text, lineNumber, path) as ExportLine | ExportHead | ExportTrailer
    if (value.type !== 'tilth-export' && value.type !== 'end') yield { at: lineNumber, line: value }
  }
}

function headOf(value: object, path: string): ExportHead {
  const head = value as Partial<ExportHead>
  if (head.type !== 'tilth-export') fail('STORE_CORRUPT', `${path} is not an export of Tilth`)
  if (head.version !== EXPORT_VERSION)
    fail(
      'STORE_CORRUPT',
      `${path}: expected version ${EXPORT_VERSION}, got ${head.version}; a newer Tilth may read it`,
    )
  if (typeof head.org !== 'string') fail('STORE_CORRUPT', `${path}: org must be a text`)
  return head as ExportHead
}

function parsed(text: string, lineNumber: number, path: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // reported below
  }
  return fail('STORE_CORRUPT', `line ${lineNumber} of ${path} is not a JSON object: ${text.slice(0, 60)}`)
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  try {
    yield* createInterface({ input: file, crlfDelay: Infinity })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') fail('NOT_FOUND', `there is no file ${path}`)
    throw cause
  } finally {
    file.destroy()
  }
}
