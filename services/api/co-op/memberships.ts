/** Who belongs to which co-operative, and what each member lets it see. */
import { randomUUID } from 'node:crypto'
import type { AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { consentsAt, type Consent } from '../../domain/consent.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { dropReportFiles } from '../../domain/report-file-retention.ts'
import type { MembershipRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { Membership, NewConsent } from './co-op-schemas.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'auth'>

/** Of an organisation as a co-operative, and as a member of one; those that have ended last. */
export async function readMembershipViews({ state, clock, auth }: Deps, org: string): Promise<Membership[]> {
  const rows = await state
    .selectFrom('membership')
    .selectAll()
    .where((is) => is.or([is('coop', '=', org), is('org', '=', org)]))
    .orderBy('joinedMs')
    .execute()
  const said = await consentsAt(
    state,
    rows.map(({ id }) => id),
    clock.now(),
  )
  const known = await auth.organisations(rows.flatMap((row) => [row.coop, row.org]))
  const party = (id: string) => ({ id, name: known.get(id)?.name ?? id })
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
      // beside the name it would tell the co-operative who stands behind it in a report
      alias: coop === org ? null : alias,
      hasPeople: (known.get(member)?.people ?? 0) > 0,
      consent: said.get(id) ?? null,
    }))
    .sort((a, b) => Number(a.endedMs !== null) - Number(b.endedMs !== null))
}

/** NOT_FOUND when the organisation is on neither side of it. */
export async function findMembership(state: State, org: string, id: string): Promise<MembershipRow> {
  const row = await state
    .selectFrom('membership')
    .selectAll()
    .where('id', '=', id)
    .where((is) => is.or([is('coop', '=', org), is('org', '=', org)]))
    .executeTakeFirst()
  return row ?? fail('NOT_FOUND', `there is no membership ${id.slice(0, 64)} here`)
}

/**
 * What is seen from now on. The member decides; the co-operative may only enter what a member without an account has
 * signed on paper. FORBIDDEN otherwise, CONFLICT when the membership has ended.
 */
export async function recordConsent(
  { state, clock, auth }: Deps,
  caller: Caller,
  id: string,
  { signedDocumentRef, ...wanted }: NewConsent,
): Promise<void> {
  const membership = await findMembership(state, caller.org, id)
  if (membership.endedMs !== null) fail('CONFLICT', 'this membership has ended')
  if (membership.org === caller.org) {
    if (signedDocumentRef !== undefined)
      fail('BAD_REQUEST', 'signedDocumentRef: is for members without an account; leave it out')
  } else {
    const people = (await auth.organisations([membership.org])).get(membership.org)?.people ?? 0
    if (people > 0) fail('FORBIDDEN', 'this member has an account and decides itself')
    if (signedDocumentRef === undefined)
      fail('BAD_REQUEST', 'signedDocumentRef: must say which signed paper this is entered from, got nothing')
  }
  await state.transaction().execute(async (rows) => {
    await writeConsent(
      rows,
      caller,
      membership,
      { ...wanted, signedDocumentRef: signedDocumentRef ?? null },
      clock.now(),
    )
    await dropReportFiles(rows, membership.coop)
  })
}

/** Adds what is seen from now on, and says so in the audit of both. The caller drops the co-operative's report files. */
export async function writeConsent(
  rows: State,
  caller: Pick<Caller, 'userId'>,
  membership: Pick<MembershipRow, 'id' | 'org' | 'coop'>,
  { signedDocumentRef, ...wanted }: Consent & { signedDocumentRef: string | null },
  nowMs: AtMs,
): Promise<void> {
  const { id, org } = membership
  const last = await rows
    .selectFrom('consent')
    .select(({ fn }) => fn.max('atMs').as('atMs'))
    .where('membershipId', '=', id)
    .executeTakeFirst()
  // one after the other, or it could not be told which holds
  const atMs = Math.max(nowMs, Number(last?.atMs ?? 0) + 1)
  await rows
    .insertInto('consent')
    .values({
      id: randomUUID(),
      org,
      membershipId: id,
      atMs,
      seesYield: toBit(wanted.seesYield),
      seesWater: toBit(wanted.seesWater),
      seesSprays: toBit(wanted.seesSprays),
      isNamed: toBit(wanted.isNamed),
      actor: caller.userId,
      signedDocumentRef,
    })
    .execute()
  await auditOnBothSides(rows, caller, membership, 'consent.change', { ...wanted, signedDocumentRef }, atMs)
}

/** Either side ends it; what was seen is seen no longer. */
export async function endMembership({ state, clock, auth }: Deps, caller: Caller, id: string): Promise<void> {
  const membership = await findMembership(state, caller.org, id)
  if (membership.endedMs !== null) fail('CONFLICT', 'this membership has ended')
  const endedMs = clock.now()
  const people = (await auth.organisations([membership.org])).get(membership.org)?.people ?? 0
  await state.transaction().execute(async (rows) => {
    // a link that the co-operative had made for who nobody is yet
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

/** How the co-operative counts this member. FORBIDDEN for the member itself. */
export async function setMemberCodes(
  { state, clock }: Deps,
  caller: Caller,
  id: string,
  codes: Pick<MembershipRow, 'memberCode' | 'jaCode'>,
): Promise<void> {
  const membership = await findMembership(state, caller.org, id)
  if (membership.coop !== caller.org) fail('FORBIDDEN', 'the co-operative gives these codes')
  await state.transaction().execute(async (rows) => {
    await rows.updateTable('membership').set(codes).where('id', '=', id).execute()
    await auditOnBothSides(rows, caller, membership, 'membership.codes', codes, clock.now())
  })
}

/** What happens between two organisations stands in the audit of both. */
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
