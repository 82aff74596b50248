/** Compares the rows of an import with the members and fields of the co-operative. */
import { consentsAt, type Consent } from '../../domain/consent.ts'
import type { State } from '../../ports.ts'
import { toJson, type FieldRow, type MembershipRow, type SeasonRow } from '../../tables.ts'
import type { Context } from '../http/context.ts'
import type { FieldOfMember, MemberRow } from './read-members.ts'

export interface MatchedMember {
  row: MemberRow
  membership: MembershipRow | null // null: new
  farmId: string | null // of the member's first farm
  /** people sign in for this member: it manages its own fields, and the import changes nothing */
  isSelfManaged: boolean
  fields: MatchedField[]
  consentChange: 'new' | 'same' | 'none'
}

export interface MatchedField {
  row: FieldOfMember
  known: FieldRow | null
  change: 'new' | 'changed' | 'same'
  seasonChange: 'new' | 'same' | 'none'
}

/** Matches by member code, otherwise by name; fields by name. */
export async function matchMembers(
  { state, clock, auth }: Pick<Context, 'state' | 'clock' | 'auth'>,
  coop: string,
  members: readonly MemberRow[],
): Promise<MatchedMember[]> {
  const memberships = await state
    .selectFrom('membership')
    .selectAll()
    .where('coop', '=', coop)
    .where('endedMs', 'is', null)
    .execute()
  const existing = await auth.organisations(memberships.map(({ org }) => org))
  const current = await consentsAt(
    state,
    memberships.map(({ id }) => id),
    clock.now(),
  )
  const byCode = new Map(memberships.map((membership) => [membership.memberCode, membership]))
  const byName = new Map(memberships.map((membership) => [existing.get(membership.org)?.name, membership]))
  const matched: MatchedMember[] = []
  for (const row of members) {
    const membership = (row.memberCode === null ? byName.get(row.name) : byCode.get(row.memberCode)) ?? null
    if (membership === null) {
      const fields = row.fields.map((field) => fieldChange(field, null, []))
      const consentChange = row.consent === null ? 'none' : 'new'
      matched.push({ row, membership, farmId: null, isSelfManaged: false, fields, consentChange })
      continue
    }
    const { org } = membership
    const farm = await readFarm(state, org)
    matched.push({
      row,
      membership,
      farmId: farm.farmId,
      isSelfManaged: (existing.get(org)?.people ?? 0) > 0,
      fields: row.fields.map((field) => fieldChange(field, farm.fields, farm.seasons)),
      consentChange: consentChange(row.consent, current.get(membership.id)),
    })
  }
  return matched
}

async function readFarm(
  state: State,
  org: string,
): Promise<{ farmId: string | null; fields: FieldRow[]; seasons: SeasonRow[] }> {
  const farm = await state
    .selectFrom('farm')
    .select('id')
    .where('org', '=', org)
    .orderBy('createdAtMs')
    .limit(1)
    .executeTakeFirst()
  const fields = await state
    .selectFrom('field')
    .selectAll()
    .where('org', '=', org)
    .where('endedDay', 'is', null)
    .execute()
  const seasons = await state.selectFrom('season').selectAll().where('org', '=', org).execute()
  return { farmId: farm?.id ?? null, fields, seasons }
}

function fieldChange(
  row: FieldOfMember,
  fields: readonly FieldRow[] | null,
  seasons: readonly SeasonRow[],
): MatchedField {
  const existing = fields?.find(({ name }) => name === row.name) ?? null
  const isOutlined = row.shape === null || existing?.geojson === toJson(row.shape)
  const isSame = existing !== null && existing.areaM2 === row.areaM2 && isOutlined
  const hasSeason = seasons.some(
    ({ fieldId, crop, plantedDay }) =>
      fieldId === existing?.id && crop === row.season?.crop && plantedDay === row.season.plantedDay,
  )
  return {
    row,
    known: existing,
    change: existing === null ? 'new' : isSame ? 'same' : 'changed',
    seasonChange: row.season === null ? 'none' : hasSeason ? 'same' : 'new',
  }
}

const parts = ['seesYield', 'seesWater', 'seesSprays', 'isNamed'] as const

function consentChange(
  desired: MemberRow['consent'],
  current: (Consent & { signedDocumentRef: string | null }) | undefined,
): MatchedMember['consentChange'] {
  if (desired === null) return 'none'
  const isSame =
    current?.signedDocumentRef === desired.signedDocumentRef &&
    parts.every((part) => current[part] === desired[part])
  return isSame ? 'same' : 'new'
}
