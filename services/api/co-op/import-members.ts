/**
 * Imports members with their fields from a table of the co-operative. A preview names every cell that cannot
 * be used and changes nothing. The import commits one member at a time, so that no other work waits for it,
 * and may be repeated: existing rows stay as they are.
 */
import { createHash, randomUUID } from 'node:crypto'
import { soilOf } from '../../agronomy/water/soils.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrgs } from '../../runtime/transactions.ts'
import { dropReportFiles } from '../../domain/report-file-retention.ts'
import { toJson, type FarmRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { newOrgId, insertMembership } from './invitations.ts'
import { matchMembers, type MatchedField, type MatchedMember } from './match-members.ts'
import { auditOnBothSides, writeConsent } from './memberships.ts'
import type { MembersReader } from './members-reader.ts'
import type { BadCell } from './read-members.ts'
import type { TableFault } from './table-fault.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'auth'>
type FarmPlace = Pick<FarmRow, 'timeZone' | 'latDeg' | 'lonDeg' | 'elevationM'>

/** The soil of a field whose row names none. */
const ASSUMED_SOIL = 'loam'

export interface MembersFile {
  hash: string
  rows: number
  bad: BadCell[]
  /** rows that are skipped for an invalid cell */
  leftOut: number
  members: MatchedMember[]
}

/** BAD_REQUEST with the expected format when the file cannot be read at all. */
export async function readMembersFile(
  deps: Deps,
  reader: MembersReader,
  coop: string,
  base64: string,
): Promise<MembersFile> {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
  const hash = createHash('sha256').update(bytes).digest('hex')
  const file = await reader.read(bytes)
  if (!file.ok) fail('BAD_REQUEST', file.error.message, { params: file.error.params })
  const { members, ...read } = file.value
  return { hash, ...read, members: await matchMembers(deps, coop, members) }
}

export interface Imported {
  members: number
  fields: number
  seasons: number
  leftOut: number
}

/**
 * Writes new and changed rows; CONFLICT when the co-operative has no farm of its own that locates new
 * members.
 */
export async function importMembers(deps: Deps, caller: Caller, file: MembersFile): Promise<Imported> {
  const place = await readFarmPlace(deps.state, caller.org)
  const imported: Imported = { members: 0, fields: 0, seasons: 0, leftOut: file.leftOut }
  const changes = file.members.filter((member) => !member.isSelfManaged && isChange(member))
  try {
    for (const member of changes) {
      await importMember(deps, caller, member, place ?? failNoFarm())
      if (member.membership === null) imported.members++
      imported.fields += member.fields.filter(({ change }) => change !== 'same').length
      imported.seasons += member.fields.filter(({ seasonChange }) => seasonChange === 'new').length
    }
  } finally {
    // once for all members, or a running report would restart with each; until then no file older than
    // a consent is served (report-file-retention.ts, sharesChanged)
    if (changes.some(({ consentChange }) => consentChange === 'new'))
      await dropReportFiles(deps.state, caller.org)
  }
  return imported
}

function failNoFarm(): never {
  const params: TableFault['params'] = { fault: 'no-farm' }
  fail('CONFLICT', 'add a farm first: members without a place of their own are located at it', { params })
}

const isChange = ({ membership, fields, consentChange }: MatchedMember): boolean =>
  membership === null ||
  consentChange === 'new' ||
  fields.some(({ change, seasonChange }) => change !== 'same' || seasonChange === 'new')

/** Writes a member in one transaction. */
async function importMember(
  { state, clock, auth }: Deps,
  caller: Caller,
  member: MatchedMember,
  coopPlace: FarmPlace,
): Promise<void> {
  const { row, membership } = member
  const org = membership?.org ?? (await newOrgId({ auth }, row.name))
  const atMs = clock.now()
  await inOrgs(state, [org, caller.org], async (rows) => {
    if (membership === null) await auth.createOrganisation(rows, org, row.name)
    const farmId =
      member.farmId ?? (await insertFarm(rows, org, member, { ...coopPlace, ...row.place }, atMs))
    for (const field of member.fields) await writeField(rows, org, farmId, field)
    const { memberCode, jaCode } = row
    const of =
      membership ??
      (await insertMembership(rows, { org, coop: caller.org, memberCode, jaCode, joinedMs: atMs }))
    if (member.consentChange === 'new') await writeConsent(rows, caller, of, row.consent!, atMs)
    const changed = member.fields.filter(({ change }) => change !== 'same').length
    const detail = { name: row.name, memberCode, fields: changed }
    await auditOnBothSides(rows, caller, of, 'member.import', detail, atMs)
  })
}

async function insertFarm(
  rows: State,
  org: string,
  { row: { name, memberCode } }: MatchedMember,
  place: FarmPlace,
  createdAtMs: number,
): Promise<string> {
  const id = randomUUID()
  await rows
    .insertInto('farm')
    .values({ id, org, name, memberCode, ...place, createdAtMs })
    .execute()
  return id
}

async function writeField(
  rows: State,
  org: string,
  farmId: string,
  { row, known: existing, change, seasonChange }: MatchedField,
): Promise<void> {
  const id = existing?.id ?? randomUUID()
  const { name, kind, areaM2, soilTexture, shape } = row
  const geojson = shape === null ? null : toJson(shape)
  if (change === 'new') {
    const texture = soilTexture ?? ASSUMED_SOIL
    const { fieldCapacity, wiltingPoint, saturation } = soilOf(texture)!
    await rows
      .insertInto('field')
      .values({
        id,
        org,
        farmId,
        name,
        kind,
        areaM2,
        soilTexture: texture,
        fieldCapacity,
        wiltingPoint,
        saturation,
        stationId: null,
        geojson,
      })
      .execute()
  }
  if (change === 'changed') {
    const outline = geojson === null ? {} : { geojson }
    await rows
      .updateTable('field')
      .set({ areaM2, ...outline })
      .where('id', '=', id)
      .execute()
  }
  if (seasonChange !== 'new' || row.season === null) return
  const { crop, variety, plantedDay } = row.season
  await rows
    .insertInto('season')
    .values({
      id: randomUUID(),
      org,
      fieldId: id,
      year: Number(plantedDay.slice(0, 4)),
      crop,
      variety,
      plantedDay,
      harvestPlannedDay: null,
      harvestedDay: null,
      yieldKg: null,
      yieldBasis: null,
    })
    .execute()
}

async function readFarmPlace(state: State, org: string): Promise<FarmPlace | null> {
  const farm = await state
    .selectFrom('farm')
    .select(['timeZone', 'latDeg', 'lonDeg', 'elevationM'])
    .where('org', '=', org)
    .orderBy('createdAtMs')
    .limit(1)
    .executeTakeFirst()
  return farm ?? null
}

/** One line in the co-operative's audit for the whole file. */
export async function auditFile(
  { state, clock }: Deps,
  { org, userId: actor }: Caller,
  action: string,
  { hash, rows, leftOut }: Pick<MembersFile, 'hash' | 'rows' | 'leftOut'>,
): Promise<void> {
  await appendAudit(state, {
    org,
    atMs: clock.now(),
    actor,
    action,
    subject: org,
    detail: { hash, rows, leftOut },
  })
}
