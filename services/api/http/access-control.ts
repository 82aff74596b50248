/**
 * Access control of the API: every route declares its need, requests are rate-limited, a write must come from
 * our own pages, and the role of the person must include the need. A route without a need stops the start.
 */
import { fromNodeHeaders } from 'better-auth/node'
import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { addressKey } from '../../../broker/contract/rate/address-key.ts'
import { fail } from '../../errors.ts'
import type { Session, Sessions } from './caller.ts'
import type { App } from './context.ts'
import type { EventHub } from './event-stream.ts'
import type { HttpLimitName, HttpLimits } from './limits.ts'
import { rate, type Rate } from './rate-limit.ts'
import { may, type Need } from './permissions.ts'
import { checkSource, isWrite } from './same-origin.ts'
import { orFailAfter } from './with-timeout.ts'

export interface RouteEntry {
  method: string
  url: string
  needs: Need
  /** the schema of the request and the response */
  schema: FastifySchema
}

/** A person who stops waits no longer for the store to confirm the session. */
const STOP_WAITS_MS = 2_000

/** Response header: the newest event published before the data was read. */
export const LAST_EVENT_HEADER = 'tilth-last-event'

/** Installs access control for every route registered on `app` from now on; returns the table of routes. */
export function guard(
  app: App,
  deps: {
    auth: Sessions
    events: EventHub
    publicUrl: string | null
    /** people connect over HTTPS only */
    isHttps?: boolean
    limits: HttpLimits
  },
): RouteEntry[] {
  const table: RouteEntry[] = []
  const now = () => performance.now()
  const rates = new Map<HttpLimitName, Rate>()
  const rateOf = (name: HttpLimitName): Rate => {
    const existing = rates.get(name) ?? rate(deps.limits[name], now)
    rates.set(name, existing)
    return existing
  }
  app.decorateRequest('caller')

  app.addHook('onRoute', ({ method, url, config, schema = {} }) => {
    if (config?.needs === undefined)
      throw new Error(`route ${String(method)} ${url} must declare config.needs`)
    for (const item of [method].flat()) table.push({ method: item, url, needs: config.needs, schema })
  })

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'private, no-cache')
    const { needs: need, limit } = request.routeOptions.config
    if (need === 'public' && limit !== undefined) count(limit, addressKey(request.ip), reply)
    if (isWrite(request.method)) {
      const source = checkSource(sourceOf(request), deps.publicUrl, deps.isHttps)
      if (!source.ok) fail('FORBIDDEN', source.error)
    }
    // many people share an address: it counts strangers only, signed-in people count as themselves
    if (need === 'public') count('address', addressKey(request.ip), reply)
    else await admit(request, reply, need!, limit)
  })

  // guessing passwords for one account must not use up the limit of neighbours behind the same address
  app.addHook('preHandler', async (request, reply) => {
    const { limitAccount } = request.routeOptions.config
    if (limitAccount === undefined) return
    const { email } = request.body as { email: string }
    count(limitAccount, `${addressKey(request.ip)} ${accountKey(email)}`, reply)
  })

  async function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    need: Need,
    limit: HttpLimitName | undefined,
  ): Promise<void> {
    const headers = fromNodeHeaders(request.headers)
    const session = await (need === 'stop' ? sessionForStop(headers) : deps.auth.sessionOf(headers))
    if (session === null) {
      count('address', addressKey(request.ip), reply)
      fail('UNAUTHENTICATED', 'sign in first')
    }
    for (const cookie of session.setCookies) void reply.header('set-cookie', cookie)
    // a STOP has its own limit: it works for a person who is over another limit
    count(need === 'stop' ? 'stop' : 'user', session.userId, reply)
    if (limit !== undefined) count(limit, session.userId, reply)
    if (session.caller === null) fail('FORBIDDEN', 'this account is not a member of any organisation')
    if (!may(session.caller.role, need))
      fail('FORBIDDEN', `the role ${session.caller.role} does not include ${need}`)
    request.caller = session.caller
    // the event stream resumes from here
    void reply.header(LAST_EVENT_HEADER, deps.events.newest(session.caller.org))
  }

  /** A STOP must reach the valves also while the store is read-only or does not respond. */
  async function sessionForStop(headers: Headers): Promise<Session | null> {
    const read = deps.auth.sessionOf(headers, { slide: false })
    try {
      return await orFailAfter(read, STOP_WAITS_MS)
    } catch (error) {
      const earlier = deps.auth.verifiedEarlier(headers)
      if (earlier === null) throw error
      return earlier
    }
  }

  function count(name: HttpLimitName, key: string, reply: FastifyReply): void {
    const waitS = rateOf(name).take(key)
    if (waitS === 0) return
    void reply.header('retry-after', waitS)
    fail('RATE_LIMITED', `too many requests; wait ${waitS} s`)
  }
  return table
}

/** One account, in any spelling of its address. */
export const accountKey = (email: string): string => email.trim().toLowerCase()

const sourceOf = ({ headers }: FastifyRequest) => ({
  secFetchSite: headers['sec-fetch-site'] as string | undefined,
  origin: headers.origin,
  host: headers.host,
})
