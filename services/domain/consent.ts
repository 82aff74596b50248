/**
 * The data that the members of a co-operative share with it. This is the only access between organisations: every view
 * that shows member data to a co-operative checks here, at the instant at which it shows it.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { ConsentRow, MembershipRow } from '../tables.ts'

/** The data of a member that a co-operative may see. */
export interface Consent {
  seesYield: boolean // harvests, areas and crops
  seesWater: boolean // irrigation and the water balance
  seesSprays: boolean // treatments and disease days
  isNamed: boolean // false: the alias replaces every name
}

export interface Share extends Consent {
  membershipId: string
  org: string // of the member
  memberCode: string | null
  jaCode: string | null
  alias: string
}

export const noConsent: Consent = {
  seesYield: false,
  seesWater: false,
  seesSprays: false,
  isNamed: false,
}

/** Every member of `coop` at an instant with what it shares, ordered by alias; nothing before the first consent. */
export async function memberShares(state: State, coop: string, atMs: AtMs): Promise<Share[]> {
  const members = await state
    .selectFrom('membership')
    .selectAll()
    .where('coop', '=', coop)
    .where('joinedMs', '<=', atMs)
    .where((eb) => eb.or([eb('endedMs', 'is', null), eb('endedMs', '>', atMs)]))
    .orderBy('alias')
    .execute()
  const consents = await consentsAt(
    state,
    members.map(({ id }) => id),
    atMs,
  )
  return members.map(({ id, org, memberCode, jaCode, alias }: MembershipRow) => ({
    membershipId: id,
    org,
    memberCode,
    jaCode,
    alias,
    ...(consents.get(id) ?? noConsent),
  }))
}

// an SQL statement accepts a limited number of values
const BATCH = 500

/** The latest consent of each membership up to an instant. */
export async function consentsAt(
  state: State,
  membershipIds: readonly string[],
  atMs: AtMs,
): Promise<Map<string, Consent & { atMs: AtMs; signedDocumentRef: string | null }>> {
  const consents = new Map<string, Consent & { atMs: AtMs; signedDocumentRef: string | null }>()
  for (let from = 0; from < membershipIds.length; from += BATCH) {
    const rows = await state
      .selectFrom('consent')
      .selectAll()
      .where('membershipId', 'in', membershipIds.slice(from, from + BATCH))
      .where('atMs', '<=', atMs)
      .orderBy('atMs')
      .execute()
    for (const row of rows)
      consents.set(row.membershipId, {
        ...consentOf(row),
        atMs: row.atMs,
        signedDocumentRef: row.signedDocumentRef,
      }) // the latest one counts
  }
  return consents
}

const consentOf = (row: ConsentRow): Consent => ({
  seesYield: row.seesYield === 1,
  seesWater: row.seesWater === 1,
  seesSprays: row.seesSprays === 1,
  isNamed: row.isNamed === 1,
})
