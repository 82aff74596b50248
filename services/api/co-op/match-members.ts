/** What an import of members would change: each row of the table against what the co-operative has. */
import { consentsAt, type Consent } from '../../domain/consent.ts'
import type { State } from '../../ports.ts'
import { toJson, type FieldRow, type MembershipRow, type SeasonRow } from '../../tables.ts'
import type { Context } from '../http/context.ts'
import type { FieldOfMember, MemberRow } from './read-members.ts'

export interface MatchedMember {
  row: MemberRow
  membership: MembershipRow | null // null: new
  farmId: string | null // of the member's first farm
  /** somebody signs in as this member: it keeps its own fields, and nothing of it is changed here */
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

/** By member code, else by name; fields by name. */
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
  const known = await auth.organisations(memberships.map(({ org }) => org))
  const said = await consentsAt(
    state,
    memberships.map(({ id }) => id),
    clock.now(),
  )
  const byCode = new Map(memberships.map((it) => [it.memberCode, it]))
  const byName = new Map(memberships.map((it) => [known.get(it.org)?.name, it]))
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
    const there = await readFarm(state, org)
    matched.push({
      row,
      membership,
      farmId: there.farmId,
      isSelfManaged: (known.get(org)?.people ?? 0) > 0,
      fields: row.fields.map((field) => fieldChange(field, there.fields, there.seasons)),
      consentChange: consentChange(row.consent, said.get(membership.id)),
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
  const known = fields?.find(({ name }) => name === row.name) ?? null
  const isOutlined = row.shape === null || known?.geojson === toJson(row.shape)
  const isSame = known !== null && known.areaM2 === row.areaM2 && isOutlined
  const hasSeason = seasons.some(
    ({ fieldId, crop, plantedDay }) =>
      fieldId === known?.id && crop === row.season?.crop && plantedDay === row.season.plantedDay,
  )
  return {
    row,
    known,
    change: known === null ? 'new' : isSame ? 'same' : 'changed',
    seasonChange: row.season === null ? 'none' : hasSeason ? 'same' : 'new',
  }
}

const parts = ['seesYield', 'seesWater', 'seesSprays', 'isNamed'] as const

function consentChange(
  wanted: MemberRow['consent'],
  said: (Consent & { signedDocumentRef: string | null }) | undefined,
): MatchedMember['consentChange'] {
  if (wanted === null) return 'none'
  const isSame =
    said?.signedDocumentRef === wanted.signedDocumentRef && parts.every((part) => said[part] === wanted[part])
  return isSame ? 'same' : 'new'
}
