/**
 * A way back in for who forgot their password: a link that counts once, for a day, with which they choose another. It is
 * made by an administrator of every organisation the person belongs to, so that nobody comes by it into one that is not
 * theirs, or by whoever runs the server. It is worth nothing once the person belongs elsewhere, or its maker no longer
 * administers all of that. No mail is sent: whoever made it passes it on.
 */
import { randomBytes } from 'node:crypto'
import { newClaimCode, parseClaimCode } from '../../../broker/contract/claim-code.ts'
import { DAY_MS } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { PasswordLinkRow } from '../../tables.ts'
import type { Caller } from '../http/caller.ts'
import type { Context } from '../http/context.ts'
import type { PasswordLink } from './password-schemas.ts'
import { authTables, readMemberships } from './users.ts'

type Deps = Pick<Context, 'state' | 'clock' | 'credentials'>
type Memberships = Awaited<ReturnType<typeof readMemberships>>

const VALID_MS = DAY_MS
const CONSOLE = 'console'
const INVALID_LINK = 'code: this link does not count (any more); ask for a new one'

/** Who chooses a password with a link. */
export interface LinkedPerson {
  userId: string
  name: string
  email: string
}

/**
 * By an administrator, for somebody of their organisation; what was made for them before counts no more. NOT_FOUND for
 * others, CONFLICT for oneself, USER_IN_OTHER_ORGANISATION when the person belongs to an organisation that the caller does not administer.
 */
export async function createPasswordLink(deps: Deps, caller: Caller, userId: string): Promise<PasswordLink> {
  return deps.state.transaction().execute(async (rows) => {
    const memberships = await readMemberships(authTables(rows), userId)
    if (!memberships.some(({ slug }) => slug === caller.org))
      fail('NOT_FOUND', `there is no member ${userId} here`)
    if (userId === caller.userId) fail('CONFLICT', 'change your own password under Settings')
    if (!(await administersAll(rows, caller.userId, memberships)))
      fail(
        'USER_IN_OTHER_ORGANISATION',
        'this person belongs to an organisation that you do not administer too: whoever runs the server makes the link',
      )
    return storeLink(deps, rows, { userId, memberships, actor: caller.userId })
  })
}

/** By whoever runs the server, for anybody. NOT_FOUND when the address is nobody's. */
export async function createPasswordLinkByEmail(deps: Deps, email: string): Promise<PasswordLink> {
  return deps.state.transaction().execute(async (rows) => {
    const db = authTables(rows)
    const address = email.trim().toLowerCase()
    const user = await db.selectFrom('user').select('id').where('email', '=', address).executeTakeFirst()
    if (!user) fail('NOT_FOUND', `EMAIL: nobody signs in as ${email.slice(0, 200)}`)
    const memberships = await readMemberships(db, user.id)
    return storeLink(deps, rows, { userId: user.id, memberships, actor: CONSOLE })
  })
}

/** Whose password it is. FORBIDDEN for a code that does not count, without saying why. */
export const inspectPasswordLink = async (deps: Deps, code: string): Promise<LinkedPerson> =>
  (await findValidLink(deps, deps.state, code)).person

/**
 * Chooses the password, once. Whoever was signed in as this person is not any longer; it is noted wherever they belong.
 * FORBIDDEN for a code that does not count.
 */
export async function acceptPasswordLink(
  deps: Deps & Pick<Context, 'auth'>,
  { code, password }: { code: string; password: string },
  from: string,
): Promise<LinkedPerson> {
  await findValidLink(deps, deps.state, code) // a stranger's guess is not worth the work of a hash
  const hash = await deps.auth.hashPassword(password)
  return deps.state.transaction().execute(async (rows) => {
    const { person, memberships, actor } = await findValidLink(deps, rows, code)
    await endPasswordLinks(rows, person.userId)
    await deps.auth.setPassword(rows, person.userId, hash)
    // a phone that was lost is told nothing more; theirs asks for it again
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
}

/** What was made for this person counts no more, nor what was made in their name: it may have been somebody else. */
export async function endPasswordLinks(rows: State, userId: string): Promise<void> {
  await rows
    .deleteFrom('passwordLink')
    .where((is) => is.or([is('userId', '=', userId), is('actor', '=', userId)]))
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
    .where((is) => is.or([is('userId', '=', userId), is('expiresMs', '<=', atMs)]))
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
  // what does not fit itself is told so: that says nothing of which codes there are
  const code = parseClaimCode(text)
  if (!code.ok) fail('BAD_REQUEST', code.error)
  const found = await rows
    .selectFrom('passwordLink')
    .selectAll()
    .where('codeHash', '=', hashOf(credentials, code.value))
    .executeTakeFirst()
  if (!found || found.expiresMs <= clock.now()) fail('FORBIDDEN', INVALID_LINK)
  const { userId, actor } = found
  const db = authTables(rows)
  const user = await db
    .selectFrom('user')
    .select(['name', 'email'])
    .where('id', '=', userId)
    .executeTakeFirst()
  const memberships = await readMemberships(db, userId)
  if (!user || !(await isStillValid(rows, found, memberships))) fail('FORBIDDEN', INVALID_LINK)
  return { person: { userId, ...user }, memberships, actor }
}

/** The person belongs where they belonged, and its maker may still make it. */
async function isStillValid(
  rows: State,
  { memberships, actor }: PasswordLinkRow,
  now: Memberships,
): Promise<boolean> {
  if (membershipFingerprint(now) !== memberships) return false
  return actor === CONSOLE || administersAll(rows, actor, now)
}

async function administersAll(rows: State, userId: string, memberships: Memberships): Promise<boolean> {
  const own = await readMemberships(authTables(rows), userId)
  const administered = new Set(own.filter(({ role }) => role === 'admin').map(({ id }) => id))
  return memberships.every(({ id }) => administered.has(id))
}

/** One who left and came back, or has another role, belongs otherwise. */
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
