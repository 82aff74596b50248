/**
 * People: the signed-in person, the first setup, sign-in through better-auth, and the members of the
 * organisation.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { fromNodeHeaders } from 'better-auth/node'
import Type, { type Static } from 'typebox'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { readPersonPreferences, type PersonPreferences } from '../../tables.ts'
import { eventCoalescer } from '../../audit/coalesce.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import type { App, Context } from '../http/context.ts'
import { accountKey } from '../http/access-control.ts'
import { may } from '../http/permissions.ts'
import { signInDelay } from './sign-in-backoff.ts'
import { ActiveOrg, MemberView, NewMember, Setup, SignIn } from './account-schemas.ts'
import { Created } from '../http/responses.ts'
import { eraseNotifications } from '../notifications/notification-queries.ts'
import { Me, OpenSession } from './session-schemas.ts'
import { forwardAuthResponse } from '../http/auth-response.ts'
import { audit } from '../http/audited-write.ts'

/**
 * Sign-ins to known accounts are audited in each of their organisations. Refused ones are coalesced, and the counted
 * ones are written when `app` closes.
 */
export function accountRoutes(app: App, context: Context): void {
  const { auth, setupLink, settings } = context
  const delay = signInDelay(() => performance.now())
  // coalesced by organisation and person: weeks of password guessing must not fill the disk
  const refused = eventCoalescer<{ org: string; userId: string; from: string }>({
    clock: context.clock,
    log: context.log,
    write: ({ org, userId, from }, times) =>
      audit(context, { org, userId }, 'sign-in.refused', userId, { from, times }),
  })
  app.addHook('onClose', () => refused.stop())

  app.get(
    '/api/me',
    {
      config: { needs: 'read' },
      schema: { summary: 'Get the signed-in person and their permissions', response: responses(Me) },
    },
    async ({ caller }) => meOf(caller, settings.demo, await readPreferences(context.state, caller)),
  )

  // the page requests the session when it opens: signed out is a valid response, not an error
  app.get(
    '/api/session',
    {
      config: { needs: 'public' },
      schema: {
        summary: 'Get the current session, or null',
        description:
          'Responds with `me: null` when nobody is signed in. `supportPhone` is for people who cannot sign in.',
        response: responses(OpenSession),
      },
    },
    async ({ headers }, reply) => {
      const supportPhone = settings.supportPhone ?? null
      const session = await auth.sessionOf(fromNodeHeaders(headers))
      if (session === null) return { me: null, supportPhone }
      for (const cookie of session.setCookies) void reply.header('set-cookie', cookie)
      const { caller } = session
      if (caller === null) fail('FORBIDDEN', 'this account belongs to no organisation')
      const me = meOf(caller, settings.demo, await readPreferences(context.state, caller))
      return { me, supportPhone }
    },
  )

  app.post(
    '/api/setup',
    {
      config: { needs: 'public', limit: 'setup' },
      schema: {
        summary: 'Create the first administrator with the setup link',
        body: Setup,
        response: responses(Me),
      },
    },
    async (request, reply) => {
      const { token, name, email, password, orgName, orgId: org } = request.body
      const created = await setupLink.use(token, { name, email, password, orgName, org })
      if (!created.ok) fail('FORBIDDEN', created.error)
      await forwardAuthResponse(await auth.post('/sign-in/email', undefined, { email, password }), reply)
      const caller: Caller = {
        userId: created.value,
        name,
        email: email.toLowerCase(),
        org,
        orgName,
        role: 'admin',
      }
      await audit(context, caller, 'setup', org, {})
      return meOf(caller, settings.demo, null)
    },
  )

  app.post(
    '/api/auth/sign-in/email',
    {
      config: { needs: 'public', limit: 'sign-in-address', limitAccount: 'sign-in' },
      schema: {
        summary: 'Sign in with email and password',
        description: 'The session is a cookie. Failed attempts are delayed, at most 8 s.',
        body: SignIn,
        response: responses(Done),
      },
    },
    async (request, reply) => {
      const account = accountKey(request.body.email)
      await wait(delay.tried(account))
      const response = await auth.post('/sign-in/email', undefined, request.body)
      const isRecorded = noteSignIn(account, response.ok, request.ip)
      if (response.ok) {
        delay.succeeded(account)
        await isRecorded
      }
      // a failure must not take longer for an existing account
      else
        isRecorded.catch((error: unknown) =>
          context.log.warn({ error }, 'a failed sign-in could not be audited'),
        )
      return forwardAuthResponse(response, reply)
    },
  )

  app.post(
    '/api/auth/sign-out',
    { config: { needs: 'public' }, schema: { summary: 'Sign out', response: responses(Done) } },
    async (request, reply) => {
      // read the person first: a sign-out ends the session
      const before = await auth.sessionOf(fromNodeHeaders(request.headers))
      const response = await auth.post('/sign-out', request.headers.cookie, {})
      if (response.ok && before?.caller)
        await audit(context, before.caller, 'sign-out', before.userId, { from: request.ip })
      return forwardAuthResponse(response, reply)
    },
  )

  app.post(
    '/api/auth/organization/set-active',
    {
      config: { needs: 'read' },
      schema: { summary: 'Switch the active organisation', body: ActiveOrg, response: responses(Done) },
    },
    async (request, reply) => {
      const { caller, body } = request
      const response = await auth.post('/organization/set-active', request.headers.cookie, {
        organizationSlug: body.orgId,
      })
      if (response.ok)
        await audit(context, { ...caller, org: body.orgId }, 'organization.enter', caller.userId, {})
      return forwardAuthResponse(response, reply)
    },
  )

  /** An unknown name is not audited: people type their password into the name field. */
  async function noteSignIn(account: string, isIn: boolean, from: string): Promise<void> {
    const { userId, orgs } = (await auth.findAccount(account)) ?? { userId: '', orgs: [] }
    for (const org of orgs) {
      const key = `${org} ${userId}`
      if (!isIn) {
        refused.add(key, { org, userId, from })
        continue
      }
      await refused.flush(key) // earlier failed attempts come before this line
      await audit(context, { org, userId }, 'sign-in', userId, { from })
    }
  }

  app.get(
    '/api/members',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'List the members of the organisation',
        response: responses(Type.Array(MemberView)),
      },
    },
    async ({ caller }) => auth.members(caller.org),
  )

  app.post(
    '/api/members',
    {
      config: { needs: 'admin' },
      schema: {
        summary: 'Create a person in the organisation',
        body: NewMember,
        response: responses(Created),
      },
    },
    async ({ body, caller }) => {
      const { org, orgName } = caller
      const id = await auth.createUser({ ...body, org, orgName })
      await audit(context, caller, 'member.create', id, { role: body.role })
      return { id }
    },
  )

  app.delete(
    '/api/members/:id',
    {
      config: { needs: 'admin' },
      schema: { summary: 'Remove a person from the organisation', params: ById, response: responses(Done) },
    },
    async ({ params: { id }, caller }) => {
      if (id === caller.userId)
        fail('CONFLICT', 'you cannot remove yourself; another administrator must do it')
      if (!(await auth.removeMember(caller.org, id)))
        fail('NOT_FOUND', `there is no member ${id} in this organisation`)
      await eraseNotifications(context.state, caller.org, id)
      const { state } = context
      await state.deleteFrom('person').where('org', '=', caller.org).where('userId', '=', id).execute()
      await audit(context, caller, 'member.remove', id, {})
      return done
    },
  )
}

function meOf(
  { userId, name, email, org, orgName, role }: Caller,
  demo: boolean,
  preferences: Static<typeof Me>['preferences'],
): Static<typeof Me> {
  const can = {
    openValve: may(role, 'openValve'),
    stop: may(role, 'stop'),
    approve: may(role, 'approve'),
    admin: may(role, 'admin'),
  }
  return { user: { id: userId, name, email }, org: { id: org, name: orgName }, role, can, demo, preferences }
}

/** The display preferences of a person; null until they have set any. */
async function readPreferences(
  state: State,
  { org, userId }: { org: string; userId: string },
): Promise<PersonPreferences | null> {
  const row = await state
    .selectFrom('person')
    .select('preferences')
    .where('org', '=', org)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row ? readPersonPreferences(row.preferences) : null
}
