/**
 * Copies every row of a state store into another one, in one transaction, and compares what arrived: the rows of each table
 * and the chain of each audit. A second time changes nothing.
 */
import type { Kysely } from 'kysely'
import { auditedOrgs, verifyAudit } from '../audit/audit-log.ts'
import { pageRows, rowsInPages, tableKeys } from '../domain/export-rows.ts'
import { fail } from '../errors.ts'
import type { State } from '../ports.ts'
import { inAllOrgs } from '../runtime/transactions.ts'

export interface Moved {
  /** by table, in the names of the database */
  rows: Map<string, number>
  audits: number
}

type Row = Record<string, unknown>
type AnyTables = Kysely<Record<string, Row>>

// their rows refer to each other, so the order matters
const authTables = ['user', 'organization', 'account', 'session', 'verification', 'member', 'invitation']

/**
 * Both stores are migrated and no Tilth uses them. CONFLICT when the target holds other rows: nothing is changed then;
 * STORE_CORRUPT when an audit is broken.
 */
export async function moveState(
  from: State,
  to: State,
  onProgress: (share: number, step: string) => void,
): Promise<Moved> {
  const tables = await tablesOf(from)
  const known = new Set(await tablesOf(to))
  return inAllOrgs(to, async (target) => {
    const rows = new Map<string, number>()
    for (const [done, table] of tables.entries()) {
      if (!known.has(table)) fail('CONFLICT', `the target has no table ${table}`)
      onProgress(done / tables.length, table)
      rows.set(table, await copyTable(from, target, table))
    }
    const orgs = await auditedOrgs(target)
    for (const org of orgs) {
      const { broken } = await verifyAudit(target, org)
      if (broken) fail('STORE_CORRUPT', `the audit of ${org} is broken at line ${broken.n}: ${broken.reason}`)
    }
    return { rows, audits: orgs.length }
  })
}

// of the server that they are on: migrations, and which engine is at work
const isOfServer = (table: string): boolean => table.startsWith('kysely_') || table === 'leader'

/** The tables of Tilth and of better-auth; people first, because other rows refer to them. */
async function tablesOf(state: State): Promise<string[]> {
  const tables = await state.introspection.getTables()
  const names = tables.flatMap(({ name, schema }) =>
    (schema === undefined || schema === 'public') && !isOfServer(name) ? [name] : [],
  )
  const present = authTables.filter((name) => names.includes(name))
  return [...present, ...names.filter((name) => !authTables.includes(name))]
}

async function copyTable(from: State, to: State, table: string): Promise<number> {
  // better-auth's columns have names of their own
  const isOwn = !authTables.includes(table)
  const source = (isOwn ? from : from.withoutPlugins()) as unknown as AnyTables
  const target = (isOwn ? to : to.withoutPlugins()) as unknown as AnyTables
  const name = isOwn ? table.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) : table
  let count = 0
  let batch: Row[] = []
  const write = async () => {
    if (batch.length > 0)
      await target
        .insertInto(name)
        .values(batch)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    count += batch.length
    batch = []
  }
  for await (const row of rowsInPages(source, name, tableKeys(name))) {
    batch.push(Object.fromEntries(Object.entries(row).map(([column, value]) => [column, portable(value)])))
    if (batch.length >= pageRows(name)) await write()
  }
  await write()
  const arrived = await target
    .selectFrom(name)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(arrived['count']) !== count)
    fail('CONFLICT', `${table} of the target holds other rows: name an empty database, or a new file`)
  return count
}

/** An instant of better-auth is a text on SQLite. */
const portable = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value)
