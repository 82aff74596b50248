/** Which organisation belongs to which co-operative, and which data each member shares. */
import { randomUUID } from 'node:crypto'
import type { AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { consentsAt, type Consent } from '../../domain/consent.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrgs } from '../../runtime/transactions.ts'
import { dropReportFiles } from '../../domain/report-file-retention.ts'
import type { MembershipRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { Membership, NewConsent } from './co-op-schemas.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'auth'>

/** The memberships of an organisation as a co-operative and as a member; ended ones last. */
export async function readMembershipViews({ state, clock, auth }: Deps, org: string): Promise<Membership[]> {
  const rows = await state
    .selectFrom('membership')
    .selectAll()
    .where((eb) => eb.or([eb('coop', '=', org), eb('org', '=', org)]))
    .orderBy('joinedMs')
    .execute()
  const consents = await consentsAt(
    state,
    rows.map(({ id }) => id),
    clock.now(),
  )
  const existing = await auth.organisations(rows.flatMap((row) => [row.coop, row.org]))
  const party = (id: string) => ({ id, name: existing.get(id)?.name ?? id })
  return rows
    .map(({ id, org: member, coop, memberCode, jaCode, alias, joinedMs, endedMs }) => ({
      id,
      coop: party(coop),
      member: party(member),
      isOurs: coop === org,
      memberCode,
      jaCode,
      joinedMs,
      endedMs,
      // together with the name it would reveal to the co-operative who is behind an alias in a report
      alias: coop === org ? null : alias,
      hasPeople: (existing.get(member)?.people ?? 0) > 0,
      consent: consents.get(id) ?? null,
    }))
    .sort((a, b) => Number(a.endedMs !== null) - Number(b.endedMs !== null))
}

/** NOT_FOUND when the organisation is on neither side of the membership. */
export async function findMembership(state: State, org: string, id: string): Promise<MembershipRow> {
  const row = await state
    .selectFrom('membership')
    .selectAll()
    .where('id', '=', id)
    .where((eb) => eb.or([eb('coop', '=', org), eb('org', '=', org)]))
    .executeTakeFirst()
  return row ?? fail('NOT_FOUND', `there is no membership ${id.slice(0, 64)} of this organisation`)
}

/**
 * Records which data the member shares from now on. The member decides; for a member without an account the
 * co-operative may enter a signed document. FORBIDDEN otherwise, CONFLICT when the membership has ended.
 */
export async function recordConsent(
  { state, clock, auth }: Deps,
  caller: Caller,
  id: string,
  { signedDocumentRef, ...visibility }: NewConsent,
): Promise<void> {
  const membership = await findMembership(state, caller.org, id)
  if (membership.endedMs !== null) fail('CONFLICT', 'this membership has ended')
  if (membership.org === caller.org) {
    if (signedDocumentRef !== undefined)
      fail('BAD_REQUEST', 'signedDocumentRef: is for members without an account; leave it out')
  } else {
    const people = (await auth.organisations([membership.org])).get(membership.org)?.people ?? 0
    if (people > 0) fail('FORBIDDEN', 'this member has an account and decides for itself')
    if (signedDocumentRef === undefined)
      fail('BAD_REQUEST', 'signedDocumentRef: must name the signed document, got nothing')
  }
  await inOrgs(state, [membership.org, membership.coop], async (rows) => {
    await writeConsent(
      rows,
      caller,
      membership,
      { ...visibility, signedDocumentRef: signedDocumentRef ?? null },
      clock.now(),
    )
    await dropReportFiles(rows, membership.coop)
  })
}

/** Adds a consent and audits it on both sides. The caller drops the co-operative's report files. */
export async function writeConsent(
  rows: State,
  caller: Pick<Caller, 'userId'>,
  membership: Pick<MembershipRow, 'id' | 'org' | 'coop'>,
  { signedDocumentRef, ...visibility }: Consent & { signedDocumentRef: string | null },
  nowMs: AtMs,
): Promise<void> {
  const { id, org } = membership
  const last = await rows
    .selectFrom('consent')
    .select(({ fn }) => fn.max('atMs').as('atMs'))
    .where('membershipId', '=', id)
    .executeTakeFirst()
  // strictly increasing, or the latest consent would be ambiguous
  const atMs = Math.max(nowMs, Number(last?.atMs ?? 0) + 1)
  await rows
    .insertInto('consent')
    .values({
      id: randomUUID(),
      org,
      membershipId: id,
      atMs,
      seesYield: toBit(visibility.seesYield),
      seesWater: toBit(visibility.seesWater),
      seesSprays: toBit(visibility.seesSprays),
      isNamed: toBit(visibility.isNamed),
      actor: caller.userId,
      signedDocumentRef,
    })
    .execute()
  await auditOnBothSides(
    rows,
    caller,
    membership,
    'consent.change',
    { ...visibility, signedDocumentRef },
    atMs,
  )
}

/** Ends the membership, from either side; the co-operative loses access to the data. */
export async function endMembership({ state, clock, auth }: Deps, caller: Caller, id: string): Promise<void> {
  const membership = await findMembership(state, caller.org, id)
  if (membership.endedMs !== null) fail('CONFLICT', 'this membership has ended')
  const endedMs = clock.now()
  const people = (await auth.organisations([membership.org])).get(membership.org)?.people ?? 0
  await inOrgs(state, [membership.org, membership.coop], async (rows) => {
    // an open invitation that the co-operative created for a member without people
    if (people === 0)
      await rows
        .deleteFrom('invitationCode')
        .where('org', '=', membership.org)
        .where('usedMs', 'is', null)
        .execute()
    await rows.updateTable('membership').set({ endedMs }).where('id', '=', id).execute()
    await dropReportFiles(rows, membership.coop)
    await auditOnBothSides(rows, caller, membership, 'membership.end', {}, endedMs)
  })
}

/** The codes by which the co-operative knows this member. FORBIDDEN for the member itself. */
export async function setMemberCodes(
  { state, clock }: Deps,
  caller: Caller,
  id: string,
  codes: Pick<MembershipRow, 'memberCode' | 'jaCode'>,
): Promise<void> {
  const membership = await findMembership(state, caller.org, id)
  if (membership.coop !== caller.org) fail('FORBIDDEN', 'only the co-operative may set these codes')
  await inOrgs(state, [membership.org, membership.coop], async (rows) => {
    await rows.updateTable('membership').set(codes).where('id', '=', id).execute()
    await auditOnBothSides(rows, caller, membership, 'membership.codes', codes, clock.now())
  })
}

/** Events between two organisations are audited in both. */
export async function auditOnBothSides(
  rows: State,
  { userId: actor }: Pick<Caller, 'userId'>,
  { id, org, coop }: Pick<MembershipRow, 'id' | 'org' | 'coop'>,
  action: string,
  detail: object,
  atMs: number,
): Promise<void> {
  for (const side of [org, coop])
    await appendAudit(rows, { org: side, atMs, actor, action, subject: id, detail: { ...detail, org, coop } })
}

const toBit = (value: boolean): 0 | 1 => (value ? 1 : 0)
