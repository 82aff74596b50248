/** People: who am I, the first run, sign-in through better-auth, and the members of the organisation. */
import { setTimeout as wait } from 'node:timers/promises'
import { fromNodeHeaders } from 'better-auth/node'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { fail, type ErrorCode } from '../../errors.ts'
import { answers, ById, done, Done } from '../answers.ts'
import type { Caller } from '../auth.ts'
import type { App, Context } from '../context.ts'
import { may } from '../roles.ts'
import { signInDelay } from '../sign-in-delay.ts'
import { Created, MemberView, NewMember, Setup } from '../forms.ts'
import { Me } from '../schemas.ts'
import { audit } from '../write.ts'

// what of better-auth is offered; the rest is not there
const offered: [method: 'GET' | 'POST', path: string][] = [
  ['POST', '/api/auth/sign-out'],
  ['GET', '/api/auth/get-session'],
  ['POST', '/api/auth/change-password'],
  ['POST', '/api/auth/organization/set-active'],
]
/** What of it the audit keeps. */
const audited: Record<string, string> = {
  '/api/auth/sign-out': 'sign-out',
  '/api/auth/change-password': 'password.change',
}
const SIGN_IN = '/api/auth/sign-in/email'
// people of a co-operative may share one address
const limited = (max: number) => ({ rateLimit: { max, timeWindow: '1 minute' } })

export function accountRoutes(app: App, context: Context): void {
  const { auth, setupLink, settings } = context
  const delay = signInDelay(() => performance.now())

  app.get('/api/me', { config: { needs: 'read' }, schema: { response: answers(Me) } }, async ({ caller }) =>
    meOf(caller, settings.demo),
  )

  app.post(
    '/api/setup',
    { config: { needs: 'public', ...limited(10) }, schema: { body: Setup, response: answers(Me) } },
    async (request, reply) => {
      const { token, name, email, password, orgName, orgId: org } = request.body
      const made = await setupLink.use(token, { name, email, password, orgName, org })
      if (!made.ok) fail('NOT_ALLOWED', made.error)
      await signIn(request, reply, { email, password })
      const caller: Caller = {
        userId: made.value,
        name,
        email: email.toLowerCase(),
        org,
        orgName,
        role: 'admin',
      }
      await audit(context, caller, 'setup', org, {})
      return meOf(caller, settings.demo)
    },
  )

  const Credentials = Type.Object({
    email: Type.String({ minLength: 1, maxLength: 200 }),
    password: Type.String({ minLength: 1, maxLength: 128 }),
    rememberMe: Type.Optional(Type.Boolean()),
  })
  app.post(
    SIGN_IN,
    { config: { needs: 'public', ...limited(30) }, schema: { body: Credentials } },
    async (request, reply) => {
      const account = request.body.email.trim().toLowerCase()
      await wait(delay.waitMs(account))
      const response = await signIn(request, reply, request.body)
      if (response.ok) delay.succeeded(account)
      else delay.failed(account)
      const noted = noteSignIn(account, response.ok, request.ip)
      // a refusal must not take longer for an account that is there
      if (response.ok) await noted
      else noted.catch((error: unknown) => context.log.warn({ error }, 'a refused sign-in was not noted'))
      return passOn(response, reply)
    },
  )

  for (const [method, url] of offered)
    app.route({
      method,
      url,
      config: { needs: 'public', ...limited(60) },
      // better-auth checks the session and the body itself
      handler: async (request, reply) => {
        const action = audited[url]
        // who it is must be read before: a sign-out ends the session
        const before =
          action === undefined
            ? null
            : await auth.sessionOf(fromNodeHeaders(request.headers)).catch(() => null)
        const response = await auth.handler(webRequest(request, url, request.body ?? {}))
        if (action !== undefined && response.ok && before?.caller)
          await audit(context, before.caller, action, before.userId, { from: request.ip })
        keepCookies(response, reply)
        return passOn(response, reply)
      },
    })

  /** A name that is nobody's is not noted: people type their password where the name belongs. */
  async function noteSignIn(account: string, isIn: boolean, from: string): Promise<void> {
    const known = await auth.accountOf(account)
    for (const org of known?.orgs ?? [])
      await audit(
        context,
        { org, userId: known!.userId },
        isIn ? 'sign-in' : 'sign-in.refused',
        known!.userId,
        {
          from,
        },
      )
  }

  async function signIn(request: FastifyRequest, reply: FastifyReply, body: object): Promise<Response> {
    const response = await auth.handler(webRequest(request, SIGN_IN, body))
    keepCookies(response, reply)
    return response
  }

  app.get(
    '/api/members',
    { config: { needs: 'admin' }, schema: { response: answers(Type.Array(MemberView)) } },
    async ({ caller }) => auth.members(caller.org),
  )

  app.post(
    '/api/members',
    { config: { needs: 'admin' }, schema: { body: NewMember, response: answers(Created) } },
    async ({ body, caller }) => {
      const { org, orgName } = caller
      const id = await auth.createUser({ ...body, org, orgName })
      await audit(context, caller, 'member.create', id, { role: body.role })
      return { id }
    },
  )

  app.delete(
    '/api/members/:id',
    { config: { needs: 'admin' }, schema: { params: ById, response: answers(Done) } },
    async ({ params: { id }, caller }) => {
      if (id === caller.userId) fail('CONFLICT', 'another administrator must take you out')
      if (!(await auth.removeMember(caller.org, id))) fail('NOT_FOUND', `there is no member ${id} here`)
      await audit(context, caller, 'member.remove', id, {})
      return done
    },
  )
}

function meOf({ userId, name, email, org, orgName, role }: Caller, demo: boolean): Static<typeof Me> {
  const can = {
    openValve: may(role, 'openValve'),
    stop: may(role, 'stop'),
    approve: may(role, 'approve'),
    admin: may(role, 'admin'),
  }
  return { user: { id: userId, name, email }, org: { id: org, name: orgName }, role, can, demo }
}

/** A Fastify request as better-auth reads it. */
function webRequest(request: FastifyRequest, path: string, body: unknown): Request {
  const headers = fromNodeHeaders(request.headers)
  headers.delete('content-length')
  headers.delete('transfer-encoding')
  const url = `${request.protocol}://${request.headers.host ?? 'localhost'}${path}`
  if (request.method === 'GET') return new Request(url, { headers })
  headers.set('content-type', 'application/json')
  return new Request(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

function keepCookies(response: Response, reply: FastifyReply): void {
  for (const cookie of response.headers.getSetCookie()) void reply.header('set-cookie', cookie)
}

const codes: Record<number, ErrorCode> = {
  401: 'NOT_SIGNED_IN',
  403: 'NOT_ALLOWED',
  404: 'NOT_FOUND',
  429: 'TOO_MANY',
}

/** better-auth's answer; its refusals in our shape. */
async function passOn(response: Response, reply: FastifyReply): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null)
  void reply.code(response.status)
  if (response.ok) return body
  const { message } = (body ?? {}) as { message?: string }
  return { error: codes[response.status] ?? 'BAD_REQUEST', message: message ?? 'this cannot be done' }
}
