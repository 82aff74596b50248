/**
 * Password links: one-time, valid for 24 hours, for a person who forgot their password. Only an administrator
 * of every organisation the person belongs to may create one, or the server operator. A link is void once the
 * person's memberships change or its creator no longer administers all of them. No mail is sent: the creator
 * passes the link on.
 */
import { randomBytes } from 'node:crypto'
import { newClaimCode, parseClaimCode } from '../../../broker/contract/claim-code.ts'
import { DAY_MS } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inAllOrgs } from '../../runtime/transactions.ts'
import type { PasswordLinkRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { PasswordLink } from './password-schemas.ts'
import { authTables, readMemberships } from './users.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'credentials'>
type Memberships = Awaited<ReturnType<typeof readMemberships>>

const VALID_MS = DAY_MS
const CONSOLE = 'console'
const INVALID_LINK = 'code: this link is not valid or no longer valid; request a new one'

/** The person who chooses a password with a link. */
export interface LinkedPerson {
  userId: string
  name: string
  email: string
}

/**
 * Created by an administrator for a member of their organisation; earlier links of that person become void.
 * NOT_FOUND for other people, CONFLICT for oneself, USER_IN_OTHER_ORGANISATION when the person belongs to an
 * organisation that the caller does not administer.
 */
export async function createPasswordLink(deps: Deps, caller: Caller, userId: string): Promise<PasswordLink> {
  return inAllOrgs(deps.state, async (rows) => {
    const memberships = await readMemberships(authTables(rows), userId)
    if (!memberships.some(({ slug }) => slug === caller.org))
      fail('NOT_FOUND', `there is no member ${userId} in this organisation`)
    if (userId === caller.userId) fail('CONFLICT', 'change your own password under Settings')
    if (!(await administersAll(rows, caller.userId, memberships)))
      fail(
        'USER_IN_OTHER_ORGANISATION',
        'this person also belongs to another organisation; ask the server operator to create the link',
      )
    return storeLink(deps, rows, { userId, memberships, actor: caller.userId })
  })
}

/** Created by the server operator, for any person. NOT_FOUND when no account has this address. */
export async function createPasswordLinkByEmail(deps: Deps, email: string): Promise<PasswordLink> {
  return inAllOrgs(deps.state, async (rows) => {
    const db = authTables(rows)
    const address = email.trim().toLowerCase()
    const user = await db.selectFrom('user').select('id').where('email', '=', address).executeTakeFirst()
    if (!user) fail('NOT_FOUND', `EMAIL: no account has the address ${email.slice(0, 200)}`)
    const memberships = await readMemberships(db, user.id)
    return storeLink(deps, rows, { userId: user.id, memberships, actor: CONSOLE })
  })
}

/** The person whose password the code resets. FORBIDDEN for an invalid code, without the reason. */
export const inspectPasswordLink = async (deps: Deps, code: string): Promise<LinkedPerson> =>
  (await findValidLink(deps, deps.state, code)).person

/**
 * Sets the password and consumes the link. All sessions of the person end, and every organisation they belong
 * to audits it. FORBIDDEN for an invalid code.
 */
export async function acceptPasswordLink(
  deps: Deps & Pick<Context, 'auth'>,
  { code, password }: { code: string; password: string },
  from: string,
): Promise<LinkedPerson> {
  await findValidLink(deps, deps.state, code) // check the code first: a guess is not worth the cost of a hash
  const hash = await deps.auth.hashPassword(password)
  const reset = await inAllOrgs(deps.state, async (rows) => {
    const { person, memberships, actor } = await findValidLink(deps, rows, code)
    await endPasswordLinks(rows, person.userId)
    await deps.auth.setPassword(rows, person.userId, hash)
    // a lost phone receives no more notifications; the person's own phone subscribes again
    await rows.deleteFrom('pushDevice').where('userId', '=', person.userId).execute()
    await auditInEach(rows, memberships, {
      atMs: deps.clock.now(),
      actor: person.userId,
      action: 'password.reset',
      subject: person.userId,
      detail: { from, linkBy: actor },
    })
    return person
  })
  deps.auth.forgetSessions(reset.userId)
  return reset
}

/**
 * Voids the links for this person and the links that this person created, which somebody else may have
 * created in their name.
 */
export async function endPasswordLinks(rows: State, userId: string): Promise<void> {
  await rows
    .deleteFrom('passwordLink')
    .where((eb) => eb.or([eb('userId', '=', userId), eb('actor', '=', userId)]))
    .execute()
}

async function storeLink(
  { clock, credentials }: Deps,
  rows: State,
  { userId, memberships, actor }: { userId: string; memberships: Memberships; actor: string },
): Promise<PasswordLink> {
  const code = newClaimCode(randomBytes)
  const atMs = clock.now()
  const expiresMs = atMs + VALID_MS
  await rows
    .deleteFrom('passwordLink')
    .where((eb) => eb.or([eb('userId', '=', userId), eb('expiresMs', '<=', atMs)]))
    .execute()
  const codeHash = hashOf(credentials, code)
  const row = { userId, codeHash, memberships: membershipFingerprint(memberships), actor, expiresMs }
  await rows.insertInto('passwordLink').values(row).execute()
  const line = { atMs, actor, action: 'password.link', subject: userId, detail: { expiresMs } }
  await auditInEach(rows, memberships, line)
  return { code, url: `/join?reset=${code}`, expiresMs }
}

async function findValidLink(
  { clock, credentials }: Deps,
  rows: State,
  text: string,
): Promise<{ person: LinkedPerson; memberships: Memberships; actor: string }> {
  // a code with a wrong check character is reported as such: this does not reveal which codes exist
  const code = parseClaimCode(text)
  if (!code.ok) fail('BAD_REQUEST', code.error)
  const match = await rows
    .selectFrom('passwordLink')
    .selectAll()
    .where('codeHash', '=', hashOf(credentials, code.value))
    .executeTakeFirst()
  if (!match || match.expiresMs <= clock.now()) fail('FORBIDDEN', INVALID_LINK)
  const { userId, actor } = match
  const db = authTables(rows)
  const user = await db
    .selectFrom('user')
    .select(['name', 'email'])
    .where('id', '=', userId)
    .executeTakeFirst()
  const memberships = await readMemberships(db, userId)
  if (!user || !(await isStillValid(rows, match, memberships))) fail('FORBIDDEN', INVALID_LINK)
  return { person: { userId, ...user }, memberships, actor }
}

/** Whether the memberships are unchanged and the creator may still create this link. */
async function isStillValid(
  rows: State,
  { memberships, actor }: PasswordLinkRow,
  now: Memberships,
): Promise<boolean> {
  if (membershipFingerprint(now) !== memberships) return false
  return actor === CONSOLE || administersAll(rows, actor, now)
}

async function administersAll(rows: State, userId: string, memberships: Memberships): Promise<boolean> {
  const userMemberships = await readMemberships(authTables(rows), userId)
  const administered = new Set(userMemberships.filter(({ role }) => role === 'admin').map(({ id }) => id))
  return memberships.every(({ id }) => administered.has(id))
}

/** Leaving and rejoining, or a new role, changes the fingerprint. */
const membershipFingerprint = (memberships: Memberships): string =>
  memberships
    .map(({ memberId, role }) => `${memberId} ${role}`)
    .sort()
    .join(', ')

async function auditInEach(
  rows: State,
  memberships: Memberships,
  line: Omit<Parameters<typeof appendAudit>[1], 'org'>,
): Promise<void> {
  for (const { slug: org } of memberships) await appendAudit(rows, { org, ...line })
}

const hashOf = (credentials: Deps['credentials'], code: string): string =>
  credentials.hashSecret(`password ${code}`)
