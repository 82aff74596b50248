/**
 * People: accounts, sessions, organisations and roles, managed by better-auth in the file of the state store.
 * Its queries use the same connection as ours (`withoutPlugins`); otherwise a transaction of one would
 * swallow writes of the other. Sessions use the wall clock, even where the farm's clock runs faster.
 */
import { betterAuth } from 'better-auth'
import { parseCookies } from 'better-auth/cookies'
import { getMigrations } from 'better-auth/db/migration'
import { organization } from 'better-auth/plugins/organization'
import { createAccessControl } from 'better-auth/plugins/access'
import { defaultStatements } from 'better-auth/plugins/organization/access'
import { fail, isTilthError } from '../../errors.ts'
import type { Clock, Logger, State } from '../../ports.ts'
import { isPostgres } from '../../runtime/sql-dialect.ts'
import { serialPasswordHasher, type PasswordHasher } from './password-hashing.ts'
import { authTables, selectMembers, createPeople, type People } from './users.ts'
import type { Sessions } from '../http/caller.ts'
import { isRole, type Role } from '../http/permissions.ts'
import { verifiedSessions } from './verified-sessions.ts'

declare module '../http/context.ts' {
  interface ApiDeps {
    /** default scrypt; tests pass a cheap one */
    hasher?: PasswordHasher
  }
  interface Context {
    auth: Auth
  }
}

const DAY_S = 86_400
const BASE_PATH = '/api/auth'

export interface NewUser {
  email: string
  password: string
  name: string
  org: string // the organisation's name in topics; created when it does not exist
  orgName: string
  role: Role
}

export interface Auth extends People, Sessions {
  /** Calls an endpoint of better-auth by its path below /api/auth, for the session of `cookie`. */
  post(path: string, cookie: string | undefined, body: object): Promise<Response>
  /** Returns the new user's id. CONFLICT when the address already has an account. */
  createUser(user: NewUser): Promise<string>
  /** Returns the stored form of a password. */
  hashPassword(password: string): Promise<string>
  /** Removes a person and their sessions from an organisation; false when it is not a member. */
  removeMember(org: string, userId: string): Promise<boolean>
  /** Call it when the sessions of a person have ended: none may give STOP while the store does not respond. */
  forgetSessions(userId: string): void
}

