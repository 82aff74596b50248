/** Exports every row of an organisation page by page, and erases the rows of one farm. */
import { sql, type Kysely } from 'kysely'
import type { State } from '../ports.ts'
import { dropFilesOfErased } from './report-file-retention.ts'
import { readAlertParams, type Tables } from '../tables.ts'

const PAGE_ROWS = 500
// each row holds a picture
const pictureTables = new Set<string>(['devicePhoto', 'recordPhoto'])
const PAGE_ROWS_WITH_PICTURES = 8

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
  ...['secretHash', 'previousSecretHash', 'commandKey', 'codeHash', 'nonceHash'],
  ...['pushUrl', 'pushKey', 'pushAuth', 'hookUrl', 'salt'],
])

type Row = Record<string, unknown>

/** Yields rows in key order, without secrets, a page at a time so that other queries run in between. */
export async function* exportRows(state: State, table: OrgTable, org: string): AsyncGenerator<Row> {
  // a table chosen at run time is beyond Kysely's types
  const db = state as unknown as Kysely<Record<string, Row>>
  const keys = orgTables[table]
  const pageRows = pictureTables.has(table) ? PAGE_ROWS_WITH_PICTURES : PAGE_ROWS
  let last: Row | undefined
  do {
    let query = db.selectFrom(table).selectAll().where('org', '=', org).limit(pageRows)
    for (const key of keys) query = query.orderBy(key)
    if (last) {
      const columns = sql.join(keys.map((key) => sql.ref(key)))
      const values = sql.join(keys.map((key) => last![key]))
      query = query.where(sql<boolean>`(${columns}) > (${values})`)
    }
    const page = await query.execute()
    for (const row of page)
      yield Object.fromEntries(Object.entries(row).filter(([key]) => !secretColumns.has(key)))
    last = page.length === pageRows ? page.at(-1) : undefined
  } while (last)
}

/** Erases every row of a farm in one transaction. The audit records the erasure. */
export async function eraseFarmRows(state: State, org: string, farmId: string): Promise<void> {
  await state.transaction().execute(async (rows) => {
    const fields = rows.selectFrom('field').select('id').where('org', '=', org).where('farmId', '=', farmId)
    const zones = rows.selectFrom('zone').select('id').where('org', '=', org).where('farmId', '=', farmId)
    const devices = rows.selectFrom('device').select('id').where('org', '=', org).where('farmId', '=', farmId)
    await eraseModels(rows, org, farmId)
    await eraseFarmAlerts(rows, org, farmId)
    await rows
      .deleteFrom('notification')
      .where('alertId', 'in', (of) =>
        of
          .selectFrom('alert')
          .select('id')
          .where('org', '=', org)
          .where((eb) => eb.or([eb('fieldId', 'in', fields), eb('deviceId', 'in', devices)])),
      )
      .execute()
    for (const table of [
      ...([
        'fieldLineage',
        'season',
        'degreeDayTracker',
        'fieldDay',
        'fieldState',
        'fieldWater',
        'advice',
        'decision',
        'alert',
      ] as const),
      ...([
        'diseaseDay',
        'soilCalibration',
        'treatment',
        'paddy',
        'task',
        'fixedSchedule',
        'waterComparison',
        'strategy',
        'pestEconomics',
      ] as const),
    ])
      await rows.deleteFrom(table).where('org', '=', org).where('fieldId', 'in', fields).execute()
    for (const table of [
      ...([
        'valveState',
        'valveSequence',
        'claim',
        'devicePhoto',
        'command',
        'alert',
        'soilCalibration',
      ] as const),
    ])
      await rows.deleteFrom(table).where('org', '=', org).where('deviceId', 'in', devices).execute()
    const runs = rows.selectFrom('run').select('id').where('org', '=', org).where('farmId', '=', farmId)
    await rows.deleteFrom('unfinishedRunDecision').where('org', '=', org).where('runId', 'in', runs).execute()
    await rows
      .deleteFrom('request')
      .where('org', '=', org)
      .where((eb) =>
        eb.or([eb('zoneId', 'in', zones), eb('runId', 'in', runs), eb('deviceId', 'in', devices)]),
      )
      .execute()
    for (const table of [
      ...([
        'forecastDay',
        'forecastSkill',
        'auxOutputRun',
        'auxOutput',
        'scoutingCount',
        'recordPhoto',
      ] as const),
      ...(['harvestLoad', 'fieldWork', 'irrigation', 'run', 'zone', 'pump', 'device', 'field'] as const),
    ])
      await rows.deleteFrom(table).where('org', '=', org).where('farmId', '=', farmId).execute()
    await rows.deleteFrom('farm').where('org', '=', org).where('id', '=', farmId).execute()
    await dropFilesOfErased(rows, org)
  })
}

/** Alerts of the farm as a whole, which name it only in their params. */
async function eraseFarmAlerts(rows: Kysely<Tables>, org: string, farmId: string): Promise<void> {
  const ofNoPlace = await rows
    .selectFrom('alert')
    .select(['id', 'params'])
    .where('org', '=', org)
    .where('fieldId', 'is', null)
    .where('deviceId', 'is', null)
    .execute()
  for (const { id, params } of ofNoPlace) {
    if (readAlertParams(params)['farmId'] !== farmId) continue
    await rows.deleteFrom('notification').where('alertId', '=', id).execute()
    await rows.deleteFrom('alert').where('id', '=', id).execute()
  }
}

/** Models of a farm and of its fields, zones and devices. Models of the whole organisation stay. */
async function eraseModels(rows: Kysely<Tables>, org: string, farmId: string): Promise<void> {
  const places = new Set([farmId])
  for (const table of ['field', 'zone', 'device'] as const) {
    const ownRows = rows.selectFrom(table).select('id').where('org', '=', org).where('farmId', '=', farmId)
    for (const { id } of await ownRows.execute()) places.add(id)
  }
  await erasePlaceModels(rows, org, places)
}

/** Models of places, with their predictions. A subject starts with the id of its place: 'probe-1@30'. */
export async function erasePlaceModels(
  rows: Kysely<Tables>,
  org: string,
  places: ReadonlySet<string>,
): Promise<void> {
  for (const table of ['model', 'prediction'] as const) {
    const subjectRows = await rows
      .selectFrom(table)
      .select('subject')
      .distinct()
      .where('org', '=', org)
      .execute()
    const subjects = subjectRows
      .map(({ subject }) => subject)
      .filter((name) => places.has(subjectPlace(name)))
    if (subjects.length > 0)
      await rows.deleteFrom(table).where('org', '=', org).where('subject', 'in', subjects).execute()
  }
}

const subjectPlace = (subject: string): string => subject.split(/[^\w-]/, 1)[0]!
