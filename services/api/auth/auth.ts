/**
 * People: accounts, sessions, organisations and roles, kept by better-auth in the state store's own file. Its queries
 * go through the same connection as ours (`withoutPlugins`), or a transaction of one would swallow writes of the other.
 * Sessions live on the wall clock, also where the farm's clock runs faster.
 */
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { organization } from 'better-auth/plugins/organization'
import { createAccessControl } from 'better-auth/plugins/access'
import { defaultStatements } from 'better-auth/plugins/organization/access'
import { fail } from '../../errors.ts'
import type { Clock, Logger, State } from '../../ports.ts'
import { serialPasswordHasher, type PasswordHasher } from './password-hashing.ts'
import { authTables, selectMembers, createPeople, type People } from './users.ts'
import type { Sessions } from '../http/caller.ts'
import { isRole, type Role } from '../http/permissions.ts'

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
  org: string // the organisation's name in topics; made when it does not exist
  orgName: string
  role: Role
}

export interface Auth extends People, Sessions {
  /** One of better-auth's own endpoints, by its path below /api/auth, for the session of `cookie`. */
  post(path: string, cookie: string | undefined, body: object): Promise<Response>
  /** CONFLICT when the address has an account already; gives the new user's id. */
  createUser(user: NewUser): Promise<string>
  /** What is kept of a password. */
  hashPassword(password: string): Promise<string>
  /** Takes a person out of an organisation, with their sessions; false when there is no such member. */
  removeMember(org: string, userId: string): Promise<boolean>
}

/** Makes or updates better-auth's tables, then answers for people. */
export async function createAuth(deps: {
  state: State
  clock: Clock
  log: Logger
  secret: string
  publicUrl: string | null
  /** scrypt where absent; tests give a cheap one */
  hasher?: PasswordHasher | undefined
}): Promise<Auth> {
  const { state, clock, log } = deps
  const db = authTables(state)
  const access = createAccessControl(defaultStatements)
  const nothing = access.newRole({ organization: [], member: [], invitation: [] })
  const isHttps = deps.publicUrl?.startsWith('https://') ?? false
  const ownUrl = deps.publicUrl ?? 'http://localhost'
  const options = {
    appName: 'Tilth',
    baseURL: ownUrl,
    basePath: BASE_PATH,
    secret: deps.secret,
    database: { db, type: 'sqlite' as const, transaction: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false }, // the server limits sign-in itself
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      password: serialPasswordHasher(deps.hasher),
    },
    session: { expiresIn: 90 * DAY_S, updateAge: DAY_S },
    advanced: {
      // __Host-: for this very host, over TLS alone; no other host of the domain can set it (RFC 6265bis 4.1.3.2)
      cookiePrefix: isHttps ? '__Host-tilth' : 'tilth',
      useSecureCookies: false, // its own prefix is __Secure-, which another host of the domain could set
      defaultCookieAttributes: { secure: isHttps, httpOnly: true, sameSite: 'strict' as const, path: '/' },
      // it would believe any X-Forwarded-For; the audit keeps the address
      ipAddress: { disableIpTracking: true },
    },
    // only texts: the arguments may hold addresses and tokens
    logger: {
      log: (level: 'debug' | 'info' | 'warn' | 'error', text: string) =>
        log[level === 'error' ? 'warn' : 'debug']({ part: 'auth' }, text),
    },
    plugins: [
      organization({
        allowUserToCreateOrganization: false,
        ac: access,
        // what these roles include is permissions.ts; better-auth's own organisation endpoints are not offered
        roles: { viewer: nothing, operator: nothing, agronomist: nothing, admin: nothing },
        creatorRole: 'admin',
      }),
    ],
  }
  const { runMigrations } = await getMigrations(options)
  await runMigrations()
  const auth = betterAuth(options)
  const context = await auth.$context

  const { membershipsOf, ...people } = createPeople(db, clock)

  return {
    ...people,
    hashPassword: (password) => context.password.hash(password),

    async post(path, cookie, body) {
      // nothing else of a stranger's request: its Host and Origin are compared before (same-origin.ts)
      const headers = new Headers({ 'content-type': 'application/json', origin: ownUrl })
      if (cookie !== undefined) headers.set('cookie', cookie)
      const url = `${ownUrl}${BASE_PATH}${path}`
      const request = new Request(url, { method: 'POST', headers, body: JSON.stringify(body) })
      const response = await auth.handler(request)
      if (response.status < 500 || cookie === undefined || (await auth.api.getSession({ headers })))
        return response
      // the session was ended meanwhile, by another change of the password perhaps: better-auth fails over that
      return Response.json({ message: 'you are not signed in any more' }, { status: 401 })
    },

    async sessionOf(headers, { slide } = { slide: true }) {
      const { headers: answered, response: found } = await auth.api.getSession({
        headers,
        query: { disableRefresh: !slide },
        returnHeaders: true,
      })
      if (!found) return null
      const { user, session } = found
      const memberships = await membershipsOf(user.id)
      // the organisation plugin adds this column; its type is lost on the way
      const { activeOrganizationId } = session as { activeOrganizationId?: string | null }
      const active = memberships.find(({ id }) => id === activeOrganizationId) ?? memberships[0]
      const setCookies = answered?.getSetCookie() ?? []
      if (!active || !isRole(active.role)) return { userId: user.id, caller: null, setCookies }
      const { slug: org, name: orgName, role } = active
      return {
        userId: user.id,
        caller: { userId: user.id, name: user.name, email: user.email, org, orgName, role },
        setCookies,
      }
    },

    async createUser({ email, password, name, org, orgName, role }) {
      const address = email.toLowerCase()
      const hash = await context.password.hash(password)
      const at = new Date(clock.now())
      const stamps = { createdAt: at, updatedAt: at }
      // all or nothing: a first user without an organisation could never be set up again
      return context.adapter.transaction(async (rows) => {
        if (await rows.findOne({ model: 'user', where: [{ field: 'email', value: address }] }))
          fail('CONFLICT', 'this address has an account already')
        const group =
          (await rows.findOne<{ id: string }>({
            model: 'organization',
            where: [{ field: 'slug', value: org }],
          })) ??
          (await rows.create<Record<string, unknown>, { id: string }>({
            model: 'organization',
            data: { name: orgName, slug: org, createdAt: at },
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
          data: { organizationId: group.id, userId: user.id, role, createdAt: at },
        })
        return user.id
      })
    },

    async removeMember(org, userId) {
      const member = await selectMembers(db, org).where('user.id', '=', userId).executeTakeFirst()
      if (!member) return false
      await db.deleteFrom('member').where('id', '=', member.memberId).execute()
      await context.internalAdapter.deleteUserSessions(userId)
      return true
    },
  }
}
