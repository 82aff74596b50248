/**
 * Erases a farm, or an organisation with all its farms: every row, and every audit line that names it.
 */
import type { Kysely } from 'kysely'
import { eraseAudit, redactAudit } from '../../audit/audit-log.ts'
import type { State } from '../../ports.ts'
import { inAllOrgs } from '../../runtime/transactions.ts'
import { dropFilesOfErased } from '../../domain/report-file-retention.ts'
import { orgTables } from '../../domain/export-rows.ts'
import { readAlertParams, type Tables } from '../../tables.ts'

/**
 * Erases every row of a farm in one transaction; with the last farm of an organisation also its memberships, whose
 * codes identify the farm. Audit lines of the organisation and its co-operatives that name it lose subject and detail.
 */
export async function eraseFarmRows(state: State, org: string, farmId: string): Promise<void> {
  const names = await namesOfFarm(state, org, farmId)
  await inAllOrgs(state, async (rows) => {
    const coops = await rows.selectFrom('membership').select('coop').where('org', '=', org).execute()
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
        'ingestNote',
        'deadLetter',
        'claim',
        'devicePhoto',
        'command',
        'alert',
        'soilCalibration',
        'assignedAddress',
        'storedMessage',
        'foreignController',
        'foreignValve',
      ] as const),
    ])
      await rows.deleteFrom(table).where('org', '=', org).where('deviceId', 'in', devices).execute()
    const integrations = rows
      .selectFrom('integration')
      .select('id')
      .where('org', '=', org)
      .where('farmId', '=', farmId)
    await rows.deleteFrom('deadLetter').where('org', '=', org).where('deviceId', 'in', integrations).execute()
    for (const table of ['unassignedMessage', 'integrationTraffic', 'hiddenAddress'] as const)
      await rows.deleteFrom(table).where('integrationId', 'in', integrations).execute()
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
        'integration',
      ] as const),
      ...(['harvestLoad', 'fieldWork', 'irrigation', 'run', 'zone', 'pump', 'device', 'field'] as const),
    ])
      await rows.deleteFrom(table).where('org', '=', org).where('farmId', '=', farmId).execute()
    await rows.deleteFrom('farm').where('org', '=', org).where('id', '=', farmId).execute()
    await dropFilesOfErased(rows, org)
    const rest = await rows.selectFrom('farm').select('id').where('org', '=', org).limit(1).executeTakeFirst()
    if (!rest) for (const name of await eraseMemberships(rows, org)) names.add(name)
    for (const owner of new Set([org, ...coops.map(({ coop }) => coop)]))
      await redactAudit(rows, owner, names)
  })
}

/**
 * Erases what is left of an organisation without farms and people, its audit as well: a member that a co-operative
 * entered, and erases. `eraseOrganisation` removes its name within the same transaction.
 */
export async function eraseOrgRows(
  state: State,
  org: string,
  eraseOrganisation: (rows: State) => Promise<string[]>,
): Promise<void> {
  await inAllOrgs(state, async (rows) => {
    const coops = await rows.selectFrom('membership').select('coop').where('org', '=', org).execute()
    const names = new Set([org, ...(await eraseMemberships(rows, org)), ...(await eraseOrganisation(rows))])
    for (const table of Object.keys(orgTables) as (keyof typeof orgTables)[])
      if (table !== 'audit') await rows.deleteFrom(table).where('org', '=', org).execute()
    for (const table of ['reportOrder', 'deadLetter'] as const)
      await rows.deleteFrom(table).where('org', '=', org).execute()
    await eraseAudit(rows, org)
    for (const { coop } of coops) await redactAudit(rows, coop, names)
  })
}

/** Erases memberships, consents and open invitations; returns the names that they went by. */
async function eraseMemberships(rows: State, org: string): Promise<string[]> {
  const memberships = await rows.selectFrom('membership').selectAll().where('org', '=', org).execute()
  for (const table of ['consent', 'membership', 'invitationCode'] as const)
    await rows.deleteFrom(table).where('org', '=', org).execute()
  return memberships.flatMap(({ id, alias, memberCode, jaCode }) =>
    [id, alias, memberCode, jaCode].filter((name) => name !== null),
  )
}

// rows that belong to a farm by a column of their own, or by their field or device
const idTables = [
  'zone',
  'pump',
  'device',
  'integration',
  'run',
  'irrigation',
  'harvestLoad',
  'fieldWork',
  'recordPhoto',
] as const
const fieldTables = ['season', 'treatment', 'task', 'decision'] as const

/** Every name and id by which an audit line can mention a farm. */
async function namesOfFarm(state: State, org: string, farmId: string): Promise<Set<string>> {
  const names = new Set<string>([farmId])
  const add = (values: readonly (string | null)[]) => {
    for (const value of values) if (value !== null && value !== '') names.add(value)
  }
  const farm = await state.selectFrom('farm').selectAll().where('id', '=', farmId).executeTakeFirst()
  add([farm?.name ?? null, farm?.memberCode ?? null])
  const fields = await state
    .selectFrom('field')
    .select(['id', 'name'])
    .where('org', '=', org)
    .where('farmId', '=', farmId)
    .execute()
  // a name such as '3' occurs in lines of other farms too
  add(fields.flatMap(({ id, name }) => (name.length < MIN_NAME ? [id] : [id, name])))
  for (const table of idTables) {
    const rows = await state
      .selectFrom(table)
      .select('id')
      .where('org', '=', org)
      .where('farmId', '=', farmId)
      .execute()
    add(rows.map(({ id }) => id))
  }
  const tickets = await state
    .selectFrom('harvestLoad')
    .select('ticket')
    .where('org', '=', org)
    .where('farmId', '=', farmId)
    .execute()
  add(tickets.map(({ ticket }) => ticket))
  for (const table of fieldTables) {
    const rows = await state
      .selectFrom(table)
      .innerJoin('field', 'field.id', `${table}.fieldId`)
      .select(`${table}.id`)
      .where('field.org', '=', org)
      .where('field.farmId', '=', farmId)
      .execute()
    add(rows.map(({ id }) => id))
  }
  return names
}
const MIN_NAME = 3

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
