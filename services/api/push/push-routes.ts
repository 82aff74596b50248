/**
 * Weather stations that push, in the protocols of Ecowitt and Weather Underground. No session and no cookie: the token in
 * the request is the secret of the integration. Neither it nor the query is logged, and the token is not stored.
 */
import type { FastifyReply } from 'fastify'
import { addressKey } from '../../../broker/contract/rate/address-key.ts'
import type { App, Context } from '../http/context.ts'
import { rate } from '../http/rate-limit.ts'

const MAX_BYTES = 8 * 1024
// several stations may share an address
const PER_ADDRESS = 300

/** A scope of its own: sessions, same origin and JSON do not apply to a console on a mast. */
export function pushRoutes(app: App, { pushes }: Pick<Context, 'pushes'>): void {
  if (pushes === undefined) return
  const perAddress = rate(PER_ADDRESS, () => performance.now())
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BYTES }, (_request, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', async ({ ip }, reply) => {
    void reply.header('cache-control', 'no-store')
    if (perAddress.take(addressKey(ip)) > 0) return reply.code(429).send('')
  })

  app.post<{ Params: { token: string } }>(
    '/api/push/ecowitt/:token',
    { bodyLimit: MAX_BYTES },
    async ({ params, body }, reply) => {
      const payload = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      return answer(reply, await receive('ecowitt', params.token, payload), '')
    },
  )

  app.get<{ Querystring: Record<string, string | string[] | undefined> }>(
    '/weatherstation/updateweatherstation.php',
    async ({ query, raw }, reply) => {
      const text = raw.url?.split('?', 2)[1] ?? ''
      if (text.length > MAX_BYTES) return reply.code(414).send('')
      const { PASSWORD: token } = query
      const payload = Buffer.from(withoutPassword(text))
      return answer(
        reply,
        await receive('wunderground', typeof token === 'string' ? token : '', payload),
        'success\n',
      )
    },
  )

  async function receive(kind: 'ecowitt' | 'wunderground', token: string, payload: Uint8Array) {
    return pushes!.receive({ kind, token, payload })
  }
}

/** After the commit; the station tries again or not, as it is made. */
function answer(
  reply: FastifyReply,
  outcome: Awaited<ReturnType<NonNullable<Context['pushes']>['receive']>>,
  text: string,
): FastifyReply {
  if (outcome === 'unknown') return reply.code(401).send('')
  if (outcome === 'too-many') return reply.code(429).send('')
  return reply.type('text/plain').send(text)
}

/** The fields as they came, less the token. */
const withoutPassword = (query: string): string =>
  query
    .split('&')
    .filter((field) => !/^password(=|$)/i.test(decodeName(field)))
    .join('&')

function decodeName(field: string): string {
  try {
    return decodeURIComponent(field.replaceAll('+', ' '))
  } catch {
    // a broken escape: the name may be hidden in it
    return /password/i.test(field) ? 'password' : field
  }
}
