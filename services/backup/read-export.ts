/**
 * An export of an organisation (GET /api/export), line by line: header, rows and trailer. A truncated or changed
 * file is rejected before anything is done with it, so an import reads the file twice.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { flags } from '../../broker/contract/quantities.ts'
import { fail } from '../errors.ts'
import { EXPORT_VERSION, ExportHead, ExportTrailer } from '../runtime/export-format.ts'

export type ExportRow = Record<string, string | number | null>
const OrNumber = Type.Union([Type.Number(), Type.Null()])
const Line = Type.Union([
  // the import checks its columns by table
  Type.Object({
    type: Type.Literal('row'),
    table: Type.String(),
    row: Type.Unsafe<ExportRow>(Type.Object({})),
  }),
  Type.Object({ type: Type.Literal('member'), member: Type.Object({}) }),
  Type.Object({ type: Type.Literal('dead-letter'), device: Type.String() }),
  Type.Object({
    type: Type.Literal('reading'),
    org: Type.String(),
    farm: Type.String(),
    field: Type.String(),
    device: Type.String(),
    quantity: Type.String(),
    depthCm: OrNumber,
    atMs: Type.Number(),
    value: OrNumber,
    flag: Type.Enum(Object.values(flags)),
    origin: Type.Enum(['measured', 'estimated', 'interpolated', 'entered']),
  }),
])
export type ExportLine = Static<typeof Line>

const checks = { head: Compile(ExportHead), line: Compile(Line), trailer: Compile(ExportTrailer) }

const LINES_PER_REPORT = 1_000
/** Of a line, in characters: several times the largest row, a photo. */
const MAX_LINE = 16_000_000

/** Called now and then with the share of the file that is read, 0 to 1. */
export type OnRead = (share: number) => void

/** Reads the file to its end. NOT_FOUND, STORE_CORRUPT with the line. */
export async function checkExport(path: string, onRead: OnRead): Promise<ExportHead> {
  const hash = createHash('sha256')
  let head: ExportHead | null = null
  let end: ExportTrailer | null = null
  let lineNumber = 0
  for await (const text of linesOf(path, onRead)) {
    lineNumber += 1
    if (end !== null) fail('STORE_CORRUPT', `line ${lineNumber} of ${path}: more lines follow the trailer`)
    const value = jsonOf(text, lineNumber, path)
    if (lineNumber === 1) head = headOf(value, path)
    else if (checks.trailer.Check(value)) {
      end = value
      continue
    } else lineOf(value, lineNumber, path)
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
export async function* exportLines(
  path: string,
  onRead: OnRead,
): AsyncGenerator<{ at: number; line: ExportLine }> {
  let lineNumber = 0
  for await (const text of linesOf(path, onRead)) {
    lineNumber += 1
    const value = jsonOf(text, lineNumber, path)
    if (lineNumber > 1 && !checks.trailer.Check(value))
      yield { at: lineNumber, line: lineOf(value, lineNumber, path) }
  }
}

function headOf(value: unknown, path: string): ExportHead {
  const { type, version } = (value ?? {}) as { type?: unknown; version?: unknown }
  if (type !== 'tilth-export') fail('STORE_CORRUPT', `${path} is not an export of Tilth`)
  if (version !== EXPORT_VERSION)
    fail(
      'STORE_CORRUPT',
      `${path}: expected version ${EXPORT_VERSION}, got ${String(version)}; a newer Tilth may read it`,
    )
  return checks.head.Check(value) ? value : fail('STORE_CORRUPT', `${path}: org and atMs are missing`)
}

function lineOf(value: unknown, lineNumber: number, path: string): ExportLine {
  if (checks.line.Check(value)) return value
  const { type } = (value ?? {}) as { type?: unknown }
  return fail(
    'STORE_CORRUPT',
    `line ${lineNumber} of ${path}: expected a row, a member, a dead letter or a reading with all its fields, got type ${String(type)}`,
  )
}

function jsonOf(text: string, lineNumber: number, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    return fail('STORE_CORRUPT', `line ${lineNumber} of ${path} is not a JSON object: ${text.slice(0, 60)}`, {
      cause,
    })
  }
}

async function* linesOf(path: string, onRead: OnRead): AsyncGenerator<string> {
  const { size } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') fail('NOT_FOUND', `there is no file ${path}`)
    throw cause
  })
  const file = createReadStream(path, 'utf8')
  let lines = 0
  let rest = ''
  try {
    for await (const chunk of file) {
      const complete = (rest + (chunk as string)).split('\n')
      rest = complete.pop()!
      if (rest.length > MAX_LINE)
        fail(
          'STORE_CORRUPT',
          `line ${lines + 1} of ${path}: expected at most ${MAX_LINE} characters, got more; is it an export of Tilth?`,
        )
      for (const line of complete) {
        yield line.replace(/\r$/, '')
        lines += 1
        if (lines % LINES_PER_REPORT === 0) onRead(file.bytesRead / size)
      }
    }
    if (rest !== '') yield rest
    onRead(1)
  } finally {
    file.destroy()
  }
}
