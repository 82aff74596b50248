/** Exports every row of an organisation page by page. */
import { sql, type Kysely } from 'kysely'
import type { State } from '../ports.ts'
import type { Tables } from '../tables.ts'

const PAGE_ROWS = 500
// a row holds a picture, or a message of up to 64 KiB
const largeTables = new Set<string>(['devicePhoto', 'recordPhoto', 'unassignedMessage'])
const PAGE_ROWS_IF_LARGE = 8

/**
 * The tables with an organisation's rows, and their keys. `setting`, `jobRun` and `passwordLink` belong to
 * the server; a file of `reportOrder` includes rows of other members and is deleted after a day.
 */
export const orgTables = {
  farm: ['id'],
  field: ['id'],
  fieldLineage: ['fieldId', 'fromFieldId'],
  season: ['id'],
  harvestLoad: ['id'],
  fieldWork: ['id'],
  recordPhoto: ['id'],
  degreeDayTracker: ['fieldId', 'subject'],
  zone: ['id'],
  pump: ['id'],
  device: ['id'],
  claim: ['deviceId'],
  devicePhoto: ['deviceId'],
  valveState: ['deviceId', 'valve'],
  valveSequence: ['deviceId', 'valve'],
  ingestNote: ['deviceId'],
  integration: ['id'],
  integrationTraffic: ['integrationId'],
  hiddenAddress: ['integrationId', 'address'],
  assignedAddress: ['deviceId'],
  storedMessage: ['deviceId', 'key'],
  foreignController: ['deviceId'],
  foreignValve: ['deviceId', 'valve'],
  unassignedMessage: ['integrationId', 'address', 'receivedMs', 'seq'],
  fieldDay: ['fieldId', 'day'],
  fieldState: ['fieldId'],
  fieldWater: ['fieldId', 'day'],
  advice: ['fieldId'],
  decision: ['id'],
  run: ['id'],
  request: ['id'],
  command: ['id'],
  irrigation: ['id'],
  alert: ['id'],
  audit: ['id'],
  soilCalibration: ['deviceId', 'depthCm'],
  model: ['kind', 'subject', 'version'],
  prediction: ['kind', 'subject', 'atMs', 'issuedMs'],
  diseaseDay: ['fieldId', 'disease', 'day'],
  product: ['id'],
  productUse: ['id'],
  treatment: ['id'],
  paddy: ['fieldId'],
  task: ['id'],
  forecastDay: ['farmId', 'source', 'day', 'lead'],
  forecastSkill: ['farmId', 'source'],
  fixedSchedule: ['fieldId'],
  waterComparison: ['fieldId'],
  pestEconomics: ['fieldId', 'target'],
  auxOutput: ['id'],
  auxOutputRun: ['id'],
  notificationPreference: ['userId'],
  pushDevice: ['id'],
  webhook: ['org'],
  notification: ['id'],
  person: ['userId'],
  unfinishedRunDecision: ['runId'],
  membership: ['id'],
  consent: ['id'],
  invitationCode: ['id'],
  strategy: ['fieldId'],
  scoutingCount: ['id'],
} as const satisfies Partial<Record<keyof Tables, readonly string[]>>
export type OrgTable = keyof typeof orgTables

// people and programs read an export; it must not be able to open a valve
const secretColumns = new Set([
  ...['secret', 'secretHash', 'previousSecretHash', 'brokerHash', 'commandKey', 'codeHash', 'nonceHash'],
  ...['pushUrl', 'pushKey', 'pushAuth', 'hookUrl', 'salt'],
])

type Row = Record<string, unknown>

/** The keys of the tables that are no organisation's. */
const otherKeys: Record<string, readonly string[]> = {
  deadLetter: ['node', 'id'],
  jobRun: ['job', 'dueAtMs'],
  setting: ['key'],
  passwordLink: ['userId'],
}

// their names are those of one organisation
const keysWithOrg = new Set(['model', 'notificationPreference', 'person', 'prediction', 'scoutingCount'])

/** The primary key of a table; that of better-auth's is `id`. */
export const tableKeys = (table: string): readonly string[] => [
  ...(keysWithOrg.has(table) ? ['org'] : []),
  ...((orgTables as Record<string, readonly string[]>)[table] ?? otherKeys[table] ?? ['id']),
]

/** How many rows of a table are read at once. */
export const pageRows = (table: string): number => (largeTables.has(table) ? PAGE_ROWS_IF_LARGE : PAGE_ROWS)

/** Yields rows in key order, without secrets, a page at a time so that other queries run in between. */
export async function* exportRows(state: State, table: OrgTable, org: string): AsyncGenerator<Row> {
  // a table chosen at run time is beyond Kysely's types
  const db = state as unknown as Kysely<Record<string, Row>>
  for await (const row of rowsInPages(db, table, orgTables[table], org))
    yield Object.fromEntries(Object.entries(row).filter(([key]) => !secretColumns.has(key)))
}

/** Yields rows in the order of their keys, a page at a time; of one organisation if it is given. */
export async function* rowsInPages(
  db: Kysely<Record<string, Row>>,
  table: string,
  keys: readonly string[],
  org?: string,
): AsyncGenerator<Row> {
  const limit = pageRows(table)
  let last: Row | undefined
  do {
    let query = db.selectFrom(table).selectAll().limit(limit)
    if (org !== undefined) query = query.where('org', '=', org)
    for (const key of keys) query = query.orderBy(key)
    if (last) {
      const columns = sql.join(keys.map((key) => sql.ref(key)))
      const values = sql.join(keys.map((key) => last![key]))
      query = query.where(sql<boolean>`(${columns}) > (${values})`)
    }
    const page = await query.execute()
    yield* page
    last = page.length === limit ? page.at(-1) : undefined
  } while (last)
}
