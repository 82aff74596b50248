/**
 * One-time invitations: an administrator creates a code, and the invited person opens it as a link or enters
 * it. A person joins the organisation; a member joins it as a co-operative with an organisation of its own.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { newClaimCode, parseClaimCode } from '../../../broker/contract/claim-code.ts'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inAllOrgs, inOrg, inOrgs } from '../../runtime/transactions.ts'
import type { InvitationCodeRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { may } from '../http/permissions.ts'
import { auditOnBothSides, findMembership } from './memberships.ts'
import type { AcceptInvitation, Invitation, NewInvitation } from './co-op-schemas.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'auth' | 'credentials'>

const VALID_MS = 14 * DAY_MS
const INVALID_CODE = 'code: this code is not valid or no longer valid; request a new one'

/** Returns the code; only its hash is stored. */
export async function createInvitation(
  { state, clock, credentials }: Deps,
  { org, userId: actor }: Caller,
  { purpose, role = 'operator', name = null, memberCode = null, jaCode = null }: NewInvitation,
): Promise<{ id: string; code: string; expiresMs: number }> {
  if (purpose === 'person' && (memberCode !== null || jaCode !== null))
    fail(
      'BAD_REQUEST',
      'memberCode, jaCode: are for members, not for a person of this organisation; leave them out',
    )
  const { code, row } = newCode(credentials, clock.now(), {
    org,
    actor,
    purpose,
    name,
    memberCode,
    jaCode,
    role: purpose === 'member' ? 'admin' : role,
  })
  const { id, createdMs, expiresMs } = row
  await inOrg(state, org, async (rows) => {
    await rows.insertInto('invitationCode').values(row).execute()
    const detail = { purpose, role: row.role, name, memberCode, expiresMs }
    await appendAudit(rows, {
      org,
      atMs: createdMs,
      actor,
      action: 'invitation.create',
      subject: id,
      detail,
    })
  })
  return { id, code, expiresMs }
}

/**
 * Invites the first administrator of a member organisation that nobody can sign in to yet; the data that the
 * co-operative entered for it stays. Earlier invitations become void. FORBIDDEN for anyone but its
 * co-operative; CONFLICT when the member has people, or the membership has ended.
 */
export async function inviteMember(
  { state, clock, auth, credentials }: Deps,
  caller: Caller,
  membershipId: string,
): Promise<{ id: string; code: string; expiresMs: number }> {
  const membership = await findMembership(state, caller.org, membershipId)
  const { org, coop, memberCode } = membership
  if (coop !== caller.org) fail('FORBIDDEN', 'only the co-operative may invite its members')
  if (membership.endedMs !== null) fail('CONFLICT', 'this membership has ended')
  const existing = (await auth.organisations([org])).get(org)
  if ((existing?.people ?? 0) > 0) fail('CONFLICT', 'this member has an account and invites its own people')
  const { code, row } = newCode(credentials, clock.now(), {
    org,
    actor: caller.userId,
    purpose: 'person',
    role: 'admin',
    name: existing?.name ?? null,
    memberCode: null,
    jaCode: null,
  })
  const { id, createdMs, expiresMs } = row
  await inOrgs(state, [membership.org, membership.coop], async (rows) => {
    await rows.deleteFrom('invitationCode').where('org', '=', org).where('usedMs', 'is', null).execute()
    await rows.insertInto('invitationCode').values(row).execute()
    const detail = { memberCode, expiresMs }
    await auditOnBothSides(rows, caller, membership, 'membership.invite', detail, createdMs)
  })
  return { id, code, expiresMs }
}

/** The code, and its row with the hash only. */
function newCode(
  credentials: Deps['credentials'],
  createdMs: AtMs,
  of: Omit<InvitationCodeRow, 'id' | 'codeHash' | 'createdMs' | 'expiresMs' | 'usedMs'>,
): { code: string; row: InvitationCodeRow } {
  const code = newClaimCode(randomBytes)
  const codeHash = hashOf(credentials, code)
  const expiresMs = createdMs + VALID_MS
  return { code, row: { ...of, id: randomUUID(), codeHash, createdMs, expiresMs, usedMs: null } }
}

/** Open invitations and recently used ones, newest first. */
export async function readInvitations({ state, clock }: Deps, org: string): Promise<Invitation[]> {
  const rows = await state
    .selectFrom('invitationCode')
    .select(['id', 'purpose', 'role', 'name', 'memberCode', 'jaCode', 'createdMs', 'expiresMs', 'usedMs'])
    .where('org', '=', org)
    .where('expiresMs', '>', clock.now() - VALID_MS)
    .orderBy('createdMs', 'desc')
    .execute()
  return rows
}

/** NOT_FOUND when this organisation has no such invitation. Withdrawing does not undo a used one. */
export async function withdrawInvitation(
  { state, clock }: Deps,
  { org, userId: actor }: Caller,
  id: string,
): Promise<void> {
  await inOrg(state, org, async (rows) => {
    const expired = await rows
      .deleteFrom('invitationCode')
      .where('org', '=', org)
      .where('id', '=', id)
      .executeTakeFirst()
    if (Number(expired.numDeletedRows) === 0)
      fail('NOT_FOUND', `there is no invitation ${id.slice(0, 64)} in this organisation`)
    await appendAudit(rows, {
      org,
      atMs: clock.now(),
      actor,
      action: 'invitation.withdraw',
      subject: id,
      detail: {},
    })
  })
}

