/**
 * Ways in, for one use: an administrator makes a code, whoever is meant opens it as a link or types it. A person comes
 * into the organisation; a member joins it as a co-operative with an organisation of its own.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { newClaimCode, parseClaimCode } from '../../../broker/contract/claim-code.ts'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { InvitationCodeRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import { may } from '../http/permissions.ts'
import { auditOnBothSides, findMembership } from './memberships.ts'
import type { AcceptInvitation, Invitation, NewInvitation } from './co-op-schemas.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'auth' | 'credentials'>

const VALID_MS = 14 * DAY_MS
const INVALID_CODE = 'code: this code does not count (any more); ask for a new one'

/** Gives the code, which is kept as a hash alone. */
export async function createInvitation(
  { state, clock, credentials }: Deps,
  { org, userId: actor }: Caller,
  { purpose, role = 'operator', name = null, memberCode = null, jaCode = null }: NewInvitation,
): Promise<{ id: string; code: string; expiresMs: number }> {
  if (purpose === 'person' && (memberCode !== null || jaCode !== null))
    fail('BAD_REQUEST', 'memberCode, jaCode: are for members, not for a person of this organisation')
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
  await state.transaction().execute(async (rows) => {
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
 * A way into the organisation of a member that nobody can sign in to yet, for who will decide for it: what the co-operative
 * has taken in of it stays. What was made before counts no more. FORBIDDEN for others than its co-operative; CONFLICT when
 * somebody is there, or the membership has ended.
 */
export async function inviteMember(
  { state, clock, auth, credentials }: Deps,
  caller: Caller,
  membershipId: string,
): Promise<{ id: string; code: string; expiresMs: number }> {
  const membership = await findMembership(state, caller.org, membershipId)
  const { org, coop, memberCode } = membership
  if (coop !== caller.org) fail('FORBIDDEN', 'the co-operative invites its members')
  if (membership.endedMs !== null) fail('CONFLICT', 'this membership has ended')
  const known = (await auth.organisations([org])).get(org)
  if ((known?.people ?? 0) > 0) fail('CONFLICT', 'this member has an account and invites its own people')
  const { code, row } = newCode(credentials, clock.now(), {
    org,
    actor: caller.userId,
    purpose: 'person',
    role: 'admin',
    name: known?.name ?? null,
    memberCode: null,
    jaCode: null,
  })
  const { id, createdMs, expiresMs } = row
  await state.transaction().execute(async (rows) => {
    await rows.deleteFrom('invitationCode').where('org', '=', org).where('usedMs', 'is', null).execute()
    await rows.insertInto('invitationCode').values(row).execute()
    const detail = { memberCode, expiresMs }
    await auditOnBothSides(rows, caller, membership, 'membership.invite', detail, createdMs)
  })
  return { id, code, expiresMs }
}

/** The code, and its row, which keeps its hash alone. */
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

/** Those that are still open, and those used in the last while, newest first. */
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

/** NOT_FOUND when it is not one of this organisation's. One that was used is not undone by this. */
export async function withdrawInvitation(
  { state, clock }: Deps,
  { org, userId: actor }: Caller,
  id: string,
): Promise<void> {
  await state.transaction().execute(async (rows) => {
    const gone = await rows
      .deleteFrom('invitationCode')
      .where('org', '=', org)
      .where('id', '=', id)
      .executeTakeFirst()
    if (Number(gone.numDeletedRows) === 0) fail('NOT_FOUND', `there is no invitation ${id.slice(0, 64)} here`)
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

/** What a code leads to. FORBIDDEN for one that does not count, without saying why. */
export async function inspectInvitation(
  deps: Deps,
  text: string,
): Promise<InvitationCodeRow & { orgName: string }> {
  const found = await findValidCode(deps, deps.state, text)
  const known = await deps.auth.organisations([found.org])
  if (found.purpose === 'person' && (known.get(found.org)?.people ?? 0) > 0) {
    // a co-operative lets somebody into a member's organisation only while nobody is there
    const theirs = await deps.auth.organisationsOf(found.actor)
    if (!theirs.some(({ id }) => id === found.org)) fail('FORBIDDEN', INVALID_CODE)
  }
  return { ...found, orgName: known.get(found.org)?.name ?? found.org }
}

/** Somebody new. Gives who they are; CONFLICT when the address has an account: sign in, then join with the code. */
export async function acceptInvitation(
  deps: Deps,
  form: AcceptInvitation,
): Promise<{ userId: string; org: string }> {
  const { auth, state, clock } = deps
  const found = await inspectInvitation(deps, form.code)
  const { name, email, password } = form
  const isPerson = found.purpose === 'person'
  if (!isPerson && form.farm === undefined) fail('BAD_REQUEST', 'farm: must be the name of your farm')
  const org = isPerson ? found.org : await newOrgId(deps, form.farm!)
  const orgName = isPerson ? found.orgName : form.farm!
  // an account is better-auth's to write, in a transaction of its own: the code is taken before and given back if need be
  await consumeCode(state, found, clock.now())
  try {
    const userId = await auth.createUser({ name, email, password, org, orgName, role: found.role })
    await state.transaction().execute((rows) => addMember(rows, { userId, org }, found, clock.now()))
    return { userId, org }
  } catch (error) {
    await state.updateTable('invitationCode').set({ usedMs: null }).where('id', '=', found.id).execute()
    throw error
  }
}

/** Somebody with an account. As a member joins the organisation that they administer just now. */
export async function joinByInvitation(deps: Deps, caller: Caller, text: string): Promise<{ org: string }> {
  const { auth, state, clock } = deps
  await inspectInvitation(deps, text)
  return state.transaction().execute(async (rows) => {
    const found = await findValidCode(deps, rows, text)
    const org = found.purpose === 'person' ? found.org : caller.org
    await consumeCode(rows, found, clock.now())
    if (found.purpose === 'person') await auth.addPerson(rows, org, caller.userId, found.role)
    else await checkMayJoin(rows, caller, found.org)
    await addMember(rows, { userId: caller.userId, org }, found, clock.now())
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
  if (isIn) fail('CONFLICT', 'this organisation is a member already')
}

async function addMember(
  rows: State,
  { userId, org }: { userId: string; org: string },
  found: InvitationCodeRow,
  atMs: AtMs,
): Promise<void> {
  if (found.purpose === 'member') {
    const { org: coop, memberCode, jaCode } = found
    const membership = await insertMembership(rows, { org, coop, memberCode, jaCode, joinedMs: atMs })
    await auditOnBothSides(rows, { userId }, membership, 'membership.join', { invitation: found.id }, atMs)
  } else
    await appendAudit(rows, {
      org,
      atMs,
      actor: userId,
      action: 'person.join',
      subject: userId,
      detail: { role: found.role, invitation: found.id },
    })
}

/** A member of the co-operative from `joinedMs` on, that lets nothing be seen yet. */
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
  // what does not fit itself is told so: that says nothing of which codes there are
  const code = parseClaimCode(text)
  if (!code.ok) fail('BAD_REQUEST', code.error)
  const found = await rows
    .selectFrom('invitationCode')
    .selectAll()
    .where('codeHash', '=', hashOf(credentials, code.value))
    .executeTakeFirst()
  if (!found || found.usedMs !== null || found.expiresMs <= clock.now()) fail('FORBIDDEN', INVALID_CODE)
  return found
}

/** One code lets one in, also when it is opened on two phones at once. */
async function consumeCode(rows: State, { id }: InvitationCodeRow, usedMs: AtMs): Promise<void> {
  const taken = await rows
    .updateTable('invitationCode')
    .set({ usedMs })
    .where('id', '=', id)
    .where('usedMs', 'is', null)
    .executeTakeFirst()
  if (Number(taken.numUpdatedRows) === 0) fail('FORBIDDEN', INVALID_CODE)
}

/** A name in topics for a new organisation: from its name where that has letters, and never one that is taken. */
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

/** Says nothing of who it stands for. */
const newAlias = (): string => `M-${randomBytes(3).toString('hex').toUpperCase()}`