/** Creates or migrates better-auth's tables. */
export async function createAuth(deps: {
  state: State
  clock: Clock
  log: Logger
  secret: string
  publicUrl: string | null
  /** people connect over HTTPS only: cookies are Secure */
  isHttps?: boolean
  /** scrypt where absent; tests give a cheap one */
  hasher?: PasswordHasher | undefined
}): Promise<Auth> {
  const { state, clock, log } = deps
  const db = authTables(state)
  const access = createAccessControl(defaultStatements)
  const noPermissions = access.newRole({ organization: [], member: [], invitation: [] })
  const isHttps = deps.isHttps ?? deps.publicUrl?.startsWith('https://') ?? false
  const ownUrl = deps.publicUrl ?? 'http://localhost'
  const options = {
    appName: 'Tilth',
    baseURL: ownUrl,
    basePath: BASE_PATH,
    secret: deps.secret,
    database: {
      db,
      type: isPostgres(state) ? ('postgres' as const) : ('sqlite' as const),
      transaction: true,
    },
    telemetry: { enabled: false },
    rateLimit: { enabled: false }, // this server limits sign-in itself
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      password: serialPasswordHasher(deps.hasher),
    },
    session: { expiresIn: 90 * DAY_S, updateAge: DAY_S },
    advanced: {
      // __Host-: for this host only and over TLS only; no other host of the domain can set it (RFC 6265bis
      // 4.1.3.2)
      cookiePrefix: isHttps ? '__Host-tilth' : 'tilth',
      useSecureCookies: false, // its own prefix is __Secure-, which another host of the domain could set
      defaultCookieAttributes: { secure: isHttps, httpOnly: true, sameSite: 'strict' as const, path: '/' },
      // it would trust any X-Forwarded-For; the audit stores the address instead
      ipAddress: { disableIpTracking: true },
    },
    // its own answer to a fault of the store would be a 500 without a reason
    onAPIError: { throw: true },
    // text only: the arguments may hold addresses and tokens
    logger: {
      log: (level: 'debug' | 'info' | 'warn' | 'error', text: string) =>
        log[level === 'error' ? 'warn' : 'debug']({ part: 'auth' }, text),
    },
    plugins: [
      organization({
        allowUserToCreateOrganization: false,
        ac: access,
        // permissions.ts defines these roles; better-auth's own organisation endpoints are not exposed
        roles: {
          viewer: noPermissions,
          operator: noPermissions,
          agronomist: noPermissions,
          admin: noPermissions,
        },
        creatorRole: 'admin',
      }),
    ],
  }
  const { runMigrations } = await getMigrations(options)
  await runMigrations()
  const auth = betterAuth(options)
  const context = await auth.$context

  const { membershipsOf, ...people } = createPeople(db, clock)
  const verified = verifiedSessions()
  const tokenOf = (cookie: string | null | undefined): string =>
    parseCookies(cookie ?? '').get(context.authCookies.sessionToken.name) ?? ''

  return {
    ...people,
    forgetSessions: (userId) => verified.forget({ userId }),
    hashPassword: (password) => context.password.hash(password),

    async post(path, cookie, body) {
      // no other header of the request: its Host and Origin are checked before (same-origin.ts)
      const headers = new Headers({ 'content-type': 'application/json', origin: ownUrl })
      if (cookie !== undefined) headers.set('cookie', cookie)
      // access control has extended the session; to better-auth one that cannot be extended is none
      const url = `${ownUrl}${BASE_PATH}${path}?disableRefresh=true`
      const request = new Request(url, { method: 'POST', headers, body: JSON.stringify(body) })
      const failure = await auth.handler(request).then(
        (response) =>
          response.status < 500 ? response : new Error(`better-auth: status ${response.status}`),
        (error: unknown) => error as Error,
      )
      // it may have ended this session, those on other phones, or changed the organisation
      const token = tokenOf(cookie)
      if (cookie !== undefined) verified.forget({ token, userId: verified.find(token)?.userId })
      if (failure instanceof Response) return failure
      if (isTilthError(failure) || cookie === undefined || (await auth.api.getSession({ headers })))
        throw failure
      // the session ended meanwhile, perhaps by a parallel password change
      return Response.json({ message: 'you are no longer signed in' }, { status: 401 })
    },

    async sessionOf(headers, { slide } = { slide: true }) {
      const token = tokenOf(headers.get('cookie'))
      const begunAt = verified.begin()
      const find = (mayWrite: boolean) =>
        auth.api.getSession({ headers, query: { disableRefresh: !mayWrite }, returnHeaders: true })
      // a session that cannot be extended, on a full disk, is still valid
      const { headers: responseHeaders, response: match } = await (slide
        ? find(true).catch(() => find(false))
        : find(false))
      if (!match) {
        verified.drop(token)
        return null
      }
      const { user, session } = match
      const memberships = await membershipsOf(user.id)
      // the organisation plugin adds this column; its type is lost
      const { activeOrganizationId } = session as { activeOrganizationId?: string | null }
      const active = memberships.find(({ id }) => id === activeOrganizationId) ?? memberships[0]
      const setCookies = responseHeaders?.getSetCookie() ?? []
      if (!active || !isRole(active.role)) {
        verified.drop(token)
        return { userId: user.id, caller: null, setCookies }
      }
      const { slug: org, name: orgName, role } = active
      const caller = { userId: user.id, name: user.name, email: user.email, org, orgName, role }
      const earlier = { ...caller, isVerifiedEarlier: true as const }
      verified.remember(token, {
        session: { userId: user.id, caller: earlier, setCookies: [] },
        endsAtMs: new Date(session.expiresAt).getTime(),
        begunAt,
      })
      return { userId: user.id, caller, setCookies }
    },

    verifiedEarlier: (headers) => verified.find(tokenOf(headers.get('cookie'))),

    async createUser({ email, password, name, org, orgName, role }) {
      const address = email.toLowerCase()
      const hash = await context.password.hash(password)
      const now = new Date(clock.now())
      const stamps = { createdAt: now, updatedAt: now }
      // all or nothing: a first user without an organisation could never be set up again
      return context.adapter.transaction(async (rows) => {
        if (await rows.findOne({ model: 'user', where: [{ field: 'email', value: address }] }))
          fail('CONFLICT', 'this address already has an account; sign in with it')
        const group =
          (await rows.findOne<{ id: string }>({
            model: 'organization',
            where: [{ field: 'slug', value: org }],
          })) ??
          (await rows.create<Record<string, unknown>, { id: string }>({
            model: 'organization',
            data: { name: orgName, slug: org, createdAt: now },
          }))
        const user = await rows.create<Record<string, unknown>, { id: string }>({
          model: 'user',
          data: { name, email: address, emailVerified: true, ...stamps },
        })
        await rows.create({
          model: 'account',
          data: { accountId: user.id, providerId: 'credential', userId: user.id, password: hash, ...stamps },
        })
        await rows.create({
          model: 'member',
          data: { organizationId: group.id, userId: user.id, role, createdAt: now },
        })
        return user.id
      })
    },

    async removeMember(org, userId) {
      const member = await selectMembers(db, org).where('user.id', '=', userId).executeTakeFirst()
      if (!member) return false
      await db.deleteFrom('member').where('id', '=', member.memberId).execute()
      await context.internalAdapter.deleteUserSessions(userId)
      verified.forget({ userId })
      return true
    },
  }
}