/** The invitation of a code. FORBIDDEN for an invalid code, without the reason. */
export async function inspectInvitation(
  deps: Deps,
  text: string,
): Promise<InvitationCodeRow & { orgName: string }> {
  const match = await findValidCode(deps, deps.state, text)
  const existing = await deps.auth.organisations([match.org])
  if (match.purpose === 'person' && (existing.get(match.org)?.people ?? 0) > 0) {
    // a co-operative may admit a person to a member's organisation only while it has no people
    const theirs = await deps.auth.organisationsOf(match.actor)
    if (!theirs.some(({ id }) => id === match.org)) fail('FORBIDDEN', INVALID_CODE)
  }
  return { ...match, orgName: existing.get(match.org)?.name ?? match.org }
}

/**
 * For a new person. Returns their ids; CONFLICT when the address has an account: sign in, then join with the
 * code.
 */
export async function acceptInvitation(
  deps: Deps,
  form: AcceptInvitation,
): Promise<{ userId: string; org: string }> {
  const { auth, state, clock } = deps
  const match = await inspectInvitation(deps, form.code)
  const { name, email, password } = form
  const isPerson = match.purpose === 'person'
  if (!isPerson && form.farm === undefined)
    fail('BAD_REQUEST', 'farm: must be the name of your farm, got nothing')
  const org = isPerson ? match.org : await newOrgId(deps, form.farm!)
  const orgName = isPerson ? match.orgName : form.farm!
  // better-auth creates the account in a transaction of its own: the code is consumed first and restored on
  // failure
  await consumeCode(state, match, clock.now())
  try {
    const userId = await auth.createUser({ name, email, password, org, orgName, role: match.role })
    await inAllOrgs(state, (rows) => addMember(rows, { userId, org }, match, clock.now()))
    return { userId, org }
  } catch (error) {
    await state.updateTable('invitationCode').set({ usedMs: null }).where('id', '=', match.id).execute()
    throw error
  }
}

/**
 * For a person with an account. With a member invitation the organisation they currently administer joins.
 */
export async function joinByInvitation(deps: Deps, caller: Caller, text: string): Promise<{ org: string }> {
  const { auth, state, clock } = deps
  await inspectInvitation(deps, text)
  return inAllOrgs(state, async (rows) => {
    const match = await findValidCode(deps, rows, text)
    const org = match.purpose === 'person' ? match.org : caller.org
    await consumeCode(rows, match, clock.now())
    if (match.purpose === 'person') await auth.addPerson(rows, org, caller.userId, match.role)
    else await checkMayJoin(rows, caller, match.org)
    await addMember(rows, { userId: caller.userId, org }, match, clock.now())
    return { org }
  })
}

async function checkMayJoin(rows: State, { org, role }: Caller, coop: string): Promise<void> {
  if (!may(role, 'admin')) fail('FORBIDDEN', `the role ${role} does not include admin`)
  if (org === coop) fail('CONFLICT', 'a co-operative cannot join itself')
  const isIn = await rows
    .selectFrom('membership')
    .select('id')
    .where('org', '=', org)
    .where('coop', '=', coop)
    .where('endedMs', 'is', null)
    .executeTakeFirst()
  if (isIn) fail('CONFLICT', 'this organisation is already a member')
}

async function addMember(
  rows: State,
  { userId, org }: { userId: string; org: string },
  match: InvitationCodeRow,
  atMs: AtMs,
): Promise<void> {
  if (match.purpose === 'member') {
    const { org: coop, memberCode, jaCode } = match
    const membership = await insertMembership(rows, { org, coop, memberCode, jaCode, joinedMs: atMs })
    await auditOnBothSides(rows, { userId }, membership, 'membership.join', { invitation: match.id }, atMs)
  } else
    await appendAudit(rows, {
      org,
      atMs,
      actor: userId,
      action: 'person.join',
      subject: userId,
      detail: { role: match.role, invitation: match.id },
    })
}

/** Creates a membership from `joinedMs` on that shares no data yet. */
export async function insertMembership(
  rows: State,
  of: { org: string; coop: string; memberCode: string | null; jaCode: string | null; joinedMs: number },
): Promise<{ id: string; org: string; coop: string }> {
  const membership = { ...of, id: randomUUID(), alias: newAlias(), endedMs: null }
  await rows.insertInto('membership').values(membership).execute()
  return membership
}

async function findValidCode(
  { clock, credentials }: Deps,
  rows: State,
  text: string,
): Promise<InvitationCodeRow> {
  // a code with a wrong check character is reported as such: this does not reveal which codes exist
  const code = parseClaimCode(text)
  if (!code.ok) fail('BAD_REQUEST', code.error)
  const match = await rows
    .selectFrom('invitationCode')
    .selectAll()
    .where('codeHash', '=', hashOf(credentials, code.value))
    .executeTakeFirst()
  if (!match || match.usedMs !== null || match.expiresMs <= clock.now()) fail('FORBIDDEN', INVALID_CODE)
  return match
}

/** A code admits one person, even when two phones open it at once. */
async function consumeCode(rows: State, { id }: InvitationCodeRow, usedMs: AtMs): Promise<void> {
  const update = await rows
    .updateTable('invitationCode')
    .set({ usedMs })
    .where('id', '=', id)
    .where('usedMs', 'is', null)
    .executeTakeFirst()
  if (Number(update.numUpdatedRows) === 0) fail('FORBIDDEN', INVALID_CODE)
}

/**
 * A name in topics for a new organisation, from its name where that has Latin letters; never one that is
 * taken.
 */
export async function newOrgId({ auth }: Pick<Deps, 'auth'>, name: string): Promise<string> {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 28)
  for (;;) {
    const org = `${plain || 'farm'}-${randomBytes(3).toString('hex')}`
    if (!(await auth.organisations([org])).has(org)) return org
  }
}

const hashOf = (credentials: Deps['credentials'], code: string): string =>
  credentials.hashSecret(`invitation ${code}`)

/** Does not reveal the member behind it. */
const newAlias = (): string => `M-${randomBytes(3).toString('hex').toUpperCase()}`
