/**
 * The door of the API: every route names what it needs, a write must come from our own pages, and the person must have
 * a role that includes the need. A route that names nothing does not start.
 */
import { fromNodeHeaders } from 'better-auth/node'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fail } from '../errors.ts'
import type { Auth } from './auth.ts'
import type { App } from './context.ts'
import { may, type Need } from './roles.ts'
import { checkSource, isWrite } from './same-origin.ts'

export interface RouteEntry {
  method: string
  url: string
  needs: Need
}

/** Puts the door before every route of `app` registered from now on; gives the table they fill. */
export function guard(app: App, deps: { auth: Auth; publicUrl: string | null }): RouteEntry[] {
  const table: RouteEntry[] = []
  app.decorateRequest('caller')

  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.needs === undefined) throw new Error(`route ${String(method)} ${url} must say what it needs`)
    for (const each of [method].flat()) table.push({ method: each, url, needs: config.needs })
  })

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'private, no-cache')
    if (isWrite(request.method)) {
      const source = checkSource(sourceOf(request), deps.publicUrl)
      if (!source.ok) fail('NOT_ALLOWED', source.error)
    }
    const need = request.routeOptions.config.needs!
    if (need !== 'public') await admit(request, reply, need)
  })

  async function admit(request: FastifyRequest, reply: FastifyReply, need: Need): Promise<void> {
    const session = await deps.auth.sessionOf(fromNodeHeaders(request.headers))
    if (session === null) fail('NOT_SIGNED_IN', 'sign in first')
    for (const cookie of session.setCookies) void reply.header('set-cookie', cookie)
    if (session.caller === null) fail('NOT_ALLOWED', 'this account belongs to no organisation')
    if (!may(session.caller.role, need))
      fail('NOT_ALLOWED', `the role ${session.caller.role} does not include ${need}`)
    request.caller = session.caller
  }
  return table
}

const sourceOf = ({ headers }: FastifyRequest) => ({
  secFetchSite: headers['sec-fetch-site'] as string | undefined,
  origin: headers.origin,
  host: headers.host,
})
