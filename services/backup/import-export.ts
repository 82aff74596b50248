/**
 * Imports an export into an organisation of this Tilth. Existing rows stay as they are, so importing the same export
 * twice changes nothing. All rows are imported or none; the readings follow.
 */
import { sql, type Kysely } from 'kysely'
import type { AtMs } from '../../broker/contract/time.ts'
import { orgTables, type OrgTable } from '../domain/export-rows.ts'
import { appendAudit } from '../audit/audit-log.ts'
import { fail } from '../errors.ts'
import type { Reading, SeriesStore, State } from '../ports.ts'
import { inAllOrgs } from '../runtime/transactions.ts'
import { leftOut, importedRow } from './import-rows.ts'
import { checkExport, exportLines, type ExportRow } from './read-export.ts'

export interface ImportSummary {
  from: string // the exported organisation
  added: number // rows
  same: number // existed already
  kept: number // exist with other values and were left as they are
  leftOut: Map<string, number> // by table
  readings: number
}

/** Reports the share that is done, 0 to 1, and the step. */
type OnProgress = (share: number, step: string) => void

const READINGS_AT_ONCE = 2_000
// the file is read three times; the readings come last and are the most
const CHECKED_SHARE = 0.2
const ROWS_SHARE = 0.3

/**
 * No Tilth may run meanwhile: the caller has checked. `org`: the target; null: the organisation of the export.
 * NOT_FOUND, STORE_CORRUPT, CONFLICT where a row of the export belongs to another organisation here.
 */
export async function importExport(
  { state, series }: { state: State; series: Pick<SeriesStore, 'append'> },
  path: string,
  { org: requestedOrg, nowMs, onProgress }: { org: string | null; nowMs: AtMs; onProgress: OnProgress },
): Promise<ImportSummary> {
  const head = await checkExport(path, (share) => onProgress(share * CHECKED_SHARE, 'checking the export'))
  const org = requestedOrg ?? head.org
  await requireOrg(state, org)
  const done: ImportSummary = { from: head.org, added: 0, same: 0, kept: 0, leftOut: new Map(), readings: 0 }
  await inAllOrgs(state, async (rows) => {
    const columnsOf = await readColumns(rows)
    const onRows = (share: number) =>
      onProgress(CHECKED_SHARE + share * (ROWS_SHARE - CHECKED_SHARE), 'importing rows')
    for await (const { at: lineNumber, line } of exportLines(path, onRows)) {
      if (line.type === 'reading') break // readings come last
      const table = line.type === 'row' ? line.table : line.type
      if (line.type !== 'row' || line.table in leftOut) {
        done.leftOut.set(table, (done.leftOut.get(table) ?? 0) + 1)
        continue
      }
      const tableName = checkTable(table, lineNumber)
      checkColumns(line.row, columnsOf(tableName), `line ${lineNumber}: ${table}`)
      const row = importedRow(tableName, line.row, org)
      if (row === null) done.leftOut.set(table, (done.leftOut.get(table) ?? 0) + 1)
      else done[await insertOrCompare(rows, tableName, row, lineNumber)] += 1
    }
    const detail = { from: head.org, exportedAtMs: head.atMs, rows: done.added }
    if (done.added > 0)
      await appendAudit(rows, { org, atMs: nowMs, actor: 'system', action: 'import', subject: org, detail })
  })
  let batch: Reading[] = []
  const write = async () => {
    await series.append(batch)
    done.readings += batch.length
    batch = []
  }
  const onReadings = (share: number) =>
    onProgress(ROWS_SHARE + share * (1 - ROWS_SHARE), `${done.readings} readings`)
  for await (const { line } of exportLines(path, onReadings)) {
    if (line.type !== 'reading') continue
    const { type: _, ...reading } = line
    batch.push({ ...reading, org })
    if (batch.length >= READINGS_AT_ONCE) await write()
  }
  if (batch.length > 0) await write()
  return done
}

async function requireOrg(state: State, org: string): Promise<void> {
  // better-auth's own table
  const { rows } = await sql<{ slug: string }>`select slug from organization order by slug`
    .execute(state.withoutPlugins())
    .catch(() => ({ rows: [] }))
  if (rows.some(({ slug }) => slug === org)) return
  fail(
    'NOT_FOUND',
    rows.length === 0
      ? 'this Tilth has no organisation yet: start it, create the first account, stop it and import again'
      : `there is no organisation ${org} here: pass --org with one of ${rows.map(({ slug }) => slug).join(', ')}`,
  )
}

function checkTable(table: string, lineNumber: number): OrgTable {
  if (!Object.hasOwn(orgTables, table))
    fail('STORE_CORRUPT', `line ${lineNumber}: unknown table ${table.slice(0, 40)}`)
  return table as OrgTable
}

interface Columns {
  types: Map<string, 'text' | 'number'>
  needed: string[]
}

async function readColumns(rows: State): Promise<(table: OrgTable) => Columns> {
  const tables = await rows.introspection.getTables()
  const byTable = new Map(
    tables.map(({ name, columns }): [string, Columns] => [
      camel(name),
      {
        types: new Map(
          columns.map(({ name, dataType }) => [
            camel(name),
            dataType.toLowerCase() === 'text' ? 'text' : 'number',
          ]),
        ),
        needed: columns.filter(({ isNullable }) => !isNullable).map(({ name }) => camel(name)),
      },
    ]),
  )
  return (table) => byTable.get(table)!
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

// secrets are not exported
const secret = /^(secretHash|commandKey)$/

/** STORE_CORRUPT with the column that is unknown, missing or of the wrong type. */
function checkColumns(row: ExportRow, { types, needed }: Columns, location: string): void {
  if (typeof row !== 'object' || row === null) fail('STORE_CORRUPT', `${location}: has no row`)
  for (const [name, value] of Object.entries(row)) {
    const type = types.get(name)
    if (type === undefined) fail('STORE_CORRUPT', `${location}: unknown column ${name}`)
    const fits = value === null || (type === 'text' ? typeof value === 'string' : Number.isFinite(value))
    if (!fits) fail('STORE_CORRUPT', `${location}.${name}: must be a ${type} or null, got ${typeof value}`)
  }
  for (const name of needed)
    if (row[name] == null && !secret.test(name)) fail('STORE_CORRUPT', `${location}.${name}: is missing`)
}

/** Inserts the row unless its key exists. CONFLICT when the key belongs to another organisation. */
async function insertOrCompare(
  rows: State,
  table: OrgTable,
  row: ExportRow,
  lineNumber: number,
): Promise<'added' | 'same' | 'kept'> {
  // a table chosen at run time is beyond the types of Kysely
  const db = rows as unknown as Kysely<Record<string, ExportRow>>
  const inserted = await db
    .insertInto(table)
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (Number(inserted.numInsertedOrUpdatedRows ?? 0) > 0) return 'added'
  let query = db.selectFrom(table).selectAll()
  for (const key of orgTables[table]) query = query.where(key, '=', row[key]!)
  const existing = await query.executeTakeFirst()
  if (existing && existing['org'] !== row['org'])
    fail(
      'CONFLICT',
      `line ${lineNumber}: ${table} ${orgTables[table].map((key) => row[key]).join(' ')} belongs to another organisation here`,
    )
  const isSame =
    existing !== undefined && Object.entries(row).every(([name, value]) => existing[name] === value)
  return isSame ? 'same' : 'kept'
}
