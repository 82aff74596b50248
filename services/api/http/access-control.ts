/**
 * The door of the API: every route names what it needs, nobody asks too often, a write must come from our own pages, and
 * the person must have a role that includes the need. A route that names nothing does not start.
 */
import { fromNodeHeaders } from 'better-auth/node'
import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { fail } from '../../errors.ts'
import type { Sessions } from './caller.ts'
import type { App } from './context.ts'
import type { EventHub } from './event-stream.ts'
import type { HttpLimitName, HttpLimits } from './limits.ts'
import { counted, rate, type Rate } from './rate-limit.ts'
import { may, type Need } from './permissions.ts'
import { checkSource, isWrite } from './same-origin.ts'

export interface RouteEntry {
  method: string
  url: string
  needs: Need
  /** what it takes; tests are made from it */
  schema: FastifySchema
}

/** Of an answer: the newest event that was told before it was read. */
export const LAST_EVENT_HEADER = 'tilth-last-event'

/** Puts the door before every route of `app` registered from now on; gives the table they fill. */
export function guard(
  app: App,
  deps: { auth: Sessions; events: EventHub; publicUrl: string | null; limits: HttpLimits },
): RouteEntry[] {
  const table: RouteEntry[] = []
  const now = () => performance.now()
  const rates = new Map<HttpLimitName, Rate>()
  const rateOf = (name: HttpLimitName): Rate => {
    const known = rates.get(name) ?? rate(deps.limits[name], now)
    rates.set(name, known)
    return known
  }
  app.decorateRequest('caller')

  app.addHook('onRoute', ({ method, url, config, schema = {} }) => {
    if (config?.needs === undefined) throw new Error(`route ${String(method)} ${url} must say what it needs`)
    for (const each of [method].flat()) table.push({ method: each, url, needs: config.needs, schema })
  })

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'private, no-cache')
    const { needs: need, limit } = request.routeOptions.config
    if (need === 'public' && limit !== undefined) count(limit, counted(request.ip), reply)
    if (isWrite(request.method)) {
      const source = checkSource(sourceOf(request), deps.publicUrl)
      if (!source.ok) fail('FORBIDDEN', source.error)
    }
    // behind one address live many: only strangers are counted by it, who is signed in is counted as that person
    if (need === 'public') count('address', counted(request.ip), reply)
    else await admit(request, reply, need!, limit)
  })

  // one who tries many passwords must not use up what the neighbours behind the same address have
  app.addHook('preHandler', async (request, reply) => {
    const { limitAccount } = request.routeOptions.config
    if (limitAccount === undefined) return
    const { email } = request.body as { email: string }
    count(limitAccount, `${counted(request.ip)} ${accountKey(email)}`, reply)
  })

  async function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    need: Need,
    limit: HttpLimitName | undefined,
  ): Promise<void> {
    // a STOP must get through to the valves also where the store cannot be written
    const session = await deps.auth.sessionOf(fromNodeHeaders(request.headers), { slide: need !== 'stop' })
    if (session === null) {
      count('address', counted(request.ip), reply)
      fail('UNAUTHENTICATED', 'sign in first')
    }
    for (const cookie of session.setCookies) void reply.header('set-cookie', cookie)
    // a STOP is counted apart: who has asked for too much else may still stop
    count(need === 'stop' ? 'stop' : 'user', session.userId, reply)
    if (limit !== undefined) count(limit, session.userId, reply)
    if (session.caller === null) fail('FORBIDDEN', 'this account belongs to no organisation')
    if (!may(session.caller.role, need))
      fail('FORBIDDEN', `the role ${session.caller.role} does not include ${need}`)
    request.caller = session.caller
    // what is read after this: the stream of changes goes on from here
    void reply.header(LAST_EVENT_HEADER, deps.events.newest(session.caller.org))
  }

  function count(name: HttpLimitName, who: string, reply: FastifyReply): void {
    const waitS = rateOf(name).take(who)
    if (waitS === 0) return
    void reply.header('retry-after', waitS)
    fail('RATE_LIMITED', `too many requests, wait ${waitS} s`)
  }
  return table
}

/** One account, however its address is typed. */
export const accountKey = (email: string): string => email.trim().toLowerCase()

const sourceOf = ({ headers }: FastifyRequest) => ({
  secFetchSite: headers['sec-fetch-site'] as string | undefined,
  origin: headers.origin,
  host: headers.host,
})
