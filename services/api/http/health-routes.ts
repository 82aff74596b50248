/** For the server operator: liveness, readiness, and metrics. */
import { Histogram, type Registry } from 'prom-client'
import { fail } from '../../errors.ts'
import { fromNodeHeaders } from 'better-auth/node'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { App, Context } from './context.ts'
import { may } from './permissions.ts'

const Ready = Type.Object({
  ok: Type.Boolean({ description: 'the parts that Tilth needs are there' }),
  parts: Type.Record(Type.String(), Type.Boolean()),
  missing: Type.Array(Type.String(), { description: 'the parts that are away; each comes back by itself' }),
})

/**
 * No sign-in. `/readyz` responds with 503 while a part is not ready; `/metrics` is NOT_FOUND except for this machine
 * and administrators.
 */
export function healthRoutes(app: App, { auth, isReady, metrics }: Context): void {
  const open = { needs: 'public' } as const

  app.get(
    '/healthz',
    { config: open, schema: { summary: 'Check that the server is alive', produces: ['application/json'] } },
    async () => ({ ok: true }),
  )

  app.get(
    '/readyz',
    {
      config: open,
      schema: { summary: 'Check that the server is ready', response: { 200: Ready, 503: Ready } },
    },
    async (_, reply) => {
      const ready = await isReady().catch(() => ({ ok: false, parts: {} }))
      const missing = Object.entries(ready.parts).flatMap(([name, isThere]) => (isThere ? [] : [name]))
      return reply.code(ready.ok ? 200 : 503).send({ ...ready, missing })
    },
  )

  app.get(
    '/metrics',
    {
      config: open,
      schema: {
        summary: 'Get Prometheus metrics',
        description: 'From this machine, or for an administrator.',
        produces: ['text/plain'],
      },
    },
    async (request, reply) => {
      if (!metrics || !(isLocal(request) || (await isAdmin(request))))
        fail('NOT_FOUND', 'there is nothing at this address')
      return reply.type(metrics.contentType).send(await metrics.metrics())
    },
  )

  async function isAdmin(request: FastifyRequest): Promise<boolean> {
    const session = await auth.sessionOf(fromNodeHeaders(request.headers))
    return session?.caller != null && may(session.caller.role, 'admin')
  }
}

const loopback = /^(127\.|::1$|::ffff:127\.)/

/** From this machine, and not forwarded by a proxy on it. */
const isLocal = ({ ip, headers }: FastifyRequest): boolean =>
  loopback.test(ip) && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined

/** Registers the times of responses. */
export const responseTimes = (registry: Registry) =>
  new Histogram({
    name: 'tilth_http_request_seconds',
    help: 'Time to respond to an HTTP request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })

/** Counts and times every response by route pattern: paths with ids are never labels. */
export function measure(app: App, { metrics }: Context): void {
  if (!metrics) return
  const seconds = responseTimes(metrics)
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    const { method } = request
    seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
}
